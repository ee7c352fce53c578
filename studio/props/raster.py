"""A model drawn on the CPU: for each pixel the surface that is nearest to the viewer.

First it is found which triangle each pixel shows, then only those are looked up and lit, so that
time goes with the pixels and memory with the picture: the triangles pass a few at a time. What is
blended lies before that, layer by layer. Equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.props import shading, spans, surfaces
from studio.props.cameras import Camera, Size
from studio.props.model import Model, Part
from studio.props.shading import Light
from studio.props.surfaces import Read

SIDE = 2048  # pixels a side that are drawn at most
TRIANGLES = 2**16  # at once
PIXELS = 2**17  # that are looked up at once
LAYERS = 8  # of what is blended, the nearest ones
MOST_LOOKED = 1_000_000_000  # pixels of triangles in one layer, hidden ones too
NOBODY = np.iinfo(np.int64).max
SOLID, BLENDED = ("opaque", "mask"), ("blend",)

Whole = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a camera sees: `colours` [h, w, 3] in linear light and `normals` [h, w, 3] in the
    viewer's axes, both times `alpha` [h, w]; float64."""

    colours: Floats
    normals: Floats
    alpha: Floats


@dataclass(frozen=True, eq=False)
class Layer:
    """For each pixel of a picture, row by row, how far the surface is that it shows, and the number
    of its triangle among all of the model's; infinity and NOBODY where there is none."""

    depth: Floats
    owner: Whole


def draw(
    model: Model,
    camera: Camera,
    size: Size,
    light: Light | None = None,
    background: Colour | None = None,
    *,
    fine: int = 1,
) -> Image.Image:
    """The model as RGBA, on this colour or on nothing. Without a light its colours stay as they
    are. `fine`: so many pixels each way are drawn for each one, whose mean it is. StudioError for a
    size that is too large (SIDE, times `fine`), a texture that can't be read, and triangles that
    lie over one another without end."""
    large = drawn(model, camera, (size[0] * fine, size[1] * fine), light)
    return picture(averaged(large, fine), background)


def drawn(model: Model, camera: Camera, size: Size, light: Light | None = None) -> Drawn:
    """As `draw`, before it is a picture."""
    width, height = size
    if not (0 < width <= SIDE and 0 < height <= SIDE):
        raise StudioError(
            f"A picture of {width:,} x {height:,} pixels is asked for.",
            f"Draw 1 to {SIDE:,} pixels a side.",
        )
    read = surfaces.read(model, size)
    solid = _layer(model, camera, size, read, SOLID)
    under = Drawn(
        np.zeros((height, width, 3)), np.zeros((height, width, 3)), np.zeros((height, width))
    )
    if any(part.material.alpha in BLENDED for part in model.parts):
        last: Layer | None = None
        for _ in range(LAYERS):
            last = _layer(model, camera, size, read, BLENDED, behind=last, before=solid)
            if (last.owner == NOBODY).all():
                break
            _lay_under(under, model, camera, size, read, last, light)
    _lay_under(under, model, camera, size, read, solid, light)
    return under


