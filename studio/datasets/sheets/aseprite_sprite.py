"""What is in an Aseprite file: layers, cels, tiles, palettes and tags, still packed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

IMAGE, GROUP, TILEMAP = 0, 1, 2  # kinds of layers
RAW, LINKED, PACKED, TILES = 0, 1, 2, 3  # kinds of cels
NO_TILE = 0xFFFF_FFFF
FARTHEST = 100  # links to links
CHANNELS = {32: 4, 16: 2, 8: 1}  # bytes of a pixel by the file's colour depth
AGAIN = "Save it again with Aseprite, or export its frames as PNG."

Palette = NDArray[np.uint8]


@dataclass(frozen=True)
class Layer:
    """A layer; `level` is how deep it lies in groups, `tileset` the number of a tilemap's."""

    kind: int
    level: int
    visible: bool
    background: bool
    reference: bool
    mode: int
    opacity: int
    tileset: int = 0


@dataclass(frozen=True)
class Cel:
    """What a layer shows in a frame. Width and height are in tiles for TILES, `link` is the frame
    that a LINKED one takes its picture from, `masks` are the bits of a tile's number, and of its
    flips in x, y and over the diagonal."""

    x: int
    y: int
    opacity: int
    kind: int
    z: int
    width: int = 0
    height: int = 0
    data: bytes = b""
    link: int = 0
    masks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tileset:
    """`count` tiles, packed, one under the other; `zero` says that number 0 is no tile."""

    count: int
    width: int
    height: int
    zero: bool
    data: bytes


@dataclass(frozen=True)
class Tag:
    """An animation of this name, from its first to its last frame, counted from 0."""

    first: int
    last: int
    name: str


@dataclass
class Sprite:
    """A file's content. `cels` are by (frame, layer), `palettes` RGBA by the frame from which they
    hold; `grouped`: groups are flattened by themselves, with their own mode and opacity."""

    name: str
    width: int
    height: int
    depth: int
    frames: int
    transparent: int
    ratio: tuple[int, int]
    layered: bool
    grouped: bool
    marked: bool
    layers: list[Layer] = field(default_factory=list)
    cels: dict[tuple[int, int], Cel] = field(default_factory=dict)
    palettes: dict[int, Palette] = field(default_factory=dict)
    tilesets: dict[int, Tileset] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    profile: bytes = b""
    modern: bool = False  # its palettes are the newer ones, those of before are a copy

    def damaged(self, what: str) -> StudioError:
        """An error that names the file."""
        return StudioError(f"{self.name}: {what}.", AGAIN)


def linked(sprite: Sprite, frame: int, layer: int) -> Cel | None:
    """The cel whose picture is shown there, followed through links; None for one that is lost."""
    for _ in range(FARTHEST):
        cel = sprite.cels.get((frame, layer))
        if cel is None or cel.kind != LINKED:
            return cel
        frame = cel.link
    return None


def unpacked(sprite: Sprite, data: bytes, size: int) -> bytes:
    """Exactly `size` bytes of zlib's; StudioError for fewer, and never more than those are made."""
    try:
        found = zlib.decompressobj().decompress(data, max(size, 1))
    except zlib.error as error:
        raise sprite.damaged(f"a layer's pixels are damaged ({error})") from error
    if len(found) < size:
        raise sprite.damaged("a layer's pixels are cut off")
    return found[:size]
