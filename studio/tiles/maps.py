"""Maps: which tile goes where, and a picture of it. The browser's brush follows the same rules."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.tiles import layouts
from studio.tiles.layouts import CORNERS, NEIGHBOURS, reduced
from studio.tiles.tilesets import Tileset

Pixels = NDArray[np.uint8]
Cells = NDArray[np.bool_]
_BESIDE = {"n": (-1, 0), "s": (1, 0), "e": (0, 1), "w": (0, -1)}


def island(width: int, height: int, seed: int) -> Cells:
    """Land in the middle with a coast, for `width` x `height` corners or cells."""
    random = np.random.default_rng([seed, 11])
    rough = scipy.ndimage.gaussian_filter(random.normal(size=(height, width)), 1.1, mode="wrap")
    rough /= np.abs(rough).max()
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray(0.75 * rough - np.hypot(x, y) ** 2 > -0.62)


def sample(tileset: Tileset, width: int = 20, height: int = 15) -> NDArray[np.int64]:
    """The tiles' numbers [height, width] of a map that shows the set: an island, or a hill with
    ledges in the air."""
    kind, seed = tileset.settings.kind, tileset.settings.seed
    if kind == "platform":
        return laid(kind, ledges(width, height, seed), tileset.settings.variants)
    more = kind == "wang"
    return laid(kind, island(width + more, height + more, seed), tileset.settings.variants)


def ledges(width: int, height: int, seed: int) -> Cells:
    """Ground that rises and falls, and ledges above it."""
    random = np.random.default_rng([seed, 13])
    out = np.zeros((height, width), bool)
    level = height - 3
    for x in range(width):
        level = int(np.clip(level + random.integers(-1, 2) * (x % 3 == 0), height // 2, height - 2))
        out[level:, x] = True
    for left in range(1, width - 4, 6):
        top = int(random.integers(1, max(2, height // 2 - 2)))
        out[top : top + int(random.integers(1, 3)), left : left + int(random.integers(1, 5))] = True
    return out


def laid(kind: str, painted: Cells, variants: int) -> NDArray[np.int64]:
    """The tiles' numbers [h, w] for what is painted: for a set by corners [h + 1, w + 1] corner
    points, else [h, w] cells, beyond whose border the same goes on."""
    if kind == "wang":
        parts = {
            "nw": painted[:-1, :-1],
            "ne": painted[:-1, 1:],
            "sw": painted[1:, :-1],
            "se": painted[1:, 1:],
        }
        place = np.asarray(sum(parts[name] * bit for name, bit in CORNERS.items()), np.int64)
    else:
        place = np.where(painted, np.array(by_mask(), np.int64)[_masks(painted)], 0)
    y, x = np.mgrid[: place.shape[0], : place.shape[1]]
    return np.asarray(place + variant_at(x, y, variants) * layouts.block(kind))


def by_mask() -> list[int]:
    """For each of the 256 masks of neighbours the number of the tile that it asks for."""
    order = {mask: number + 1 for number, mask in enumerate(layouts.blob_masks())}
    return [order[reduced(mask)] for mask in range(256)]


def _masks(cells: Cells) -> NDArray[np.int64]:
    wide = np.pad(cells, 1, mode="edge").astype(np.int64)
    height, width = cells.shape
    out = np.zeros(cells.shape, np.int64)
    for name, bit in NEIGHBOURS.items():
        down = 1 + sum(_BESIDE[letter][0] for letter in name)
        right = 1 + sum(_BESIDE[letter][1] for letter in name)
        out += bit * wide[down : down + height, right : right + width]
    return out


def variant_at(x: NDArray[np.int64], y: NDArray[np.int64], variants: int) -> NDArray[np.int64]:
    """Which variant stands at a place of a map: the same for ever, in no visible order (32-bit
    integer mix by Chris Wellons' hash prospector, `lowbias32`)."""
    mixed = (x * 0x9E3779B1 + y * 0x85EBCA77) & 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)):
        mixed ^= mixed >> shift
        mixed = mixed * factor & 0xFFFFFFFF
    return mixed % variants


def picture(tileset: Tileset, numbers: NDArray[np.int64]) -> Pixels:
    """The map [h * size, w * size, 4]."""
    rows = [np.concatenate([tileset.pictures[n] for n in row], 1) for row in numbers]
    return np.concatenate(rows)
