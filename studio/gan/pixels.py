"""Pictures as a GAN learns them: numbers from -1 to 1, colours premultiplied by their alpha.

What lies hidden under alpha 0 so teaches nothing.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio import images

Bytes = NDArray[np.uint8]


def prepared(
    picture: Image.Image,
    size: tuple[int, int],
    channels: int,
    filter: str,
    matte: tuple[int, int, int],
) -> Bytes:
    """A picture as bytes [channels, h, w] of the size (width, height), never stretched.

    With alpha it is fitted and transparent around, its colours premultiplied. Without, it covers
    the size, what stands over is cut off, and `matte` lies behind it.
    """
    if channels == 4:
        laid = images.fitted(picture, size, filter).convert("RGBa")
        values = np.frombuffer(laid.tobytes(), np.uint8)  # numpy knows no "RGBa"
    else:
        covering, _ = images.covering(picture, size, filter)
        values = np.frombuffer(images.on_matte(covering, matte).tobytes(), np.uint8)
    return np.ascontiguousarray(values.reshape(size[1], size[0], channels).transpose(2, 0, 1))


def as_numbers(pictures: Tensor) -> Tensor:
    """Bytes [n, channels, h, w] as float32 from -1 to 1."""
    return pictures.float() / 127.5 - 1


def as_pictures(numbers: Tensor) -> list[Image.Image]:
    """Pictures [n, channels, h, w] that a generator made, as RGBA."""
    values = numbers.detach().clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    whole = values.permute(0, 2, 3, 1).contiguous().numpy()
    if whole.shape[3] == 3:
        return [Image.fromarray(one, "RGB").convert("RGBA") for one in whole]
    premultiplied, alpha = whole[..., :3].astype(np.float32), whole[..., 3:]
    # Where alpha is 0 nothing is drawn, and black lies under it.
    told = np.divide(premultiplied * 255, alpha, out=np.zeros_like(premultiplied), where=alpha > 0)
    colours = np.rint(np.minimum(told, 255)).astype(np.uint8)
    return [Image.fromarray(one, "RGBA") for one in np.concatenate([colours, alpha], 3)]


def as_picture(numbers: Tensor) -> Image.Image:
    """One such picture [channels, h, w]."""
    return as_pictures(numbers[None])[0]
