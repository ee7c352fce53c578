"""The frames of an Aseprite file as its editor shows them: flattened, without what is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from studio.datasets.sheets.aseprite_file import read
from studio.datasets.sheets.aseprite_sprite import (
    CHANNELS,
    GROUP,
    NO_TILE,
    RAW,
    TILES,
    Cel,
    Layer,
    Palette,
    Sprite,
    Tag,
    Tileset,
    linked,
    unpacked,
)
from studio.datasets.sheets.frames import Frame
from studio.pixels import blending
from studio.pixels.blending import Pixels


def frames(data: bytes, name: str) -> Iterator[Frame]:
    """Every frame of a file, one at a time; StudioError as `aseprite_file.read`."""
    sprite = read(data, name)
    tree = _tree(sprite.layers)
    for number in range(sprite.frames):
        shown = _flattened(sprite, tree, number)
        shown[shown[..., 3] == 0] = 0
        shown = shown.repeat(sprite.ratio[1], axis=0).repeat(sprite.ratio[0], axis=1)
        yield Frame(
            Image.fromarray(np.ascontiguousarray(shown), "RGBA"),
            number + 1,
            tag_of(sprite.tags, number),
            sprite.profile,
        )


def tag_of(tags: Sequence[Tag], frame: int) -> str:
    """The name of the tag that this frame, counted from 0, belongs to: of several the shortest."""
    around = [tag for tag in tags if tag.first <= frame <= tag.last]
    return min(around, key=lambda tag: tag.last - tag.first).name if around else ""


@dataclass
class _Node:
    """A layer by its number, and what lies in it where it is a group."""

    layer: int
    within: list[_Node] = field(default_factory=list)


def _tree(layers: Sequence[Layer]) -> list[_Node]:
    top: list[_Node] = []
    open_groups: list[list[_Node]] = [top]
    for number, layer in enumerate(layers):
        del open_groups[layer.level + 1 :]
        node = _Node(number)
        open_groups[-1].append(node)
        open_groups.append(node.within)
    return top


def _flattened(sprite: Sprite, nodes: Sequence[_Node], frame: int) -> Pixels:
    canvas = np.zeros((sprite.height, sprite.width, 4), np.uint8)
    planned: list[tuple[int, int, _Node]] = []
    _plan(sprite, nodes, frame, planned, 0)
    for _, _, node in sorted(planned, key=lambda item: (item[0] + item[1], item[1])):
        layer = sprite.layers[node.layer]
        if layer.kind == GROUP:
            within = _flattened(sprite, node.within, frame)
            blending.blend(canvas, within, layer.mode, layer.opacity)
            continue
        cel = linked(sprite, frame, node.layer)
        assert cel is not None
        opacity = blending.multiplied(cel.opacity, layer.opacity)
        _lay(canvas, _shown(sprite, layer, cel, frame), cel, layer.mode, opacity)
    return canvas


def _plan(
    sprite: Sprite,
    nodes: Sequence[_Node],
    frame: int,
    planned: list[tuple[int, int, _Node]],
    order: int,
) -> int:
    """Add (order, z-index, layer) of all that is seen, from the bottom up; the last order."""
    for node in nodes:
        order += 1
        layer = sprite.layers[node.layer]
        if not layer.visible or layer.reference:
            continue
        if layer.kind == GROUP and not sprite.grouped:
            order = _plan(sprite, node.within, frame, planned, order)
        elif layer.kind == GROUP:
            planned.append((order, 0, node))
        elif (frame, node.layer) in sprite.cels:
            planned.append((order, sprite.cels[frame, node.layer].z, node))
    return order


def _lay(canvas: Pixels, shown: Pixels, cel: Cel, mode: int, opacity: int) -> None:
    """Blend a cel's pixels at its place; what stands over the canvas is cut off."""
    (height, width), (high, wide) = canvas.shape[:2], shown.shape[:2]
    left, top = max(cel.x, 0), max(cel.y, 0)
    right, bottom = min(cel.x + wide, width), min(cel.y + high, height)
    if left < right and top < bottom:
        part = shown[top - cel.y : bottom - cel.y, left - cel.x : right - cel.x]
        blending.blend(canvas[top:bottom, left:right], part, mode, opacity)


def _shown(sprite: Sprite, layer: Layer, cel: Cel, frame: int) -> Pixels:
    """A cel's pixels as RGBA [h, w, 4]."""
    if cel.kind == TILES:
        return _tiled(sprite, layer, cel, frame)
    size = cel.width * cel.height * CHANNELS[sprite.depth]
    if cel.kind == RAW:
        if len(cel.data) < size:
            raise sprite.damaged("a layer's pixels are cut off")
        data = cel.data[:size]
    else:
        data = unpacked(sprite, cel.data, size)
    return _coloured(sprite, data, (cel.height, cel.width), layer.background, frame)


def _coloured(
    sprite: Sprite, data: bytes, shape: tuple[int, ...], background: bool, frame: int
) -> Pixels:
    """Pixels of the file's colour depth as RGBA [*shape, 4]."""
    values = np.frombuffer(data, np.uint8).reshape(*shape, CHANNELS[sprite.depth])
    if sprite.depth == 32:
        return values
    if sprite.depth == 16:
        return values[..., [0, 0, 0, 1]]
    colours = np.zeros((256, 4), np.uint8)
    known = _palette(sprite, frame)[:256]
    colours[: len(known)] = known
    if not background:
        colours[sprite.transparent] = 0
    return colours[values[..., 0]]


def _palette(sprite: Sprite, frame: int) -> Palette:
    since = [number for number in sprite.palettes if number <= frame]
    return sprite.palettes[max(since)] if since else np.zeros((0, 4), np.uint8)


def _tiled(sprite: Sprite, layer: Layer, cel: Cel, frame: int) -> Pixels:
    tileset = sprite.tilesets[layer.tileset]
    raw = unpacked(sprite, cel.data, cel.width * cel.height * 4)
    found = np.frombuffer(raw, "<u4").reshape(cel.height, cel.width)
    tiles = _tiles(sprite, tileset, frame, layer.background)
    which = found & np.uint32(cel.masks[0])
    if not tileset.zero:  # of before 1.3: the first tile is one, and all bits set are none
        none = found == NO_TILE
        which = np.where(none, len(tiles) - 1, which)
    if int(which.max(initial=0)) >= len(tiles):
        raise sprite.damaged("a tilemap names a tile that is not there")
    laid = tiles[which]  # [rows, columns, h, w, 4]
    flips = [(found & np.uint32(mask)) != 0 for mask in cel.masks[1:]]
    if tileset.width == tileset.height:
        laid[flips[2]] = laid[flips[2]].swapaxes(1, 2)
    laid[flips[0]] = laid[flips[0]][:, :, ::-1]
    laid[flips[1]] = laid[flips[1]][:, ::-1]
    high, wide = cel.height * tileset.height, cel.width * tileset.width
    return laid.transpose(0, 2, 1, 3, 4).reshape(high, wide, 4)


def _tiles(sprite: Sprite, tileset: Tileset, frame: int, background: bool) -> Pixels:
    """The tiles as RGBA [count + 1, h, w, 4], an empty one last."""
    shape = (tileset.count, tileset.height, tileset.width)
    size = tileset.count * tileset.height * tileset.width * CHANNELS[sprite.depth]
    tiles = _coloured(sprite, unpacked(sprite, tileset.data, size), shape, background, frame)
    empty = np.zeros((1, tileset.height, tileset.width, 4), np.uint8)
    return np.concatenate([tiles, empty])
