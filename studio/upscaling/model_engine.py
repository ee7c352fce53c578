"""An upscaling model as what draws tiles, and as what gives a whole picture in strips.

A model draws from the source, with what lies around a tile in it. So its engine is laid over a
source, and reads of a block only where it lies: tiles come out as of the whole, need no overlap, no
seam pass and no colours held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels
from studio.upscaling import networks
from studio.upscaling.methods import Rows
from studio.upscaling.model_pictures import NotFinite, Picture, Stored, modelled
from studio.upscaling.sizes import Target

if TYPE_CHECKING:
    from studio.upscaling.engine import Block
    from studio.upscaling.models import Model

TILE = 2048  # pixels a side of what `enlarge` makes at once, at most
Step = Callable[[int, int], None]


class ModelEngine:
    """Draws tiles of one picture at one size; `batch` is always 1."""

    batch = 1

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    def draw(self, blocks: Sequence[Block], step: Step) -> list[Image.Image]:
        """Each block's box, RGBA. One whose numbers are none is transparent black, as passes know
        it. `step` is told after each of them, and may raise to stop."""
        drawn = []
        for number, block in enumerate(blocks, 1):
            drawn.append(self._drawn(block))
            step(number, len(blocks))
        return drawn

    def _drawn(self, block: Block) -> Image.Image:
        box = block.box
        try:
            part = self.picture.part(box.left, box.top, box.width, box.height)
        except NotFinite:
            return Image.new("RGBA", (box.width, box.height))
        return Image.fromarray(np.ascontiguousarray(part), "RGBA")


def load(
    model: Model,
    device: Any,
    source: Pixels,
    target: Target,
    wrap: str = "",
    threads: int = 0,
) -> ModelEngine:
    """An engine that draws this source, RGBA [h, w, 4], at the target's size. StudioError where the
    model can't be loaded. `threads` are ncnn's; torch has its own budget."""
    network = networks.load(model, device, threads)
    return ModelEngine(modelled(Stored(source, wrap), target, network))


def enlarge(
    source: Pixels,
    target: Target,
    rows: Rows,
    network: networks.Network,
    wrap: str = "",
    step: Step = lambda done, all: None,
) -> None:
    """Give `rows` the whole result in strips, as the other methods do; `step` is told how many
    parts of how many are drawn. StudioError where the model draws what are no numbers."""
    picture = modelled(Stored(source, wrap), target, network)
    lines = list(_cut(target.height, source.shape[0], network))
    columns = list(_cut(target.width, source.shape[1], network))
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


def _cut(size: int, source: int, network: networks.Network) -> Iterator[tuple[int, int]]:
    """An axis of the result in even parts, each of one piece of the source where that is enlarged
    once."""
    number = max(-(-source // network.piece), -(-size // TILE))
    edges = [size * k // number for k in range(number + 1)]
    yield from zip(edges[:-1], edges[1:], strict=True)
