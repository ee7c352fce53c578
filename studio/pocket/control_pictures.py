"""The pictures of a tile ControlNet's training: shifted and mirrored sprites, and coarse copies of
them as an enlarged picture has them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional as F

Draw = Callable[[tuple[int, ...]], torch.Tensor]
COARSE = (2, 4)  # by which a picture was smaller; and not at all, so that fine ones are kept
GREY = 128.0


def varied(pixels: torch.Tensor, draw: Draw) -> torch.Tensor:
    """uint8 [n, h, w, 4] as float [n, 4, h, w] in 0 to 1: half of them mirrored, each batch moved
    by a pixel at most."""
    shown = pixels.permute(0, 3, 1, 2).float() / 255
    mirrored = (draw((len(shown),)) < 0.5).view(-1, 1, 1, 1)
    shown = torch.where(mirrored, shown.flip(-1), shown)
    down, across = ((draw((2,)) * 3).long() - 1).tolist()
    return torch.roll(shown, (down, across), (-2, -1))


def coarse(shown: torch.Tensor, draw: Draw) -> torch.Tensor:
    """Copies [n, 4, h, w] as they are after being reduced by 2 or 4 and enlarged again: by whole
    pixels or smoothly, a fifth of them as they are. Colours count as much as they are seen."""
    seen = premultiplied(shown)
    kinds = (draw((len(shown),)) * (2 * len(COARSE) + 1)).long()
    found = seen.clone()
    for number, (by, way) in enumerate((by, way) for by in COARSE for way in ("nearest", "smooth")):
        mine = kinds == number
        if mine.any():
            found[mine] = enlarged(F.avg_pool2d(seen[mine], by), by, way)
    return plain(found)


def enlarged(small: torch.Tensor, by: int, way: str) -> torch.Tensor:
    """Pictures [n, c, h, w] larger by a whole factor: each pixel repeated, or smoothly."""
    if way == "nearest":
        return small.repeat_interleave(by, -2).repeat_interleave(by, -1)
    larger = F.interpolate(small, scale_factor=float(by), mode="bicubic", align_corners=False)
    return larger.clamp(0, 1)


def premultiplied(shown: torch.Tensor) -> torch.Tensor:
    """RGBA [n, 4, h, w] in 0 to 1, colours times alpha."""
    return torch.cat([shown[:, :3] * shown[:, 3:], shown[:, 3:]], 1)


def plain(seen: torch.Tensor) -> torch.Tensor:
    """The other way about; grey under alpha 0, as the base has it."""
    alpha = seen[:, 3:]
    colours = torch.where(alpha > 1 / 512, seen[:, :3] / alpha.clamp_min(1 / 512), GREY / 255)
    return torch.cat([colours.clamp(0, 1), alpha.clamp(0, 1)], 1)


def to_latents(shown: torch.Tensor) -> torch.Tensor:
    """As the autoencoder takes them: -1 to 1, grey under alpha 0."""
    return _hidden(shown) * 2 - 1


def to_control(shown: torch.Tensor) -> torch.Tensor:
    """As a ControlNet takes them (`studio.diffusion.controls.pictures`): 0 to 1, grey under alpha
    0."""
    return _hidden(shown)


def _hidden(shown: torch.Tensor) -> torch.Tensor:
    open_ = shown[:, 3:] <= 0
    colours = torch.where(open_, torch.full_like(shown[:, :3], GREY / 255), shown[:, :3])
    return torch.cat([colours, shown[:, 3:]], 1)
