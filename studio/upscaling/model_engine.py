"""An upscaling model as what draws tiles, and as what gives a whole picture in strips.

A model draws from the source's own pixels, with what lies around a tile in it, so that tiles come
out as parts of the whole: they need no overlap, no seam pass and no colours held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.upscaling import networks
from studio.upscaling.engine import Block, Own, Step
from studio.upscaling.grid import Box
from studio.upscaling.methods import Rows, Source
from studio.upscaling.model_pictures import NotFinite, Stored, Window, modelled
from studio.upscaling.sizes import Target

if TYPE_CHECKING:
    from studio.upscaling.models import Model

TILE = 2048  # pixels a side of what `enlarge` makes at once, at most


class ModelEngine:
    """Draws blocks whose `own` pixels are given, one at a time, in 32 bits always."""

    batch = 1

    def __init__(self, network: networks.Network) -> None:
        self.network = network

    def draw(self, blocks: Sequence[Block], step: Step) -> list[Image.Image | None]:
        """Each block at its own size, RGBA; None where the model drew what are no numbers. Alpha is
        drawn, too, where the source's own pixels have it, else it is that of the block's picture.
        `step` is told how many blocks are done, often enough to stop within a layer."""
        drawn = []
        for number, block in enumerate(blocks):
            with networks.heeded(self.network, partial(step, number, len(blocks))):
                drawn.append(self._drawn(block))
            step(number + 1, len(blocks))
        return drawn

    def _drawn(self, block: Block) -> Image.Image | None:
        if block.own is None:
            raise ValueError(f"block {block.key} has no pixels of the source's own for a model")
        try:
            drawn = _of_own(block.own, block.box, self.network)
        except NotFinite:
            return None
        if block.own.picture.mode != "RGBA":
            drawn.putalpha(block.picture.getchannel("A"))
        return drawn


def load(model: Model, device: Any = "cpu", threads: int = 0) -> ModelEngine:
    """The model's engine. StudioError where it can't be loaded. `threads` are ncnn's (0: as many as
    the process may use); torch has a budget of its own."""
    return ModelEngine(networks.load(model, device, threads))


def enlarge(
    source: Source,
    target: Target,
    rows: Rows,
    network: networks.Network,
    step: Step = lambda done, all: None,
) -> None:
    """Give `rows` the whole result in strips, as the other methods do; `step` is told how many
    parts of how many are drawn. StudioError where the model draws what are no numbers."""
    picture = modelled(Stored(source), target, network)
    lines = list(_cut(target.height, source.height, network))
    columns = list(_cut(target.width, source.width, network))
    for row, (top, bottom) in enumerate(lines):
        strip = np.empty((bottom - top, target.width, 4), np.uint8)
        for column, (left, right) in enumerate(columns):
            try:
                strip[:, left:right] = picture.part(left, top, right - left, bottom - top)
            except NotFinite as error:
                raise StudioError(
                    f"The model drew no numbers at {left}, {top}.", "Choose another model."
                ) from error
            step(row * len(columns) + column + 1, len(lines) * len(columns))
        rows(strip)


def _of_own(own: Own, box: Box, network: networks.Network) -> Image.Image:
    """A block in its box, of the source's own pixels, RGBA: as it is in the whole."""
    pixels = np.asarray(own.picture.convert("RGBA"))
    source = Window(pixels, own.left, own.top, *own.size, own.wrap)
    drawn = modelled(source, own.target, network).part(box.left, box.top, box.width, box.height)
    return Image.fromarray(np.ascontiguousarray(drawn), "RGBA")


def _cut(size: int, source: int, network: networks.Network) -> Iterator[tuple[int, int]]:
    """An axis of the result in even parts, each of one piece of the source where that is enlarged
    once."""
    number = max(-(-source // network.piece), -(-size // TILE))
    edges = [size * k // number for k in range(number + 1)]
    yield from zip(edges[:-1], edges[1:], strict=True)
