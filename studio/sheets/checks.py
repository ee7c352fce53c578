"""Whether an animation is one: figures of how frames follow each other.

Parts of a figure go by its height: the head is the upper 30 %, the torso the next 30 % within the
middle half of its width, and limbs are all else. A pixel counts as changed where its colour is
seen to be another (more than 24 levels in a channel) or it is there in one frame alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels
from studio.sheets.sheet import Animation

SEEN = 24  # levels
HEAD, TORSO = 0.3, 0.6  # of a figure's height, from the top
REACH, FARTHEST = 0.125, 8  # of the canvas, and pixels: how far frames are looked for each other
STEADY, ALIVE, GROUND = 0.05, 0.15, 1  # the bars: shares, and pixels
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Figures:
    """`head`, `torso` and `limbs`: the share of their pixels that changes between contact poses,
    the two frames half a cycle apart whose limbs differ the most, after they were laid over each
    other. `ground_off`: how many pixels the lowest foot is off the ground line at most. `loop_step`
    is the share of pixels that changes from the last frame to the first, `largest_step` the most
    between any other two that follow each other. `distinct` frames look different. Frames of
    `contact` count from 0."""

    head: float
    torso: float
    limbs: float
    ground_off: int
    loop_step: float
    largest_step: float
    distinct: int
    frames: int
    contact: tuple[int, int]


@dataclass(frozen=True)
class Verdict:
    """One bar: whether it is met, and why, in words."""

    name: str
    met: bool
    says: str


def figures(
    animation: Animation, grounded: Collection[int] | None = None, ground: int | None = None
) -> Figures:
    """The figures of a cycle. `grounded` are the frames, counted from 0, in which a foot is on the
    ground; unset all are. `ground` is the first row below its line; unset, that of most of them.
    StudioError for fewer than two frames, and frames with nothing on them.
    """
    frames = [np.asarray(one.image) for one in animation.frames]
    if len(frames) < 2:
        raise StudioError("There is a single frame.", "An animation needs two.")
    for number, rgba in enumerate(frames, 1):
        if not _drawn(rgba).any():
            raise StudioError(
                f"Frame {number} is transparent everywhere.", "Measure the frames that show it."
            )
    half = len(frames) // 2
    pairs = [(k, k + half) for k in range(half)] if len(frames) > 2 else [(0, 1)]
    changes = [_parts(frames[one], frames[other]) for one, other in pairs]
    most = max(range(len(pairs)), key=lambda k: changes[k][2])
    head, torso, limbs = changes[most]
    steps = [changed(one, other) for one, other in pairwise(frames)]
    on_ground = range(len(frames)) if grounded is None else sorted(grounded)
    return Figures(
        head,
        torso,
        limbs,
        _off_ground([frames[k] for k in on_ground if 0 <= k < len(frames)], ground),
        changed(frames[-1], frames[0]),
        max(steps),
        len({rgba.tobytes() for rgba in frames}),
        len(frames),
        pairs[most],
    )


def measurable(animation: Animation) -> bool:
    """Whether `figures` can be taken of it: there are two frames, and on each something is seen."""
    frames = animation.frames
    return len(frames) > 1 and all(_drawn(np.asarray(one.image)).any() for one in frames)


def cycle(animation: Animation) -> tuple[Animation, str]:
    """What the figures of an animation are taken of, and the tag that it is, "" for all. Where
    no tag has all frames, such as those of four directions, it is the first one that has several:
    frames of two motions don't follow each other."""
    several = [tag for tag in animation.tags if tag.last > tag.first]
    if not several or any(tag.last - tag.first + 1 == len(animation.frames) for tag in several):
        return animation, ""
    tag = several[0]
    frames = animation.frames[tag.first : tag.last + 1]
    return replace(animation, frames=frames, tags=(), slices=(), normals=()), tag.name


