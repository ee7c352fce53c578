"""Assets as pieces to export: a picture, a sheet, a prop, a tileset, each with what the manifest
says of it and the fields that its files are named by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PIL import Image

from studio import images
from studio.assets import family
from studio.assets import files as asset_files
from studio.assets.files import File
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError
from studio.export import iptc, names
from studio.export.pieces import Borders, Fields, Layout, Piece, Region, Run, order
from studio.export.profiles import Profile
from studio.generation import gallery_table
from studio.store import local
from studio.tiles import exports as tile_exports
from studio.tiles import godot as tile_godot
from studio.tiles import kept, sheets
from studio.workflows import prop_exports, prop_files, prop_sheets

SHEET = "sheet"  # the kind of asset, as `studio.sheets` makes it
KINDS = (gallery_table.KIND, SHEET, prop_files.KIND, kept.KIND)
PAINTED, PICTURE, NORMAL, FRAMES, DATA = "painted", "picture", "normal", "frames", "data"
WORDS = 40  # letters of a prompt that a file is named by
FOLDERS = {prop_files.KIND: "props", kept.KIND: "tiles"}  # category of what has another meaning


def fields_of(asset: Asset) -> Fields:
    """What an asset's files are named by unless somebody says otherwise: its list's name, category
    and variant; without a name, the beginning of its prompt."""
    said = str(asset.recipe.get("prompt") or asset.kind)
    name = asset.name or names.proposed(said[:WORDS])
    if asset.kind == kept.KIND:
        name = names.proposed(name)  # it was made of both terrains'
    variant = str(asset.variant) if asset.kind == gallery_table.KIND else ""
    return Fields(FOLDERS.get(asset.kind, asset.category), name, variant)


def piece(studio: Studio, asset: Asset, fields: Fields, profile: Profile) -> Piece:
    """An asset as a piece. StudioError for a kind that is not exported, and where its files can't
    be had."""
    if asset.kind not in KINDS:
        raise StudioError(
            f"The asset {asset.id} is a {asset.kind}, which is not exported.",
            f"Choose one of these kinds: {', '.join(KINDS)}.",
        )
    files = {one.role: one for one in asset_files.of(studio.engine, asset.id)}
    painted = PAINTED in files
    drawn = _drawn(studio, asset)
    begun = Piece(
        asset.id,
        asset.kind,
        fields,
        painted=painted,
        drawn=drawn,
        told=_told(asset, files, drawn),
    )
    if asset.kind == prop_files.KIND:
        return replace(begun, files=partial(_prop, studio, asset.id))
    if asset.kind == kept.KIND:
        return replace(begun, files=partial(_tileset, studio, asset.id, profile.engine))
    main = files.get(PAINTED) or files.get(PICTURE)
    if main is None:
        raise StudioError(f"The {asset.kind} {asset.id} has no picture.", "Leave it out.")
    picture = _opened(studio, main)
    normals = _opened(studio, files[NORMAL]) if NORMAL in files else None
    if normals is not None and normals.size != picture.size:
        normals = None  # of the picture before somebody painted over it in another size
    begun = replace(begun, image=picture, normals=normals)
    if asset.kind == SHEET:
        return _sheet(studio, asset, begun, files, profile)
    if asset.recipe.get("made_by") == prop_sheets.MADE_BY and not painted:
        return _directions(begun, asset.recipe["frames"])
    return begun


def _drawn(studio: Studio, asset: Asset) -> bool:
    """Whether a model drew it, or something that it was made from."""
    line = (asset, *family.family(studio.engine, asset.id).before)
    return any(one.version or one.recipe.get("base") for one in line)


def _told(asset: Asset, files: Mapping[str, File], drawn: bool) -> dict[str, Any]:
    painted = files.get(PAINTED)
    term = iptc.PAINTED_OVER if painted else iptc.DRAWN
    return {
        "asset": asset.id,
        "kind": asset.kind,
        "name": asset.name,
        "licence": prop_exports.licence_of(asset),
        "digital_source_type": f"{iptc.TERMS}{term}" if drawn else "",
        "style": asset.style,
        "version": asset.version,
        "seed": asset.seed,
        "by": asset.by,
        "at": asset.at,
        "painted_by": painted.by if painted else "",
        "recipe": asset.recipe,
    }


def _sheet(
    studio: Studio, asset: Asset, begun: Piece, files: Mapping[str, File], profile: Profile
) -> Piece:
    """A sheet by its description (`studio.sheets`): frames in their rectangles, tags as runs."""
    if DATA not in files:
        raise StudioError(f"The sheet {asset.id} has no description.", "Make it anew.")
    try:
        told = json.loads(local.present(studio.home / files[DATA].path).read_bytes())
        regions = tuple(
            Region(str(number), x, y, width, height, left, top, int(frame["duration_ms"]))
            for number, ((x, y, width, height, left, top), frame) in enumerate(
                zip(told["placed"]["rects"], told["frames"], strict=True)
            )
        )
        runs = tuple(
            Run(
                str(tag["name"]),
                order(int(tag["first"]), int(tag["last"]), str(tag.get("direction", "forward"))),
                int(tag.get("repeat", 0)),
            )
            for tag in told["tags"]
        )
        width, height = int(told["width"]), int(told["height"])
        x, y = (float(one) for one in told["pivot"])
        borders = _borders(told["slices"], width, height)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StudioError(
            f"The sheet {asset.id} is not described as this program knows it ({error}).",
            "Make it anew.",
        ) from error
    more = partial(_aseprite, studio, files) if profile.engine == "aseprite" else None
    return replace(
        begun,
        layout=Layout(width, height, regions, runs),
        pivot=(x, y),
        borders=borders,
        files=more if FRAMES in files else None,
    )


def _borders(slices: Sequence[Mapping[str, Any]], width: int, height: int) -> Borders | None:
    """The borders of the first slice that has some, as those of the canvas."""
    for one in slices:
        if one.get("borders"):
            x, y, wide, tall = (int(side) for side in one["box"])
            left, top, right, bottom = (int(side) for side in one["borders"])
            return x + left, y + top, width - x - wide + right, height - y - tall + bottom
    return None


def _directions(begun: Piece, told: list[dict[str, Any]]) -> Piece:
    """A prop's sheet of directions: each is a frame and an animation of its own."""
    first = told[0]
    regions = tuple(
        Region(one["name"], one["left"], one["top"], one["width"], one["height"]) for one in told
    )
    runs = tuple(Run(one["name"], (number,)) for number, one in enumerate(told))
    pivot = (float(first["pivot_x"]), float(first["pivot_y"]))
    return replace(
        begun, layout=Layout(first["width"], first["height"], regions, runs), pivot=pivot
    )


def _prop(studio: Studio, id: str, stem: str, place: str) -> dict[str, bytes]:
    return {f"{stem}.glb": prop_exports.download(studio, id, "glb").data}


def _aseprite(studio: Studio, files: Mapping[str, File], stem: str, place: str) -> dict[str, bytes]:
    file = local.present(studio.home / files[FRAMES].path)
    return {f"{stem}.aseprite": file.read_bytes()}


def _tileset(studio: Studio, id: str, engine: str, stem: str, place: str) -> dict[str, bytes]:
    """A tileset with the rules of the engine, which name the sheet as it does."""
    tileset, between = kept.get(studio.engine, studio.home, id).tileset, sheets.Gaps()
    if engine == "godot":
        image = f"{place.removeprefix('res://')}{stem}.png"
        rules = tile_godot.tile_set(tileset, image, between).encode()
        sheet = tile_exports.png(sheets.sheet(tileset, between))
        return {f"{stem}.png": sheet, f"{stem}.tres": rules}
    formats = ("tiled",) if engine == "tiled" else ("json",)
    return tile_exports.files(tileset, stem, between, formats)


def _opened(studio: Studio, file: File) -> Image.Image:
    return images.open_picture(local.present(studio.home / file.path))