def averaged(found: Drawn, fine: int) -> Drawn:
    """The means of squares of `fine` pixels a side."""
    if fine == 1:
        return found
    height, width = (side // fine for side in found.alpha.shape)

    def mean(values: Floats) -> Floats:
        return values.reshape(height, fine, width, fine, -1).mean((1, 3))

    return Drawn(mean(found.colours), mean(found.normals), mean(found.alpha)[..., 0])


def picture(found: Drawn, background: Colour | None = None) -> Image.Image:
    """What was drawn as RGBA, on this colour or on nothing."""
    colours, alpha = found.colours, found.alpha[..., None]
    if background is not None:
        ground = shading.linear(np.array(background, np.float64))
        colours, alpha = colours + (1 - alpha) * ground, np.ones_like(alpha)
    rgb = shading.srgb(colours / np.where(alpha > 0, alpha, 1.0))
    opacity = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    rgb[opacity[..., 0] == 0] = 0
    return Image.fromarray(np.ascontiguousarray(np.dstack([rgb, opacity])), "RGBA")


def _layer(
    model: Model,
    camera: Camera,
    size: Size,
    read: Read,
    alphas: tuple[str, ...],
    behind: Layer | None = None,
    before: Layer | None = None,
) -> Layer:
    """The nearest surface of materials with one of these `alphas`, of what lies behind one layer
    and before another. Of those that are equally far the first triangle is the nearest."""
    width, height = size
    layer = Layer(np.full(width * height, np.inf), np.full(width * height, NOBODY))
    looked = 0
    for part, first in _numbered(model):
        if part.material.alpha not in alphas:
            continue
        for start in range(0, len(part.triangles), TRIANGLES):
            number = np.arange(start, min(start + TRIANGLES, len(part.triangles)))
            found = surfaces.faces(part, number, camera, size)
            for few in spans.covered(found.places, width, height):
                looked += len(few.of)
                _check(looked)
                at = few.y * width + few.x
                depth = surfaces.depths(found, few.of, few.x, few.y)
                owner = found.number[few.of] + first
                kept = depth <= layer.depth[at]
                if before is not None:
                    kept &= depth < before.depth[at]
                if behind is not None:
                    kept &= (depth > behind.depth[at]) | (
                        (depth == behind.depth[at]) & (owner > behind.owner[at])
                    )
                if part.material.alpha != "opaque":
                    open_to = np.flatnonzero(kept)
                    of, x, y = (one[open_to] for one in (few.of, few.x, few.y))
                    kept[open_to] = surfaces.there(part, read, found, of, x, y)
                _put(layer, at[kept], depth[kept], owner[kept])
    return layer


def _put(layer: Layer, at: Whole, depth: Floats, owner: Whole) -> None:
    """Takes surfaces into a layer where they are nearer than what it has, or as near with a lower
    number; a pixel may be there several times."""
    held = layer.depth[at]
    np.minimum.at(layer.depth, at, depth)
    nearest = depth == layer.depth[at]
    layer.owner[at[nearest & (depth < held)]] = NOBODY
    np.minimum.at(layer.owner, at[nearest], owner[nearest])


def _lay_under(
    under: Drawn,
    model: Model,
    camera: Camera,
    size: Size,
    read: Read,
    layer: Layer,
    light: Light | None,
) -> None:
    """Puts a layer under all that was laid before (Porter and Duff's over, 1984), in place."""
    width = size[0]
    colours, normals = under.colours.reshape(-1, 3), under.normals.reshape(-1, 3)
    alpha = under.alpha.reshape(-1)
    shown = np.flatnonzero(layer.owner != NOBODY)
    shown = shown[np.argsort(layer.owner[shown], kind="stable")]
    owner = layer.owner[shown]
    for part, first in _numbered(model):
        begin, end = np.searchsorted(owner, (first, first + len(part.triangles)))
        for start in range(begin, end, PIXELS):
            at = shown[start : min(start + PIXELS, end)]
            found = surfaces.faces(part, layer.owner[at] - first, camera, size)
            seen = surfaces.surface(part, read, found, at % width, at // width, camera, light)
            share = (1 - alpha[at]) * seen.alpha
            colours[at] += share[:, None] * seen.colours
            normals[at] += share[:, None] * seen.normals
            alpha[at] += share


def _numbered(model: Model) -> Iterator[tuple[Part, int]]:
    """Each part with the number of its first triangle among all."""
    first = 0
    for part in model.parts:
        yield part, first
        first += len(part.triangles)


def _check(looked: int) -> None:
    if looked > MOST_LOOKED:
        raise StudioError(
            f"The model's triangles cover more than {MOST_LOOKED:,} pixels: they lie over one "
            "another without end.",
            "Decimate it, or draw it smaller.",
        )
