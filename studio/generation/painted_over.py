"""A picture that an artist painted over: kept beside it, and taken in its place from then on."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio import images
from studio.accounts.rights import check
from studio.assets import files, verdicts
from studio.database.engine import writing
from studio.errors import StudioError
from studio.generation.gallery_table import PAINTED, Picture, get
from studio.generation.picture_files import write_png
from studio.outbox import files as outbox
from studio.outbox import landing

BYTES = 64 * 1024 * 1024


def paint_over(
    engine: Engine, home: Path, id: str, data: bytes, *, by: str, now: datetime
) -> Picture:
    """Put an artist's painted-over version beside a picture, in place of an earlier one.

    It is kept as a PNG with alpha under the name of its content; earlier files stay on the disk.
    StudioError where `data` is no picture or too large.
    """
    check(by, "judge pictures")
    if len(data) > BYTES:
        raise StudioError(
            f"The painted-over picture has {len(data) / 1e6:.0f} MB.", "Stay below 64 MB."
        )
    painted = images.decode(data, "The painted-over picture")
    digest = hashlib.sha256(data).hexdigest()[:16]
    file = home / "painted" / f"{id}-{digest}.png"
    get(engine, id)  # before anything is written
    write_png(file, painted)
    content = files.read(file)
    kept = [outbox.New(file.relative_to(home).as_posix(), content.hash, content.bytes)]
    up = landing.landed(home, kept)
    with writing(engine) as connection:
        before = verdicts.standing(connection, id)
        row = files.values(before.asset, PAINTED, file, home, content, by=by, now=now)
        if files.path_of(connection, before.asset, PAINTED) != row["path"]:
            files.replace(connection, row)
            landing.note(connection, kept, now, up)
            verdicts.change(connection, before, by)
    return get(engine, id)


def take_off(engine: Engine, id: str, *, turn: int, by: str = "") -> Picture:
    """Take the painted-over version away again; its file stays on the disk."""
    check(by, "judge pictures")
    with writing(engine) as connection:
        before = verdicts.standing(connection, id)
        if files.path_of(connection, before.asset, PAINTED) is not None:
            before.check_turn(turn)
            files.take_away(connection, before.asset, PAINTED)
            verdicts.change(connection, before, by)
    return get(engine, id)
