"""Single pixels that nobody meant: specks, spurs, islands and holes, as proposals.

An eye, a spark, a rivet is a single pixel, too (21 of 600 real sprites have one): what stands out
on purpose is proposed and never taken by itself.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.colours import Floats, to_oklab
from studio.images.fitting import OPAQUE
from studio.pixels.figures import ALIKE, orphans
from studio.pixels.hex_colours import Pixels, hex_of
from studio.pixels.proposals import Proposal
from studio.pixels.silhouettes import Mask, neighbours, notches, spurs

STANDS_OUT = 0.2  # OKLab distance to all around it from which on a pixel is meant to be seen
LIGHT = 0.7  # OKLab lightness from which on a pixel may be a spark
SMALL = 3  # pixels of an island or a hole
TEXTURE, FEW, MOST = 0.1, 10, 4000  # more specks, as a share and in number, are no strays
CORNERS = np.ones((3, 3), bool)
SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def strays(rgba: Pixels) -> list[Proposal]:
    """Specks within the figure, pixels that stick out of it and islands beside it."""
    opaque = rgba[..., 3] >= OPAQUE
    lab, alone = to_oklab(rgba[..., :3]), orphans(rgba)
    found = _islands(opaque, lab)
    taken = {(x, y) for one in found for x, y, _ in one.changes}
    for y, x in np.argwhere(spurs(opaque)).tolist():
        if (x, y) not in taken:
            sentence = f"The pixel at {x}, {y} sticks out of the figure."
            # One of the colour that it sits on may be a tip or a tooth.
            found.append(Proposal("spur", ((x, y, ""),), sentence, bool(alone[y, x])))
            taken.add((x, y))
    found += [one for one in _specks(rgba, lab, alone) if one.changes[0][:2] not in taken]
    return found


def holes(rgba: Pixels) -> list[Proposal]:
    """Transparent spots of at most three pixels within the figure, and notches of its edge."""
    opaque = rgba[..., 3] >= OPAQUE
    empty, count = scipy.ndimage.label(~opaque)
    found, within = [], np.zeros_like(opaque)
    for k, box in enumerate(scipy.ndimage.find_objects(empty), 1):
        here = empty[box] == k
        rows, columns = box
        touches = min(rows.start, columns.start) == 0 or (
            rows.stop == opaque.shape[0] or columns.stop == opaque.shape[1]
        )
        if touches or here.sum() > SMALL:
            continue
        within[box] |= here
        places = [(y + rows.start, x + columns.start) for y, x in np.argwhere(here).tolist()]
        changes = tuple((x, y, _around(rgba, opaque, y, x)) for y, x in places)
        y, x = places[0]
        size = "A pixel is" if len(places) == 1 else f"{len(places)} pixels are"
        sentence = f"{size} missing within the figure at {x}, {y}."
        found.append(Proposal("hole", changes, sentence, len(places) == 1))
    for y, x in np.argwhere(notches(opaque) & ~within).tolist():
        colour = _around(rgba, opaque, y, x)
        sentence = f"The edge has a notch of one pixel at {x}, {y}."
        found.append(Proposal("hole", ((x, y, colour),), sentence, False))
    return found


def specks(rgba: Pixels) -> Mask:
    """Orphans [h, w] within the figure that no corner is like, either: the fields of a checkerboard
    and thin slanting lines are none."""
    opaque = rgba[..., 3] >= OPAQUE
    return orphans(rgba) & ~_like_a_corner(rgba, opaque) & (neighbours(opaque)[0] >= 2)


def _specks(rgba: Pixels, lab: Floats, alone: Mask) -> list[Proposal]:
    """The specks, unless every tenth pixel is one: then they are the picture's texture."""
    opaque, spots = rgba[..., 3] >= OPAQUE, specks(rgba)
    if spots.sum() > min(max(TEXTURE * opaque.sum(), FEW), MOST):
        return []
    centre = float(np.flatnonzero(opaque.any(0)).mean()) if opaque.any() else 0.0
    found = []
    for y, x in np.argwhere(spots).tolist():
        box = slice(max(0, y - 1), y + 2), slice(max(0, x - 1), x + 2)
        near = opaque[box].copy()
        near[y - box[0].start, x - box[1].start] = False
        contrast = float(np.linalg.norm(lab[box][near] - lab[y, x], axis=-1).min())
        meant = contrast >= STANDS_OUT or _has_twin(alone, lab, y, x, centre)
        colour = _around(rgba, opaque, y, x)
        sentence = f"The pixel at {x}, {y} is like none around it."
        found.append(Proposal("stray", ((x, y, colour),), sentence, not meant))
    return found


