"""The training loop: adapters on UNet and text encoders, read from top to bottom.

Every random draw of step s comes from a generator seeded by (seed, s), and the order of the
pictures from one seeded by (seed, epoch): resuming needs the weights, their average, and what
optimizer and schedule remember, nothing else.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.training import acceleration, adapter_layers, checkpoints, memory, optimizers
from studio.training.adapter_layers import add_lora
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig
from studio.training.ema import Average
from studio.training.encoded_dataset import Encoded
from studio.training.training_step import Lesson

if TYPE_CHECKING:
    import torch

READ_EVERY = 10  # steps between two looks at the losses; each look makes the device wait
TELL_EVERY_S = 5.0  # between two writes of them to the journal and to MLflow

__all__ = ["Hooks", "Progress", "add_lora", "train"]


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
    at every check and at the end; True ends the training there. `say` is told in words what was
    changed on the way, such as the batch; `checkpoint` each step that it can go on from, and the
    folder that holds it."""

    progress: Callable[[Progress], None]
    rows: Callable[[list[Row]], None]
    preview: Callable[[int], None]
    check: Callable[[int, dict[str, torch.Tensor]], bool] = lambda step, tensors: False
    say: Callable[[str], None] = lambda sentence: None
    checkpoint: Callable[[int, Path], None] = lambda step, folder: None


def train(
    pipeline: Any,
    encoded: Encoded,
    config: TrainConfig,
    folder: Path,
    hooks: Hooks,
    *,
    resume: bool = False,
    prior: Encoded | None = None,
) -> dict[str, torch.Tensor]:
    """Train the adapters and return their tensors in diffusers' layout; checkpoints lie in
    `folder`. `prior` are pictures of the class, which are learned beside.

    Stopped at any moment and called again with `resume`, it ends bit-equal on the same machine,
    threads and versions. Raises StudioError for a loss that is not a number, memory that does not
    suffice, a full disk, or a checkpoint of another base.
    """
    from accelerate import Accelerator

    device, journal, start = encoded.device, folder / "losses.jsonl", 0
    folder.mkdir(parents=True, exist_ok=True)
    accelerator = Accelerator(mixed_precision=config.mixed_precision, cpu=device.type == "cpu")
    base = adapter_layers.mark(pipeline.unet)
    learning = adapter_layers.attach(pipeline, config)
    weights = adapter_layers.trainable(learning)
    acceleration.prepare(pipeline.unet, config, device)
    optimizer = accelerator.prepare(optimizers.make(config, weights))
    schedule = optimizers.schedule(config, optimizer)
    average = Average(weights, config.ema_decay) if config.ema_decay else None
    lesson = Lesson(pipeline, encoded, prior, config, accelerator, weights, hooks.say)
    for model in learning.values():
        model.train()

    ended = False
    if resume and (found := checkpoints.newest(folder)):
        state, tensors = found
        start, ended = int(state["step"]), bool(state.get("ended"))
        adapter_layers.check_mark(state.get("base", base), base)
        _restore(weights, average, tensors)
        recalled = state.get("optimizer", {})
        optimizers.recall(optimizer, schedule, list(weights.values()), tensors, recalled, start)
        if accelerator.scaler and state.get("scaler"):
            accelerator.scaler.load_state_dict(state["scaler"])
        if "batch" in state:
            lesson.take(memory.with_batch(config, *state["batch"]))
    else:
        journal.unlink(missing_ok=True)
        if config.largest_batch:
            lesson.find_largest()
    # Steps after the checkpoint are drawn again and end the same: their rows stand already.
    known = checkpoints.read(journal)
    hooks.rows(known)
    journaled = known[-1].step if known else 0

    @contextlib.contextmanager
    def shown() -> Iterator[None]:
        """The models as whoever draws or measures wants them; then they learn on."""
        for model in learning.values():
            model.eval()
        with (
            average.instead() if average else contextlib.nullcontext(),
            parked.back(),
            acceleration.plainly(config),
        ):
            yield
        for model in learning.values():
            model.train()

    def keep(step: int, ended: bool) -> None:
        tensors, plain = optimizers.remembered(optimizer, schedule)
        tensors |= {f"weight.{name}": value for name, value in weights.items()}
        if average:
            tensors |= {f"average.{name}": value for name, value in average.averaged.items()}
        batch = [lesson.config.batch_size, lesson.config.gradient_accumulation_steps]
        state = {"base": base, "batch": batch, "ended": ended, "optimizer": plain}
        if accelerator.scaler:
            state["scaler"] = accelerator.scaler.state_dict()
        hooks.checkpoint(step, checkpoints.save(folder, step, tensors, state, keep=2))

    pending: list[tuple[int, int, Any, float, Any]] = []
    untold: list[Row] = []
    # Times go on evenly from here, even where somebody sets the machine's clock, and never back.
    began, at_first = time.monotonic(), max(time.time(), known[-1].at / 1000 if known else 0.0)
    told, done, enough = began, 0, False
    idle = [n for n in ("vae", "text_encoder", "text_encoder_2") if n not in learning]
    with memory.aside(pipeline, idle, device) as parked:
        for step in range(start + 1, start + 1 if ended else config.max_train_steps + 1):
            loss = lesson.gradients(step)
            norm = accelerator.clip_grad_norm_(weights.values(), config.max_grad_norm)
            rate = optimizers.rate(optimizer, schedule)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            if average:
                average.follow(step)
            now = at_first + time.monotonic() - began
            pending.append((step, int(now * 1000), loss, rate, norm))
            done += lesson.config.batch_size * lesson.config.gradient_accumulation_steps

            last = step == config.max_train_steps
            save = last or (config.save_every_n_steps and step % config.save_every_n_steps == 0)
            every = config.check_every_n_steps
            due = (every and step % every == 0) or (save and not every) or last
            if step % READ_EVERY == 0 or save or due:
                rows, pending = _read(pending), []
                untold += [row for row in rows if row.step > journaled]
                _check(rows, config, scaled=accelerator.scaler is not None)
                pace = done / (time.monotonic() - began)
                mean = sum(r.loss for r in rows) / len(rows)
                left = (config.max_train_steps - step) * done / (step - start) / pace
                hooks.progress(Progress(step, config.max_train_steps, mean, pace, left))
            if due:
                # Before the checkpoint: whoever goes on from there finds the check done.
                with shown():
                    enough = hooks.check(step, adapter_layers.exported(learning))
                save, last = save or enough, last or enough
            if untold and (save or time.monotonic() - told > TELL_EVERY_S):
                # The journal first: what MLflow has, a resumed run can tell again unchanged.
                checkpoints.append(journal, untold)
                hooks.rows(untold)
                untold, told = [], time.monotonic()
            if save:
                keep(step, enough)
            if config.preview_every_n_steps and (step % config.preview_every_n_steps == 0 or last):
                with shown():
                    hooks.preview(step)
            if enough:
                break
    for model in learning.values():
        model.eval()
    if average:
        average.settle()
    return adapter_layers.exported(learning)


