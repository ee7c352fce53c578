"""What each tile of a picture shows, in words: proposed by a job, changed and locked by people, and
how long the prompt becomes by it.

A tile that shows hardly anything (`upscaling.prompts.is_plain`) gets no words: told of a thing, a
base draws one there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from studio.diffusion import prompt_tokens
from studio.generation.prompts import with_triggers
from studio.upscaling import layers, prompts
from studio.upscaling.grid import Box
from studio.upscaling.settings import Settings, TilePrompt
from studio.workflows.upscale_styles import Draws

LONGEST = 400  # characters of a tile's words


def crop(picture: Image.Image, box: Box, width: int, height: int) -> Image.Image:
    """What a tile of a result of `width` x `height` shows of the picture that it comes from, in
    that one's own pixels; where the box reaches over an edge it goes on at the other side."""
    across, down = picture.width / width, picture.height / height
    left, top = int(box.left * across), int(box.top * down)
    right = max(left + 1, round(box.right * across))
    bottom = max(top + 1, round(box.bottom * down))
    if right <= picture.width and bottom <= picture.height:
        return picture.crop((left, top, right, bottom))
    rows, columns = np.arange(top, bottom), np.arange(left, right)
    pixels = np.asarray(picture)[rows % picture.height]
    return Image.fromarray(np.ascontiguousarray(pixels[:, columns % picture.width]))


def merged(settings: Settings, captions: Mapping[str, str]) -> Settings:
    """The settings with these words as the tiles' own prompts; locked ones stay as they are."""
    held = {one.key: one for one in settings.tiles}
    for key, text in captions.items():
        before = held.get(key, TilePrompt(key))
        if not before.locked:
            held[key] = replace(before, prompt=text[:LONGEST])
    return replace(settings, tiles=tuple(held.values()))


def counted(settings: Settings, by: Draws, words: Sequence[str] = ()) -> dict[str, str]:
    """How long the prompt of each tile with words of its own is, in a few words ("12 of 75
    tokens"), by the tile's key; "" is any other tile's. `words` are put before every prompt."""
    reader = prompt_tokens.of_base(by.base)
    own = {one.key for one in settings.tiles}
    told = {"": settings.prompt}
    for tile in layers.plan(settings) if own else ():
        if tile.key in own:
            told[tile.key] = prompts.said(settings, tile).prompt
    return {
        key: prompt_tokens.counted(reader, with_triggers(text, words)) for key, text in told.items()
    }
