"""The texture of a form: its front, what its sides show, and its back, beside one another."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from studio.colours import to_oklab
from studio.images.fitting import parse_colour
from studio.pixels import outline_shape
from studio.pixels.hex_colours import Pixels, rgb_of
from studio.pixels.silhouettes import Mask
from studio.props.pictures import Cutout, opacity
from studio.props.settings import Settings

FRONT, SIDE, BACK = 0, 1, 2
GUTTER = 2  # pixels around each panel where there are several, of its own edge's colours


@dataclass(frozen=True, eq=False)
class Sheet:
    """A PNG file and its size in pixels; the panel p of the picture begins at `left[p]`, `top`."""

    data: bytes
    width: int
    height: int
    left: NDArray[np.float64]
    top: float


def of_cutout(
    cutout: Cutout, settings: Settings, wanted: NDArray[np.int64], cut_out: bool
) -> Sheet:
    """The panels that are wanted, by their numbers. A mirrored back is the front once more.
    `cut_out`: what is outside the form is transparent; else colours go on beyond its edge, so that
    none shows that does not belong to it."""
    front = _front(cutout, cut_out)
    made: dict[int, Pixels] = {FRONT: front}
    if SIDE in wanted:
        made[SIDE] = _with_alpha(inner_colours(cutout), front)
    if BACK in wanted and settings.back != "mirrored":
        made[BACK] = _with_alpha(_back(cutout, settings), front)
    several = len(made) > 1
    edge = GUTTER if several else 0
    left = np.zeros(3)
    for number, panel in enumerate(made):
        left[panel] = number * (cutout.width + 2 * edge) + edge
    if BACK not in made:
        left[BACK] = left[FRONT]
    room = [(edge, edge), (edge, edge), (0, 0)]
    whole = np.concatenate([np.pad(one, room, mode="edge") for one in made.values()], axis=1)
    return Sheet(_png(whole), whole.shape[1], whole.shape[0], left, float(edge))


def inner_colours(cutout: Cutout) -> Pixels:
    """The picture [h, w, 3] with what lies within in place of its outline: sides that take the
    outline's colour would all be black."""
    colours = bled(cutout.rgba[..., :3], cutout.solid)
    rgba = np.dstack([colours, np.where(cutout.solid, 255, 0).astype(np.uint8)])
    found = outline_shape.outline(np.pad(rgba, ((1, 1), (1, 1), (0, 0))))
    if not found.colour:
        return colours
    depth = outline_shape.layers(np.pad(cutout.solid, 1))[1:-1, 1:-1]
    far = np.linalg.norm(to_oklab(colours) - to_oklab(rgb_of([found.colour])[0]), axis=-1)
    line = (far <= outline_shape.LIKE) & (depth <= np.ceil(found.width))
    within = cutout.solid & ~line
    return bled(colours, within) if within.any() else colours


def bled(colours: Pixels, kept: Mask) -> Pixels:
    """Colours [h, w, 3] of what is kept, spread over all else: each place takes the nearest's."""
    if kept.all():
        return colours
    at = scipy.ndimage.distance_transform_edt(~kept, return_distances=False, return_indices=True)
    return np.ascontiguousarray(colours[at[0], at[1]])


def _front(cutout: Cutout, cut_out: bool) -> Pixels:
    """The picture [h, w, 4]: opaque but for glass, and for what is outside where that is cut."""
    alpha = np.where(cutout.glass, cutout.rgba[..., 3], 255).astype(np.int64)
    if cut_out:
        edges = np.rint(255 * opacity(cutout)).astype(np.int64)
        alpha = np.where(cutout.glass, alpha, edges)
    elif cutout.glass.any() and not cutout.glass.all():
        alpha = _bled_alpha(alpha, cutout.solid)
    colours = bled(cutout.rgba[..., :3], cutout.solid)
    return np.dstack([colours, alpha.astype(np.uint8)])


def _bled_alpha(alpha: NDArray[np.int64], solid: Mask) -> NDArray[np.int64]:
    """Alphas of the form spread as its colours are."""
    spread = bled(alpha.astype(np.uint8)[..., None], solid)
    return spread[..., 0].astype(np.int64)


def _back(cutout: Cutout, settings: Settings) -> Pixels:
    """What is seen from behind [h, w, 3], as it lies on the front: mirrored."""
    plain = np.broadcast_to(
        np.array(parse_colour(settings.back_colour), np.uint8), (*cutout.solid.shape, 3)
    )
    if settings.back == "colour" or cutout.back is None:
        return plain.copy()
    turned = cutout.back[:, ::-1]
    share = turned[..., 3:] / 255.0
    return np.rint(turned[..., :3] * share + plain * (1 - share)).astype(np.uint8)


def _with_alpha(colours: Pixels, front: Pixels) -> Pixels:
    return np.dstack([colours, front[..., 3]])


def _png(rgba: Pixels) -> bytes:
    """As a PNG without what it does not need: the same pixels give the same bytes."""
    opaque = bool((rgba[..., 3] == 255).all())
    pixels = np.ascontiguousarray(rgba[..., :3] if opaque else rgba)
    out = io.BytesIO()
    Image.fromarray(pixels, "RGB" if opaque else "RGBA").save(out, "PNG", compress_level=9)
    return out.getvalue()
