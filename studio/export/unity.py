"""Unity's `.png.meta`: sprites, pivots, borders, pixels per unit, filter, and the normal map as the
secondary texture `_NormalMap`.

A GUID, an internalID and a spriteID are what scenes refer to. They are made once, of the asset's id
with the path or the frame, and never change: where a `.meta` is there already its own stay, under a
new name, too. Of such a file only the fields that are ours are written (`unity_lines`), every other
line stays as it is: compression, platforms, outlines, sprites that somebody cut by hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.errors import StudioError
from studio.export import unity_lines
from studio.export.pieces import Borders, Layout
from studio.export.unity_lines import Keys, Lines

FILTERS = {"nearest": 0, "linear": 1}  # of TextureImporter's filterMode
CUSTOM = 9  # alignment: the pivot is where `pivot` says
SIZES = (2048, 4096, 8192, 16_384)  # that Unity can be told not to exceed
IMPORTER = ("TextureImporter",)
SHEET = (*IMPORTER, "spriteSheet")
SPRITES, NUMBERS = (*SHEET, "sprites"), (*SHEET, "nameFileIdTable")
TABLE = (*IMPORTER, "internalIDToNameTable")
MOST, PLATFORMS = (*IMPORTER, "maxTextureSize"), (*IMPORTER, "platformSettings")


@dataclass(frozen=True)
class Sprite:
    """A frame as Unity counts: what tells it from the sheet's others for ever (`key`), its name,
    its rectangle from the lower left corner of the sheet, the pivot as shares of that rectangle
    from its lower left corner, which may lie outside, and its borders."""

    key: str
    name: str
    x: int
    y: int
    width: int
    height: int
    pivot: tuple[float, float]
    borders: Borders = (0, 0, 0, 0)


@dataclass(frozen=True)
class Look:
    """How the texture is shown: pixels of one unit, and its filter."""

    pixels_per_unit: int
    filter: str = "nearest"


def guid(asset: str, path: str) -> str:
    """The GUID of an asset's file at a path, 32 hexadecimal digits: the same for ever, and another
    where the asset is exported a second time, since a project has each once."""
    return _hash(f"guid/{asset}/{path}")[:32]


def internal_id(asset: str, key: str) -> int:
    """The number of a sprite of an asset's sheet, positive, within 63 bits."""
    return int(_hash(f"sprite/{asset}/{key}")[:15], 16) + 1


def sprites_of(
    layout: Layout, height: int, pivot: tuple[float, float], borders: Borders | None
) -> list[Sprite]:
    """The frames of a sheet of this height; `pivot` is a place in the canvas. Only frames that
    were not trimmed have borders, since these are of the canvas."""
    return [
        Sprite(
            key,
            one.name,
            one.x,
            height - one.y - one.height,
            one.width,
            one.height,
            _share(pivot, (one.left, one.top), (one.width, one.height)),
            borders
            if borders and (one.width, one.height) == (layout.width, layout.height)
            else (0, 0, 0, 0),
        )
        for key, one in zip(layout.words, layout.regions, strict=True)
    ]


def of_picture(
    before: bytes | None,
    own: str,
    size: tuple[int, int],
    look: Look,
    pivot: tuple[float, float],
    borders: Borders | None = None,
    normals: str = "",
    limit: int = 0,
) -> bytes:
    """The `.meta` of one picture that is one sprite; `own` is the GUID of a new one, `normals` that
    of its normal map, "" for none, `limit` the size limit that an export before set, 0 for none.
    StudioError where what is there is no texture's."""
    lines = _begun(before, own, max(size), limit)
    _common(lines, look, 8)
    lines.put((*IMPORTER, "spriteMode"), "1")
    lines.put((*IMPORTER, "alignment"), str(CUSTOM))
    lines.put((*IMPORTER, "spritePivot"), _pair(_share(pivot, (0, 0), size)))
    lines.put((*IMPORTER, "spriteBorder"), _borders(borders or (0, 0, 0, 0)))
    _lit(lines, normals)
    return lines.written()


