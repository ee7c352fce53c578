"""What each tile of a picture shows, in words: proposed by a job, changed and locked by people, and
how long the prompt becomes by it.

A tile that shows hardly anything gets no words: told of a thing, a base draws one there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PIL import Image

from studio.diffusion import prompt_tokens
from studio.generation import prompts
from studio.upscaling.grid import Box
from studio.upscaling.settings import Settings, TilePrompt
from studio.workflows.upscale_styles import Draws

LONGEST = 400  # characters of a tile's words
SEEN = 32  # of 255, from which on a pixel's alpha counts
LEAST = 0.02  # the share of a tile's pixels that is seen where anything is
DARK, PLAIN = 26.0, 5.0  # levels of 255: the mean, and the deviation, below which nothing shows


def crop(picture: Image.Image, box: Box, width: int, height: int) -> Image.Image:
    """What a tile of a result of `width` x `height` shows of the picture that it comes from, in
    that one's own pixels; where the box reaches over an edge it goes on at the other side."""
    across, down = picture.width / width, picture.height / height
    left, top = int(box.left * across), int(box.top * down)
    right = max(left + 1, round((box.left + box.width) * across))
    bottom = max(top + 1, round((box.top + box.height) * down))
    if 0 <= left and 0 <= top and right <= picture.width and bottom <= picture.height:
        return picture.crop((left, top, right, bottom))
    pixels = np.asarray(picture)
    rows, columns = np.arange(top, bottom), np.arange(left, right)
    return Image.fromarray(pixels[rows % picture.height][:, columns % picture.width])


def is_bare(tile: Image.Image) -> bool:
    """Whether an RGBA tile shows hardly anything: transparent, dark, or of one colour."""
    pixels = np.asarray(tile.convert("RGBA"), np.float32)
    seen = pixels[..., 3] >= SEEN
    if seen.mean() < LEAST:
        return True
    grey = pixels[..., :3][seen] @ np.asarray([0.299, 0.587, 0.114], np.float32)
    return bool(grey.mean() < DARK or grey.std() < PLAIN)


def merged(settings: Settings, captions: Mapping[str, str]) -> Settings:
    """The settings with these words as the tiles' own prompts; locked ones stay as they are."""
    held = {one.key: one for one in settings.tiles}
    for key, text in captions.items():
        before = held.get(key, TilePrompt(key=key))
        if not before.locked:
            held[key] = replace(before, prompt=text[:LONGEST])
    return replace(settings, tiles=tuple(held.values()))


def counted(settings: Settings, by: Draws, words: tuple[str, ...] = ()) -> dict[str, str]:
    """How long the prompt of each tile with words of its own is, in a few words ("12 of 75
    tokens"), by the tile's key; "" is any other tile's. `words` are put before every prompt."""
    reader = prompt_tokens.of_base(by.base)
    found = {"": prompt_tokens.counted(reader, prompts.with_triggers(settings.prompt, words))}
    for tile in settings.tiles:
        text = prompts.with_triggers(prompt_of(settings, tile), words)
        found[tile.key] = prompt_tokens.counted(reader, text)
    return found


def prompt_of(settings: Settings, tile: TilePrompt) -> str:
    """The prompt that a tile is drawn by: the global one once, its own behind it or instead."""
    if not tile.prompt:
        return settings.prompt
    if not settings.append or not settings.prompt:
        return tile.prompt
    return f"{settings.prompt}, {tile.prompt}"
