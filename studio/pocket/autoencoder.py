"""Training the autoencoder: RGBA sprites to latents of mean 0 and deviation 1, and back."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)
from studio.pocket.loop import Stage, half_precision

from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny  # isort: skip


def to_unit(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 [n, 32, 32, 4] to float [n, 4, 32, 32] in [-1, 1]; colour is 0 beneath alpha 0."""
    unit = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
    seen = pixels[..., 3].unsqueeze(1) > 0
    return torch.cat([unit[:, :3] * seen, unit[:, 3:]], 1)


def shifted(pictures: torch.Tensor, random: torch.Generator, most: int = 2) -> torch.Tensor:
    """One whole-pixel shift, and a mirroring, for the batch [n, 4, 32, 32]; wraps around.

    Halves of the batch are mirrored apart; sprites have empty borders, so wrapping shows rarely.
    """
    dx, dy, cut = torch.randint(0, 2 * most + 1, (3,), generator=random, device=random.device)
    half = len(pictures) // 2 + int(cut) - most
    mirrored = torch.cat([pictures[:half], pictures[half:].flip(-1)])
    return torch.roll(mirrored, (int(dy) - most, int(dx) - most), (-2, -1))


def two_tone(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures [n, 4, 32, 32] in black and white, as icons are drawn; alpha stays."""
    light = pictures[:, :3].mean(1, keepdim=True)
    seen = (pictures[:, 3:] > -1).to(pictures.dtype)
    middle = (light * seen).sum((2, 3), keepdim=True) / seen.sum((2, 3), keepdim=True).clamp_min(1)
    flat = torch.where(light > middle, 1.0, -1.0) * seen
    return torch.cat([flat.expand(-1, 3, -1, -1), pictures[:, 3:]], 1)


def encoded(model: AutoencoderTiny, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents [n, 16, 8, 8] normalised by this batch, and as they came."""
    raw = model.encoder(pictures).float()
    mean = raw.mean((0, 2, 3), keepdim=True)
    deviation = raw.std((0, 2, 3), keepdim=True) + 1e-4
    return (raw - mean) / deviation, raw


def train_autoencoder(stage: Stage, pixels: NDArray[np.uint8]) -> bool:
    """Trains `stage` on uint8 [n, 32, 32, 4]; True when its pictures are all seen.

    Loss: L1 + 2 L2 on colour beneath alpha and on alpha. Latents are normalised by the batch and
    get a little noise, so that the decoder forgives what the UNet leaves behind.
    """
    held = torch.from_numpy(pixels).to(stage.device)
    model = stage.model
    assert isinstance(model, AutoencoderTiny)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss() -> torch.Tensor:
        target = _targets(stage, held)
        with half_precision(stage.device):
            latents, raw = encoded(model, target)
            drawn = model.decoder(_unsettled(stage, latents)).float()
        steady = raw.mean((0, 2, 3)).square().mean() + (raw.std((0, 2, 3)) - 1).square().mean()
        return _apart(drawn, target) + 1e-3 * steady

    return stage.run(loss)


def train_decoder(stage: Stage, encoder: nn.Module, pixels: NDArray[np.uint8]) -> bool:
    """Trains `stage`, a decoder, on what the settled `encoder` gives; True when it has seen all.

    Latents stay as they are, so that this can go on long after the UNet has begun.
    """
    held = torch.from_numpy(pixels).to(stage.device)
    stage.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss() -> torch.Tensor:
        target = _targets(stage, held)
        with half_precision(stage.device):
            with torch.no_grad():
                latents = encoder(target).float()
            drawn = stage.model(_unsettled(stage, latents)).float()
        return _apart(drawn, target)

    return stage.run(loss)


def _targets(stage: Stage, held: torch.Tensor) -> torch.Tensor:
    """A batch of pictures [n, 4, 32, 32]."""
    pick = torch.randint(0, len(held), (stage.batch,), generator=stage.random, device=stage.device)
    target = shifted(to_unit(held[pick]), stage.random)
    # An eighth in two tones: adapters will be taught flat styles through these latents.
    eighth = stage.batch // 8
    target[:eighth] = two_tone(target[:eighth])
    return target


def _unsettled(stage: Stage, latents: torch.Tensor) -> torch.Tensor:
    noise = torch.randn(latents.shape, generator=stage.random, device=stage.device)
    return latents + 0.05 * noise


def _apart(drawn: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """L1 + 2 L2; what lies beyond black and white counts little."""
    clipped = drawn.clamp(-1, 1)
    error = clipped + 0.05 * (drawn - clipped) - target
    return error.abs().mean() + 2 * error.square().mean()


@torch.no_grad()
def fold_normalisation(model: AutoencoderTiny, pixels: NDArray[np.uint8]) -> None:
    """Changes the encoder's last convolution so that latents over `pixels` have mean 0, std 1."""
    parts = [torch.from_numpy(pixels[i : i + 256]) for i in range(0, len(pixels), 256)]
    raw = torch.cat([model.encoder(to_unit(part).to(model.device)).float() for part in parts])
    mean, deviation = raw.mean((0, 2, 3)), raw.std((0, 2, 3))
    last = model.encoder.layers[-1]
    assert isinstance(last, nn.Conv2d) and last.bias is not None
    last.weight.div_(deviation[:, None, None, None])
    last.bias.sub_(mean).div_(deviation)


@torch.no_grad()
def psnr(model: AutoencoderTiny, pixels: NDArray[np.uint8]) -> float:
    """Mean PSNR in dB of colour premultiplied by alpha, and alpha, over uint8 [n, 32, 32, 4]."""
    values: list[float] = []
    for i in range(0, len(pixels), 256):
        target = to_unit(torch.from_numpy(pixels[i : i + 256])).to(model.device)
        drawn = model.decode(model.encode(target).latents).sample.clamp(-1, 1)
        wanted, made = (
            torch.cat([(x[:, :3] + 1) * (x[:, 3:] + 1) / 4, (x[:, 3:] + 1) / 2], 1)
            for x in (target, drawn)
        )
        error = F.mse_loss(made, wanted, reduction="none").mean((1, 2, 3)).clamp_min(1e-7)
        values += (-10 * error.log10()).tolist()
    return float(np.mean(values))
