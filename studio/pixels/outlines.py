"""Outlines added, thinned, recoloured and broken: what each would change, as one proposal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy

from studio import numbers
from studio.colours import from_oklab, to_oklab
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, hex_of, rgb_of
from studio.pixels.outline_shape import CROSS, LIKE, layers, outline
from studio.pixels.proposals import Mask, Proposal, changes
from studio.pixels.snapping import nearest

DARK = "#000000"  # an added outline where neither the picture nor anybody names a colour
DEEPER = 0.12  # how much darker than what it surrounds a broken outline is, in OKLab
APART = 6  # pixels below which a part of the figure is too small for an outline of its own


def proposed(
    rgba: Pixels, how: str, colour: str = "", width: int = 1, palette: Sequence[str] = ()
) -> Proposal | None:
    """What `how` would change of the outline, or None where it is so already.

    "add": around what has none, up to `width` pixels, as far as the canvas has room. "thin": down
    to `width`. "recolour": the whole edge in `colour`. "break": the side that light from the upper
    left meets takes a deep shade of what it surrounds (of `palette`, where there is one). `colour`
    "" is the picture's own outline's. StudioError for another word."""
    if how not in STEPS:
        raise StudioError(
            f"{numbers.shown(how)} is nothing to do to an outline.",
            f"Use one of {', '.join(STEPS)}.",
        )
    if not (rgba[..., 3] >= OPAQUE).any():
        return None
    own = outline(rgba)
    used = hex_of(rgb_of([colour]))[0] if colour else own.colour or DARK
    after = STEPS[how](rgba, used, width, palette)
    found = changes(rgba, after)
    if not found:
        return None
    count = f"{len(found)} pixel{'s' * (len(found) > 1)}"
    said = {
        "add": f"An outline in {used}: {count}.",
        "thin": f"An outline of {width} px in place of {own.width:.1f}: {count}.",
        "recolour": f"The whole edge in {used}: {count}.",
        "break": f"The lit side takes the shade of what it surrounds: {count}.",
    }
    return Proposal("outline", found, said[how], False)


def added(rgba: Pixels, colour: str, width: int, palette: Sequence[str]) -> Pixels:
    """With an outline around what has none of that colour, over edges alone."""
    out = rgba.copy()
    for _ in range(width):
        opaque = out[..., 3] >= OPAQUE
        bare = opaque & ~_deep(out, colour, width)
        new = scipy.ndimage.binary_dilation(bare, CROSS) & ~opaque
        if not new.any():
            break
        out[new] = (*rgb_of([colour])[0], 255)
    return out


def thinned(rgba: Pixels, colour: str, width: int, palette: Sequence[str]) -> Pixels:
    """With what lies deeper than `width` in the outline's colour, joined to it, taken by what it
    surrounds."""
    opaque = rgba[..., 3] >= OPAQUE
    depth, like = layers(opaque), _of(rgba, colour)
    if not like[depth == 1].any() or not (opaque & ~like).any():
        return rgba
    inner = opaque & ~like
    wide, joined = np.zeros_like(opaque), like & (depth <= width)
    for deep in range(width + 1, width + 3):
        joined = like & (depth == deep) & scipy.ndimage.binary_dilation(joined, CROSS)
        # What touches nothing else is a dark part of the figure, not an outline's second pixel.
        wide |= joined & scipy.ndimage.binary_dilation(inner, np.ones((3, 3), bool))
    nearest_inner = scipy.ndimage.distance_transform_edt(
        ~inner, return_distances=False, return_indices=True
    )
    out = rgba.copy()
    out[wide] = rgba[nearest_inner[0][wide], nearest_inner[1][wide]]
    return out


def recoloured(rgba: Pixels, colour: str, width: int, palette: Sequence[str]) -> Pixels:
    """With the edge in that colour, but for parts that are too small for an outline, such as
    sparks; a wider outline's inner pixels change with it where they have its old colour."""
    opaque = rgba[..., 3] >= OPAQUE
    edge = edges(opaque)
    own = outline(rgba)
    out = rgba.copy()
    if own.colour and own.colour != colour:
        depth = layers(opaque)
        edge |= _of(rgba, own.colour) & (depth > 1) & (depth <= max(width, round(own.width)))
    out[edge] = (*rgb_of([colour])[0], 255)
    return out


def broken(rgba: Pixels, colour: str, width: int, palette: Sequence[str]) -> Pixels:
    """With the outline on the upper and left sides in a deep shade of what it surrounds."""
    opaque = rgba[..., 3] >= OPAQUE
    like = opaque & _of(rgba, colour)
    inner = opaque & ~like
    if not inner.any():
        return rgba
    within = np.pad(opaque, 1)
    lit = ~within[:-2, 1:-1] | ~within[1:-1, :-2]
    shaded = ~within[2:, 1:-1] | ~within[1:-1, 2:]
    where = scipy.ndimage.distance_transform_edt(
        ~inner, return_distances=False, return_indices=True
    )
    chosen = like & lit & ~shaded & (layers(opaque) == 1)
    lab = to_oklab(rgba[where[0][chosen], where[1][chosen], :3])
    lab[:, 0] = np.maximum(lab[:, 0] - DEEPER, 0)
    out = rgba.copy()
    colours = rgb_of(palette) if palette else None
    out[chosen, :3] = (
        from_oklab(lab) if colours is None else colours[nearest(lab, to_oklab(colours))]
    )
    return out


STEPS: dict[str, Callable[[Pixels, str, int, Sequence[str]], Pixels]] = {
    "add": added,
    "thin": thinned,
    "recolour": recoloured,
    "break": broken,
}


def edges(opaque: Mask) -> Mask:
    """The figure's edge, without parts that are too small for an outline of their own."""
    parts, _ = scipy.ndimage.label(opaque, scipy.ndimage.generate_binary_structure(2, 2))
    sizes = np.bincount(parts.ravel())
    large = sizes >= min(APART, int(sizes[1:].max(initial=0)))
    return np.asarray((layers(opaque) == 1) & large[parts])


def _of(rgba: Pixels, colour: str) -> Mask:
    """The opaque pixels that are of the colour, or nearly."""
    apart = np.linalg.norm(to_oklab(rgba[..., :3]) - to_oklab(rgb_of([colour]))[0], axis=-1)
    return (rgba[..., 3] >= OPAQUE) & (apart <= LIKE)


def _deep(rgba: Pixels, colour: str, width: int) -> Mask:
    """Pixels of an outline's colour around which it is already `width` pixels wide."""
    like = _of(rgba, colour)
    bare = (rgba[..., 3] >= OPAQUE) & ~like
    far = (
        scipy.ndimage.distance_transform_cdt(~bare, "taxicab")
        if bare.any()
        else np.zeros(like.shape)
    )
    return np.asarray(like & (far >= width))