def _read(pending: list[tuple[int, int, Any, float, Any]]) -> list[Row]:
    """The losses and norms of several steps, read from the device at once."""
    import torch

    values = torch.stack([torch.stack((loss, norm.float())) for _, _, loss, _, norm in pending])
    return [
        Row(step, at, loss, rate, norm)
        for (step, at, _, rate, _), (loss, norm) in zip(pending, values.tolist(), strict=True)
    ]


def _check(rows: list[Row], config: TrainConfig, scaled: bool) -> None:
    """StudioError for a loss that is no number, or a gradient, which spoils the weights: before a
    checkpoint can hold them. With fp16's scaling steps of such gradients are left out."""
    for row in rows:
        whole = math.isfinite(row.loss)
        if whole and (scaled or math.isfinite(row.grad_norm)):
            continue
        what = f"gradient is {row.grad_norm}" if whole else f"loss is {row.loss}"
        raise StudioError(
            f"The {what} at step {row.step}.",
            f"Lower learning_rate (now {config.learning_rate}) or use fp32; "
            "the last checkpoint is kept.",
        )


def _restore(
    weights: dict[str, Any], average: Average | None, tensors: dict[str, torch.Tensor]
) -> None:
    """Put the checkpoint's weights into the models, and their average where it belongs."""
    for kind, places in (("weight", weights), ("average", average.averaged if average else {})):
        for name, place in places.items():
            value = tensors.get(f"{kind}.{name}", tensors.get(f"weight.{name}"))
            if value is None or value.shape != place.shape:
                raise StudioError(
                    f"The checkpoint's weight {name} does not fit the base or the rank.",
                    "Resume with the settings the run began with, or start anew.",
                )
            place.data.copy_(value)
