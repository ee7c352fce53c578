"""Assets as pieces to export: a picture, a sheet, a prop, a tileset, each with what the manifest
says of it and the fields that its files are named by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PIL import Image

from studio import images
from studio.assets import files as asset_files
from studio.assets.files import USED, File
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError
from studio.export import iptc, names, presets
from studio.export.pieces import Borders, Fields, Files, Layout, Piece, Region, Run
from studio.export.profiles import Profile
from studio.generation import gallery_table
from studio.sheets.sheet import Animation, Slice, Tag
from studio.store import local
from studio.tiles import exports as tile_exports
from studio.tiles import godot as tile_godot
from studio.tiles import kept, sheets, tilesets
from studio.tiles.tilesets import Tileset
from studio.workflows import (
    animation_files,
    export_sheets,
    labelling,
    prop_exports,
    prop_files,
    prop_sheets,
)

SHEET = animation_files.KIND
KINDS = (gallery_table.KIND, SHEET, prop_files.KIND, kept.KIND)
PAINTED, PICTURE, NORMAL = gallery_table.PAINTED, gallery_table.DRAWN, animation_files.NORMAL
WORDS = 40  # letters of a prompt that a file is named by
FOLDERS = {prop_files.KIND: "props", kept.KIND: "tiles"}  # category of what has another meaning


def fields_of(asset: Asset) -> Fields:
    """What an asset's files are named by unless somebody says otherwise: its list's name, category
    and variant; without a name, the beginning of its prompt, or what it is where that has no letter
    that a name may hold."""
    said = str(asset.recipe.get("prompt") or asset.kind)
    name = asset.name or names.proposed(said[:WORDS]) or asset.kind
    if asset.kind == kept.KIND:
        name = names.proposed(name) or asset.kind  # it was made of both terrains'
    variant = str(asset.variant) if asset.kind == gallery_table.KIND else ""
    return Fields(FOLDERS.get(asset.kind, asset.category), name, variant)


def has_directions(asset: Asset) -> bool:
    """Whether a picture is a prop's sheet, whose frames are directions."""
    return bool(asset.recipe.get("made_by") == prop_sheets.MADE_BY)


def piece(studio: Studio, asset: Asset, fields: Fields, profile: Profile) -> Piece:
    """An asset as a piece. StudioError for a kind that is not exported, and where its files can't
    be had."""
    if asset.kind not in KINDS:
        raise StudioError(
            f"The asset {asset.id} is a {asset.kind}, which is not exported.",
            f"Choose one of these kinds: {', '.join(KINDS)}.",
        )
    files = {one.role: one for one in asset_files.of(studio.engine, asset.id)}
    term = labelling.term(studio.engine, asset)
    told = _told(asset, files.get(PAINTED), term)
    begun = Piece(asset.id, asset.kind, fields, term=term, told=told)
    if asset.kind == prop_files.KIND:
        return replace(begun, files=partial(_prop, studio))
    if asset.kind == kept.KIND:
        return replace(begun, files=partial(_tileset, studio, profile))
    if asset.kind == SHEET:
        return _sheet(studio, begun, profile)
    main = files.get(PAINTED) or files.get(PICTURE)
    if main is None:
        raise StudioError(f"The {asset.kind} {asset.id} has no picture.", "Leave it out.")
    picture = _opened(studio, main)
    normals = _opened(studio, files[NORMAL]) if NORMAL in files else None
    if normals is not None and normals.size != picture.size:
        normals = None  # of the picture before somebody painted over it in another size
    begun = replace(begun, image=picture, normals=normals)
    if has_directions(asset) and _of_one_size(files):
        return _directions(begun, asset.recipe["frames"], profile)
    return begun


def _told(asset: Asset, painted: File | None, term: str) -> dict[str, Any]:
    return {
        "asset": asset.id,
        "kind": asset.kind,
        "name": asset.name,
        "licence": prop_exports.licence_of(asset),
        "digital_source_type": f"{iptc.TERMS}{term}" if term else "",
        "style": asset.style,
        "version": asset.version,
        "seed": asset.seed,
        "by": asset.by,
        "at": asset.at,
        "painted_by": painted.by if painted else "",
        "recipe": asset.recipe,
    }


