"""Which pictures a step sees, and what the UNet is given of them.

Every draw comes from a generator seeded by what it is for, so that a resumed training draws the
same again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.training.cache import Encoded
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Batch:
    """Latents [b, c, h, w] sampled from mean and deviation, and embeddings [b, t, d]."""

    latents: torch.Tensor
    text: torch.Tensor


def order(count: int, step: int, part: int, config: TrainConfig) -> list[int]:
    """Which pictures step `step` sees: each once an epoch, shuffled anew for every epoch."""
    import torch

    size = config.batch_size
    first = ((step - 1) * config.gradient_accumulation_steps + part) * size
    chosen: list[int] = []
    for position in range(first, first + size):
        epoch, place = divmod(position, count)
        if not chosen or place == 0:
            shuffle = torch.randperm(
                count, generator=torch.Generator().manual_seed(seed(config.seed, epoch, -1))
            ).tolist()
        chosen.append(shuffle[place])
    return chosen


def batch(
    encoded: Encoded, chosen: list[int], config: TrainConfig, draws: torch.Generator
) -> Batch:
    """The pictures `chosen`, their latents drawn anew and some of their captions left out."""
    import torch

    picked = torch.tensor(chosen, device=encoded.mean.device)
    mean, deviation = encoded.mean[picked], encoded.deviation[picked]
    drawn = torch.randn(mean.shape, generator=draws).to(mean.device, mean.dtype)
    text = encoded.text[picked]
    dropped = torch.rand(len(chosen), generator=draws) < config.caption_dropout
    keep = (~dropped).to(text.device)[:, None, None]
    latents = mean + deviation * drawn
    if config.flip:
        turned = (torch.rand(len(chosen), generator=draws) < 0.5).to(mean.device)
        latents = torch.where(turned[:, None, None, None], latents.flip(-1), latents)
    return Batch(latents, torch.where(keep, text, encoded.nothing))


def seed(*parts: int) -> int:
    """A 63-bit seed from several numbers, the same on every machine."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") >> 1
