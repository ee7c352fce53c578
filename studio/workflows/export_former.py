"""What exports before left: whose files may be replaced, what is left over, and what of Unity's
files goes on under a new name."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio.assets import family
from studio.assets.records import Asset
from studio.export import placing
from studio.export.building import META, NORMAL_META, Former
from studio.export.pieces import Piece
from studio.export.records import Record


def owners(
    engine: Engine, root: Path | None, assets: Collection[Asset], known: Mapping[str, Record]
) -> dict[str, str]:
    """Which asset each file that is there is of, by its path. One takes the place of what it was
    made from, and of what was made from it, of the same kind: a picture finished anew, a sheet with
    more frames."""
    if root is None:
        return {}
    there = {path: one.asset for path, one in known.items() if os.path.isfile(root / path)}
    ids = {one.id for one in assets}
    heirs: dict[str, str] = {}
    if set(there.values()) - ids - {""}:
        for asset in assets:
            tree = family.family(engine, asset.id)
            kin = (one.id for one in (*tree.before, *tree.after) if one.kind == asset.kind)
            heirs |= {id: asset.id for id in kin if id not in ids}
    return {path: heirs.get(asset, asset) for path, asset in there.items() if asset}


def leftovers(
    root: Path | None,
    known: Mapping[str, Record],
    paths: Collection[str],
    assets: Collection[str],
    profile: str,
) -> tuple[list[str], list[str]]:
    """What this profile exported of these assets under names that they have no more and is still
    there: as it was written, and changed since. A `.meta`, which Unity changes by itself, goes with
    its file."""
    if root is None:
        return [], []
    gone = {
        path: one.hash
        for path, one in known.items()
        if path not in paths and one.asset in assets and one.profile == profile
    }
    own, changed = placing.leftovers(root, gone)
    along = [path for path in changed if path.removesuffix(".meta") in own]
    return sorted([*own, *along]), [path for path in changed if path not in along]


def former(
    root: Path | None,
    known: Mapping[str, Record],
    piece: Piece,
    stem: str,
    profile: str,
    *,
    moves: bool,
) -> Former:
    """What Unity knows of a part under this stem, and where it `moves`, what it knew of it under
    the name before."""
    if root is None:
        return Former()
    guids, moved = dict[str, str](), dict[str, bytes]()
    more: dict[str, Any] = {}
    for ending in (META, NORMAL_META):
        record = known.get(stem + ending)
        if record is not None:
            guids[ending] = str(record.more.get("guid", ""))
        elif moves and (record := _before(root, known, piece, stem, ending, profile)) is not None:
            if (data := placing.existing(root, record.path)) is not None:
                moved[ending] = data
        if ending == META and record is not None:
            more = record.more
    return Former(more.get("sprites", {}), guids, moved, more.get("limit", 0))


def _before(
    root: Path, known: Mapping[str, Record], piece: Piece, stem: str, ending: str, profile: str
) -> Record | None:
    """The record of the same part's `.meta` under another name, whose file goes now; None where
    that is not sure. A sheet's is none of its frames': each of these would have the same GUID."""
    same = [
        one
        for path, one in known.items()
        if (one.asset, one.profile, one.role) == (piece.asset, profile, ending)
        and path != stem + ending
        and one.fields.get("frame", "") == piece.fields.frame
        and _is_sheet(known, path.removesuffix(ending)) == (piece.layout is not None)
        and _goes(root, known, path.removesuffix(".meta"))
    ]
    exact = [one for one in same if one.fields.get("direction", "") == piece.fields.direction]
    found = exact or same
    return found[0] if len(found) == 1 else None


def _is_sheet(known: Mapping[str, Record], stem: str) -> bool:
    """Whether a texture was exported as one of several sprites."""
    record = known.get(stem + META)
    return record is not None and bool(record.more.get("sprites"))


def _goes(root: Path, known: Mapping[str, Record], path: str) -> bool:
    """Whether a file is there as it was exported, so that it is deleted."""
    data = placing.existing(root, path)
    return data is not None and path in known and placing.digest(data) == known[path].hash
