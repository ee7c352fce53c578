"""What each tile is told: the global prompt once, its own beside or in place of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio.upscaling import layers
from studio.upscaling.grid import SEAM, Tile
from studio.upscaling.settings import Settings, TilePrompt

SHARE = 8  # a main tile's words count for a seam tile of which it covers an eighth
DARK, FLAT = 40, 8  # levels: nothing is brighter; brightest and darkest are no farther apart
SEEN = 0.005  # of a tile's pixels, below which it counts as empty
OUTERMOST = (1, 99)  # percentiles, beyond which single pixels don't count
STRIDE = 3  # pixels from one that is looked at to the next; odd: stripes and dither are even


@dataclass(frozen=True)
class Said:
    """A tile's prompt and negative prompt, joined, and its seed."""

    prompt: str
    negative: str
    seed: int


def said(settings: Settings, tile: Tile, plain: bool = False) -> Said:
    """What a tile is told. A seam tile that has no prompt of its own is told what the main tiles
    under it are; a region's tile what its region is. `plain`: the tile is dark or empty, and gets
    the global prompt alone, unless its own was locked: words for things that are not there would
    put them there."""
    own = {one.key: one for one in settings.tiles}
    mine = own.get(tile.key, TilePrompt(tile.key))
    words = [mine.prompt]
    if own and not mine.prompt and tile.part == SEAM:
        words = [own[key].prompt for key in under(settings, tile) if key in own]
    told, beside = settings.prompt, [settings.negative, mine.negative]
    if tile.region:
        region = settings.regions[tile.region - 1]
        told = _joined(told, [region.prompt], settings.append)
        beside.insert(1, region.negative)
    if not plain or mine.locked:
        told = _joined(told, words, settings.append)
    seed = settings.seed if mine.seed is None else mine.seed
    return Said(told, ", ".join(dict.fromkeys(filter(None, beside))), seed)


def under(settings: Settings, tile: Tile) -> list[str]:
    """The keys of the main tiles that lie under another, those of which most does first."""
    area = tile.box.width * tile.box.height
    found = []
    for one in layers.main_grid(settings).tiles:
        parts = layers.placed(one.box, tile.box, settings)
        shared = sum(place.width * place.height for place, _, _ in parts)
        if shared * SHARE >= area:
            found.append((-shared, one.number, one.key))
    return [key for _, _, key in sorted(found)]


def is_plain(picture: Image.Image) -> bool:
    """Whether an RGBA tile is dark, flat or empty, so that whatever a prompt names would be
    invented in it."""
    rgba = np.asarray(picture)[::STRIDE, ::STRIDE]
    drawn = rgba[..., 3] > 0
    if drawn.mean() < SEEN:
        return True
    low, high = np.percentile(rgba[drawn][:, :3], OUTERMOST, axis=0)
    return bool(high.max() < DARK or (high - low).max() <= FLAT)


def _joined(told: str, words: Iterable[str], append: bool) -> str:
    """The global prompt and a tile's own words, each once."""
    own = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not own:
        return told
    if not append or not told:
        return ", ".join(own)
    rest = [word[len(told) :].strip(" ,") if _begins(word, told) else word for word in own]
    return ", ".join([told, *filter(None, rest)])


def _begins(word: str, told: str) -> bool:
    return word == told or word.startswith(f"{told},")
