"""The rules of a set as JSON: for engines and tools that read neither Tiled's nor Godot's."""

from __future__ import annotations

from typing import Any

from studio.tiles.layouts import COLUMNS, CORNERS, NEIGHBOURS, block, label
from studio.tiles.sheets import Gaps, rectangle
from studio.tiles.tilesets import Tileset

SCHEMA = 1


def rules(tileset: Tileset, image: str, between: Gaps) -> dict[str, Any]:
    """Each tile by number: its rectangle on the sheet, what it is, its mask, its variant, and the
    quarter-tiles that it is composed of."""
    settings = tileset.settings
    return {
        "schema": SCHEMA,
        "set": settings.kind,
        "image": image,
        "size": settings.size,
        "columns": COLUMNS,
        "spacing": between.spacing,
        "margin": between.margin,
        "variants": settings.variants,
        "tiles a variant": block(settings.kind),
        "bits": CORNERS if settings.kind == "wang" else NEIGHBOURS,
        "terrains": {"upper": settings.inner, "lower": settings.outer},
        "tiles": [
            {
                "id": tile.id,
                "rectangle": list(rectangle(tile.id, settings.size, between)),
                "is": label(tile, settings.kind),
                **({} if tile.own is None else {"upper": tile.own}),
                "mask": tile.mask,
                "variant": tile.variant + 1,
                "quarters": {place: piece.name for place, piece in tile.pieces().items()},
            }
            for tile in tileset.tiles
        ],
    }
