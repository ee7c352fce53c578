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

import torch
from torch.nn import functional

from benchmarks.measured import Clock, Comparison, encoded_sample, hooks
from studio.diffusion import bases
from studio.training import batches, loop
from studio.training.config import TrainConfig
from studio.training.encoded import Encoded

LIMIT = 1.10


def compare(config: TrainConfig, rounds: int, clock: Clock, folder: Path) -> Comparison:
    """Train on the sample in `folder` for `rounds` rounds of READ_EVERY steps, and one before."""
    base = bases.find_base(config.base)
    pipeline = bases.load_pipeline(base, clock.device)
    encoded = encoded_sample(pipeline, None, config, folder)
    config = replace(
        config, max_train_steps=(rounds + 1) * loop.READ_EVERY, preview_every_n_steps=0
    )
    step = _bare_step(bases.load_pipeline(base, clock.device).unet, encoded, config)
    ours: list[float] = []
    theirs: list[float] = []
    left = 0.0

    def turn(at: loop.Progress) -> None:
        nonlocal left
        came = clock.now()
        for _ in range(loop.READ_EVERY):
            step()
        back = clock.now()
        if at.step > loop.READ_EVERY:
            ours.append((came - left) / loop.READ_EVERY)
            theirs.append((back - came) / loop.READ_EVERY)
        left = clock.now()

    loop.train(pipeline, encoded, config, folder / "run", hooks(turn))
    return Comparison(
        "bare loop",
        LIMIT,
        tuple(ours),
        tuple(theirs),
        config.batch_size,
        bases.native_size(pipeline),
        config.rank,
    )


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
