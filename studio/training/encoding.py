"""Pictures, masks and captions through a base's encoders, into packs: what is there is left out.

Several pictures of one size are encoded at once, opened by other threads meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.diffusion import conditioning
from studio.training import picture_fitting, rolling
from studio.training.picture_fitting import Fit
from studio.training.rolling import Shift
from studio.training.tensor_packs import Packs

if TYPE_CHECKING:
    import torch
    from PIL import Image

RELEASES = ("transformers_version", "dtype", "architectures")  # of no weight for what it does
# Pixels and texts of one call. On a CPU a picture's last bits depend on how many are encoded
# beside it, so there they come one by one: what was lost is encoded again bit for bit.
PIXELS = {"cpu": 0, "cuda": 2**20, "mps": 2**18}
TEXTS = 32
AHEAD = 4  # batches that other threads open ahead of the one that is encoded


@dataclass(frozen=True)
class Example:
    """A picture as training wants it: content hash, caption, and a function that opens it.

    `name` is what messages call it; `size` its width and height, (0, 0): it is opened to see;
    `mask_hash` the mask's content, "" for none, and `mask` opens it. `grid` tells of a picture how
    many of its pixels one pixel of its artist is wide.
    """

    hash: str
    caption: str
    open: Callable[[], Image.Image]
    name: str = ""
    category: str = ""
    size: tuple[int, int] = (0, 0)
    has_alpha: bool = True
    mask_hash: str = ""
    mask: Callable[[], Image.Image] | None = None
    grid: Callable[[Image.Image], int] = lambda picture: 1


@dataclass(frozen=True)
class Wish:
    """One tensor to have: its key, which picture and how, what lies behind it, and how far it is
    rolled over its edges."""

    key: bytes
    example: Example
    fit: Fit
    behind: object
    shift: Shift | None = None

    def opened(self) -> Image.Image:
        """The picture as it is to be fitted."""
        return self.rolled(self.example.open())

    def rolled(self, picture: Image.Image, like: Image.Image | None = None) -> Image.Image:
        """A picture, or its mask with `like` the picture, rolled as this wish has it."""
        if self.shift is None:
            return picture
        grid = self.example.grid(like or picture) if self.fit.filter == "nearest" else 1
        return rolling.rolled(picture, self.shift, grid)


def add_latents(
    pipeline: Any,
    packs: Packs,
    wishes: Sequence[Sequence[Wish]],
    report: Callable[[int, int], None] | None,
) -> None:
    """Encode what no pack has, several pictures of one size at once, opened by other threads."""
    import torch

    every = [wish for views in wishes for wish in views]
    left = sorted(packs.missing([w.key for w in every]), key=lambda place: every[place].fit.size)
    vae, device, done = pipeline.vae, pipeline.device, len(every) - len(left)
    pixels, kind = PIXELS.get(device.type, 0), vae.dtype
    if left and getattr(vae.config, "force_upcast", False) and kind == torch.float16:
        vae.to(torch.float32)  # SDXL's answers with no number in half precision
    try:
        for places in _batches(left, every, pixels):
            if report:
                report(done, len(every))
            shown = list(places())
            stack = torch.stack([torch.from_numpy(values) for values, _, _ in shown])
            with torch.inference_mode():
                mean, deviation = _latents(vae, stack.to(device, vae.dtype))
            width, height = mean.shape[-1], mean.shape[-2]
            for row, (_, alpha, wish) in enumerate(shown):
                cover = torch.from_numpy(picture_fitting.coarse(alpha, (width, height)).copy())
                kept = {"mean": mean[row].to(kind), "deviation": deviation[row].to(kind)}
                # Cloned, since a tensor made in inference mode can't be trained on.
                found = {name: value.cpu().clone() for name, value in kept.items()}
                packs.add(wish.key, found | {"cover": cover})
            done += len(shown)
    finally:
        if vae.dtype != kind:
            vae.to(kind)
    if report:
        report(len(every), len(every))


Shown = tuple[np.ndarray, np.ndarray, Wish]


def _batches(
    left: Sequence[int], every: Sequence[Wish], pixels: int
) -> Iterator[Callable[[], list[Shown]]]:
    """Batches of one size; each waits for its pictures when it is called."""
    batches: list[list[Wish]] = []
    for place in left:
        wish = every[place]
        room = max(1, pixels // (wish.fit.size[0] * wish.fit.size[1]))
        if batches and batches[-1][0].fit.size == wish.fit.size and len(batches[-1]) < room:
            batches[-1].append(wish)
        else:
            batches.append([wish])
    if not pixels:
        for batch in batches:
            yield partial(_shown, batch)
        return
    with ThreadPoolExecutor(max_workers=min(AHEAD, os.cpu_count() or 1)) as threads:
        try:
            coming = [threads.submit(_shown, batch) for batch in batches[:AHEAD]]
            for number in range(len(batches)):
                if number + AHEAD < len(batches):
                    coming.append(threads.submit(_shown, batches[number + AHEAD]))
                yield coming[number].result
                coming[number] = None  # type: ignore[call-overload]
        finally:
            threads.shutdown(cancel_futures=True)


def _shown(batch: Sequence[Wish]) -> list[Shown]:
    return [(*picture_fitting.pixels(wish.opened(), wish.fit, wish.behind), wish) for wish in batch]


def add_masks(pipeline: Any, packs: Packs, masks: dict[int, list[Wish]]) -> None:
    import torch

    wanted = [wish for views in masks.values() for wish in views]
    least = int(pipeline.vae_scale_factor)
    for place in packs.missing([wish.key for wish in wanted]):
        wish = wanted[place]
        assert wish.example.mask is not None
        whole = wish.example.mask()
        if wish.shift is not None:
            whole = wish.rolled(whole, wish.example.open())
        grey = picture_fitting.mask(whole, wish.fit)
        size = wish.fit.size[0] // least, wish.fit.size[1] // least
        packs.add(wish.key, {"mask": torch.from_numpy(picture_fitting.coarse(grey, size).copy())})


def add_texts(pipeline: Any, packs: Packs, texts: Sequence[str]) -> list[bytes]:
    """Encode the texts that no pack has; the keys of all."""
    import torch

    keys = text_keys(pipeline, texts)
    left = packs.missing(keys)
    for first in range(0, len(left), TEXTS):
        places = left[first : first + TEXTS]
        with torch.inference_mode():
            answer = conditioning.condition(pipeline, [texts[place] for place in places])
        for row, place in enumerate(places):
            kept = {"text": answer.text[row].cpu().clone()}
            if answer.pooled is not None:
                kept["pooled"] = answer.pooled[row].cpu().clone()
            packs.add(keys[place], kept)
    return keys


def text_keys(pipeline: Any, texts: Sequence[str]) -> list[bytes]:
    """A key for each text: of its words, and of how this base reads and encodes them."""
    told = []
    for name in conditioning.encoders(pipeline):
        tokenizer = getattr(pipeline, name.replace("text_encoder", "tokenizer"))
        told += [fingerprint(getattr(pipeline, name)), _reading(tokenizer)]
    base = hashlib.sha256(json.dumps(told).encode()).digest()
    return [hashlib.sha256(base + text.encode()).digest() for text in texts]


def _reading(tokenizer: Any) -> str:
    """A hash of all that makes a tokenizer's answer."""
    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    # What was asked of it last is no property of it.
    rules |= {"truncation": int(tokenizer.model_max_length), "padding": tokenizer.pad_token_id}
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def embed(pipeline: Any, texts: list[str]) -> torch.Tensor:
    """The text encoder's states [n, tokens, width]; what is too long is cut off."""
    return conditioning.condition(pipeline, texts).text


def fingerprint(module: Any) -> str:
    """A hash of a model's weights, their precision and its configuration."""
    import torch

    config = module.config if isinstance(module.config, dict) else module.config.to_dict()
    # Names that begin with _ say where it lies and which release wrote it, not what it does.
    told = {k: v for k, v in config.items() if not k.startswith("_") and k not in RELEASES}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
    for name, weight in module.state_dict().items():
        digest.update(f"{name} {weight.dtype}".encode())
        raw = weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(memoryview(raw.numpy()))
    return digest.hexdigest()


def _latents(vae: Any, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    answer = vae.encode(pixels)
    scale = vae.config.scaling_factor
    if hasattr(answer, "latent_dist"):
        return answer.latent_dist.mean * scale, answer.latent_dist.std * scale
    return answer.latents * scale, torch.zeros_like(answer.latents)
