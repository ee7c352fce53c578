"""How much of a dataset its own style may have drawn: a limit of the set, kept at every freeze.

datasets/<name>/limit.json   where somebody set another limit than the usual one

A style that learns from its own pictures drifts; what people drew keeps it in place. Pictures
varied from real ones (mirrored, moved) count on neither side.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.accounts.rights import check as check_right
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.datasets.pictures import Picture
from studio.errors import StudioError

USUAL = 0.30


@dataclass(frozen=True)
class Share:
    """How many pictures are of which origin; `of` is the share drawn by a style, 0 to 1."""

    imported: int
    generated: int
    painted: int
    augmented: int

    @property
    def drawn(self) -> int:
        return self.generated + self.painted

    @property
    def of(self) -> float:
        return self.drawn / (self.drawn + self.imported) if self.drawn else 0.0


def share(pictures: Sequence[Picture]) -> Share:
    """The counts of these pictures."""
    origins = [picture.origin for picture in pictures]
    return Share(*(origins.count(o) for o in ("imported", "generated", "painted", "augmented")))


def room(pictures: Sequence[Picture], limit: float) -> int:
    """How many more drawn pictures fit under the limit; below 0, how many are too many."""
    found = share(pictures)
    if limit >= 1:
        return 10**9
    return math.floor(limit * found.imported / (1 - limit) + 1e-9) - found.drawn


def limit(home: Path, name: str) -> float:
    """The share of drawn pictures that dataset `name` may have, 0 to 1."""
    try:
        said = json.loads(_path(home, name).read_text("utf-8"))["drawn_at_most"]
        return float(said) if 0 <= said <= 1 else USUAL
    except (OSError, ValueError, KeyError, TypeError):
        return USUAL


def set_limit(
    engine: Engine, name: str, new: float, *, seen: float, by: str, now: datetime
) -> None:
    """Let a dataset have another share, from the next freeze on; `seen` is what the person had
    before them. StudioError where somebody set another meanwhile."""
    check_right(by, "edit datasets")
    home = home_of(engine)
    if not 0 <= new <= 1:
        raise StudioError(f"A share of {new:g} can't be.", "Give 0 to 1.")
    if not _path(home, name).parent.is_dir():
        raise StudioError(f"There is no dataset {name!r}.", "Add pictures to it first.")
    with file_lock(_path(home, name).with_name(".limit.lock")):
        held = limit(home, name)
        if new == held:
            return
        if held != seen:
            raise StudioError(
                f"At most {held:.0%} drawn pictures may be in {name} by now, not {seen:.0%}: "
                "somebody changed it meanwhile.",
                "Load the page again, then decide.",
            )
        recorded_files.publish(
            engine,
            _path(home, name),
            json.dumps({"drawn_at_most": new}),
            at=now,
            actor=by,
            action="limit additions",
            reason=f"{name}: at most {new:.0%} drawn pictures, after {held:.0%}",
        )


def check(home: Path, name: str, pictures: Sequence[Picture], before: Sequence[Picture]) -> None:
    """StudioError where drawn pictures are more than the limit allows, and more than they were."""
    most, found = limit(home, name), share(pictures)
    if found.of <= most + 1e-9 or found.of <= share(before).of + 1e-9:
        return
    over = -room(pictures, most)
    raise StudioError(
        f"{found.drawn:,} of {found.drawn + found.imported:,} pictures of {name} would be drawn "
        f"by a style: {found.of:.0%}, at most {most:.0%} may.",
        f"Leave {over:,} of them out, bring in pictures that people made, or change the limit on "
        "the page Datasets under Grow."
        if before
        else "Begin the dataset with pictures that people made, then add these.",
    )


def _path(home: Path, name: str) -> Path:
    return home / "datasets" / name / "limit.json"
