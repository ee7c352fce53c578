"""A packed sheet cut by the JSON beside it, as Aseprite and TexturePacker write it.

`frames` is a table by name or a list; trimmed frames go back to their place in `sourceSize`, turned
ones are turned back. Slices, pivots and nine-patches are not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from PIL import Image

from studio.datasets.sheets import aseprite, frames
from studio.datasets.sheets.aseprite_sprite import Tag
from studio.datasets.sheets.frames import Frame
from studio.errors import StudioError

MOST_BYTES = 64 * 1024**2
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".ase", ".aseprite", ".psd"}
AGAIN = "Export the sheet and its JSON again, and bring in both."


@dataclass(frozen=True)
class Piece:
    """Where one frame lies: x, y, width and height in the sheet as it was drawn (so the other way
    round where it is `turned`), and its place in a canvas of `source`. `label` is its own name,
    "" where the frame's number names it."""

    box: tuple[int, int, int, int]
    turned: bool
    at: tuple[int, int]
    source: tuple[int, int]
    tag: str
    label: str


Atlas = dict[str, tuple[Piece, ...]]  # by the name of the sheet's file, "" where it says none


def read(data: bytes, name: str) -> Atlas | None:
    """What a JSON file tells of sheets; None for another kind of JSON.

    StudioError, naming the file and the frame, for one that is no use.
    """
    try:
        told = json.loads(data) if len(data) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    textures = told.get("textures")
    if isinstance(textures, list):  # Phaser's sheets of several files
        found: Atlas = {}
        for texture in textures:
            if isinstance(texture, dict) and _is_sheet(texture):
                found |= _sheet(texture, texture, name)
        return found or None
    meta = told.get("meta")
    return _sheet(told, meta if isinstance(meta, dict) else {}, name) if _is_sheet(told) else None


def of(atlas: Atlas, picture: str, json_name: str) -> tuple[Piece, ...] | None:
    """The frames of this picture: the JSON names its file, or is called like it."""
    path = PurePosixPath(picture)
    for image, pieces in atlas.items():
        if PurePosixPath(image.replace("\\", "/")).name.lower() == path.name.lower():
            return pieces
    alike = PurePosixPath(json_name).stem.lower() == path.stem.lower()
    return next(iter(atlas.values())) if alike and len(atlas) == 1 else None


def cut(sheet: Image.Image, pieces: Sequence[Piece], name: str) -> Iterator[Frame]:
    """The frames of an RGBA sheet; StudioError, naming it, for one that lies beyond its edge."""
    largest = max(pieces, key=lambda piece: piece.source[0] * piece.source[1])
    frames.check_size(name, *largest.source, len(pieces))
    for number, piece in enumerate(pieces, start=1):
        x, y, width, height = piece.box
        across, down = (height, width) if piece.turned else (width, height)
        if x + across > sheet.width or y + down > sheet.height:
            raise StudioError(
                f"{name}: frame {number} lies beyond the edge of the sheet of "
                f"{sheet.width} x {sheet.height} pixels.",
                AGAIN,
            )
        part = sheet.crop((x, y, x + across, y + down))
        if piece.turned:
            part = part.transpose(Image.Transpose.ROTATE_90)
        if part.size != piece.source:
            canvas = Image.new("RGBA", piece.source)
            canvas.paste(part, piece.at)
            part = canvas
        yield Frame(part, number, piece.tag, label=piece.label)


def _is_sheet(told: dict[str, Any]) -> bool:
    found = told.get("frames")
    rows = list(found.values()) if isinstance(found, dict) else found
    return isinstance(rows, list) and any(isinstance(r, dict) and "frame" in r for r in rows)


def _sheet(told: dict[str, Any], meta: dict[str, Any], name: str) -> Atlas:
    found = told["frames"]
    rows = (
        list(found.items())
        if isinstance(found, dict)
        else [(row.get("filename", "") if isinstance(row, dict) else "", row) for row in found]
    )
    if len(rows) > frames.MOST_FRAMES:
        raise StudioError(f"{name}: it has {len(rows):,} frames.", "Export it in parts.")
    tags = list(_tags(meta))
    counted = bool(tags) or "aseprite" in str(meta.get("app", "")).lower()
    pieces = tuple(
        _piece(row, "" if counted else str(label), aseprite.tag_of(tags, place), name, place + 1)
        for place, (label, row) in enumerate(rows)
    )
    image = meta.get("image")
    return {image if isinstance(image, str) else "": pieces}


def _tags(meta: dict[str, Any]) -> Iterator[Tag]:
    tags = meta.get("frameTags")
    for tag in tags if isinstance(tags, list) else []:
        first, last = (tag.get("from"), tag.get("to")) if isinstance(tag, dict) else (None, None)
        if isinstance(first, int) and isinstance(last, int):
            yield Tag(first, last, str(tag.get("name", "")))


def _piece(row: object, label: str, tag: str, name: str, number: int) -> Piece:
    try:
        assert isinstance(row, dict)
        x, y, width, height = (_number(row["frame"][key]) for key in "xywh")
        placed = row.get("spriteSourceSize") or {}
        left, top = (_number(placed.get(key, 0)) for key in "xy")
        source = row.get("sourceSize") or {}
        wide, high = _number(source.get("w", width)), _number(source.get("h", height))
        assert width and height and left + width <= wide and top + height <= high
    except (KeyError, TypeError, AttributeError, AssertionError) as error:
        raise StudioError(
            f"{name}: frame {number} has no place, or none inside its own size.", AGAIN
        ) from error
    path = PurePosixPath(label.replace("\\", "/"))
    return Piece(
        box=(x, y, width, height),
        turned=row.get("rotated") is True,
        at=(left, top),
        source=(wide, high),
        tag=tag or (path.parent.name if label else ""),
        label=path.stem if path.suffix.lower() in SUFFIXES else path.name,
    )


def _number(value: object) -> int:
    """A whole number of pixels from 0; what is none is no place."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e6:
        raise TypeError
    if value != int(value):
        raise TypeError
    return int(value)
