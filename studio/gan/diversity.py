"""When a training is ended because all that it draws has become alike, and what is kept of it.

Losses hide such a collapse: a discriminator's stays where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

VENDI, KID = "vendi", "kid"
IN_A_ROW = 2  # checks: one alone may be chance


@dataclass(frozen=True)
class Check:
    """What was measured at a step, by name, at a time in milliseconds."""

    step: int
    at: int
    figures: dict[str, float] = field(default_factory=dict)


def collapsed(checks: Sequence[Check], share: float) -> bool:
    """Whether the last IN_A_ROW checks' Vendi scores lie below that share of the best one."""
    scores = [check.figures[VENDI] for check in checks if VENDI in check.figures]
    if not share or len(scores) <= IN_A_ROW:
        return False
    return all(score < share * max(scores) for score in scores[-IN_A_ROW:])


def kept(
    checks: Sequence[Check], share: float, there: Callable[[int], bool] = lambda step: True
) -> Check | None:
    """The check whose generator is kept: the nearest to the data (the lowest KID) of those that
    are not collapsed and whose generator is `there`, by its step; the later of equal ones."""
    found = [check for check in checks if KID in check.figures]
    best = max((check.figures.get(VENDI, 0.0) for check in found), default=0.0)
    varied = [
        check
        for check in found
        if check.figures.get(VENDI, 0.0) >= share * best and there(check.step)
    ]
    return min(reversed(varied), key=lambda check: check.figures[KID], default=None)


def why(chosen: Check, checks: Sequence[Check], share: float) -> str:
    """What is said of the choice, as a sentence."""
    said = (
        f"Kept the generator of step {chosen.step:,}: KID {chosen.figures[KID]:.4f}, "
        f"Vendi {chosen.figures.get(VENDI, 0.0):.1f}"
    )
    if collapsed(checks, share):
        now = checks[-1].figures[VENDI]
        said += f". Diversity fell to a Vendi of {now:.1f} by step {checks[-1].step:,}: it ended"
    return f"{said}."
