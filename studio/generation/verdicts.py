"""What people say of a picture: approved, needs an edit or rejected, why, where; painted over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy import Connection, Engine

from studio import images
from studio.accounts.rights import check
from studio.database.engine import bump, file_lock, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.generation.gallery_table import Picture, Verdict, as_picture, pictures
from studio.generation.picture_files import write_png
from studio.store.publish import publish

NAMES: dict[Verdict, str] = {
    "approved": "Approved",
    "edit": "Needs an edit",
    "rejected": "Rejected",
}
REASONS = (
    "wrong colours",
    "blurry",
    "off style",
    "ignores the prompt",
    "composition",
    "off model",
)
NOTE = 2_000  # characters
PAINTED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Judgement:
    """A verdict (None: not judged yet) with its reasons, a note, and a pin on the picture as
    shares of its width and height, 0 to 1 from the top left."""

    verdict: Verdict | None
    reasons: tuple[str, ...] = ()
    note: str = ""
    pin: tuple[float, float] | None = None


def of(picture: Picture) -> Judgement:
    """What is said of a picture now."""
    x, y = picture.pin_x, picture.pin_y
    pin = None if x is None or y is None else (x, y)
    return Judgement(picture.verdict, tuple(picture.reasons), picture.note, pin)


def judge(
    engine: Engine, id: str, said: Judgement, *, by: str, now: datetime, turn: int
) -> Picture:
    """Say something of a picture; the same once more changes nothing.

    `turn` is the picture's as the person saw it; StudioError where somebody else said something
    meanwhile, and for what can't be said.
    """
    check(by, "judge pictures")
    said = replace(said, note=said.note.strip())
    _check(said)
    with writing(engine) as connection:
        picture = _read(connection, id)
        if of(picture) == said:
            return picture
        _check_turn(picture, turn)
        x, y = said.pin or (None, None)
        values = {
            "verdict": said.verdict,
            "reasons": list(said.reasons),
            "note": said.note,
            "pin_x": x,
            "pin_y": y,
            "judged_by": by,
            "judged_at": stamp(now),
        }
        return _write(connection, picture, values)


def paint_over(
    engine: Engine, home: Path, id: str, data: bytes, *, by: str, now: datetime
) -> Picture:
    """Put an artist's painted-over version beside a picture, in place of an earlier one.

    It is kept as a PNG with alpha under the name of its content; earlier files stay on the disk.
    StudioError where `data` is no picture or too large.
    """
    check(by, "judge pictures")
    if len(data) > PAINTED_BYTES:
        raise StudioError(
            f"The painted-over picture has {len(data) / 1e6:.0f} MB.", "Stay below 64 MB."
        )
    painted = images.decode(data, "The painted-over picture")
    digest = hashlib.sha256(data).hexdigest()[:16]
    file = home / "painted" / f"{id}-{digest}.png"
    with engine.connect() as connection:
        _read(connection, id)  # before anything is written
    write_png(file, painted)
    with writing(engine) as connection:
        picture = _read(connection, id)
        name = file.relative_to(home).as_posix()
        if picture.painted == name:
            return picture
        return _write(connection, picture, {"painted": name, "painted_by": by})


def take_off(engine: Engine, id: str, *, turn: int, by: str = "") -> Picture:
    """Take the painted-over version away again; its file stays on the disk."""
    check(by, "judge pictures")
    with writing(engine) as connection:
        picture = _read(connection, id)
        if picture.painted is None:
            return picture
        _check_turn(picture, turn)
        return _write(connection, picture, {"painted": None, "painted_by": None})


def reasons(home: Path) -> tuple[str, ...]:
    """The reasons that people can choose from; StudioError where the file can't be understood."""
    file = home / "reasons.yaml"
    if not file.is_file():
        return REASONS
    remedy = f"Mend {file}: a list `reasons` of short texts. Without the file the usual ones hold."
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StudioError(f"{file} can't be read: {error}", remedy) from error
    listed = found.get("reasons") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(r, str) for r in listed):
        raise StudioError(f"{file} holds no list of reasons.", remedy)
    return _clean(listed)


def set_reasons(
    home: Path, new: Sequence[str], before: Sequence[str], *, by: str = ""
) -> tuple[str, ...]:
    """Write the list of reasons; `before` is what the person saw, so that nobody's is lost."""
    check(by, "judge pictures")
    cleaned = _clean(new)
    with file_lock(home / "reasons.lock"):
        now = reasons(home)
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


def _check(said: Judgement) -> None:
    if said.verdict is not None and said.verdict not in NAMES:
        raise StudioError(f"There is no verdict {said.verdict!r}.", f"Use {', '.join(NAMES)}.")
    if len(said.note) > NOTE:
        raise StudioError(f"The note has {len(said.note):,} characters.", f"Use at most {NOTE:,}.")
    if len(said.reasons) > 40 or any(len(reason) > 60 for reason in said.reasons):
        raise StudioError("There are too many reasons, or one is too long.", "Choose a few.")
    if said.pin is not None and not all(0 <= place <= 1 for place in said.pin):
        raise StudioError(f"The pin at {said.pin} is outside the picture.", "Set it inside.")


def _check_turn(picture: Picture, turn: int) -> None:
    if picture.turn != turn:
        said = NAMES[picture.verdict] if picture.verdict else "not judged"
        raise StudioError(
            f"{picture.judged_by or picture.painted_by} changed this picture meanwhile; "
            f"it is now: {said}{', because: ' if picture.reasons else ''}"
            f"{', '.join(picture.reasons)}.",
            "Look at it again, then decide.",
        )


def _read(connection: Connection, id: str) -> Picture:
    row = connection.execute(sa.select(pictures).where(pictures.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no picture {id[:40]!r}.", "Choose one in the gallery.")
    return as_picture(row)


def _write(connection: Connection, picture: Picture, values: dict[str, Any]) -> Picture:
    values = {**values, "turn": picture.turn + 1}
    connection.execute(pictures.update().where(pictures.c.id == picture.id).values(**values))
    bump(connection)
    return _read(connection, picture.id)
