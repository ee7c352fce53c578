"""Engines that do one plain thing, and pictures to give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from studio.upscaling.engine import Block, Step


@dataclass
class Engine:
    """Gives back what it was given, and remembers it."""

    batch: int = 1
    blocks: list[Block] = field(default_factory=list)
    calls: int = 0

    def draw(self, blocks: Sequence[Block], step: Step) -> Sequence[Image.Image | None]:
        self.calls += 1
        self.blocks += blocks
        step(1, 1)
        return [self.one(block) for block in blocks]

    def one(self, block: Block) -> Image.Image | None:
        return block.picture.convert("RGB")

    @property
    def keys(self) -> list[str]:
        return [block.key for block in self.blocks]


@dataclass
class Shifted(Engine):
    """Four levels brighter or darker, neighbours the other way round."""

    def one(self, block: Block) -> Image.Image | None:
        number = int(block.key.split("-")[1])
        levels = np.asarray(block.picture.convert("RGB")).astype(np.int16)
        levels += 4 if number % 2 else -4
        return Image.fromarray(levels.clip(0, 255).astype(np.uint8), "RGB")


@dataclass
class Noisy(Engine):
    """Other noise in each block, by its seed and key; nothing of what it was given."""

    def one(self, block: Block) -> Image.Image | None:
        random = np.random.default_rng([block.seed, *block.key.encode()])
        size = (block.picture.height, block.picture.width, 3)
        return Image.fromarray(random.integers(0, 256, size, np.uint8), "RGB")


@dataclass
class Inverted(Engine):
    """Each pixel for itself."""

    def one(self, block: Block) -> Image.Image | None:
        return ImageOps.invert(block.picture.convert("RGB"))


@dataclass
class Blurred(Engine):
    """Each pixel with those beside it."""

    def one(self, block: Block) -> Image.Image | None:
        return block.picture.convert("RGB").filter(ImageFilter.BoxBlur(2))


@dataclass
class Spoiling(Engine):
    """Black, or not finite, in one tile; `cured`: not in full precision."""

    key: str = "main-2"
    finite: bool = True
    cured: bool = True

    def one(self, block: Block) -> Image.Image | None:
        if block.key != self.key or (self.cured and block.full_precision):
            return block.picture.convert("RGB")
        return Image.new("RGB", block.picture.size) if self.finite else None


def speckled(width: int, height: int, seed: int = 0) -> np.ndarray:
    """Every colour and every alpha, a quarter of it transparent with colours beneath."""
    random = np.random.default_rng(seed)
    rgba = random.integers(0, 256, (height, width, 4), np.uint8)
    rgba[random.random((height, width)) < 0.25, 3] = 0
    return rgba


def painted(width: int, height: int) -> np.ndarray:
    """Soft shades with a few hard shapes, opaque."""
    y, x = np.mgrid[:height, :width]
    rgba = np.full((height, width, 4), 255, np.uint8)
    for channel, (a, b) in enumerate(((11, 17), (23, 13), (7, 29))):
        rgba[..., channel] = 120 + 60 * np.sin(x / a) * np.cos(y / b)
    rgba[height // 4 : height // 2, width // 3 : width // 2, :3] = (200, 60, 30)
    return rgba
