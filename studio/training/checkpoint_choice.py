"""Which checkpoint is the best, by one rule, and why in words.

The rule: the first check is the best so far; a later one takes its place where its validation loss
is lower by more than GAIN of it. A check more than COPYING of whose outputs are closer to a
training picture than training pictures are to each other never takes the place of one that does
not copy, and always loses it to one. Without a held-out part the last step is kept.

Checks are journaled before anything follows from them, so that a resumed training decides alike.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from studio.errors import StudioError
from studio.store.publish import publish

LOSS = "held_out_loss"
GAIN = 0.001  # share of the loss that a better checkpoint must be lower by
COPYING = 0.25  # share of the outputs that may come so close
JOURNAL = "checks.jsonl"


@dataclass(frozen=True)
class Check:
    """What was measured at a step, at `at` (ms since 1970). `figures` by name; `nearest` is the
    hash of the training picture that an output came closest to, `number` its place in the dataset
     from 1; empty and 0 where nothing was drawn."""

    step: int
    at: int
    figures: dict[str, float] = field(default_factory=dict)
    nearest: str = ""
    number: int = 0

    @property
    def loss(self) -> float:
        """The validation loss; infinite where there is none or it is no number."""
        found = self.figures.get(LOSS, math.inf)
        return found if math.isfinite(found) else math.inf

    @property
    def copies(self) -> bool:
        """Too many of its outputs come too close to a training picture."""
        return self.figures.get("copies", 0) > COPYING * self.figures.get("drawn", math.inf)


def best(checks: Sequence[Check]) -> Check | None:
    """The best check by the rule; None where no validation loss was measured."""
    found: Check | None = None
    for check in checks:
        if not math.isfinite(check.loss):
            continue
        if found is None or (found.copies and not check.copies):
            found = check
        elif check.loss < found.loss * (1 - GAIN) and (found.copies or not check.copies):
            found = check
    return found


def since(checks: Sequence[Check]) -> int:
    """How many checks came after the best."""
    top = best(checks)
    return sum(check.step > top.step for check in checks) if top else 0


def enough(checks: Sequence[Check], patience: int) -> bool:
    """Whether to stop: `patience` checks have brought nothing better; 0: never."""
    return bool(patience) and since(checks) >= patience


def kept(checks: Sequence[Check], choose_best: bool) -> Check | None:
    """The check whose adapter is registered; None where there was none."""
    if not checks:
        return None
    return (best(checks) if choose_best else None) or checks[-1]


def why(checks: Sequence[Check], steps: int, choose_best: bool, because: str = "") -> str:
    """What was kept and why, in two sentences for people; empty without any check. `because` is a
    reason of somebody else's for which it was stopped."""
    chosen = kept(checks, choose_best)
    if chosen is None:
        return ""
    last, top = checks[-1], best(checks)
    reasons = [because] if because else []
    if top and last.step > top.step and last.loss > top.loss * (1 + GAIN):
        reasons.append(f"validation loss rises since step {top.step:,}")
    elif top and since(checks):
        reasons.append(f"validation loss no longer falls since step {top.step:,}")
    if last.copies:
        reasons.append(f"outputs come close to training picture {last.number}")
    said = f"{'Stopped at' if last.step < steps else 'Trained to'} {last.step:,}"
    said += f": {', '.join(reasons)}." if reasons else "."
    if not choose_best:
        return f"{said} The last step is kept, as was asked."
    if top is None:
        return f"{said} The last step is kept: nothing was held out to choose by."
    if chosen.step == last.step:
        return f"{said} The last step is kept: its validation loss, {top.loss:.4f}, is the lowest."
    note = ", and it copies less" if last.copies and not chosen.copies else ""
    return (
        f"{said} Step {chosen.step:,} is kept: its validation loss is {chosen.loss:.4f}, "
        f"at the end {last.loss:.4f}{note}."
    )


def append(folder: Path, check: Check) -> None:
    """Add a check to the journal in the training's folder and put it on the disk."""
    try:
        with (folder / JOURNAL).open("a") as file:
            file.write(json.dumps(asdict(check)) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StudioError(
            f"{folder / JOURNAL} could not be written: {error}",
            "Make room on the disk, then go on with --resume; the last checkpoint is kept.",
        ) from error


def read(folder: Path, *, mend: bool = False) -> list[Check]:
    """The journal's checks in order; what a kill tore is left out, and cut off with `mend`."""
    found: list[Check] = []
    try:
        text = (folder / JOURNAL).read_text(errors="replace")
    except OSError:
        return found
    for line in text.splitlines(keepends=True):
        try:
            check = Check(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            break
        if not line.endswith("\n"):
            break
        found.append(check)
    if mend:
        whole = "".join(json.dumps(asdict(check)) + "\n" for check in found)
        if whole != text:
            publish(folder / JOURNAL, whole)
    return found
