"""An upload becomes part of a dataset, and what came of it is told until somebody dismisses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.context import Progress
from studio.database.engine import bump, file_lock, writing
from studio.database.ledger import stamp
from studio.datasets import additions, duplicate_groups, intake, manifests, uploads
from studio.datasets.additions import SameName
from studio.datasets.manifests import Look
from studio.datasets.pictures import Refusal
from studio.datasets.sheets import cutting
from studio.datasets.sheets.requests import PLAIN, Asked
from studio.datasets.tables import reports
from studio.errors import StudioError

MANY = 300  # pictures that are added while a person waits; more are a job's work
MUCH = 64 * 1024**2  # bytes, likewise


@dataclass(frozen=True)
class Report:
    """What came of an upload; `version` is the short name of the version that it led to."""

    id: int
    dataset: str
    at: str
    by: str
    version: str
    new: int
    redrawn: tuple[str, ...]
    described: int
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


def large(waiting: uploads.Waiting, asked: Asked = PLAIN) -> bool:
    """Whether adding it takes so long that a worker should do it. How many pictures are in a zip,
    a sheet or a layered file is not known."""
    packed = bool(waiting.zips or waiting.layered or asked.cuts or asked.animations)
    return (
        len(waiting.pictures) > MANY
        or waiting.bytes > MUCH
        or (packed and waiting.bytes > MUCH // 16)
    )


def add_upload(
    engine: Engine,
    home: Path,
    token: str,
    dataset: str,
    *,
    same_name: SameName = "replace",
    look: Look | None = None,
    source: str = "",
    author: str = "",
    licence: str = "",
    asked: Asked = PLAIN,
    by: str,
    now: datetime,
    report: Callable[[str], None] = lambda line: None,
) -> Report:
    """Adds an upload to a dataset; done before, by a second click say, its report is the answer.
    `asked` says how its sheets and animations are cut.

    StudioError when nothing in it can be used; the upload then stays, to be added otherwise.
    """
    check(by, "edit datasets")
    done = _of(engine, token)
    if done is not None:
        return done
    lock = uploads.folder_of(home, token).with_name(f".{token}.lock")
    with file_lock(lock, seconds=600):
        done = _of(engine, token)
        if done is not None:
            return done
        report("Unpacking")
        folder, refused = uploads.unpacked(home, token)
        remarks = uploads.remarks(home, token)
        try:
            found = intake.find(folder)
            cut = cutting.cut_files(
                home,
                folder,
                uploads.aside(home, token),
                asked.within(uploads.wrapped_in(home, token, folder)),
                lambda done, all: report(_progress("Cutting", done, all)),
                found=found,
            )
            added = additions.add_folder(
                home,
                dataset,
                folder,
                same_name=same_name,
                look=look,
                source=source,
                author=author,
                licence=licence,
                now=now,
                actor=by,
                report=lambda done, all: report(_progress("Looking at", done, all)),
                found=found,
                cut=cut,
            )
        except StudioError as error:
            raise StudioError(error.message.replace(f"{folder}: ", ""), error.remedy) from error
        told = {
            "version": added.version.version,
            "new": len(added.new),
            "redrawn": added.redrawn,
            "described": len(added.described),
            "refused": [asdict(r) for r in (*refused, *added.refused)],
            "warnings": (*remarks, *added.warnings),
        }
        row = {"dataset": dataset, "at": stamp(now), "by": by, "key": token, "found": told}
        with writing(engine) as connection:
            connection.execute(reports.insert().values(**row, dismissed=False))
            bump(connection)
        uploads.discard(home, token, by=by)
    report("Looking for near duplicates")
    duplicate_groups.find(
        home, added.version.pictures, lambda done, all: report(_progress("Comparing", done, all))
    )
    lock.unlink(missing_ok=True)
    done = _of(engine, token)
    assert done is not None
    return done


def undismissed(engine: Engine, dataset: str) -> list[Report]:
    """The reports of a dataset that nobody has dismissed, newest first."""
    query = (
        sa.select(reports)
        .where(reports.c.dataset == dataset, reports.c.dismissed.is_(False))
        .order_by(reports.c.id.desc())
    )
    with engine.connect() as connection:
        return [_report(row) for row in connection.execute(query)]


def came(home: Path, report: Report) -> frozenset[str]:
    """The hashes of the pictures that an upload brought, new or redrawn; none where it began the
    dataset, of which all is new, or where a version of it is gone."""
    if not (report.new or report.redrawn):
        return frozenset()
    heads = {head.version: head for head in manifests.heads(home, report.dataset)}
    made = heads.get(report.version)
    before = heads.get((made.parent or "")[:12]) if made else None
    if made is None or before is None:
        return frozenset()
    now, then = (manifests.hashes(home, one.name, one.digest) for one in (made, before))
    return now - then


def dismiss(engine: Engine, id: int, *, by: str = "") -> None:
    """Show a report no more."""
    check(by, "edit datasets")
    with writing(engine) as connection:
        connection.execute(reports.update().where(reports.c.id == id).values(dismissed=True))
        bump(connection)


def _of(engine: Engine, token: str) -> Report | None:
    with engine.connect() as connection:
        row = connection.execute(sa.select(reports).where(reports.c.key == token)).first()
    return _report(row) if row is not None else None


def _report(row: Any) -> Report:
    found = row.found
    return Report(
        id=row.id,
        dataset=row.dataset,
        at=row.at,
        by=row.by,
        version=found["version"],
        new=found["new"],
        redrawn=tuple(found["redrawn"]),
        described=found["described"],
        refused=tuple(Refusal(**one) for one in found["refused"]),
        warnings=tuple(found["warnings"]),
    )


def _progress(what: str, done: int, all: int) -> Progress:
    return Progress(f"{what} {done}/{all}", done, all, "pictures", what.lower())
