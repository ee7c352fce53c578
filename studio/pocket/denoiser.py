"""Training the UNet and the text encoder together, on latents encoded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)
from studio.pocket.autoencoder import to_unit
from studio.pocket.loop import Stage, half_precision
from studio.pocket.parts import new_scheduler
from studio.pocket.pool import Pool
from studio.pocket.tokenizer import token_ids

from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny  # isort: skip
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel  # isort: skip
from transformers import CLIPTextModel, CLIPTokenizer  # isort: skip

UNPROMPTED = 0.1  # how often a caption is dropped


class Denoiser(nn.Module):
    """Text encoder and UNet as one module: predicts v for noisy latents and token ids."""

    def __init__(self, unet: UNet2DConditionModel, text: CLIPTextModel) -> None:
        super().__init__()
        self.unet = unet
        self.text = text

    def forward(self, noisy: torch.Tensor, steps: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """noisy [n, 16, 8, 8], steps [n], ids [n, 32] -> v [n, 16, 8, 8]."""
        return self.unet(noisy, steps, self.text(ids).last_hidden_state).sample


@dataclass(frozen=True)
class Lessons:
    """latents: [n, 2, 16, 8, 8], as drawn and mirrored; weight: [n]; ids: [m, 32];
    first, count: [n], which rows of ids describe picture n; empty: ids of no prompt [32]."""

    latents: torch.Tensor
    weight: torch.Tensor
    ids: torch.Tensor
    first: torch.Tensor
    count: torch.Tensor
    empty: torch.Tensor


@torch.no_grad()
def encode_lessons(
    model: AutoencoderTiny, pool: Pool, tokenizer: CLIPTokenizer, seed: int
) -> Lessons:
    """Encodes the pool once, each picture at a random whole-pixel shift, and its mirror image."""
    device = model.device
    random = torch.Generator().manual_seed(seed)
    both: list[torch.Tensor] = []
    for start in range(0, len(pool.pixels), 256):
        pictures = to_unit(torch.from_numpy(pool.pixels[start : start + 256])).to(device)
        dx, dy = (torch.randint(0, 3, (2,), generator=random) - 1).tolist()
        pictures = torch.roll(pictures, (dy, dx), (-2, -1))
        with half_precision(str(device.type)):
            latents = [model.encoder(p).float() for p in (pictures, pictures.flip(-1))]
        both.append(torch.stack(latents, 1).bfloat16())
    counts = [len(texts) for texts in pool.captions]
    texts = [text for texts in pool.captions for text in texts]
    known = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    rows = torch.tensor(token_ids(tokenizer, list(known)), dtype=torch.int64)
    ids = rows[[known[text] for text in texts]]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return Lessons(
        latents=torch.cat(both),
        weight=torch.from_numpy(pool.weight).to(device),
        ids=ids.to(device),
        first=torch.from_numpy(first).to(device),
        count=torch.tensor(counts, device=device),
        empty=torch.tensor(token_ids(tokenizer, [""])[0], device=device),
    )


def step_shares(signal: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """How often each step is taught: where picture and noise are mixed most, more often.

    The weight of min-SNR with gamma 5 (Hang et al., 2023) for v-prediction, as a frequency instead
    of a factor of the loss, on a floor that keeps the first and the last steps taught.
    """
    ratio = (signal / noise).square()
    share = 0.3 + ratio.clamp_max(5.0) / (ratio + 1)
    return share / share.sum()


def train_denoiser(stage: Stage, lessons: Lessons, *, compiled: bool = False) -> bool:
    """Trains `stage` (a Denoiser) on `lessons` by v-prediction; True when all were seen."""
    alphas = new_scheduler().alphas_cumprod.to(stage.device)
    signal, noise_share = alphas.sqrt(), (1 - alphas).sqrt()
    cumulative = lessons.weight.cumsum(0)
    often = step_shares(signal, noise_share).cumsum(0)
    predict = torch.compile(stage.model) if compiled else stage.model
    device, random = stage.device, stage.random

    def draw(shape: tuple[int, ...]) -> torch.Tensor:
        return torch.rand(shape, generator=random, device=device)

    def loss() -> torch.Tensor:
        n = stage.batch
        where = draw((n,)).double() * cumulative[-1]
        pick = torch.searchsorted(cumulative, where).clamp_max(len(cumulative) - 1)
        mirrored = (draw((n,)) < 0.5).long()
        clean = lessons.latents[pick, mirrored].float()
        row = lessons.first[pick] + (draw((n,)) * lessons.count[pick]).long()
        silent = draw((n,)) < UNPROMPTED
        ids = torch.where(silent[:, None], lessons.empty[None], lessons.ids[row])
        # Evenly spread steps over the batch: less noise in the gradient than independent ones.
        offset = (torch.arange(n, device=device) + draw((n,))) / n
        steps = torch.searchsorted(often, offset).clamp_max(len(alphas) - 1)
        noise = torch.randn(clean.shape, generator=random, device=device)
        a, s = signal[steps].view(-1, 1, 1, 1), noise_share[steps].view(-1, 1, 1, 1)
        with half_precision(device):
            v = predict(a * clean + s * noise, steps, ids)
        return F.mse_loss(v.float(), a * noise - s * clean)

    return stage.run(loss)
