"""Small figures of the tests' own, on canvases of 24 x 32 pixels unless told otherwise."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.sheets.sheet import Animation, Frame, Slice, Tag, check

SKIN, SHIRT, TROUSERS = (240, 190, 140), (60, 120, 200), (90, 60, 40)
WIDTH, HEIGHT = 24, 32


def walker(stride: int, down: int = 0, across: int = 0) -> Image.Image:
    """Head, body and two legs, so many pixels apart; the lowest row is 30, or as far down."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[4:11, 9:15] = (*SKIN, 255)
    pixels[11:20, 8:16] = (*SHIRT, 255)
    for side in (-1, 1):
        for row in range(20, 30):
            left = 11 + side * (2 + stride * (row - 20) // 10)
            pixels[row, left : left + 2] = (*TROUSERS, 255)
    return Image.fromarray(np.roll(pixels, (down, across), (0, 1)), "RGBA")


def walk(name: str = "walk") -> Animation:
    """A cycle of four frames, each with a duration of its own, with a tag, a nine-slice, a pivot
    between two pixels, and a palette."""
    strides = (4, 1, -3, 1)
    frames = tuple(
        Frame(walker(stride), 83 + number, f"step {number}")
        for number, stride in enumerate(strides)
    )
    return check(
        Animation(
            name,
            WIDTH,
            HEIGHT,
            frames,
            (Tag("walk", 0, 3), Tag("there and back", 1, 3, "pingpong", 2)),
            (Slice("hit box", (8, 4, 8, 26)), Slice("panel", (2, 2, 20, 20), (3, 4, 5, 6), (1, 2))),
            (11.5, 30.0),
            ("#f0be8c", "#3c78c8", "#5a3c28"),
        )
    )


def with_normals(animation: Animation) -> Animation:
    """The same with a normal map for each frame, as large as the figure."""
    maps = []
    for number, frame in enumerate(animation.frames):
        rgba = np.array(frame.image)
        there = rgba[..., 3] > 0
        rgba[there] = (100 + number, 150, 220, 255)
        maps.append(Image.fromarray(rgba, "RGBA"))
    return check(
        Animation(
            animation.name,
            animation.width,
            animation.height,
            animation.frames,
            animation.tags,
            animation.slices,
            animation.pivot,
            animation.palette,
            tuple(maps),
        )
    )


def noise(width: int, height: int, seed: int) -> Image.Image:
    """Opaque pixels by chance, a transparent row and column around them."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 4), np.uint8)
    inner = random.integers(0, 256, (height - 2, width - 2, 3), np.uint8)
    pixels[1:-1, 1:-1, :3] = inner
    pixels[1:-1, 1:-1, 3] = 255
    return Image.fromarray(pixels, "RGBA")


def same(one: Animation, other: Animation) -> bool:
    """Whether both have the same pixels, frame by frame."""
    frames = zip(one.frames, other.frames, strict=True)
    maps = zip(one.normals, other.normals, strict=True)
    return all(a.image.tobytes() == b.image.tobytes() for a, b in frames) and all(
        a.tobytes() == b.tobytes() for a, b in maps
    )
