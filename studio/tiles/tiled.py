"""Tiled's formats: a tileset with its terrain rules (`.tsx`), and a map of it (`.tmx`).

As https://doc.mapeditor.org/en/stable/reference/tmx-map-format/ describes version 1.10. A set by
corners is a Wang set of the type "corner"; one by cells is "mixed", where a side or a corner has
the upper terrain's colour if all cells that share it have.
"""

from __future__ import annotations

import xml.etree.ElementTree as xml

import numpy as np
from numpy.typing import NDArray

from studio.tiles.layouts import AROUND, COLUMNS, CORNERS, Tile, block
from studio.tiles.sheets import Gaps, extent
from studio.tiles.tilesets import Tileset

VERSION = {"version": "1.10", "tiledversion": "1.10.2"}


def tileset_file(tileset: Tileset, name: str, image: str, between: Gaps) -> str:
    """The text of NAME.tsx, whose picture is the file `image` beside it."""
    settings, size = tileset.settings, str(tileset.settings.size)
    width, height = extent(tileset, between)
    root = xml.Element(
        "tileset",
        {
            **VERSION,
            "name": name,
            "tilewidth": size,
            "tileheight": size,
            "spacing": str(between.spacing),
            "margin": str(between.margin),
            "tilecount": str(len(tileset.tiles)),
            "columns": str(COLUMNS),
        },
    )
    picture = {"source": image, "width": str(width), "height": str(height)}
    xml.SubElement(root, "image", picture)
    corners = settings.kind == "wang"
    sets = xml.SubElement(root, "wangsets")
    # No picture of its own: -1.
    one = {"name": _named(tileset), "type": "corner" if corners else "mixed", "tile": "-1"}
    wang = xml.SubElement(sets, "wangset", one)
    for colour, terrain, shown in _colours(tileset):
        said = {"name": terrain, "color": colour, "tile": str(shown), "probability": "1"}
        xml.SubElement(wang, "wangcolor", said)
    for tile in tileset.tiles:
        # A cell alone has the same around it as none at all: Tiled could not tell them apart.
        if any(wang_id(tile, settings.kind)) and (not tile.own or tile.mask):
            said = {
                "tileid": str(tile.id),
                "wangid": ",".join(map(str, wang_id(tile, settings.kind))),
            }
            xml.SubElement(wang, "wangtile", said)
    return _text(root)


def map_file(tileset: Tileset, numbers: NDArray[np.int64], source: str) -> str:
    """The text of a map [h, w] of tiles by number, whose tileset is the file `source` beside it."""
    size, (height, width) = str(tileset.settings.size), numbers.shape
    root = xml.Element(
        "map",
        {
            **VERSION,
            "orientation": "orthogonal",
            "renderorder": "right-down",
            "width": str(width),
            "height": str(height),
            "tilewidth": size,
            "tileheight": size,
            "infinite": "0",
            "nextlayerid": "2",
            "nextobjectid": "1",
        },
    )
    xml.SubElement(root, "tileset", {"firstgid": "1", "source": source})
    ground = {"id": "1", "name": "Ground", "width": str(width), "height": str(height)}
    layer = xml.SubElement(root, "layer", ground)
    data = xml.SubElement(layer, "data", {"encoding": "csv"})
    lines = (",".join(str(int(n) + 1) for n in row) for row in numbers)
    data.text = "\n" + ",\n".join(lines) + "\n"
    return _text(root)


def wang_id(tile: Tile, kind: str) -> tuple[int, ...]:
    """The colours around a tile, clockwise from the top: 1 upper terrain, 2 lower, 0 none."""
    lower = 0 if kind == "platform" else 2
    found = []
    for place in AROUND:
        if place in CORNERS:
            found.append(1 if tile.corner(place) else lower)
        elif kind == "wang":
            found.append(0)
        else:
            found.append(1 if tile.side(place) else lower)
    return tuple(found)


def _colours(tileset: Tileset) -> list[tuple[str, str, int]]:
    """Each Wang colour: its mean as a hex code, the terrain's name, the tile that shows it."""
    settings, full = tileset.settings, block(tileset.settings.kind) - 1
    both = [(settings.inner, full), (settings.outer, 0)]
    shown = both[:1] if settings.kind == "platform" else both
    return [(mean_colour(tileset, tile), name, tile) for name, tile in shown]


def mean_colour(tileset: Tileset, tile: int) -> str:
    """A tile's mean colour as "#rrggbb"."""
    mean = tileset.pictures[tile][..., :3].reshape(-1, 3).mean(0)
    return "#" + bytes(int(round(value)) for value in mean.tolist()).hex()


def _named(tileset: Tileset) -> str:
    return f"{tileset.settings.inner} on {tileset.settings.outer}"


def _text(root: xml.Element) -> str:
    xml.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, "unicode") + "\n"
