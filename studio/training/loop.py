"""The training loop: a LoRA on the UNet, read from top to bottom.

Every random draw of step s comes from a generator seeded by (seed, s), and the order of the
pictures from one seeded by (seed, epoch): resuming needs weights and optimizer, nothing else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.training import checkpoints, optimizers
from studio.training.batches import batch, order, seed
from studio.training.cache import Encoded
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig
from studio.training.export import lora_tensors
from studio.training.noising import Noising

if TYPE_CHECKING:
    import torch

READ_EVERY = 10  # steps between two looks at the losses; each look makes the device wait
TELL_EVERY_S = 5.0  # between two writes of them to the journal and to MLflow

MODULES = {
    "attention": ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out"],
    "feed-forward": ["ff.net.0.proj", "ff.net.2"],
    "convolutions": ["conv1", "conv2", "conv_shortcut", "conv", "conv_in", "conv_out"],
}


@dataclass(frozen=True)
class Progress:
    """Where a training stands; speed in pictures per second, `left` in seconds."""

    step: int
    steps: int
    loss: float
    speed: float
    left: float


@dataclass(frozen=True)
class Hooks:
    """What the loop tells others: progress often; rows, while it runs, each step's once however
    often it is resumed, but after a kill the last ones again with the same time; and a preview
    every N steps. `check` is given the step and the adapter's tensors as they would be exported,
    at every check and at the end; True ends the training there."""

    progress: Callable[[Progress], None]
    rows: Callable[[list[Row]], None]
    preview: Callable[[int], None]
    check: Callable[[int, dict[str, torch.Tensor]], bool] = lambda step, tensors: False


def add_lora(unet: Any, config: TrainConfig) -> Any:
    """The UNet with trainable LoRA weights of peft on the chosen modules; the rest frozen."""
    import torch
    from peft import LoraConfig

    names = [m for t in config.targets.split(",") for m in MODULES[t.strip()]]
    unet.requires_grad_(False)
    torch.manual_seed(config.seed)
    unet.add_adapter(
        LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,  # type: ignore[arg-type]  # fractions work
            lora_dropout=config.dropout,
            init_lora_weights="gaussian",
            target_modules=names,
        )
    )
    for parameter in unet.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return unet


def train(
    pipeline: Any,
    encoded: Encoded,
    config: TrainConfig,
    folder: Path,
    hooks: Hooks,
    *,
    resume: bool = False,
) -> dict[str, torch.Tensor]:
    """Train a LoRA and return its tensors in diffusers' layout; checkpoints lie in `folder`.

    Stopped at any moment and called again with `resume`, it ends bit-equal on the same machine,
    threads and versions. Raises StudioError for a loss that is not a number or a full disk.
    """
    import torch
    from accelerate import Accelerator
    from diffusers.optimization import get_scheduler

    accelerator = Accelerator(
        mixed_precision=config.mixed_precision, cpu=pipeline.device.type == "cpu"
    )
    unet = add_lora(pipeline.unet, config)
    unet.train()
    if config.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
    if config.xformers:
        unet.enable_xformers_memory_efficient_attention()
    trained = {n: p for n, p in unet.named_parameters() if p.requires_grad}
    optimizer = optimizers.make(config, list(trained.values()))
    unet, optimizer = accelerator.prepare(unet, optimizer)
    schedule = get_scheduler(
        config.lr_scheduler,
        optimizer,
        num_warmup_steps=config.warmup_steps,
        num_training_steps=config.max_train_steps,
    )
    noising = Noising(pipeline.scheduler.config, encoded.mean.device)
    journal, start = folder / "losses.jsonl", 0
    folder.mkdir(parents=True, exist_ok=True)
    if resume and (found := checkpoints.newest(folder)):
        state, tensors = found
        start = int(state["step"])
        _restore(trained, optimizer, tensors)
        for _ in range(start):
            schedule.step()
    else:
        journal.unlink(missing_ok=True)
    # Steps after the checkpoint are drawn again and end the same: their rows stand already.
    known = checkpoints.read(journal)
    hooks.rows(known)
    journaled = known[-1].step if known else 0

    pending: list[tuple[int, int, Any, Any, Any]] = []
    untold: list[Row] = []
    began, per_step = time.monotonic(), config.batch_size * config.gradient_accumulation_steps
    told = began
    for step in range(start + 1, config.max_train_steps + 1):
        total = torch.zeros((), device=encoded.mean.device)
        for part in range(config.gradient_accumulation_steps):
            draws = torch.Generator().manual_seed(seed(config.seed, step, part))
            if config.dropout:
                torch.manual_seed(seed(config.seed, step, part))
            chosen = order(len(encoded.mean), step, part, config)
            seen = batch(encoded, chosen, config, draws)
            loss = noising.loss(unet, seen, config, draws, accelerator)
            accelerator.backward(loss / config.gradient_accumulation_steps)
            total += loss.detach() / config.gradient_accumulation_steps
        norm = accelerator.clip_grad_norm_(trained.values(), config.max_grad_norm)
        optimizer.step()
        rate = schedule.get_last_lr()[0]
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        pending.append((step, time.time_ns() // 1_000_000, total, rate, norm))

        last = step == config.max_train_steps
        save = last or (config.save_every_n_steps and step % config.save_every_n_steps == 0)
        every, enough = config.check_every_n_steps, False
        if (every and step % every == 0) or (save and not every) or last:
            # Before the checkpoint: whoever goes on from there finds the check done.
            unet.eval()
            enough = hooks.check(step, lora_tensors(accelerator.unwrap_model(unet)))
            unet.train()
        save, last = save or enough, last or enough
        if step % READ_EVERY == 0 or save:
            rows = [Row(s, at, float(value), float(r), float(n)) for s, at, value, r, n in pending]
            pending = []
            untold += [row for row in rows if row.step > journaled]
            bad = next((r for r in rows if not math.isfinite(r.loss)), None)
            if bad:
                raise StudioError(
                    f"The loss is {bad.loss} at step {bad.step}.",
                    f"Lower learning_rate (now {config.learning_rate}) or use fp32; "
                    "the last checkpoint is kept.",
                )
            speed = (step - start) * per_step / (time.monotonic() - began)
            mean = sum(r.loss for r in rows) / len(rows)
            left = (config.max_train_steps - step) * per_step / speed
            hooks.progress(Progress(step, config.max_train_steps, mean, speed, left))
        if untold and (save or time.monotonic() - told > TELL_EVERY_S):
            # The journal first: what MLflow has, a resumed run can tell again unchanged.
            checkpoints.append(journal, untold)
            hooks.rows(untold)
            untold, told = [], time.monotonic()
        if save:
            checkpoints.save(folder, step, _tensors(trained, optimizer), {}, keep=2)
        if config.preview_every_n_steps and (step % config.preview_every_n_steps == 0 or last):
            unet.eval()
            hooks.preview(step)
            unet.train()
        if enough:
            break
    unet.eval()
    return lora_tensors(accelerator.unwrap_model(unet))


def _tensors(trained: dict[str, Any], optimizer: Any) -> dict[str, torch.Tensor]:
    import torch

    found = {f"weight.{name}": value for name, value in trained.items()}
    for number, entry in optimizer.state_dict()["state"].items():
        for name, value in entry.items():
            found[f"optimizer.{number}.{name}"] = torch.as_tensor(value)
    return found


def _restore(trained: dict[str, Any], optimizer: Any, tensors: dict[str, torch.Tensor]) -> None:
    state = optimizer.state_dict()
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            state["state"].setdefault(int(number), {})[name] = value
        else:
            name = key.removeprefix("weight.")
            if name not in trained or trained[name].shape != value.shape:
                raise StudioError(
                    f"The checkpoint's weight {name} does not fit the base or the rank.",
                    "Resume with the settings the run began with, or start anew.",
                )
            trained[name].data.copy_(value)
    optimizer.load_state_dict(state)
