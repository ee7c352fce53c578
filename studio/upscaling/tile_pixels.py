"""A tile's pixels on their way to a base and back: scaled, filled up to the base's grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from studio.diffusion.sizes import Size

HIDDEN = (128, 128, 128)  # as `studio.diffusion.img2img.HIDDEN`, which loads torch


def scaled(picture: Image.Image, size: Size) -> Image.Image:
    """The tile at the size at which it is drawn. Colours and alpha apart: colours that were bled
    under alpha 0 stay what they are."""
    wanted = (size.width, size.height)
    if picture.size == wanted:
        return picture
    colours = picture.convert("RGB").resize(wanted, Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        colours.putalpha(picture.getchannel("A").resize(wanted, Image.Resampling.LANCZOS))
    return colours


def padded(picture: Image.Image, size: Size) -> Image.Image:
    """The picture in the upper left of `size`, its last column and row repeated."""
    if picture.size == (size.width, size.height):
        return picture
    more = ((0, size.height - picture.height), (0, size.width - picture.width), (0, 0))
    return Image.fromarray(np.pad(np.asarray(picture), more, mode="edge"), picture.mode)


def stacked(shown: Sequence[Image.Image], alpha: bool) -> np.ndarray:
    """As an autoencoder takes them: float32 [n, 3 or 4, height, width] in -1 to 1."""
    found = []
    for picture in shown:
        pixels = np.array(picture.convert("RGBA" if alpha else "RGB"))
        if alpha:
            pixels[pixels[..., 3] == 0, :3] = HIDDEN
        found.append(pixels.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1)
    return np.stack(found)


def delivered(picture: Image.Image, asked: Size, tile: Image.Image, alpha: bool) -> Image.Image:
    """A picture as it was drawn, of the tile's size: cut off what was padded, scaled back. Without
    `alpha` as RGB: what a base left open shows the tile's colours. One all of 0 stays so."""
    cut = picture.crop((0, 0, asked.width, asked.height))
    if cut.size != tile.size:
        cut = cut.resize(tile.size, Image.Resampling.LANCZOS)
    if cut.mode != "RGBA" or alpha or cut.getbbox() is None:
        return cut
    ground = tile.convert("RGB").convert("RGBA")
    return Image.alpha_composite(ground, cut).convert("RGB")
