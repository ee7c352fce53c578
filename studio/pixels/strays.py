"""Single pixels that nobody meant: specks, spurs, islands and holes, as proposals.

An eye, a spark, a rivet is a single pixel, too (21 of 600 real sprites have one): what stands out
on purpose is proposed and never taken by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from studio.colours import Floats, to_oklab
from studio.images.fitting import OPAQUE
from studio.pixels.figures import ALIKE, orphans
from studio.pixels.hex_colours import Pixels, hex_of
from studio.pixels.proposals import Proposal
from studio.pixels.silhouettes import Mask, notches, spurs

STANDS_OUT = 0.2  # OKLab distance to all around it from which on a pixel is meant to be seen
LIGHT = 0.7  # OKLab lightness from which on a pixel may be a spark
SMALL = 3  # pixels of an island or a hole
CORNERS = ndimage.generate_binary_structure(2, 2)
SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def strays(rgba: Pixels) -> list[Proposal]:
    """Specks within the figure, pixels that stick out of it and islands beside it."""
    opaque = rgba[..., 3] >= OPAQUE
    lab = to_oklab(rgba[..., :3])
    found = _islands(rgba, opaque, lab)
    taken = {(x, y) for one in found for x, y, _ in one.changes}
    for y, x in np.argwhere(spurs(opaque)).tolist():
        if (x, y) not in taken:
            sentence = f"The pixel at {x}, {y} sticks out of the figure."
            found.append(Proposal("spur", ((x, y, ""),), sentence, _meets_edge(opaque, y, x)))
            taken.add((x, y))
    found += [one for one in _specks(rgba, lab) if one.changes[0][:2] not in taken]
    return found


def holes(rgba: Pixels) -> list[Proposal]:
    """Transparent spots of at most three pixels within the figure, and notches of its edge."""
    opaque = rgba[..., 3] >= OPAQUE
    empty, count = ndimage.label(~opaque)
    found, within = [], np.zeros_like(opaque)
    for k, box in enumerate(ndimage.find_objects(empty), 1):
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


def _specks(rgba: Pixels, lab: Floats) -> list[Proposal]:
    """Orphans that no corner is like, either: the fields of a checkerboard and thin slanting lines
    are none."""
    opaque = rgba[..., 3] >= OPAQUE
    alone = orphans(rgba)
    found = []
    height, width = opaque.shape
    centre = float(np.flatnonzero(opaque.any(0)).mean()) if opaque.any() else 0.0
    for y, x in np.argwhere(alone).tolist():
        box = slice(max(0, y - 1), y + 2), slice(max(0, x - 1), x + 2)
        near = opaque[box].copy()
        near[y - box[0].start, x - box[1].start] = False
        apart = np.abs(rgba[box][..., :3].astype(int) - rgba[y, x, :3]).max(-1)
        if (near & (apart <= ALIKE)).any() or not near.any():
            continue
        if sum(opaque[y + dy, x + dx] for dy, dx in SIDES if _on(opaque, y + dy, x + dx)) < 2:
            continue
        contrast = float(np.linalg.norm(lab[box][near] - lab[y, x], axis=-1).min())
        meant = contrast >= STANDS_OUT or _has_twin(alone, lab, y, x, centre)
        colour = _around(rgba, opaque, y, x)
        sentence = f"The pixel at {x}, {y} is like none around it."
        found.append(Proposal("stray", ((x, y, colour),), sentence, not meant))
    return found


def _islands(rgba: Pixels, opaque: Mask, lab: Floats) -> list[Proposal]:
    """Parts of at most three pixels that touch no other, not even over a corner."""
    parts, count = ndimage.label(opaque, CORNERS)
    sizes = np.bincount(parts.ravel())[1:]
    small = np.flatnonzero(sizes <= SMALL) + 1
    if count < 2 or len(small) == count:
        return []
    found = []
    for k in small.tolist():
        places = np.argwhere(parts == k).tolist()
        light = max(float(lab[y, x, 0]) for y, x in places) >= LIGHT
        y, x = places[0]
        changes = tuple((x, y, "") for y, x in places)
        sentence = f"{len(places)} px at {x}, {y} touch nothing else."
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


def _meets_edge(opaque: Mask, y: int, x: int) -> bool:
    """Whether a spur sits flat on an edge of three: a lone bump, which nothing continues."""
    box = opaque[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]
    return int(box.sum()) - 1 >= 3


def _on(mask: NDArray[np.bool_], y: int, x: int) -> bool:
    return 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
