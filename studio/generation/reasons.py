"""Why a picture needs an edit or is rejected: the reasons that people choose from.

home/reasons.yaml   the team's own list, where somebody changed the usual one
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from studio import yaml_files
from studio.accounts.rights import check
from studio.database.engine import file_lock
from studio.errors import StudioError
from studio.store.publish import publish

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
    try:
        found = yaml_files.read(file.read_bytes(), str(file), remedy)
    except OSError as error:
        raise StudioError(f"{file} can't be read: {error}", remedy) from error
    listed = found.get("reasons") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(r, str) for r in listed):
        raise StudioError(f"{file} holds no list of reasons.", remedy)
    return _clean(listed)


def write(
    home: Path, new: Sequence[str], before: Sequence[str], *, by: str = ""
) -> tuple[str, ...]:
    """Write the list of reasons; `before` is what the person saw, so that nobody's is lost."""
    check(by, "judge pictures")
    cleaned = _clean(new)
    with file_lock(home / "reasons.lock"):
        now = read(home)
        if now == cleaned:
            return cleaned
        if now != tuple(before):
            raise StudioError(
                f"Somebody changed the reasons meanwhile; they are now: {', '.join(now)}.",
                "Load the page again, then add yours.",
            )
        publish(
            home / "reasons.yaml",
            "# Why a picture needs an edit or is rejected; choices on the page Generate.\n"
            + yaml.safe_dump({"reasons": list(cleaned)}, allow_unicode=True),
        )
    return cleaned


def _clean(listed: Sequence[str]) -> tuple[str, ...]:
    """Without empty and repeated ones; StudioError where one is too long or none is left."""
    found = tuple(dict.fromkeys(" ".join(reason.split()) for reason in listed if reason.strip()))
    long = next((reason for reason in found if len(reason) > 60), None)
    if long:
        raise StudioError(f"The reason {long[:60]!r}... is too long.", "Use at most 60 characters.")
    if not 1 <= len(found) <= 40:
        raise StudioError(f"There are {len(found)} reasons.", "Keep 1 to 40.")
    return found
