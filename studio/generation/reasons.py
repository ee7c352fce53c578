"""Why a picture needs an edit or is rejected: the reasons that people choose from.

home/reasons.yaml   the team's own list, where somebody changed the usual one
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import yaml
from sqlalchemy import Engine

from studio import yaml_files
from studio.accounts.rights import check
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.errors import StudioError
from studio.text import decoding

USUAL = (
    "wrong colours",
    "blurry",
    "off style",
    "ignores the prompt",
    "composition",
    "off model",
)


def read(home: Path) -> tuple[str, ...]:
    """The reasons that people can choose from; StudioError where the file can't be understood."""
    file = home / "reasons.yaml"
    if not file.is_file():
        return USUAL
    remedy = f"Mend {file}: a list `reasons` of short texts. Without the file the usual ones hold."
    found = yaml_files.read(decoding.read_text(file).text, str(file), remedy)
    listed = found.get("reasons") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(r, str) for r in listed):
        raise StudioError(f"{file} holds no list of reasons.", remedy)
    return _clean(listed)


def write(
    engine: Engine, new: Sequence[str], before: Sequence[str], *, by: str, now: datetime
) -> tuple[str, ...]:
    """Write the list of reasons; `before` is what the person saw, so that nobody's is lost."""
    check(by, "judge pictures")
    cleaned, home = _clean(new), home_of(engine)
    with file_lock(home / "reasons.lock"):
        held = read(home)
        if held == cleaned:
            return cleaned
        if held != tuple(before):
            raise StudioError(
                f"Somebody changed the reasons meanwhile; they are now: {', '.join(held)}.",
                "Load the page again, then add yours.",
            )
        recorded_files.publish(
            engine,
            home / "reasons.yaml",
            "# Why a picture needs an edit or is rejected; choices on the page Generate.\n"
            + yaml.safe_dump({"reasons": list(cleaned)}, allow_unicode=True),
            at=now,
            actor=by,
            action="change reasons",
            reason=_difference(held, cleaned),
        )
    return cleaned


def _difference(before: Sequence[str], after: Sequence[str]) -> str:
    """What came and went, in words."""
    came, went = ([one for one in a if one not in b] for a, b in ((after, before), (before, after)))
    told = (("added", came), ("took out", went))
    return "; ".join(f"{word} {', '.join(some)}" for word, some in told if some) or "another order"


def _clean(listed: Sequence[str]) -> tuple[str, ...]:
    """Without empty and repeated ones; StudioError where one is too long or none is left."""
    found = tuple(dict.fromkeys(" ".join(reason.split()) for reason in listed if reason.strip()))
    long = next((reason for reason in found if len(reason) > 60), None)
    if long:
        raise StudioError(f"The reason {long[:60]!r}... is too long.", "Use at most 60 characters.")
    if not 1 <= len(found) <= 40:
        raise StudioError(f"There are {len(found)} reasons.", "Keep 1 to 40.")
    return found
