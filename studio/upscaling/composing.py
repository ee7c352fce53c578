"""The result as it stands, any part of it at any time: from the files of its tiles.

Nothing is kept between: a part is blended when it is asked for, of the tiles that were drawn by
then, and shows the source where one was not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.upscaling import layers
from studio.upscaling.blending import Mean, Weights, thresholds
from studio.upscaling.canvas import Source
from studio.upscaling.grid import MAIN, Box, Tile
from studio.upscaling.layers import Layer
from studio.upscaling.settings import Settings
from studio.upscaling.sizes import Target
from studio.upscaling.tile_files import TileFiles

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Canvas:
    """A source, what is made of it, and its tiles so far."""

    source: Source
    settings: Settings
    layers: tuple[Layer, ...]
    files: TileFiles

    @property
    def target(self) -> Target:
        return Target(self.settings.width, self.settings.height)

    @property
    def first(self) -> str:
        """What enlarges the source before anything is drawn; a model is an engine's matter."""
        return "nearest" if self.settings.first == "nearest" else "lanczos"

    @property
    def draws_alpha(self) -> bool:
        """Whether tiles bring an alpha of their own: a model draws it as sharp as colours."""
        return self.settings.alpha == "drawn" or self.settings.method == "model"

    def enlarged(self, box: Box) -> Image.Image:
        """The enlarged source in a box, RGBA, with bled colours."""
        return self.source.region(box, self.target, self.first)

    def seen(self, box: Box, passes: int | None = None) -> Pixels:
        """What is in a box after so many passes (None: all), RGBA [height, width, 4]; colours
        under alpha 0 are whatever was drawn there."""
        colours = self._main(box)
        for layer in self.layers[1:passes]:
            colours = self._laid(layer, box, colours)
        if self.draws_alpha:
            return colours
        alpha = self.source.alpha(box, self.target, self.first)
        return np.concatenate([colours, alpha[..., None]], axis=2)

    def before(self, tile: Tile) -> Image.Image:
        """What a tile is drawn from, RGBA with bled colours: the enlarged source, or what the
        passes before its own made of it."""
        below = self._below(tile)
        if below == 0:
            return self.enlarged(tile.box)
        seen = self.seen(tile.box, below)
        hidden = seen[..., 3] == 0
        if hidden.any():
            seen[hidden, :3] = np.asarray(self.enlarged(tile.box))[hidden, :3]
        return Image.fromarray(seen, "RGBA")

    def after(self, tile: Tile) -> Image.Image | None:
        """What was drawn of a tile, with the alpha that it has in the result; None before that."""
        pixels = self.files.read(tile)
        if pixels is None or pixels.shape[2] == 4:
            return None if pixels is None else Image.fromarray(np.array(pixels), "RGBA")
        alpha = self.source.alpha(tile.box, self.target, self.first)
        return Image.fromarray(np.concatenate([pixels, alpha[..., None]], axis=2), "RGBA")

    def _below(self, tile: Tile) -> int:
        """How many passes come before a tile's own."""
        if tile.part == MAIN:
            return 0
        return next(k for k, layer in enumerate(self.layers) if tile in layer.tiles)

    def _main(self, box: Box) -> Pixels:
        found, _ = self._mean(self.layers[0], box, None)
        return found

    def _laid(self, layer: Layer, box: Box, below: Pixels) -> Pixels:
        """What a later pass makes of what lies below it."""
        share = layer.share(box)
        if not share.any():
            return below
        above, covered = self._mean(layer, box, below)
        share = np.where(covered, share, 0)
        both = Mean(box.height, box.width, below.shape[2])
        both.add(0, 0, below, layer.full - share)
        both.add(0, 0, above, share)
        return both.mean(self._thresholds(box))

    def _mean(
        self, layer: Layer, box: Box, below: Pixels | None
    ) -> tuple[Pixels, NDArray[np.bool_]]:
        """A pass' tiles in a box by their tents, and where there are any. A tile that was not drawn
        shows what is below, in the main pass the source."""
        mean = Mean(box.height, box.width, 4 if self.draws_alpha else 3)
        for tile in layer.tiles:
            pixels: Pixels | None = None
            for place, x, y in layers.placed(tile.box, box, self.settings):
                if pixels is None:
                    pixels = self.files.read(tile)
                rows, columns = slice(y, y + place.height), slice(x, x + place.width)
                weights = (
                    layers.tent(tile.box.height)[rows, None] * layers.tent(tile.box.width)[columns]
                )
                if pixels is not None:
                    part = pixels[rows, columns]
                elif below is not None:
                    part = below[
                        place.top : place.top + place.height, place.left : place.left + place.width
                    ]
                else:
                    under = Box(tile.box.left + x, tile.box.top + y, place.width, place.height)
                    part = np.asarray(self.enlarged(under))[..., : 4 if self.draws_alpha else 3]
                mean.add(place.left, place.top, part, weights)
        return mean.mean(self._thresholds(box)), mean.covered

    def _thresholds(self, box: Box) -> Weights:
        x, y = np.arange(box.left, box.right), np.arange(box.top, box.bottom)
        return thresholds(x % self.settings.width, y % self.settings.height)
