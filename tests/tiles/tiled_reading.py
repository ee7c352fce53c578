"""A strict reader of Tiled's files, for as much of them as the studio writes: what the format's
description doesn't name is refused (https://doc.mapeditor.org/en/stable/reference/tmx-map-format/).
"""

from __future__ import annotations

import xml.etree.ElementTree as xml

ATTRIBUTES = {
    "tileset": {"version", "tiledversion", "name", "tilewidth", "tileheight", "spacing", "margin"}
    | {"tilecount", "columns"},
    "image": {"source", "width", "height"},
    "wangset": {"name", "type", "tile"},
    "wangcolor": {"name", "color", "tile", "probability"},
    "wangtile": {"tileid", "wangid"},
    "wangsets": set(),
    "map": {"version", "tiledversion", "orientation", "renderorder", "width", "height", "infinite"}
    | {"tilewidth", "tileheight", "nextlayerid", "nextobjectid"},
    "layer": {"id", "name", "width", "height"},
    "data": {"encoding"},
}
CHILDREN = {
    "tileset": ["image", "wangsets"],
    "wangsets": ["wangset"],
    "map": ["tileset", "layer"],
    "layer": ["data"],
}


def read(data: bytes) -> xml.Element:
    """The root of a .tsx or a .tmx; AssertionError for what is none."""
    root = xml.fromstring(data)
    for one in root.iter():
        known = {"firstgid", "source"} if one is not root and one.tag == "tileset" else None
        assert set(one.attrib) == (known or ATTRIBUTES[one.tag]), one.tag
        if one.tag in CHILDREN and known is None:
            assert [child.tag for child in one] == CHILDREN[one.tag]
    return root


def rectangles(tileset: xml.Element) -> dict[int, tuple[int, int, int, int]]:
    """Where Tiled cuts each tile from the picture: left, top, right, bottom."""
    said = {name: int(tileset.attrib[name]) for name in ("tilewidth", "tileheight", "columns")}
    wide, high, columns = said.values()
    spacing, margin = int(tileset.attrib["spacing"]), int(tileset.attrib["margin"])
    found = {}
    for id in range(int(tileset.attrib["tilecount"])):
        left = margin + (wide + spacing) * (id % columns)
        top = margin + (high + spacing) * (id // columns)
        found[id] = (left, top, left + wide, top + high)
    return found


def wang_tiles(tileset: xml.Element) -> dict[int, tuple[int, ...]]:
    """The colours around each tile, clockwise from the top."""
    found: dict[int, tuple[int, ...]] = {}
    for one in tileset.iter("wangtile"):
        colours = tuple(int(part) for part in one.attrib["wangid"].split(","))
        assert len(colours) == 8
        found[int(one.attrib["tileid"])] = colours
    return found


def numbers(map_file: xml.Element) -> list[list[int]]:
    """The global tile ids of the map's layer."""
    text = map_file.findtext("layer/data") or ""
    rows = [
        [int(n) for n in line.rstrip(",").split(",")] for line in text.strip().splitlines() if line
    ]
    assert len(rows) == int(map_file.attrib["height"])
    assert {len(row) for row in rows} == {int(map_file.attrib["width"])}
    return rows
