"""An upscaling model as what draws tiles, and as what gives a whole picture in strips.

A model draws from the source's own pixels, with what lies around a tile in it, so that tiles come
out as parts of the whole: they need no overlap, no seam pass and no colours held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.upscaling import networks
from studio.upscaling.engine import Block, Own, Step
from studio.upscaling.methods import InMemory, Rows, Source
from studio.upscaling.methods.resampling import SUPPORT
from studio.upscaling.model_pictures import (
    Modelled,
    NotFinite,
    Picture,
    Resized,
    Stored,
    modelled,
    times,
)
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
            drawn = _of_own(block.own, (block.box.width, block.box.height), self.network)
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


def _of_own(own: Own, size: tuple[int, int], network: networks.Network) -> Image.Image:
    """A block of `size` of the source's own pixels in its box, RGBA."""
    left, top, right, bottom = own.box
    scales = size[0] / (right - left), size[1] / (bottom - top)
    drawn: Picture = Stored(InMemory(np.asarray(own.picture.convert("RGBA"))))
    for more in reversed(range(times(max(scales), network.factor))):
        drawn = Modelled(drawn, network)
        if more:  # brought to what the next time needs
            share = network.factor**more
            wide, high = own.picture.width * scales[0], own.picture.height * scales[1]
            drawn = Resized(drawn, math.ceil(wide / share - 1e-6), math.ceil(high / share - 1e-6))
    x, y = drawn.width / own.picture.width, drawn.height / own.picture.height
    box = (left * x, top * y, right * x, bottom * y)
    far = SUPPORT * max(1, math.ceil(x / scales[0]), math.ceil(y / scales[1])) + 1
    first, above = max(0, math.floor(box[0]) - far), max(0, math.floor(box[1]) - far)
    last, below = math.ceil(box[2]) + far, math.ceil(box[3]) + far
    last, below = min(drawn.width, last), min(drawn.height, below)
    part = np.ascontiguousarray(drawn.part(first, above, last - first, below - above))
    within = (box[0] - first, box[1] - above, box[2] - first, box[3] - above)
    multiplied = Image.fromarray(part, "RGBA").convert("RGBa")
    # Rows first, whatever the part's form: see `methods.resampling`.
    across = (within[0], 0, within[2], multiplied.height)
    wide = multiplied.resize((size[0], multiplied.height), Image.Resampling.LANCZOS, across)
    down = (0, within[1], size[0], within[3])
    return wide.resize(size, Image.Resampling.LANCZOS, down).convert("RGBA")


def _cut(size: int, source: int, network: networks.Network) -> Iterator[tuple[int, int]]:
    """An axis of the result in even parts, each of one piece of the source where that is enlarged
    once."""
    number = max(-(-source // network.piece), -(-size // TILE))
    edges = [size * k // number for k in range(number + 1)]
    yield from zip(edges[:-1], edges[1:], strict=True)
