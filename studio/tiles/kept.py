"""Tilesets as assets: kept with both terrains, their quarter-tiles, and how they were made.

A set is known by its recipe, so the same wish is the same asset. Its tiles are composed of the
quarter-tiles that were kept: a newer program draws none of them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy import Engine

from studio import images
from studio.accounts.rights import check
from studio.assets import files, listing, records
from studio.assets.records import Asset, New
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.store.publish import publish
from studio.tiles import exports, maps, pieces, sheets, tilesets
from studio.tiles.settings import Settings, as_json, from_json
from studio.tiles.sheets import Gaps
from studio.tiles.terrains import terrain
from studio.tiles.tilesets import Tileset

KIND = "tileset"
RIGHT = "generate"
SHOWN, SHEET, QUARTERS, INNER, OUTER = listing.PICTURE, "sheet", "quarters", "inner", "outer"
FOLDER = "tilesets"
MOST = 500  # that are offered


@dataclass(frozen=True)
class Source:
    """A picture to be a terrain, what it is called, and the asset that it is ("": a file)."""

    picture: Image.Image
    name: str
    id: str = ""
    style: str = ""


@dataclass(frozen=True)
class Kept:
    """A tileset as it was put away."""

    asset: Asset
    tileset: Tileset


def of_asset(engine: Engine, home: Path, id: str, name: str = "") -> Source:
    """A picture of the gallery as a terrain; StudioError where there is none."""
    asset = records.get(engine, id)
    picture = images.open_picture(home / listing.picture_path(engine, id))
    said = name or asset.name or str(asset.recipe.get("prompt", "")) or asset.kind
    return Source(picture, said[:60], id, asset.style)


def make(
    engine: Engine,
    home: Path,
    inner: Source,
    outer: Source,
    settings: Settings,
    *,
    by: str,
    now: datetime,
) -> str:
    """Make a tileset of two terrains, keep it, and give its id: both pictures' child.

    StudioError for a picture that can't be ground and for settings that don't go together; nothing
    is kept then.
    """
    check(by, RIGHT)
    made = tilesets.made(
        terrain(inner.picture, settings.size, settings.inner),
        terrain(outer.picture, settings.size, settings.outer),
        settings,
    )
    both = {INNER: inner.picture, OUTER: outer.picture}
    recipe = {
        "settings": as_json(settings),
        "terrains": {role: images.pixel_digest(picture) for role, picture in both.items()},
        "notes": list(made.notes),
        "fixed": [],
    }
    above = tuple(dict.fromkeys(one.id for one in (inner, outer) if one.id))
    return _put(engine, home, made, both, recipe, above, inner.style, by, now)


def fix(
    engine: Engine,
    home: Path,
    id: str,
    painted: Mapping[str, Image.Image],
    *,
    by: str,
    now: datetime,
) -> str:
    """Keep the set `id` anew with quarter-tiles that somebody painted over, by their names, and
    give its id: the other's child. All tiles that have them are fixed; their numbers stay."""
    check(by, RIGHT)
    before = get(engine, home, id)
    settings = before.tileset.settings
    fixes = {
        pieces.named(name, settings.variants): np.array(picture.convert("RGBA"))
        for name, picture in painted.items()
    }
    if not fixes:
        raise StudioError("No quarter-tile was painted over.", "Give at least one.")
    made = tilesets.of_pieces(
        settings, pieces.painted_over(before.tileset.pieces, fixes, settings), before.tileset.notes
    )
    old = before.asset.recipe
    recipe = {**old, "fixed": sorted({*old["fixed"], *(piece.name for piece in fixes)})}
    paths = {file.role: home / file.path for file in files.of(engine, id)}
    both = {role: images.open_picture(paths[role]) for role in (INNER, OUTER)}
    return _put(engine, home, made, both, recipe, (id,), before.asset.style, by, now)


def get(engine: Engine, home: Path, id: str) -> Kept:
    """The tileset `id`; StudioError where there is none, or it was made by a newer program."""
    asset = records.get(engine, id)
    if asset.kind != KIND:
        raise StudioError(
            f"The asset {id[:40]!r} is no tileset but a {asset.kind}.", "Choose one on Tiles."
        )
    settings = from_json(asset.recipe["settings"])
    path = home / path_of(engine, id, QUARTERS)
    found = sheets.pieces_on(images.open_picture(path), settings.variants, settings.size)
    return Kept(asset, tilesets.of_pieces(settings, found, tuple(asset.recipe["notes"])))


def path_of(engine: Engine, id: str, role: str) -> str:
    """Where a file of a set lies, relative to the studio's folder; StudioError where it has none
    of that role."""
    found = next((one.path for one in files.of(engine, id) if one.role == role), None)
    if found is None:
        raise StudioError(f"There is no {role[:40]!r} of a tileset {id[:40]!r}.", "Load it again.")
    return found


def all_sets(engine: Engine) -> list[listing.Listed]:
    """The newest tilesets, newest first."""
    return listing.page(engine, Wanted(kind=KIND), 1, MOST)


def named(asset: Asset | listing.Listed) -> str:
    """What a set is called, with enough of its id to tell two of one name apart."""
    return f"{asset.name} ({asset.id[:6]})"


def _put(
    engine: Engine,
    home: Path,
    made: Tileset,
    both: Mapping[str, Image.Image],
    recipe: dict[str, Any],
    parents: tuple[str, ...],
    style: str,
    by: str,
    now: datetime,
) -> str:
    quarters = sheets.piece_sheet(made)
    # What a painted-over quarter-tile makes another set, too.
    told = {**recipe, "quarters": images.pixel_digest(quarters), "parents": list(parents)}
    mark = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
    pictures = {
        SHOWN: Image.fromarray(maps.picture(made, maps.sample(made))),
        SHEET: sheets.sheet(made, Gaps()),
        QUARTERS: quarters,
        **both,
    }
    kept = {}
    for role, picture in pictures.items():
        path = home / FOLDER / mark / f"{role}.png"
        publish(path, exports.png(picture), flush=False)
        kept[role] = path, files.read(path)
    settings = made.settings
    new = New(
        KIND,
        f"{FOLDER}/{mark}",
        kept,
        parents,
        style,
        seed=settings.seed,
        name=f"{settings.inner} on {settings.outer}, {settings.kind}",
        category=settings.kind,
        recipe=recipe,
    )
    return records.put(engine, [new], by=by, now=now)[0]
