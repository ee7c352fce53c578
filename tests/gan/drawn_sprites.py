"""Sprites that tests draw themselves: gems and rocks of several colours, 16 pixels a side."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw

SIDE = 16


def sprite(number: int) -> Image.Image:
    """One of two shapes, in a colour, a place and a size of its own."""
    chance = random.Random(number)
    picture = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    colour = tuple(chance.randrange(40, 256) for _ in range(3)) + (255,)
    x, y, r = chance.randrange(6, 10), chance.randrange(6, 10), chance.randrange(3, 6)
    if number % 2:
        corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
        draw.polygon(corners, fill=colour, outline=(20, 20, 30, 255))
    else:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline=(20, 20, 30, 255))
    return picture


def folder(place: Path, count: int, classes: bool = True) -> Path:
    """A folder of sprites, in gems and rocks where `classes`."""
    for number in range(count):
        under = place / ("gems" if number % 2 else "rocks") if classes else place
        under.mkdir(parents=True, exist_ok=True)
        sprite(number).save(under / f"{number:04d}.png")
    return place
