"""Painting a small world: the upper terrain with its drawn border, in two views.

From above, ground lies on ground: the rim hangs over a side, an outline runs around, a shadow falls
on what lies below. From the side, ground stands in air: the upper terrain covers its top and hangs
down over the lower one, of which the body is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.tiles.rims import profile
from studio.tiles.settings import Settings, cover, reach
from studio.tiles.shades import Shades
from studio.tiles.shapes import Mask, Rim, below, grown, moved, overhung, solid

Pixels = NDArray[np.uint8]
LIGHT, RIM, FACE, SHADOW = 0.09, -0.08, -0.2, -0.13  # of OKLab's lightness


@dataclass(frozen=True)
class Ground:
    """What a world is painted with: both terrains [size, size, 4], fit to each other's palette, and
    the outline's colour [3]."""

    inner: Pixels
    outer: Pixels
    shades: Shades
    outline: Pixels


def upper(cells: Mask, settings: Settings, variant: int) -> Mask:
    """Where upper terrain lies in a world [h, w] of cells, to the pixel."""
    rim = rim_aside(settings) if settings.kind == "platform" else rim_above(settings)
    depth = solid(cells, settings.size, rim)
    return overhung(depth, settings.size, rim, settings.seed, variant)


def painted(mask: Mask, ground: Ground, settings: Settings, variant: int) -> Pixels:
    """The world [h * size, w * size, 4] whose upper terrain lies where the mask says."""
    if settings.kind == "platform":
        return _from_the_side(mask, ground, settings, variant)
    return _from_above(mask, ground, settings)


def _from_above(mask: Mask, ground: Ground, settings: Settings) -> Pixels:
    inner, outer = Painter(ground.inner, ground.shades), Painter(ground.outer, ground.shades)
    out = np.zeros((*mask.shape, 4), np.uint8)
    outer.paint(out, ~mask)
    body = below(mask, settings.face)
    lined = grown(body, settings.outline)
    outer.paint(out, grown(lined, settings.shore) & ~lined, LIGHT)
    outer.paint(out, below(lined, settings.shadow, 0.5) & ~lined, SHADOW)
    out[lined, :3] = ground.outline
    inner.paint(out, body & ~mask, FACE)
    inner.paint(out, mask)
    lower = mask & ~moved(mask, -1)  # the last pixel above the side
    inner.paint(out, lower, RIM)
    if settings.highlight:
        lit = mask & ~moved(mask, 1) & ~lower
        inner.paint(out, mask & ~moved(mask, 0, 1) & ~lower & ~lit, LIGHT / 2)
        inner.paint(out, lit, LIGHT)
    return out


def _from_the_side(mask: Mask, ground: Ground, settings: Settings, variant: int) -> Pixels:
    thick = np.tile(cover_thickness(settings, variant), mask.shape[1] // settings.size)
    topped = mask & (_under_sky(mask) <= thick[None])
    top, body = Painter(ground.inner, ground.shades), Painter(ground.outer, ground.shades)
    out = np.zeros((*mask.shape, 4), np.uint8)
    out[grown(mask, settings.outline)] = (*ground.outline.tolist(), 255)
    body.paint(out, mask)
    if settings.highlight:
        body.paint(out, mask & ~moved(mask, 0, 1), LIGHT)
    body.paint(out, mask & ~moved(mask, 0, -1), SHADOW)
    body.paint(out, _near_below(mask, settings.shadow), SHADOW)
    body.paint(out, mask & below(topped, settings.shadow + settings.outline) & ~topped, SHADOW)
    out[mask & grown(topped, settings.outline) & below(topped, settings.outline) & ~topped, :3] = (
        ground.outline
    )
    top.paint(out, topped)
    top.paint(out, topped & ~moved(topped, -1), RIM)
    if settings.highlight:
        top.paint(out, topped & ~moved(mask, 1), LIGHT)
    return out


@dataclass(frozen=True)
class Painter:
    """Puts a terrain [size, size, 4], or a shade of it, into a world where a mask says so."""

    texture: Pixels
    shades: Shades

    def paint(self, out: Pixels, where: Mask, lighter: float = 0.0) -> None:
        size = self.texture.shape[0]
        one = self.shades.shifted(self.texture, lighter) if lighter else self.texture
        world = np.tile(one, (out.shape[0] // size, out.shape[1] // size, 1))
        out[where] = world[where]


def rim_above(settings: Settings) -> Rim:
    """The rim of ground that lies on ground."""
    top, bottom = reach(settings)
    half = (settings.overhang + 1) // 2
    return Rim(
        top=top,
        bottom=bottom,
        over_top=half,
        over_side=half,
        over_bottom=settings.overhang,
        # Straight again where the next quarter begins.
        round=max(1, min(settings.size // 4, settings.size // 2 - bottom - settings.outline + 1)),
        edge=settings.edge,
        width=max(2.0, settings.size / 10),
        sway=min(settings.size / 14, settings.size / 2 - settings.outline - 1 - bottom),
    )


def rim_aside(settings: Settings) -> Rim:
    """The rim of ground that stands in air: it fills its cell, so that who walks on it, or into it,
    stands at the cell's edge."""
    return Rim(
        top=settings.outline,
        bottom=settings.outline,
        over_top=0,
        over_side=0,
        over_bottom=0,
        round=max(1, settings.size // 8),
        edge=settings.edge,
        width=2.0,
    )


def cover_thickness(settings: Settings, variant: int) -> NDArray[np.float64]:
    """How deep the cover goes at each column of a tile: an even layer, and what hangs down."""
    size = settings.size
    one = profile(settings.edge, size, settings.seed, "cover", variant, max(2.0, size / 9))
    even, hanging = cover(settings)
    return np.asarray(even + one * hanging)


def _under_sky(mask: Mask) -> NDArray[np.float64]:
    """How far below the open sky each pixel lies, 1 just under it; a step aside counts two, so that
    the cover runs out where it meets a wall."""
    far = float(mask.shape[0])
    depth = np.full(mask.shape, far)
    row = np.full(mask.shape[1], far)
    for y in range(1, mask.shape[0]):
        row = np.where(mask[y] & ~mask[y - 1], 1.0, row + 1)
        depth[y] = row
    for _ in range(3):
        left = np.pad(depth, ((0, 0), (1, 0)), constant_values=far)[:, :-1] + 2
        right = np.pad(depth, ((0, 0), (0, 1)), constant_values=far)[:, 1:] + 2
        depth = np.where(mask, np.minimum(depth, np.minimum(left, right)), far)
    return depth


def _near_below(mask: Mask, by: int) -> Mask:
    """What of the mask lies less than `by` pixels above its underside."""
    out = mask
    for step in range(1, by + 1):
        out = out & moved(mask, -step)
    return mask & ~out
