"""What a tile is told."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from studio.upscaling import layers, prompts
from studio.upscaling.grid import Tile
from studio.upscaling.prompts import Said
from studio.upscaling.settings import Region, Settings, TilePrompt
from tests.upscaling.engines import painted

SETTINGS = Settings(
    "diffusion",
    300,
    64,
    tile=64,
    overlap=16,
    seam=True,
    base="pocket",
    prompt="a wood, at night",
    negative="people",
    seed=4,
    tiles=(
        TilePrompt("main-1", "a lamp", "fog", seed=9),
        TilePrompt("main-2", "an owl", "people"),
        TilePrompt("seam-3", "a path"),
        TilePrompt("main-4", "a wood, at night, a fox"),
        TilePrompt("main-5", "a wood, at nightfall"),
    ),
    regions=(Region(100, 10, 20, 20, 8, "a door", "a window"), Region(0, 0, 9, 9, 0)),
)


def tile(key: str, settings: Settings = SETTINGS) -> Tile:
    return next(one for one in layers.plan(settings) if one.key == key)


@pytest.mark.parametrize(
    ("key", "prompt", "negative"),
    [
        ("main-1", "a wood, at night, a lamp", "people, fog"),
        ("main-2", "a wood, at night, an owl", "people"),
        ("main-3", "a wood, at night", "people"),
        ("main-4", "a wood, at night, a fox", "people"),
        ("main-5", "a wood, at night, a wood, at nightfall", "people"),
        ("seam-1", "a wood, at night, a lamp, an owl", "people"),
        ("seam-3", "a wood, at night, a path", "people"),
        ("region-1", "a wood, at night, a door", "people, a window"),
        ("region-2", "a wood, at night", "people"),
    ],
)
def test_words_are_joined_and_each_stands_once(key: str, prompt: str, negative: str) -> None:
    found = prompts.said(SETTINGS, tile(key))
    assert found == Said(prompt, negative, 9 if key == "main-1" else 4)


def test_own_words_may_stand_alone() -> None:
    alone = replace(SETTINGS, append=False)
    assert prompts.said(alone, tile("main-1")).prompt == "a lamp"
    assert prompts.said(alone, tile("main-3")).prompt == "a wood, at night"
    assert prompts.said(alone, tile("region-1")).prompt == "a door"
    bare = replace(SETTINGS, prompt="")
    assert prompts.said(bare, tile("main-1")).prompt == "a lamp"
    assert prompts.said(bare, tile("main-3")).prompt == ""


def test_a_plain_tile_gets_no_things_unless_they_were_locked() -> None:
    assert prompts.said(SETTINGS, tile("main-1"), plain=True).prompt == "a wood, at night"
    assert prompts.said(SETTINGS, tile("seam-1"), plain=True).prompt == "a wood, at night"
    locked = replace(SETTINGS, tiles=(replace(SETTINGS.tiles[0], locked=True),))
    assert prompts.said(locked, tile("main-1"), plain=True).prompt == "a wood, at night, a lamp"
    # A region was asked for by somebody who looked.
    assert prompts.said(SETTINGS, tile("region-1"), plain=True).prompt.endswith("a door")


def test_what_is_plain() -> None:
    def plain(rgba: np.ndarray) -> bool:
        return prompts.is_plain(Image.fromarray(rgba, "RGBA"))

    random = np.random.default_rng(0)
    dark = np.full((64, 64, 4), 255, np.uint8)
    dark[..., :3] = random.integers(0, 30, (64, 64, 3))
    flat = np.full((64, 64, 4), 200, np.uint8)
    flat[..., :3] += random.integers(0, 4, (64, 64, 3)).astype(np.uint8)
    empty = painted(64, 64)
    empty[..., 3] = 0
    assert plain(dark) and plain(flat) and plain(empty)
    lamp = dark.copy()
    lamp[20:30, 20:30, :3] = 220
    assert not plain(painted(64, 64)) and not plain(lamp)
    sprite = painted(64, 64)
    sprite[..., 3] = 0
    sprite[20:44, 20:44, 3] = 255
    assert not plain(sprite)
    assert plain(painted(1, 1))