def verdicts(found: Figures) -> tuple[Verdict, ...]:
    """The bars of a walk, each met or not. Frames that are all alike meet none that asks for
    movement."""
    alive = found.distinct > 1
    return (
        Verdict("frames", alive, f"{found.distinct} of {found.frames} frames look different"),
        Verdict(
            "head and torso",
            max(found.head, found.torso) <= STEADY,
            f"{found.head:.0%} of the head and {found.torso:.0%} of the torso change; at most "
            f"{STEADY:.0%} may",
        ),
        Verdict(
            "limbs",
            alive and found.limbs >= ALIVE,
            f"{found.limbs:.0%} of the limbs change between frames {found.contact[0] + 1} and "
            f"{found.contact[1] + 1}; at least {ALIVE:.0%} should",
        ),
        Verdict(
            "ground line",
            found.ground_off <= GROUND,
            f"the lowest foot is up to {found.ground_off} pixels off the ground line",
        ),
        Verdict(
            "loop",
            alive and found.loop_step <= found.largest_step,
            f"{found.loop_step:.0%} change from the last frame to the first, at most "
            f"{found.largest_step:.0%} between others",
        ),
    )


def changed(one: Pixels, other: Pixels, within: Mask | None = None) -> float:
    """The share of the pixels drawn in either frame that differ, 0 to 1; 0 where there are none."""
    there = _drawn(one) | _drawn(other)
    if within is not None:
        there &= within
    count = int(there.sum())
    return float((_differs(one, other) & there).sum()) / count if count else 0.0


def aligned(one: Pixels, other: Pixels) -> Pixels:
    """The other frame, moved to where its upper part lies best over that of the first."""
    height, width = one.shape[:2]
    left, top, right, bottom = _box(_drawn(one) | _drawn(other))
    high = top + max(1, round((bottom - top) * TORSO))
    reach = [min(FARTHEST, max(1, round(side * REACH))) for side in (height, width)]
    # No more is looked at than can come to lie over the upper part.
    up, aside = max(0, top - reach[0]), max(0, left - reach[1])
    part = slice(up, high + reach[0]), slice(aside, right + reach[1])
    first, second = one[part], other[part]
    upper = np.zeros(first.shape[:2], bool)
    upper[top - up : high - up, left - aside : right - aside] = True
    tries = [
        (abs(down) + abs(across), down, across)
        for down in range(-reach[0], reach[0] + 1)
        for across in range(-reach[1], reach[1] + 1)
    ]
    best, found = 2.0, (0, 0)
    for _, down, across in sorted(tries):
        off = changed(first, _moved(second, down, across), upper)
        if off < best:
            best, found = off, (down, across)
        if best == 0:
            break
    return _moved(other, *found)


def _parts(one: Pixels, other: Pixels) -> tuple[float, float, float]:
    """How much of head, torso and limbs changes."""
    there = aligned(one, other)
    left, top, right, bottom = _box(_drawn(one) | _drawn(there))
    neck, waist = (top + round((bottom - top) * share) for share in (HEAD, TORSO))
    quarter = (right - left) // 4
    head = np.zeros(one.shape[:2], bool)
    torso = head.copy()
    head[top:neck] = True
    torso[neck:waist, left + quarter : right - quarter] = True
    return (
        changed(one, there, head),
        changed(one, there, torso),
        changed(one, there, ~(head | torso)),
    )


def _off_ground(frames: Sequence[Pixels], ground: int | None) -> int:
    """How far the lowest row of any frame is from the line, unset that on which most stand."""
    rows = [_box(_drawn(rgba))[3] for rgba in frames]
    if not rows:
        return 0
    line = int(np.median(rows)) if ground is None else ground
    return max(abs(row - line) for row in rows)


def _drawn(rgba: Pixels) -> Mask:
    return np.asarray(rgba[..., 3] >= OPAQUE)


def _differs(one: Pixels, other: Pixels) -> Mask:
    off = np.abs(one[..., :3].astype(np.int16) - other[..., :3]).max(-1) > SEEN
    return np.asarray(off | (_drawn(one) != _drawn(other)))


def _moved(rgba: Pixels, down: int, across: int) -> Pixels:
    out = np.zeros_like(rgba)
    height, width = rgba.shape[:2]
    rows = slice(max(0, down), min(height, height + down))
    columns = slice(max(0, across), min(width, width + across))
    back_rows = slice(max(0, -down), min(height, height - down))
    back_columns = slice(max(0, -across), min(width, width - across))
    out[rows, columns] = rgba[back_rows, back_columns]
    return out


def _box(drawn: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
