"""What is read beside an exported sheet, in the colours and the size of the export: an .aseprite
file with Aseprite's JSON, or TexturePacker's hash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PIL import Image

from studio.export import pieces
from studio.export.building import NORMALS
from studio.export.pieces import Layout, Piece, Region, Run
from studio.pixels.hex_colours import hex_of
from studio.sheets import sheet
from studio.sheets.formats import aseprite, aseprite_json, texturepacker
from studio.sheets.packing import Packing, Placed, Rect
from studio.sheets.sheet import MOST_COLOURS, Animation, Frame, Slice, Tag

ENGINES = ("aseprite", "phaser")  # whose files are made here


def layout(animation: Animation, placed: Placed) -> Layout:
    """Where the frames lie, and the tags as they are played, no two of one name."""
    regions = tuple(
        Region(
            str(number),
            rect.x,
            rect.y,
            rect.width,
            rect.height,
            rect.left,
            rect.top,
            frame.duration_ms,
        )
        for number, (rect, frame) in enumerate(zip(placed.rects, animation.frames, strict=True))
    )
    runs = tuple(
        Run(tag.name, tuple(sheet.order(tag)), tag.repeat) for tag in told_apart(animation.tags)
    )
    return Layout(animation.width, animation.height, regions, runs)


def told_apart(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """The same tags, of which the second of a name has a number: engines know each by its name."""
    found, seen = list[Tag](), Counter[str]()
    for tag in tags:
        name = tag.name
        while seen[name]:
            seen[tag.name] += 1
            name = f"{tag.name} {seen[tag.name]}"
        seen[name] += 1
        found.append(replace(tag, name=name))
    return tuple(found)


def files(
    animation: Animation, engine: str, piece: Piece, stem: str, place: str
) -> dict[str, bytes]:
    """The files of an engine of ENGINES by name, for a sheet whose picture is `stem`.png. Of
    `animation` tags, slices and palette count; all else is the piece's, as it is exported.
    StudioError as `sheet.check`."""
    now, placed = _exported(animation, piece)
    image, normals = f"{stem}.png", f"{stem}{NORMALS}.png" if piece.normals else ""
    if engine == "aseprite":
        told = aseprite_json.write(now, placed, image, "hash", normals)
        return {f"{stem}.aseprite": aseprite.write(now), f"{stem}.json": told.encode()}
    played = told_apart(now.tags) or (Tag("default", 0, len(now.frames) - 1),)
    told = texturepacker.write(replace(now, tags=played), placed, image, normals)
    return {f"{stem}.json": told.encode()}


def _exported(animation: Animation, piece: Piece) -> tuple[Animation, Placed]:
    """The animation with the piece's pixels, names and pivot, and where its frames lie."""
    assert piece.image is not None and piece.layout is not None and piece.pivot is not None
    there = piece.layout
    factor = there.width // animation.width
    frames = tuple(
        Frame(image, region.duration_ms, region.name)
        for image, region in zip(pieces.shown(piece.image, there), there.regions, strict=True)
    )
    now = replace(
        animation,
        width=there.width,
        height=there.height,
        frames=frames,
        slices=tuple(_enlarged(one, factor) for one in animation.slices),
        pivot=piece.pivot,
        palette=_palette(animation.palette, piece.image),
        normals=tuple(pieces.shown(piece.normals, there, pieces.FLAT)) if piece.normals else (),
    )
    rects = tuple(
        Rect(one.x, one.y, one.width, one.height, one.left, one.top) for one in there.regions
    )
    canvas = there.width, there.height
    return now, Placed(piece.image, rects, canvas, Packing(), piece.normals)


def _enlarged(one: Slice, factor: int) -> Slice:
    left, top, width, height = (side * factor for side in one.box)
    borders = one.borders
    if borders is not None:
        low, high, right, bottom = (side * factor for side in borders)
        borders = low, high, right, bottom
    pivot = one.pivot and (one.pivot[0] * factor, one.pivot[1] * factor)
    return replace(one, box=(left, top, width, height), borders=borders, pivot=pivot)


def _palette(own: tuple[str, ...], picture: Image.Image) -> tuple[str, ...]:
    """The sheet's own palette where it still holds all colours, else those that there are; none
    where these are too many for one."""
    rgba = np.asarray(picture.convert("RGBA"))
    used = hex_of(np.unique(rgba[rgba[..., 3] > 0, :3], axis=0))
    if set(used) <= set(own):
        return own
    return used if len(used) <= MOST_COLOURS else ()
