"""Our loop against a bare one: the same UNet and LoRA, ready tensors, and nothing else.

The bare loop is forward, squared error, backward, and the same AdamW. Ours is `loop.train` itself,
untouched: it calls its progress hook every READ_EVERY steps, and there, while it waits, the bare
loop does as many steps on a UNet of its own. So both take turns in one process every second or
so. A round of ours lasts from the return of one hook to the call of the next and holds all that
the loop does in between: drawing, losses read back, journal, checkpoints. The hooks themselves
do nothing, and previews are off. The first round, with the set-up and the first steps, is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch
from torch.nn import functional

from benchmarks.measured import Clock, Comparison, encoded_sample, hooks
from studio.diffusion import bases
from studio.training import batches, loop
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded, of_one_shape

LIMIT, LIMIT_FULL = 1.05, 1.03


def compare(
    config: TrainConfig, rounds: int, clock: Clock, folder: Path, full: int = 0
) -> Comparison:
    """Train on the sample in `folder` for `rounds` rounds of READ_EVERY steps, and one before.

    With `full`, a UNet of Stable Diffusion 1.5 with random weights takes the base's place, and
    learns latents of noise of `full` pixels a side.
    """
    if full:
        pipeline, encoded, other = _full(full, clock), _noise(full, clock), _full(full, clock)
    else:
        base = bases.find_base(config.base)
        pipeline, other = (bases.load_pipeline(base, clock.device) for _ in range(2))
        encoded = encoded_sample(pipeline, None, config, folder)
    # Slow steps take turns one by one, or the machine would be another one meanwhile.
    every = 1 if full else loop.READ_EVERY
    config = replace(config, max_train_steps=(rounds + 1) * every, preview_every_n_steps=0)
    step = _bare_step(other.unet, encoded, config)
    ours: list[float] = []
    theirs: list[float] = []
    left = 0.0

    def turn(at: loop.Progress) -> None:
        nonlocal left
        came = clock.now()
        for _ in range(every):
            step()
        back = clock.now()
        if at.step > every:
            ours.append((came - left) / every)
            theirs.append((back - came) / every)
        left = clock.now()

    with patch.object(loop, "READ_EVERY", every):
        loop.train(pipeline, encoded, config, folder / "run", hooks(turn))
    return Comparison(
        "bare loop, SD 1.5's UNet" if full else "bare loop",
        LIMIT_FULL if full else LIMIT,
        tuple(ours),
        tuple(theirs),
        config.batch_size,
        full or bases.native_size(pipeline),
        config.rank,
    )


def _full(size: int, clock: Clock) -> Any:
    from diffusers import DDPMScheduler, UNet2DConditionModel

    torch.manual_seed(0)
    unet: Any = UNet2DConditionModel(sample_size=size // 8, cross_attention_dim=768)
    return SimpleNamespace(unet=unet.to(clock.device), scheduler=DDPMScheduler())


def _noise(size: int, clock: Clock) -> Encoded:
    draws = torch.Generator().manual_seed(0)
    mean = torch.randn(8, 4, size // 8, size // 8, generator=draws).to(clock.device)
    text = torch.randn(9, 77, 768, generator=draws).to(clock.device)
    return of_one_shape(mean, 0.1 * mean.abs(), text[:8], text[8])


def _bare_step(unet: torch.nn.Module, encoded: Encoded, config: TrainConfig) -> Callable[[], None]:
    """One step of forward, loss, backward and AdamW on one ready batch."""
    unet = loop.add_lora(unet, config).train()
    weights = [p for p in unet.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        weights, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    draws = torch.Generator().manual_seed(config.seed)
    places = torch.arange(config.batch_size) % len(encoded.groups[0].pictures)
    seen = batches.batch(encoded, batches.Chosen(0, places), config, draws)
    noisy, text = seen.latents, seen.text
    target = torch.randn(noisy.shape, generator=draws).to(noisy.device)
    timesteps = torch.randint(1000, (len(noisy),), generator=draws).to(noisy.device)
    half = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(config.mixed_precision)

    def step() -> None:
        with torch.autocast(noisy.device.type, dtype=half, enabled=half is not None):
            predicted = unet(noisy, timesteps, text, return_dict=False)[0]
        functional.mse_loss(predicted.float(), target).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step