def _sheet(studio: Studio, begun: Piece, profile: Profile) -> Piece:
    found = animation_files.get(studio.engine, studio.home, begun.asset)
    animation, placed = found.animation, found.placed
    return replace(
        begun,
        image=placed.image,
        normals=placed.normals,
        layout=export_sheets.layout(animation, placed),
        pivot=animation.pivot,
        borders=_borders(animation.slices, animation.width, animation.height),
        files=_read_beside(animation, profile),
    )


def _read_beside(animation: Animation, profile: Profile) -> Files | None:
    if profile.engine not in export_sheets.ENGINES:
        return None
    return partial(export_sheets.files, animation, profile.engine)


def _borders(slices: Sequence[Slice], width: int, height: int) -> Borders | None:
    """The borders of the first slice that has some, as those of the canvas."""
    for one in slices:
        if one.borders is not None:
            x, y, wide, tall = one.box
            left, top, right, bottom = one.borders
            return x + left, y + top, width - x - wide + right, height - y - tall + bottom
    return None


def _of_one_size(files: Mapping[str, File]) -> bool:
    """Whether what somebody painted over a sheet has the sheet's own size."""
    held = [files[role].content for role in USED if role in files]
    return len({(one.width, one.height) if one else None for one in held}) == 1


def _directions(begun: Piece, told: Sequence[Mapping[str, Any]], profile: Profile) -> Piece:
    """A prop's sheet of directions: each is a frame and an animation of its own."""
    first = told[0]
    regions = tuple(
        Region(one["name"], one["left"], one["top"], one["width"], one["height"]) for one in told
    )
    runs = tuple(Run(one["name"], (number,)) for number, one in enumerate(told))
    tags = tuple(Tag(one["name"], number, number) for number, one in enumerate(told))
    animation = Animation(begun.fields.name, first["width"], first["height"], (), tags)
    return replace(
        begun,
        layout=Layout(first["width"], first["height"], regions, runs, directions=True),
        pivot=(float(first["pivot_x"]), float(first["pivot_y"])),
        files=_read_beside(animation, profile),
    )


def _prop(studio: Studio, piece: Piece, stem: str, place: str) -> dict[str, bytes]:
    return {f"{stem}.glb": prop_exports.download(studio, piece.asset, "glb").data}


def _tileset(
    studio: Studio, profile: Profile, piece: Piece, stem: str, place: str
) -> dict[str, bytes]:
    """A tileset with the rules of the engine, which name the sheet as it does."""
    whole = kept.get(studio.engine, studio.home, piece.asset).tileset
    tileset, between = _as_the_profile_says(whole, profile), sheets.Gaps()
    if profile.engine == "godot":
        image = f"{place.removeprefix('res://')}{stem}.png"
        rules = tile_godot.tile_set(tileset, image, between).encode()
        sheet = tile_exports.png(sheets.sheet(tileset, between))
        return {f"{stem}.png": sheet, f"{stem}.tres": rules}
    formats = ("tiled",) if profile.engine == "tiled" else ("json",)
    return tile_exports.files(tileset, stem, between, formats)


def _as_the_profile_says(tileset: Tileset, profile: Profile) -> Tileset:
    """In the preset's colours, at its factor: its quarter-tiles are, of which all is composed."""
    picture = presets.reduced(sheets.piece_sheet(tileset), profile.preset)
    settings = replace(tileset.settings, size=tileset.settings.size * profile.factor)
    parts = presets.enlarged(picture, profile.factor)
    found = sheets.pieces_on(parts, settings.variants, settings.size)
    return tilesets.of_pieces(settings, found, tileset.notes)


def _opened(studio: Studio, file: File) -> Image.Image:
    return images.open_picture(local.present(studio.home / file.path))
