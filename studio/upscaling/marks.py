"""What each tile is drawn from, as a hash: the source, its box, its words, and all tiles below it.

A tile that was drawn from the same is not drawn again, whatever happened between; one of which a
neighbour below was drawn anew is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from studio.upscaling import layers, prompts
from studio.upscaling.grid import MAIN, Tile
from studio.upscaling.layers import Layer
from studio.upscaling.settings import Settings, to_json

EDITION = 1  # counts up where tiles are drawn or kept otherwise than before
LENGTH = 16  # hexadecimal digits
# What shapes no tile by itself: words, which each tile has of its own; other passes; the end.
_APART = (
    *("prompt", "negative", "append", "regions", "tiles", "seed"),
    *("seam", "seam_strength", "feather", "palette_lock"),
)


def marks(settings: Settings, source: str, passes: Sequence[Layer]) -> dict[str, str]:
    """Each tile's mark by its key; `source` is the SHA-256 of the picture's file."""
    shared = {key: value for key, value in to_json(settings).items() if key not in _APART}
    found: dict[str, str] = {}
    below: list[Tile] = []
    for layer in passes:
        for tile in layer.tiles:
            own = [tile.key, tile.part, asdict(tile.box), *_told(settings, tile)]
            lower = [found[one.key] for one in below if _touch(one, tile, settings)]
            blended: list[Any] = []
            if tile.region:  # which begins from the passes below, as they are laid over each other
                regions = [asdict(one) for one in settings.regions[: tile.region]]
                blended = [settings.feather, regions]
            said = json.dumps([EDITION, source, shared, own, lower, blended], sort_keys=True)
            found[tile.key] = hashlib.sha256(said.encode()).hexdigest()[:LENGTH]
        below += layer.tiles
    return found


def of_result(settings: Settings, tiles: Mapping[str, str], text: Mapping[str, str]) -> str:
    """The mark of the whole: of all tiles, what is done to them at the end, and what the file says
    of itself."""
    said = [EDITION, to_json(settings), dict(tiles), dict(text)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:LENGTH]


def strength(settings: Settings, tile: Tile) -> float:
    """How far a tile may leave what it is drawn from."""
    return settings.seam_strength if tile.part == "seam" else settings.strength


def _told(settings: Settings, tile: Tile) -> list[Any]:
    """What is said to it, whether it turns out plain or not, and its strength."""
    both = [asdict(prompts.said(settings, tile, plain)) for plain in (False, True)]
    return [*both, strength(settings, tile)]


def _touch(one: Tile, other: Tile, settings: Settings) -> bool:
    if other.part == MAIN:
        return False
    return next(layers.placed(one.box, other.box, settings), None) is not None