def _like_a_corner(rgba: Pixels, opaque: Mask) -> Mask:
    """Pixels that one of the four diagonal neighbours is like."""
    colour, found = rgba[..., :3].astype(np.int16), np.zeros_like(opaque)
    for left in (True, False):
        one = (slice(None, -1), slice(None, -1) if left else slice(1, None))
        other = (slice(1, None), slice(1, None) if left else slice(None, -1))
        like = np.abs(colour[one] - colour[other]).max(-1) <= ALIKE
        like &= opaque[one] & opaque[other]
        found[one] |= like
        found[other] |= like
    return found


def _islands(opaque: Mask, lab: Floats) -> list[Proposal]:
    """Parts of at most three pixels that touch no other, not even over a corner."""
    parts, count = scipy.ndimage.label(opaque, CORNERS)
    sizes = np.bincount(parts.ravel())[1:]
    small = np.flatnonzero(sizes <= SMALL) + 1
    if count < 2 or len(small) == count:
        return []
    boxes, found = scipy.ndimage.find_objects(parts), []
    for k in small.tolist():
        rows, columns = boxes[k - 1]
        inside = np.argwhere(parts[rows, columns] == k).tolist()
        places = [(y + rows.start, x + columns.start) for y, x in inside]
        light = max(float(lab[y, x, 0]) for y, x in places) >= LIGHT
        y, x = places[0]
        changes = tuple((x, y, "") for y, x in places)
        size = "The pixel" if len(places) == 1 else f"The part of {len(places)} pixels"
        sentence = f"{size} at {x}, {y} touches nothing else."
        # Several of one kind are drops or sparks; one dark speck is what noise leaves.
        found.append(Proposal("island", changes, sentence, not light and len(small) <= 3))
    return found


def _around(rgba: Pixels, opaque: Mask, y: int, x: int) -> str:
    """The colour that most of the four neighbours have; of two, the one nearer to the pixel's own,
    or the darker one where it has none."""
    sides = [(y + dy, x + dx) for dy, dx in SIDES if _on(opaque, y + dy, x + dx)]
    seen = np.array([rgba[place][:3] for place in sides if opaque[place]], np.uint8)
    colours, counts = np.unique(seen, axis=0, return_counts=True)
    lab = to_oklab(colours)
    own = to_oklab(rgba[y, x, :3]) if opaque[y, x] else np.zeros(3, np.float32)
    apart = np.linalg.norm(lab - own, axis=-1)
    best = min(range(len(colours)), key=lambda k: (-counts[k], float(apart[k])))
    return hex_of(colours[[best]])[0]


def _has_twin(alone: Mask, lab: Floats, y: int, x: int, centre: float) -> bool:
    """Whether a like orphan lies across the figure's middle, as a second eye does."""
    for row, column in np.argwhere(alone[max(0, y - 1) : y + 2]).tolist():
        at = row + max(0, y - 1)
        mirrored = abs((column + x) / 2 - centre) <= 2.5
        if column != x and mirrored and np.linalg.norm(lab[at, column] - lab[y, x]) < 0.05:
            return True
    return False


def _on(mask: NDArray[np.bool_], y: int, x: int) -> bool:
    return 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