def of_sheet(
    before: bytes | None,
    own: str,
    asset: str,
    side: int,
    look: Look,
    sprites: Sequence[Sprite],
    normals: str = "",
    limit: int = 0,
    former: Mapping[str, int] | None = None,
) -> bytes:
    """The `.meta` of a sheet, whose longer side has `side` pixels; else as `of_picture`. Sprites
    that are there keep their numbers, outlines and whatever else they have; those of `former`,
    which an export before wrote in the order of the frames, get their new names, and go where they
    are no frames any more; others are a person's, and stay. Where the file is gone, its sprites
    have the numbers of `former` again."""
    former = former or {}
    lines = _begun(before, own, side, limit)
    _common(lines, look, 8)
    lines.put((*IMPORTER, "spriteMode"), "2")
    names = [one.name for one in sprites]
    _rename(lines, tuple(former), names)
    for name in sorted(set(former) - set(names)):
        lines.drop_item(SPRITES, "name", name)
        lines.drop_key(NUMBERS, name)
        lines.drop_item(TABLE, "second", name)
    there = lines.put_in_all(SPRITES, "name", {one.name: _told(one) for one in sprites})
    new = [one for one in sprites if one.name not in there]
    _add(lines, asset, new, _numbers_before(former, names))
    _lit(lines, normals)
    return lines.written()


def of_normals(
    before: bytes | None, own: str, size: tuple[int, int], look: Look, limit: int = 0
) -> bytes:
    """The `.meta` of a normal map: no sprite, its colours are numbers; else as `of_picture`."""
    lines = _begun(before, own, max(size), limit)
    _common(lines, look, 1)
    lines.put((*IMPORTER, "mipmaps", "sRGBTexture"), "0")
    lines.put((*IMPORTER, "spriteMode"), "0")
    return lines.written()


def guid_of(meta: bytes) -> str:
    """The GUID that a `.meta` has; StudioError where it has none."""
    found = Lines(meta).value(("guid",))
    if not found:
        raise StudioError("A .meta file has no guid.", "Let Unity write it anew.")
    return found


def numbers_of(meta: bytes) -> dict[str, int]:
    """The internalIDs of a `.meta`'s sprites by their names, in the order of the sheet."""
    found = Lines(meta).rows(SPRITES, "name", "internalID")
    return {name: int(number) for name, number in found if re.fullmatch("-?[0-9]{1,19}", number)}


def limit_of(side: int) -> int:
    """The lowest size limit (maxTextureSize) at which Unity leaves a texture with this longer side
    as large as it is."""
    return next((one for one in SIZES if side <= one), SIZES[-1])


def _begun(before: bytes | None, own: str, side: int, limit: int) -> Lines:
    if before is not None:
        lines = Lines(before)
        if lines.in_conflict or not lines.has(IMPORTER) or not lines.value(("guid",)):
            raise StudioError(
                "A .meta file is there that is no texture's, or is in conflict.",
                "Settle it, or let Unity write it anew, then export again.",
            )
        if limit and limit < limit_of(side):
            _raise_limit(lines, str(limit), str(limit_of(side)))
        return lines
    return Lines(unity_lines.NEW.format(guid=own, most=limit_of(side)).encode())


def _raise_limit(lines: Lines, before: str, needed: str) -> None:
    """For a texture that outgrew the limit that an export before set, which Unity would make
    smaller; a limit that a person set stays."""
    if lines.value(MOST) == before:
        lines.put(MOST, needed)
    usual = "DefaultTexturePlatform"
    if (usual, before) in lines.rows(PLATFORMS, "buildTarget", "maxTextureSize"):
        lines.put_in_all(PLATFORMS, "buildTarget", {usual: {("maxTextureSize",): needed}})


def _common(lines: Lines, look: Look, kind: int) -> None:
    lines.put((*IMPORTER, "textureType"), str(kind))
    lines.put((*IMPORTER, "textureSettings", "filterMode"), str(FILTERS[look.filter]))
    lines.put((*IMPORTER, "spritePixelsToUnits"), str(look.pixels_per_unit))


