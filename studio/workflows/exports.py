"""Exports: assets become files of a game by a profile, in a zip, a folder of the settings, or the
store; what would be written is told before, and what was written is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.accounts.rights import check
from studio.assets import files as asset_files
from studio.assets import records as asset_records
from studio.assets.files import Content
from studio.assets.records import New
from studio.context import Studio
from studio.database.engine import writing
from studio.errors import StudioError
from studio.export import names, placing, profiles, records, unity
from studio.export.building import Built
from studio.export.names import Flaw
from studio.export.placing import Change
from studio.export.profiles import STORE, ZIP
from studio.export.records import Record
from studio.store.publish import publish
from studio.workflows import export_preparing
from studio.workflows.export_preparing import Prepared, Wanted

RIGHT = "export"
KIND = "export"  # of the asset that a zip or an export into the store is
FOLDER = "exports"  # of the studio's folder
ARCHIVE = "zip"  # the role of its file
Within = Callable[[Iterable[Path]], AbstractContextManager[object]]


@dataclass(frozen=True)
class Plan:
    """What an export would do: every file with what becomes of it, what is wrong with names, and
    what lies there from before under another name, as an export wrote it or changed since."""

    profile: str
    revision: int
    destination: str
    changes: tuple[Change, ...]
    flaws: tuple[Flaw, ...]
    leftovers: tuple[str, ...] = ()
    changed_leftovers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """What an export did: paths that were written, that were so already, that a person's file kept,
    that were deleted or are left over; `asset` is the export itself, "" in a folder."""

    export: int
    profile: str
    revision: int
    destination: str
    asset: str
    written: tuple[str, ...]
    same: tuple[str, ...]
    kept: tuple[str, ...]
    deleted: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def says(self) -> str:
        """All of it in a sentence."""
        place = self.destination if self.asset == "" else f"the {self.destination}"
        count = len(self.written)
        told = f"{count:,} file{'' if count == 1 else 's'} written into {place}"
        for count, what in (
            (len(self.same), "were up to date"),
            (len(self.kept), "were changed in the game and stay"),
            (len(self.deleted), "deleted"),
            (len(self.left), "left under earlier names"),
        ):
            told += f", {count:,} {what}" if count else ""
        return f"{told}."


def plan(studio: Studio, wanted: Wanted) -> Plan:
    """What an export would do; nothing is written. StudioError for assets or a profile that are not
    there, and for a folder that can't be used."""
    ready = export_preparing.prepare(studio, wanted)
    changes = export_preparing.planned(ready, wanted)
    own, changed = ready.left
    return Plan(
        ready.revision.name,
        ready.revision.revision,
        ready.destination,
        tuple(changes),
        ready.flaws,
        tuple(own),
        tuple(changed),
    )


def export(
    studio: Studio,
    wanted: Wanted,
    *,
    by: str,
    now: datetime,
    job: int | None = None,
    within: Within | None = None,
) -> Done:
    """Export, and record it. The same once more writes nothing. `within` is the transaction that
    makes the outcome visible, given the studio's files that it names.

    StudioError before anything is written for what is wrong with a name, for a folder that is not
    there, read-only or full, and for a path that leads out of it.
    """
    check(by, RIGHT)
    locks = studio.home / FOLDER / "locks"
    destination = export_preparing.destination_of(studio, wanted)[1]
    if destination is None:
        return _exported(studio, wanted, by, now, job, within)
    with placing.alone(destination, locks):
        return _exported(studio, wanted, by, now, job, within)


def archive(studio: Studio, asset: str) -> Path:
    """The zip of an export. StudioError where the asset is none that has one."""
    found = asset_records.get(studio.engine, asset)
    files = {one.role: one.path for one in asset_files.of(studio.engine, asset)}
    if found.kind != KIND or ARCHIVE not in files:
        raise StudioError(f"The asset {asset[:40]!r} is no exported zip.", "Export to a zip first.")
    return studio.home / files[ARCHIVE]


def destinations(studio: Studio) -> tuple[str, ...]:
    """Where exports may go: a zip, the store, and the folders of the settings."""
    return (ZIP, STORE, *(name for name, _ in studio.settings.export_folders))


