"""Exports: assets become files of a game by a profile, in a zip, a folder of the settings, or the
store; what would be written is told before, and what was written is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.accounts.rights import check
from studio.assets import files as asset_files
from studio.assets import records as asset_records
from studio.assets.files import Content
from studio.assets.records import Asset, New
from studio.context import Studio
from studio.database.engine import writing
from studio.errors import StudioError, nearest
from studio.export import (
    building,
    godot,
    manifest,
    names,
    pieces,
    placing,
    profiles,
    records,
    unity,
)
from studio.export.building import Built, Place
from studio.export.names import Flaw
from studio.export.pieces import FIELDS, Fields
from studio.export.placing import Change
from studio.export.placing import Content as Planned
from studio.export.profiles import STORE, ZIP, Revision
from studio.export.records import Record
from studio.store.publish import publish
from studio.workflows import export_pieces

RIGHT = "export"
KIND = "export"  # of the asset that a zip or an export into the store is
FOLDER = "exports"  # of the studio's folder
ARCHIVE = "zip"  # the role of its file
MOST = 500  # assets of one export
Names = Mapping[str, Mapping[str, str]]
Within = Callable[[Iterable[Path]], AbstractContextManager[object]]


@dataclass(frozen=True)
class Wanted:
    """What is exported by which profile. `names` gives fields of assets by their ids; `folder` is
    another destination than the profile's. `overwrite` takes what a person changed in the game,
    too, and `delete` what an export before left under another name."""

    assets: tuple[str, ...]
    profile: str
    names: Names = field(default_factory=dict)
    folder: str = ""
    overwrite: bool = False
    delete: bool = False


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
        told = f"{len(self.written):,} files written into {place}"
        for count, what in (
            (len(self.same), "were so already"),
            (len(self.kept), "were changed in the game and stay"),
            (len(self.deleted), "deleted"),
            (len(self.left), "left over from before"),
        ):
            told += f", {count:,} {what}" if count else ""
        return f"{told}."


@dataclass(frozen=True, eq=False)
class _Prepared:
    revision: Revision
    destination: str
    root: Path | None
    assets: tuple[Asset, ...]
    contents: dict[str, Planned]
    owners: dict[str, Built]
    flaws: tuple[Flaw, ...]
    known: dict[str, Record]
    left: tuple[list[str], list[str]]  # as an export wrote them, and changed since


def plan(studio: Studio, wanted: Wanted) -> Plan:
    """What an export would do; nothing is written. StudioError for assets or a profile that are not
    there, and for a folder that can't be used."""
    ready = _prepare(studio, wanted)
    hashes = {path: one.hash for path, one in ready.known.items()}
    changes = placing.plan(ready.root, ready.contents, hashes, overwrite=wanted.overwrite)
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
    destination = _destination(studio, wanted)[1]
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
    ready = _prepare(studio, wanted)
    names.check(list(ready.flaws))
    hashes = {path: one.hash for path, one in ready.known.items()}
    changes = placing.plan(ready.root, ready.contents, hashes, overwrite=wanted.overwrite)
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


def _prepare(studio: Studio, wanted: Wanted) -> _Prepared:
    """Everything but what lies at the destination."""
    revision = profiles.current(studio.engine, wanted.profile)
    profile = revision.profile
    destination, root = _destination(studio, wanted)
    ids = tuple(dict.fromkeys(wanted.assets))
    if not 1 <= len(ids) <= MOST:
        raise StudioError(f"{len(ids):,} assets are named.", f"Name 1 to {MOST}.")
    assets = asset_records.of_ids(studio.engine, ids)
    if missing := set(ids) - {one.id for one in assets}:
        raise StudioError(f"There is no asset {min(missing)[:40]!r}.", "Choose one in the gallery.")
    known = records.there(studio.engine, destination) if root is not None else {}
    below = f"{profile.below}/" if profile.below else ""
    folder = root / profile.below if root is not None else None
    place = Place(root, godot.project_of(folder) if folder is not None else None)
    named = _named(studio, wanted, assets, known, below, profile.pattern)
    built: list[Built] = []
    for asset in assets:
        piece = export_pieces.piece(studio, asset, named[asset.id], profile)
        for one in pieces.singly(piece) if profile.frames == "single" else [piece]:
            stem = below + names.stem(profile.pattern, one.fields)
            before = known.get(f"{stem}.png.meta")
            former = list(before.more.get("sprites", {})) if before else []
            built.append(building.build(one, stem, profile, place, former))
    contents: dict[str, Planned] = {}
    owners: dict[str, Built] = {}
    for each in built:
        contents |= each.files
        owners |= dict.fromkeys(each.files, each)
    of = [(path, each.piece.asset) for each in built for path in each.files]
    taken = {path: one.asset for path, one in known.items() if one.asset}
    flaws = [*names.twice(of), *names.flaws(dict(of), taken)]
    left = _leftovers(root, known, owners, revision.name)
    entries = {path.removeprefix(below): _entry(owners[path], path) for path in owners}
    gone = [path.removeprefix(below) for path in left[0]] if wanted.delete else []
    contents[below + manifest.NAME] = manifest.with_entries(entries, gone)
    return _Prepared(
        revision,
        destination,
        root,
        tuple(assets),
        contents,
        owners,
        tuple(flaws),
        known,
        left,
    )


