"""Pixels as an autoencoder's latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def latents_of(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """Latents [n, c, h, w] of pixels [n, 3 or 4, height, width] in -1 to 1."""
    encoded = vae.encode(pixels)
    found = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
    latents: torch.Tensor = found * vae.config.scaling_factor
    return latents
