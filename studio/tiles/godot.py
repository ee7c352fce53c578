"""A Godot 4 TileSet (`.tres`): one atlas, and its terrains with their peering bits.

The names are those of Godot's TileSet, TileSetAtlasSource and TileData (classes of 4.x). A set by
corners has the mode "match corners" (1), one by cells "match corners and sides" (0).
"""

from __future__ import annotations

import json

from studio.tiles.layouts import AROUND, CORNERS, Tile
from studio.tiles.sheets import Gaps
from studio.tiles.tiled import mean_colour, wang_id
from studio.tiles.tilesets import Tileset

BITS = dict(
    zip(
        AROUND,
        (
            "top_side",
            "top_right_corner",
            "right_side",
            "bottom_right_corner",
            "bottom_side",
            "bottom_left_corner",
            "left_side",
            "top_left_corner",
        ),
        strict=True,
    )
)


def tile_set(tileset: Tileset, image: str, between: Gaps) -> str:
    """The text of the resource, whose texture is `res://` and the file `image`."""
    settings, size = tileset.settings, tileset.settings.size
    lines = [
        '[gd_resource type="TileSet" load_steps=3 format=3]',
        "",
        f'[ext_resource type="Texture2D" path={_quoted(f"res://{image}")} id="1_sheet"]',
        "",
        '[sub_resource type="TileSetAtlasSource" id="TileSetAtlasSource_1"]',
        'texture = ExtResource("1_sheet")',
    ]
    if between.margin:
        lines.append(f"margins = Vector2i({between.margin}, {between.margin})")
    if between.spacing:
        lines.append(f"separation = Vector2i({between.spacing}, {between.spacing})")
    lines.append(f"texture_region_size = Vector2i({size}, {size})")
    for tile in tileset.tiles:
        lines += _tile(tile, settings.kind)
    mode = 1 if settings.kind == "wang" else 0
    terrains = [(settings.inner, len(tileset.tiles) // settings.variants - 1)]
    if settings.kind != "platform":
        terrains.append((settings.outer, 0))
    lines += ["", "[resource]", f"tile_size = Vector2i({size}, {size})"]
    lines.append(f"terrain_set_0/mode = {mode}")
    for number, (name, shown) in enumerate(terrains):
        lines.append(f"terrain_set_0/terrain_{number}/name = {_quoted(name)}")
        colour = bytes.fromhex(mean_colour(tileset, shown)[1:])
        parts = ", ".join(f"{value / 255:.6g}" for value in colour)
        lines.append(f"terrain_set_0/terrain_{number}/color = Color({parts}, 1)")
    lines.append('sources/0 = SubResource("TileSetAtlasSource_1")')
    return "\n".join(lines) + "\n"


def _tile(tile: Tile, kind: str) -> list[str]:
    """A tile's lines. In the set by corners the middle belongs to the upper terrain only where all
    corners do: so what is painted grows outwards over what was there."""
    column, row = tile.place
    prefix = f"{column}:{row}/0"
    around = dict(zip(AROUND, wang_id(tile, kind), strict=True))
    if not any(around.values()) and not tile.own:
        return [f"{prefix} = 0"]  # air
    whole = all(around[corner] == 1 for corner in CORNERS) if tile.own is None else tile.own
    lines = [
        f"{prefix} = 0",
        f"{prefix}/terrain_set = 0",
        f"{prefix}/terrain = {0 if whole else 1}",
    ]
    lines += [
        f"{prefix}/terrains_peering_bit/{BITS[place]} = {colour - 1}"
        for place, colour in around.items()
        if colour
    ]
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
