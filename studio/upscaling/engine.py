"""What draws tiles: a batch of blocks goes in, a picture of each comes out.

An engine may be a diffusion pipeline, an upscaling model, or a machine elsewhere; it knows nothing
of grids, seams or files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from studio.upscaling.grid import Box
from studio.upscaling.sizes import Target

CONTEXT = 48  # pixels of the source around a block's own, for models that look beyond it twice

Step = Callable[[int, int], None]  # of how many; raises where the engine is to stop


@dataclass(frozen=True)
class Own:
    """The source's own pixels under a block: `picture` is RGBA, bled under alpha 0, with up to
    CONTEXT pixels around, fewer at the source's edges. It begins at `left` and `top` of a source of
    `size`, before 0 or behind the end where that goes on at its other side (`wrap`); the block's
    box counts in pixels of `target`, which the whole becomes."""

    picture: Image.Image
    left: int
    top: int
    size: tuple[int, int]
    target: Target
    wrap: str = ""


@dataclass(frozen=True)
class Block:
    """One tile to draw.

    `picture` is RGBA at the tile's size, enlarged already, with colours bled under alpha 0; `box`
    is where it lies in the result. `seed` is the canvas' own unless the tile has another; noise is
    cut from that canvas at `box`. `full_precision`: the block was drawn black or not finite before.
    `own` is given where the method is a model, which enlarges by itself.
    """

    key: str
    picture: Image.Image
    box: Box
    prompt: str
    negative: str
    seed: int
    strength: float
    full_precision: bool = False
    own: Own | None = None


class Engine(Protocol):
    """`batch` is how many blocks it draws at once: a part of the recipe, since it decides bits."""

    @property
    def batch(self) -> int: ...

    def draw(self, blocks: Sequence[Block], step: Step) -> Sequence[Image.Image | None]:
        """A picture of each block's own size, RGB or RGBA; None where numbers were not finite.
        What `step` raises goes through."""
        ...
