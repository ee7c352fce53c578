"""Phases: how far an animation has come in each of its frames, in words that a caption says, so
that a model that learns from cut animations can be asked for each."""

from __future__ import annotations

from dataclasses import dataclass

from studio import numbers
from studio.sheets.sheet import Animation

MOST, USUAL = 64, 8


@dataclass(frozen=True)
class Phase:
    """What frame number `frame`, from 0 on, shows: the part `number`, from 1 on, of `count` equal
    parts of the time that its tag takes; `tag` is "" where the animation has none."""

    frame: int
    tag: str
    number: int
    count: int


def of(animation: Animation, count: int = USUAL) -> tuple[Phase, ...]:
    """The phase of each frame on which something is, in the order in which it is shown: of each
    tag's frames, those of a tag before left out, or of all where there is no tag. So animations of
    any length say the same words of the same moment: the first frame is in phase 1, and one that
    begins after half of the time in phase 5 of 8. A tag that goes there and back counts one way.
    StudioError for another count than 1 to MOST."""
    numbers.whole("phases", count, 1, MOST)
    runs = [("", range(len(animation.frames)))] if not animation.tags else []
    for tag in animation.tags:
        run = range(tag.first, tag.last + 1)
        back = tag.direction in ("reverse", "pingpong_reverse")
        runs.append((tag.name, run[::-1] if back else run))
    found, done = list[Phase](), set[int]()
    for name, run in runs:
        whole = sum(animation.frames[k].duration_ms for k in run)
        passed = 0
        for k in run:
            seen = animation.frames[k].image.getchannel("A").getbbox() is not None
            if k not in done and seen:
                found.append(Phase(k, name, passed * count // whole + 1, count))
            done.add(k)
            passed += animation.frames[k].duration_ms
    return tuple(found)


def caption(says: str, phase: Phase) -> str:
    """What a frame's caption says: "fire burst, hit, phase 3 of 8"."""
    return ", ".join(filter(None, (says, phase.tag, f"phase {phase.number} of {phase.count}")))
