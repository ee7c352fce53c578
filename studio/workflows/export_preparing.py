"""What is exported, made ready: assets as the files of a profile's engine, with their names, what
is wrong with these, and what lies at the destination from before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.assets import records as asset_records
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError, nearest
from studio.export import building, manifest, names, placing, profiles, records
from studio.export.building import Built, Place
from studio.export.names import Flaw
from studio.export.pieces import FIELDS, Fields
from studio.export.placing import Change, Content
from studio.export.profiles import STORE, ZIP, Revision
from studio.export.records import Record
from studio.workflows import export_former, export_pieces

MOST = 500  # assets of one export
Names = Mapping[str, Mapping[str, str]]


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


@dataclass(frozen=True, eq=False)
class Prepared:
    """An export before anything is compared or written, without its manifest: `contents` by their
    paths, `owners` the piece that each is of, `known` what exports wrote there, by path."""

    revision: Revision
    destination: str
    root: Path | None
    assets: tuple[Asset, ...]
    contents: dict[str, Content]
    owners: dict[str, Built]
    flaws: tuple[Flaw, ...]
    known: dict[str, Record]
    left: tuple[list[str], list[str]]  # as an export wrote them, and changed since


def prepare(studio: Studio, wanted: Wanted) -> Prepared:
    """Everything but what lies at the destination."""
    revision = profiles.current(studio.engine, wanted.profile)
    profile = revision.profile
    destination, root = destination_of(studio, wanted)
    assets = _assets(studio, wanted)
    known = records.there(studio.engine, destination) if root is not None else {}
    below = f"{profile.below}/" if profile.below else ""
    place = Place(root)
    taken = export_former.owners(studio.engine, root, assets, known)
    named = _named(studio, wanted, assets, taken, below, profile.pattern)
    built: list[Built] = []
    for asset in assets:
        piece = export_pieces.piece(studio, asset, named[asset.id], profile)
        for one in building.parts(piece, profile):
            stem = below + names.stem(profile.pattern, one.fields)
            former = export_former.former(
                root, known, one, stem, revision.name, moves=wanted.delete
            )
            built.append(building.build(one, stem, profile, place, former))
    owners = {path: each for each in built for path in each.files}
    of = [(path, each.piece.asset) for each in built for path in each.files]
    ids = {one.id for one in assets}
    return Prepared(
        revision,
        destination,
        root,
        assets,
        {path: each.files[path] for path, each in owners.items()},
        owners,
        (
            *names.twice([(below + manifest.NAME, "the manifest"), *of]),
            *names.flaws(dict(of), taken),
        ),
        known,
        export_former.leftovers(root, known, owners, ids, revision.name),
    )


def planned(ready: Prepared, wanted: Wanted) -> list[Change]:
    """What would become of each file, the manifest last: of what a person's file keeps from being
    written it goes on saying what it said."""
    hashes = {path: one.hash for path, one in ready.known.items()}
    changes = _with_their_pictures(
        ready.owners, placing.plan(ready.root, ready.contents, hashes, overwrite=wanted.overwrite)
    )
    profile = ready.revision.profile
    below = f"{profile.below}/" if profile.below else ""
    entries = {
        one.path.removeprefix(below): _entry(ready.owners[one.path], one)
        for one in changes
        if one.state != "kept"
    }
    gone = [path.removeprefix(below) for path in ready.left[0]] if wanted.delete else []
    told = {below + manifest.NAME: manifest.with_entries(entries, gone)}
    return [*changes, *placing.plan(ready.root, told, hashes)]


def _with_their_pictures(owners: Mapping[str, Built], changes: Sequence[Change]) -> list[Change]:
    """What an engine reads beside a picture that stays as a person has it stays, too, and is not
    made where it is not there: it would tell of another picture."""
    kept = {one.path for one in changes if one.state == "kept"}
    found = []
    for one in changes:
        if f"{owners[one.path].stem}.png" not in kept or one.state not in placing.WRITTEN:
            found.append(one)
        elif one.before is not None:
            found.append(replace(one, state="kept"))
    return found


def destination_of(studio: Studio, wanted: Wanted) -> tuple[str, Path | None]:
    """The destination's name, and the folder that it is; None for a zip and the store."""
    name = wanted.folder or profiles.current(studio.engine, wanted.profile).profile.folder
    if name in (ZIP, STORE):
        return name, None
    return name, placing.opened(name, dict(studio.settings.export_folders))


def _assets(studio: Studio, wanted: Wanted) -> tuple[Asset, ...]:
    ids = tuple(dict.fromkeys(wanted.assets))
    if not 1 <= len(ids) <= MOST:
        raise StudioError(f"{len(ids):,} assets are named.", f"Name 1 to {MOST}.")
    assets = asset_records.of_ids(studio.engine, ids)
    if missing := set(ids) - {one.id for one in assets}:
        raise StudioError(f"There is no asset {min(missing)[:40]!r}.", "Choose one in the gallery.")
    if others := set(wanted.names) - set(ids):
        raise StudioError(
            f"Names are given for {min(others)[:40]!r}, which is not exported.",
            "Name it among the assets, or leave its names out.",
        )
    return tuple(assets)


def _named(
    studio: Studio,
    wanted: Wanted,
    assets: Sequence[Asset],
    taken: Mapping[str, str],
    below: str,
    pattern: str,
) -> dict[str, Fields]:
    """The fields of each asset: as somebody says now, else as they were stored, else its own. One
    that nobody gave a name gets the next variant that is free, since its prompt names others, too.
    """
    stored = records.fields_of(studio.engine, wanted.profile, [one.id for one in assets])
    stems = {path.rpartition(".")[0].casefold(): owner for path, owner in taken.items()}
    found: dict[str, Fields] = {}
    for asset in sorted(assets, key=lambda one: one.id not in stored):  # who has a name keeps it
        said = wanted.names.get(asset.id, {})
        if (unknown := next((name for name in said if name not in FIELDS), None)) is not None:
            raise StudioError(
                f"There is no field {unknown[:40]!r}.",
                f"{nearest(unknown, FIELDS)}Known: {', '.join(FIELDS)}.",
            )
        own = export_pieces.fields_of(asset)
        if asset.id in stored:
            own = Fields(**stored[asset.id])
            if export_pieces.has_directions(asset):
                own = replace(own, direction="")  # it was that of one of its files
        fields = replace(own, **said)
        counts = "{variant}" in pattern and re.fullmatch("[0-9]{0,9}", fields.variant)
        if counts and not said and not asset.name:
            while stems.get(_stem(below, pattern, fields), asset.id) != asset.id:
                fields = replace(fields, variant=str(int(fields.variant or "0") + 1))
        stems.setdefault(_stem(below, pattern, fields), asset.id)
        found[asset.id] = fields
    return found


def _stem(below: str, pattern: str, fields: Fields) -> str:
    return (below + names.stem(pattern, fields)).casefold()


def _entry(owner: Built, one: Change) -> dict[str, Any]:
    """What the manifest says of a file; one that is merged has no hash of its own."""
    hashed = {"sha256": one.hash} if isinstance(owner.files[one.path], bytes) else {}
    return {**owner.piece.told, **hashed}
