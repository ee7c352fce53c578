"""Latents and text embeddings, encoded once and kept by content and settings.

A cache file is named by a hash of the picture's bytes, the look, the size and the autoencoder's
weights, so that an edited picture or another base never meets a stale latent.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio import images

if TYPE_CHECKING:
    import torch
    from PIL import Image

# Under alpha 0 a base that draws alpha expects mid-grey, 0 in its range of -1 to 1.
HIDDEN = (128, 128, 128)


@dataclass(frozen=True)
class Example:
    """A picture as training wants it: content hash, caption, and a function that opens it."""

    hash: str
    caption: str
    open: Callable[[], Image.Image]


@dataclass(frozen=True)
class Encoded:
    """What a training needs: latents' mean and deviation [n, c, h, w], embeddings [n, t, d].

    `nothing` [t, d] is the empty caption's embedding. Latents carry the scaling factor.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    text: torch.Tensor
    nothing: torch.Tensor


def prepared(picture: Image.Image, size: int, filter: str, matte: str, alpha: bool) -> np.ndarray:
    """The picture as the autoencoder takes it: float32 [3 or 4, size, size] in -1 to 1."""
    square = images.scaled(picture.convert("RGBA"), size, filter)
    if alpha:
        rgba = np.array(square)
        rgba[rgba[..., 3] == 0, :3] = HIDDEN
        pixels = rgba
    else:
        pixels = np.asarray(images.on_matte(square, images.parse_colour(matte)))
    return pixels.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1


def encode(
    pipeline: Any,
    examples: Sequence[Example],
    captions: Sequence[str],
    *,
    size: int,
    filter: str,
    matte: str,
    folder: Path,
    report: Callable[[int, int], None] | None = None,
) -> Encoded:
    """Encode every example, reading what the cache has. Interrupted, it goes on where it was."""
    import torch
    from safetensors.torch import load_file, save_file

    vae, device = pipeline.vae, pipeline.device
    alpha = int(vae.config.in_channels) == 4
    weights = fingerprint(vae)
    folder.mkdir(parents=True, exist_ok=True)
    means, deviations = [], []
    for done, example in enumerate(examples, start=1):
        settings = [example.hash, size, filter, matte if not alpha else "", weights]
        key = hashlib.sha256(json.dumps(settings).encode()).hexdigest()
        file = folder / f"{key}.safetensors"
        if not file.is_file():
            pixels = torch.from_numpy(prepared(example.open(), size, filter, matte, alpha))
            with torch.inference_mode():
                mean, deviation = _latents(vae, pixels[None].to(device, vae.dtype))
            aside = file.with_suffix(f".{os.getpid()}.part")
            save_file({"mean": mean.cpu(), "deviation": deviation.cpu()}, aside)
            os.replace(aside, file)
        kept = load_file(file)
        means.append(kept["mean"][0])
        deviations.append(kept["deviation"][0])
        if report:
            report(done, len(examples))
    with torch.inference_mode():
        text = torch.cat([embed(pipeline, [caption]) for caption in captions])
        nothing = embed(pipeline, [""])[0]
    return Encoded(
        torch.stack(means).to(device),
        torch.stack(deviations).to(device),
        text.clone(),
        nothing.clone(),
    )


def embed(pipeline: Any, texts: list[str]) -> torch.Tensor:
    """The text encoder's hidden states [n, tokens, width]; what is too long is cut off."""
    ids = pipeline.tokenizer(
        texts,
        padding="max_length",
        max_length=pipeline.tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    ).input_ids
    return pipeline.text_encoder(ids.to(pipeline.device))[0]


def fingerprint(module: Any) -> str:
    """A hash of a model's weights and configuration."""
    digest = hashlib.sha256(json.dumps(dict(module.config), sort_keys=True, default=str).encode())
    for name, weight in module.state_dict().items():
        digest.update(name.encode())
        digest.update(weight.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _latents(vae: Any, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    answer = vae.encode(pixels)
    scale = vae.config.scaling_factor
    if hasattr(answer, "latent_dist"):
        return answer.latent_dist.mean * scale, answer.latent_dist.std * scale
    return answer.latents * scale, torch.zeros_like(answer.latents)