def _lit(lines: Lines, normals: str) -> None:
    """The secondary texture `_NormalMap`; a person's others stay."""
    if not normals:
        return
    place = (*SHEET, "secondaryTextures")
    told = f"{{fileID: 2800000, guid: {normals}, type: 3}}"
    if not lines.put_in_all(place, "name", {"_NormalMap": {("texture",): told}}):
        lines.append(place, [f"- texture: {told}", "  name: _NormalMap"])


def _told(one: Sprite) -> dict[Keys, str]:
    """Our fields of a sprite that is there."""
    return {
        **{("rect", side): str(getattr(one, side)) for side in ("x", "y", "width", "height")},
        ("alignment",): str(CUSTOM),
        ("pivot",): _pair(one.pivot),
        ("border",): _borders(one.borders),
    }


def _rename(lines: Lines, former: Sequence[str], names: Sequence[str]) -> None:
    """Give sprites that were called otherwise their new names; their numbers stay."""
    known, there = set(names), {name for (name,) in lines.rows(SPRITES, "name")}
    for old, new in zip(former, names, strict=False):
        if old in known or new in there:
            continue
        for path, key in ((SPRITES, "name"), (TABLE, "second")):
            lines.put_in_all(path, key, {old: {(key,): new}})
        lines.rename_key(NUMBERS, old, new)


def _numbers_before(former: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    """The numbers that frames of these names had: under the same name, else in the same place."""
    known = set(names)
    placed = {
        new: number
        for (old, number), new in zip(former.items(), names, strict=False)
        if old not in known
    }
    return placed | {name: former[name] for name in names if name in former}


def _add(lines: Lines, asset: str, sprites: Sequence[Sprite], held: Mapping[str, int]) -> None:
    """Put new sprites in, each with the number that it had, else one of its own; another one where
    a person gave the sprite that has it another name."""
    taken = {number for (number,) in lines.rows(SPRITES, "internalID")}
    named = {name for (name,) in lines.rows(TABLE, "second")}
    blocks, table, numbers = list[str](), list[str](), list[str]()
    for one in sprites:
        number = held.get(one.name) or internal_id(asset, one.key)
        while str(number) in taken:
            number = internal_id(asset, f"{number}/{one.key}")
        taken.add(str(number))
        blocks += _new_sprite(asset, one, number)
        if one.name not in named:
            table += ["- first:", f"    213: {number}", f"  second: {one.name}"]
        lines.drop_key(NUMBERS, one.name)
        numbers.append(f"  {one.name}: {number}")
    for path, found in ((SPRITES, blocks), (TABLE, table), (NUMBERS, numbers)):
        if found:
            lines.append(path, found)


def _new_sprite(asset: str, one: Sprite, number: int) -> list[str]:
    return [
        "- serializedVersion: 2",
        f"  name: {one.name}",
        "  rect:",
        "    serializedVersion: 2",
        *(f"    {key}: {getattr(one, key)}" for key in ("x", "y", "width", "height")),
        f"  alignment: {CUSTOM}",
        f"  pivot: {_pair(one.pivot)}",
        f"  border: {_borders(one.borders)}",
        "  customData: ",
        "  outline: []",
        "  physicsShape: []",
        "  tessellationDetail: 0",
        "  bones: []",
        f"  spriteID: {_hash(f'id/{asset}/{one.key}')[:32]}",
        f"  internalID: {number}",
        "  vertices: []",
        "  indices: ",
        "  edges: []",
        "  weights: []",
    ]


def _share(
    pivot: tuple[float, float], corner: tuple[int, int], size: tuple[int, int]
) -> tuple[float, float]:
    """A place of the canvas as shares of a rectangle, from its lower left corner."""
    x, y = (
        (place - begin) / max(side, 1)
        for place, begin, side in zip(pivot, corner, size, strict=True)
    )
    return x, 1 - y


def _pair(values: tuple[float, float]) -> str:
    x, y = (f"{value + 0.0:.9g}" for value in values)
    return f"{{x: {x}, y: {y}}}"


def _borders(borders: Borders) -> str:
    left, top, right, bottom = borders
    return f"{{x: {left}, y: {bottom}, z: {right}, w: {top}}}"


def _hash(text: str) -> str:
    return hashlib.sha256(f"housestyle/{text}".encode()).hexdigest()
