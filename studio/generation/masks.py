"""A part of a picture that was drawn anew, put into the rest of it, which stays as it is."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio import images


def put_back(
    original: Image.Image, drawn: Image.Image, mask: Image.Image, hard: bool
) -> Image.Image:
    """The original, RGBA, and in it what was drawn anew of it, by a grey mask of its size: all of
    it where that is white, nothing where it is black; with `hard` one or the other everywhere.

    `drawn`, RGBA, is the original fitted into another size (`images.fitted`), or of the same. Where
    the mask is black the bytes are the original's, colours under alpha 0 among them.
    """
    filter = "nearest" if hard else "lanczos"
    new = np.asarray(_own_size(drawn, original.size, filter), np.float32)
    old, grey = np.asarray(original.convert("RGBA")), np.asarray(mask.convert("L"))
    share = (grey >= 128 if hard else grey / 255.0).astype(np.float32)[..., None]
    # Colours count as much as they are seen.
    alphas = (1 - share) * old[..., 3:] + share * new[..., 3:]
    seen = (1 - share) * old[..., 3:] * old[..., :3] + share * new[..., 3:] * new[..., :3]
    colours = np.where(alphas > 0, seen / np.maximum(alphas, 1e-6), new[..., :3])
    mixed = np.rint(np.concatenate([colours, alphas], axis=-1)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.where(share > 0, mixed, old), "RGBA")


def _own_size(drawn: Image.Image, size: tuple[int, int], filter: str) -> Image.Image:
    if drawn.size == size:
        return drawn.convert("RGBA")
    whole = images.fitted(Image.new("RGBA", size, "white"), drawn.size, filter)
    way = Image.Resampling.NEAREST if filter == "nearest" else Image.Resampling.LANCZOS
    inside = drawn.convert("RGBa").crop(whole.getbbox())
    return inside.resize(size, way).convert("RGBA")