def _exported(
    studio: Studio,
    wanted: Wanted,
    by: str,
    now: datetime,
    job: int | None,
    within: Within | None,
) -> Done:
    ready = export_preparing.prepare(studio, wanted)
    names.check(list(ready.flaws))
    changes = export_preparing.planned(ready, wanted)
    own, changed = ready.left
    deleted = own if wanted.delete else []
    new: New | None = None
    if ready.root is not None:
        placing.write(ready.root, changes, deleted)
    else:
        new = _kept(studio.home, ready, changes)
    paths = [path for path, _ in new.files.values()] if new else []
    asset = ""
    with within(paths) if within else writing(studio.engine):
        if new is not None:
            (asset,) = asset_records.put(studio.engine, [new], by=by, now=now, job=job)
        with writing(studio.engine) as connection:
            number = records.add(
                connection,
                [*(_record(ready, one) for one in changes), *_gone(ready, deleted)],
                profile=ready.revision.name,
                revision=ready.revision.revision,
                destination=ready.destination,
                asset=asset,
                job=job,
                by=by,
                now=now,
            )
            for style in {one.style for one in ready.assets}:
                profiles.remember(connection, by, style, ready.revision.name, now)
    left = [*changed, *(path for path in own if path not in deleted)]
    by_state = {
        state: tuple(one.path for one in changes if one.state in states)
        for state, states in (
            ("written", placing.WRITTEN),
            ("same", ("same",)),
            ("kept", ("kept",)),
        )
    }
    return Done(
        number,
        ready.revision.name,
        ready.revision.revision,
        ready.destination,
        asset,
        deleted=tuple(deleted),
        left=tuple(left),
        **by_state,
    )


def _record(ready: Prepared, one: Change) -> Record:
    owner = ready.owners.get(one.path)
    if owner is None:
        return Record(one.path, "", "manifest", one.hash, one.state, {}, {})
    role = one.path.removeprefix(owner.stem)
    more: dict[str, Any] = {}
    if one.state == "kept":
        before = ready.known.get(one.path)
        more = before.more if before is not None else {}
    elif role.endswith(".meta") and owner.piece.image is not None:
        more = {
            "guid": unity.guid_of(one.data),
            "sprites": _numbers(owner, one.data),
            "limit": unity.limit_of(max(owner.piece.image.size)),
        }
    return Record(
        one.path, owner.piece.asset, role, one.hash, one.state, asdict(owner.piece.fields), more
    )


def _numbers(owner: Built, meta: bytes) -> dict[str, int]:
    """The numbers of our own sprites, in the order of the frames."""
    layout, numbers = owner.piece.layout, unity.numbers_of(meta)
    names = [one.name for one in layout.regions] if layout else []
    return {name: numbers[name] for name in names if name in numbers}


def _gone(ready: Prepared, deleted: Sequence[str]) -> list[Record]:
    return [replace(ready.known[path], state="deleted") for path in deleted]


def _kept(home: Path, ready: Prepared, changes: Sequence[Change]) -> New:
    """The export as an asset, its files in the studio's folder: one zip, or each by its path."""
    told = "\n".join(f"{one.path} {one.hash}" for one in changes)
    revision = ready.revision
    mark = hashlib.sha256(f"{revision.name}\n{ready.destination}\n{told}".encode()).hexdigest()[:24]
    place = home / FOLDER / mark
    files: dict[str, tuple[Path, Content]] = {}
    if ready.destination == ZIP:
        written = {ARCHIVE: (place / f"{revision.name}.zip", placing.zipped(changes))}
    else:
        written = {one.path: (place / one.path, one.data) for one in changes}
    for role, (path, data) in written.items():
        publish(path, data, flush=False)
        files[role] = path, asset_files.read(path)
    styles = {one.style for one in ready.assets}
    return New(
        KIND,
        f"{FOLDER}/{mark}",
        files,
        tuple(one.id for one in ready.assets),
        style=styles.pop() if len(styles) == 1 else "",
        name=revision.name,
        category=ready.destination,
        recipe={
            "profile": asdict(revision.profile),
            "revision": revision.revision,
            "files": [one.path for one in changes],
        },
    )
