"""A tileset as files for an engine, by name."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Collection

from PIL import Image

from studio.errors import StudioError
from studio.tiles import godot, maps, rules, sheets, tiled
from studio.tiles.sheets import Gaps
from studio.tiles.tilesets import Tileset

FORMATS = ("tiled", "godot", "sheet", "json")
MOMENT = (1980, 1, 1, 0, 0, 0)  # so that the same set is the same zip


def checked(formats: Collection[str]) -> tuple[str, ...]:
    """Those formats in our order; StudioError for one that is none."""
    if unknown := sorted(set(formats) - set(FORMATS)):
        raise StudioError(
            f"There is no format {unknown[0][:40]!r}.", f"Known: {', '.join(FORMATS)}."
        )
    return tuple(one for one in FORMATS if one in formats)


def files(
    tileset: Tileset, name: str, between: Gaps, formats: Collection[str] = FORMATS
) -> dict[str, bytes]:
    """The files of these formats. The sheet is always there, since all others name it."""
    name = file_name(name)
    image = f"{name}.png"
    found = {image: png(sheets.sheet(tileset, between))}
    chosen = checked(formats)
    if "sheet" in chosen:
        found[f"{name}_quarters.png"] = png(sheets.piece_sheet(tileset))
    if "tiled" in chosen:
        found[f"{name}.tsx"] = tiled.tileset_file(tileset, name, image, between).encode()
        found[f"{name}_sample.tmx"] = tiled.map_file(
            tileset, maps.sample(tileset), f"{name}.tsx"
        ).encode()
    if "godot" in chosen:
        found[f"{name}.tres"] = godot.tile_set(tileset, image, between).encode()
    if "json" in chosen:
        told = rules.rules(tileset, image, between)
        found[f"{name}.json"] = (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
    return found


def packed(found: dict[str, bytes]) -> bytes:
    """Files as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG."""
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


def file_name(name: str) -> str:
    """A name that every system takes for a file; "tileset" where nothing is left of it."""
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")
    return kept[:80] or "tileset"