def _destination(studio: Studio, wanted: Wanted) -> tuple[str, Path | None]:
    """The destination's name, and the folder that it is; None for a zip and the store."""
    name = wanted.folder or profiles.current(studio.engine, wanted.profile).profile.folder
    if name in (ZIP, STORE):
        return name, None
    return name, placing.opened(name, dict(studio.settings.export_folders))


def _named(
    studio: Studio,
    wanted: Wanted,
    assets: Sequence[Asset],
    known: Mapping[str, Record],
    below: str,
    pattern: str,
) -> dict[str, Fields]:
    """The fields of each asset: as somebody says now, else as they were stored, else its own. One
    that nobody gave a name gets the next variant that is free, since its prompt names others, too.
    """
    stored = records.fields_of(studio.engine, wanted.profile)
    taken = {path.rpartition(".")[0].casefold(): one.asset for path, one in known.items()}
    found: dict[str, Fields] = {}
    for asset in assets:
        said = wanted.names.get(asset.id, {})
        if unknown := next((name for name in said if name not in FIELDS), None):
            raise StudioError(
                f"There is no field {unknown[:40]!r}.",
                f"{nearest(unknown, FIELDS)}Known: {', '.join(FIELDS)}.",
            )
        own = Fields(**stored[asset.id]) if asset.id in stored else export_pieces.fields_of(asset)
        fields = replace(own, **said)
        if not said and asset.id not in stored and not asset.name and "{variant}" in pattern:
            while taken.get(_stem(below, pattern, fields), asset.id) != asset.id:
                fields = replace(fields, variant=str(int(fields.variant or "0") + 1))
        taken.setdefault(_stem(below, pattern, fields), asset.id)
        found[asset.id] = fields
    return found


def _stem(below: str, pattern: str, fields: Fields) -> str:
    return (below + names.stem(pattern, fields)).casefold()


def _leftovers(
    root: Path | None, known: Mapping[str, Record], owners: Mapping[str, Built], profile: str
) -> tuple[list[str], list[str]]:
    """What this profile exported of these assets under names that they have no more and is still
    there: as it was written, and changed since."""
    if root is None:
        return [], []
    mine = {one.piece.asset for one in owners.values()}
    gone = {
        path: one.hash
        for path, one in known.items()
        if path not in owners and one.asset in mine and one.profile == profile
    }
    return placing.leftovers(root, gone)


def _entry(owner: Built, path: str) -> dict[str, Any]:
    """What the manifest says of a file; one that is merged has no hash of its own."""
    data = owner.files[path]
    hashed = {"sha256": placing.digest(data)} if isinstance(data, bytes) else {}
    return {**owner.piece.told, **hashed}


def _record(ready: _Prepared, one: Change) -> Record:
    owner = ready.owners.get(one.path)
    if owner is None:
        return Record(one.path, "", "manifest", one.hash, one.state, {}, {})
    role = one.path.removeprefix(owner.stem)
    more: dict[str, Any] = {}
    if role.endswith(".meta"):
        asset = owner.piece.asset
        numbered = {name: unity.internal_id(asset, name) for name in owner.sprites}
        more = {"guid": unity.guid_of(one.data), "sprites": numbered}
    return Record(
        one.path, owner.piece.asset, role, one.hash, one.state, asdict(owner.piece.fields), more
    )


def _gone(ready: _Prepared, deleted: Sequence[str]) -> list[Record]:
    return [replace(ready.known[path], state="deleted") for path in deleted]


def _kept(home: Path, ready: _Prepared, changes: Sequence[Change]) -> New:
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
