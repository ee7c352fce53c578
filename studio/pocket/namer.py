"""A small network that names the kind of a sprite; it learns from real sprites alone.

Colours are shuffled while it learns, so that it goes by shape: generated pictures come in colours
that no real sprite of the kind has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.nn import functional as F

from studio.errors import StudioError
from studio.pocket.corpus import to_native

Pixels = NDArray[np.uint8]
BATCH = 64


@dataclass(frozen=True)
class Namer:
    """A trained namer of `kinds`."""

    kinds: tuple[str, ...]
    model: nn.Module = field(repr=False)

    def name_kinds(self, pixels: Pixels) -> list[str]:
        """The kind of each sprite, uint8 RGBA [n, 32, 32, 4], averaged with its mirror image."""
        if not len(pixels):
            return []
        seen = _crisp(torch.from_numpy(np.ascontiguousarray(pixels)))
        with torch.inference_mode():
            scores = torch.cat(
                [
                    self.model(part).softmax(1) + self.model(part.flip(-1)).softmax(1)
                    for part in seen.split(256)
                ]
            )
        return [self.kinds[k] for k in scores.argmax(1).tolist()]


def stacked(pictures: Sequence[Image.Image]) -> Pixels:
    """Pictures as uint8 RGBA [n, 32, 32, 4]."""
    return np.stack([to_native(picture) for picture in pictures])


def train_namer(pixels: Pixels, kinds: Sequence[str], *, seed: int, epochs: int = 30) -> Namer:
    """Learns the `kinds` of sprites uint8 RGBA [n, 32, 32, 4]; rare kinds are shown more often.

    About one epoch of 2,000 sprites a second on two cores. Raises StudioError for a single kind.
    """
    names = tuple(sorted(set(kinds)))
    if len(names) < 2:
        raise StudioError("A namer needs two kinds.", "Give pictures of several kinds.")
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    model = _network(len(names))
    answers = torch.tensor([names.index(kind) for kind in kinds])
    held = torch.from_numpy(np.ascontiguousarray(pixels))
    counts = Counter(kinds)
    weight = torch.tensor([counts[kind] ** -0.5 for kind in kinds])
    steps = max(1, epochs * ceil(len(held) / BATCH))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps + 1)
    model.train()
    for _ in range(steps):
        pick = torch.multinomial(weight, min(BATCH, len(held)), True, generator=random)
        loss = F.cross_entropy(
            model(_varied(held[pick], random)), answers[pick], label_smoothing=0.1
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    return Namer(names, model.eval())


def named_by_others(
    pixels: Pixels, kinds: Sequence[str], *, seed: int, epochs: int = 30, folds: int = 3
) -> list[str]:
    """Each sprite's kind as named by a namer that learned from the other folds only."""
    fold = np.random.default_rng(seed).permutation(len(kinds)) % folds
    named = [""] * len(kinds)
    for turn in range(folds):
        taught = np.flatnonzero(fold != turn).tolist()
        namer = train_namer(pixels[taught], [kinds[i] for i in taught], seed=seed, epochs=epochs)
        asked = np.flatnonzero(fold == turn).tolist()
        for index, name in zip(asked, namer.name_kinds(pixels[asked]), strict=True):
            named[index] = name
    return named


def confusion(asked: Sequence[str], named: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each kind asked for how often which kind was named, most frequent first."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in sorted(set(asked))}
    for kind, name in zip(asked, named, strict=True):
        found[kind][name] += 1
    return {kind: dict(counts.most_common()) for kind, counts in found.items()}


def share_right(asked: Sequence[str], named: Sequence[str]) -> float:
    """Share of pictures named as asked for; nan without a picture."""
    right = [kind == name for kind, name in zip(asked, named, strict=True)]
    return float(np.mean(right)) if right else float("nan")


def _crisp(rgba: torch.Tensor) -> torch.Tensor:
    """uint8 [n, 32, 32, 4] to [n, 4, 32, 32] in [-1, 1]: colour, 0 where not drawn; hard alpha."""
    alpha = (rgba[..., 3:] >= 128).float()
    colour = (rgba[..., :3].float() / 127.5 - 1) * alpha
    return torch.cat([colour, alpha * 2 - 1], -1).permute(0, 3, 1, 2).contiguous()


def _varied(rgba: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """A batch as `_crisp` gives it: mirrored, moved, in other colours and light, a little noisy."""
    seen = _crisp(rgba)
    n = len(seen)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=random)

    seen = torch.where(draw(n, 1, 1, 1) < 0.5, seen, seen.flip(-1))
    dx, dy = (torch.randint(0, 5, (2,), generator=random) - 2).tolist()
    seen = torch.roll(seen, (dy, dx), (-2, -1))
    # Half keep their colours; the others get channels mixed at random, greys staying grey.
    mix = draw(n, 3, 3) ** 2
    mix = mix / mix.sum(2, keepdim=True)
    mix = torch.where(draw(n, 1, 1) < 0.5, torch.eye(3), mix)
    drawn = (seen[:, 3:] > 0).float()
    colour = torch.einsum("nij,njyx->niyx", mix, seen[:, :3])
    light = 0.7 + 0.6 * draw(n, 1, 1, 1)
    colour = (colour * light + 0.4 * (draw(n, 1, 1, 1) - 0.5)).clamp(-1, 1)
    noise = 0.3 * draw(n, 1, 1, 1) * (draw(n, 3, *seen.shape[2:]) - 0.5)
    return torch.cat([(colour + noise) * drawn, seen[:, 3:]], 1)


def _network(kinds: int) -> nn.Module:
    """Five convolutions, 32 px down to 4, then the 16 places side by side."""

    def block(into: int, out: int, stride: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()
        )

    return nn.Sequential(
        block(4, 24, 1),
        block(24, 48, 2),
        block(48, 48, 1),
        block(48, 96, 2),
        block(96, 96, 1),
        block(96, 128, 2),
        nn.Flatten(),
        nn.Dropout(0.4),
        nn.Linear(128 * 16, kinds),
    )
