"""What is exported, made ready: assets as the files of a profile's engine, with their names, what
is wrong with these, and what lies at the destination from before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.assets import records as asset_records
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError, nearest
from studio.export import building, godot, manifest, names, pieces, placing, profiles, records
from studio.export.building import Built, Place
from studio.export.names import Flaw
from studio.export.pieces import FIELDS, Fields
from studio.export.placing import Content
from studio.export.profiles import STORE, ZIP, Revision
from studio.export.records import Record
from studio.workflows import export_pieces

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
    """An export before anything is compared or written: `contents` by their paths, `owners` the
    piece that each is of (the manifest is of none), `known` what exports wrote there, by path."""

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
    contents: dict[str, Content] = {}
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
    return Prepared(
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


def destination_of(studio: Studio, wanted: Wanted) -> tuple[str, Path | None]:
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
