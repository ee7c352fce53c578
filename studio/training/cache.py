"""Latents and text embeddings, encoded once and kept by content and settings.

A cache file is named by a hash of the picture's bytes, the look, the size and the autoencoder's
weights, or of the caption's tokens and the text encoder's, so that an edited picture or another
base never meets a stale file. The folder is kept under MOST_BYTES: files that were used longest
ago go first.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio import asides, images
from studio.errors import StudioError
from studio.training.encoded import Encoded, of_one_shape

if TYPE_CHECKING:
    import torch
    from PIL import Image

# Under alpha 0 a base that draws alpha expects mid-grey, 0 in its range of -1 to 1.
HIDDEN = (128, 128, 128)
RELEASES = ("transformers_version", "dtype", "architectures")  # of no weight for what it does
MOST_BYTES = 20 * 10**9  # 50,000 pictures and captions of Stable Diffusion 1.5 at 512 px


@dataclass(frozen=True)
class Example:
    """A picture as training wants it: content hash, caption, and a function that opens it."""

    hash: str
    caption: str
    open: Callable[[], Image.Image]


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
    """Encode every example, reading what the cache has. Interrupted, it goes on where it was.

    Raises StudioError where a picture can't be opened or the cache can't be written.
    """
    import torch

    vae, device = pipeline.vae, pipeline.device
    alpha = int(vae.config.in_channels) == 4
    behind = None if alpha else images.parse_colour(matte)
    weights, words = fingerprint(vae), fingerprint(pipeline.text_encoder)
    asides.sweep(folder)
    used: list[Path] = []

    def cached(key: list[Any], make: Callable[[], dict[str, torch.Tensor]]) -> Any:
        file = folder / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.safetensors"
        kept = _read(file)
        if kept is None:
            with torch.inference_mode():
                made = make()
            # Cloned, since a tensor made in inference mode can't be trained on.
            kept = {name: value.cpu().clone() for name, value in made.items()}
            _write(file, kept)
        used.append(file)
        return kept

    def latents(example: Example) -> dict[str, torch.Tensor]:
        pixels = torch.from_numpy(prepared(example.open(), size, filter, matte, alpha))
        mean, deviation = _latents(vae, pixels[None].to(device, vae.dtype))
        return {"mean": mean[0], "deviation": deviation[0]}

    def embedding(text: str) -> torch.Tensor:
        key = [_tokens(pipeline, [text]).tolist(), words]
        return cached(key, lambda: {"text": embed(pipeline, [text])[0]})["text"]

    means, deviations = [], []
    for done, example in enumerate(examples, start=1):
        key = [example.hash, size, filter, behind, weights]
        found = cached(key, partial(latents, example))
        means.append(found["mean"])
        deviations.append(found["deviation"])
        if report:
            report(done, len(examples))
    text = [embedding(caption) for caption in captions]
    encoded = of_one_shape(
        torch.stack(means).to(device),
        torch.stack(deviations).to(device),
        torch.stack(text).to(device),
        embedding("").to(device),
        tuple(captions),
    )
    bound(folder, used, MOST_BYTES)
    return encoded


def bound(folder: Path, used: Sequence[Path], most: int) -> None:
    """Mark `used` as just used, then drop the files used longest ago until `most` bytes hold.

    Those just used stay, also where they alone are more. Files of others may go at any moment:
    who finds none encodes again.
    """
    now = time.time()
    for file in used:
        try:
            os.utime(file, (now, now))
        except OSError:
            continue
    found = []
    for file in folder.glob("*.safetensors"):
        try:
            about = file.stat()
        except OSError:
            continue
        found.append((about.st_mtime, about.st_size, file))
    total, keep = sum(size for _, size, _ in found), set(used)
    for _, size, file in sorted(found):
        if total <= most:
            break
        if file not in keep:
            try:
                file.unlink(missing_ok=True)
            except OSError:
                continue
            total -= size


def _read(file: Path) -> dict[str, torch.Tensor] | None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except (SafetensorError, OSError):  # not there, or torn: it is encoded again
        return None


def _write(file: Path, tensors: dict[str, torch.Tensor]) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    aside = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, aside)
        os.replace(aside, file)
    except (SafetensorError, OSError) as error:
        aside.unlink(missing_ok=True)
        raise StudioError(
            f"{file} could not be written: {error}",
            "Make room on the disk or check the folder's rights, then train again: what was "
            "encoded is kept.",
        ) from error


def embed(pipeline: Any, texts: list[str]) -> torch.Tensor:
    """The text encoder's hidden states [n, tokens, width]; what is too long is cut off."""
    return pipeline.text_encoder(_tokens(pipeline, texts).to(pipeline.device))[0]


def _tokens(pipeline: Any, texts: list[str]) -> torch.Tensor:
    ids: torch.Tensor = pipeline.tokenizer(
        texts,
        padding="max_length",
        max_length=pipeline.tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    ).input_ids
    return ids


def fingerprint(module: Any) -> str:
    """A hash of a model's weights, their precision and its configuration."""
    config = module.config if isinstance(module.config, dict) else module.config.to_dict()
    # Names that begin with _ say where it lies and which release wrote it, not what it does.
    told = {k: v for k, v in config.items() if not k.startswith("_") and k not in RELEASES}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
    for name, weight in module.state_dict().items():
        digest.update(f"{name} {weight.dtype}".encode())
        digest.update(weight.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _latents(vae: Any, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    answer = vae.encode(pixels)
    scale = vae.config.scaling_factor
    if hasattr(answer, "latent_dist"):
        return answer.latent_dist.mean * scale, answer.latent_dist.std * scale
    return answer.latents * scale, torch.zeros_like(answer.latents)
