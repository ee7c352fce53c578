"""The training loop of a GAN, read from top to bottom.

Every random draw of step s comes from a generator seeded by (seed, s), and the order of the
pictures from (seed, epoch): going on needs the weights, their average, and what the optimizers
remember, nothing else. Killed at any moment and gone on with, it ends bit-equal on one machine.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.errors import StudioError
from studio.gan import (
    augmentation,
    checkpoints,
    data,
    losses,
    model_file,
    networks,
    optimizers,
    step_inputs,
)
from studio.gan.data import Pictures
from studio.gan.pixels import as_numbers
from studio.gan.sampling import Sampler
from studio.gan.settings import DCGAN, GanSettings
from studio.gan.shape import Shape
from studio.gan.share import ALONE, Share

READ_EVERY = 50  # steps between two looks at the losses; each makes a device wait
GRID_EVERY = 50  # steps between two grids at least: tiny sets have short epochs
FIGURES = ("d_loss", "g_loss", "d_real", "d_fake", "penalty")


@dataclass(frozen=True)
class Progress:
    """Where a training stands; speed in pictures a second, `left` in seconds."""

    step: int
    steps: int
    epoch: int
    figures: dict[str, float]
    speed: float
    left: float


@dataclass(frozen=True)
class Hooks:
    """What the loop tells: progress, figures of a step, the first batch as it is learned from
    [n, channels, h, w], a generator at the end of an epoch, and a checkpoint that lies on the disk.
    `check` measures a generator, and ends the training there by True."""

    progress: Callable[[Progress], None] = lambda progress: None
    figures: Callable[[int, dict[str, float]], None] = lambda step, figures: None
    batch: Callable[[Tensor], None] = lambda batch: None
    grid: Callable[[int, int, Sampler], None] = lambda epoch, step, sampler: None
    check: Callable[[int, Sampler], bool] = lambda step, sampler: False
    checkpoint: Callable[[int, Path], None] = lambda step, place: None
    say: Callable[[str], None] = lambda sentence: None


def total_steps(settings: GanSettings, count: int) -> int:
    """How many steps a training on `count` pictures has."""
    epochs = math.ceil(settings.num_epochs * count / batch_of(settings))
    return min(epochs, settings.max_train_steps) if settings.max_train_steps else epochs


def batch_of(settings: GanSettings) -> int:
    """Pictures that a step sees."""
    return settings.batch_size * settings.accumulation_iterations


def train(
    pictures: Pictures,
    shape: Shape,
    settings: GanSettings,
    folder: Path,
    hooks: Hooks,
    device: torch.device,
    *,
    resume: bool = False,
    before: Mapping[str, Tensor] | None = None,
    share: Share = ALONE,
) -> Sampler:
    """Train a generator on pictures and give it back, ready to draw; checkpoints lie in `folder`.

    `before` are the weights of an earlier generator, to begin with. With `resume` it goes on from
    the folder's newest checkpoint. StudioError for a loss that is no number, or a
    checkpoint of other settings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    batch, way, name = settings.batch_size, shape.seamless, settings.loss_function
    parts, rows = settings.accumulation_iterations, share.rows(settings.batch_size)
    order = data.Order(len(pictures), batch * parts, settings.seed)
    steps = total_steps(settings, len(pictures))
    every = max(1, math.ceil(GRID_EVERY * order.batch / order.count))  # epochs between two grids

    made = networks.generator(shape, settings.seed).to(device)
    judge = networks.discriminator(shape, settings.seed).to(device)
    if before is not None:
        weights, anew = model_file.begun(before, made)
        made.load_state_dict(weights)
        hooks.say(f"Begun from an earlier GAN{f', but for {anew[0]}' if anew else ''}.")
    if settings.channels_last:
        for one in (made, judge):
            one.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    betas = (settings.beta1, settings.beta2)
    of_made = optimizers.make(
        settings.optimizer, made.parameters(), settings.generator_lr, betas, settings.generator_wd
    )
    of_judge = optimizers.make(
        settings.optimizer,
        judge.parameters(),
        settings.discriminator_lr,
        betas,
        settings.discriminator_wd,
    )
    average = {one: value.detach().clone() for one, value in made.named_parameters()}
    scaler = torch.amp.GradScaler(device.type, enabled=settings.precision == "fp16")
    run_made, run_judge = _compiled(made, judge, settings)
    shown = Sampler(shape, networks.generator(shape).eval())

    start, ended = 0, False
    if resume and (found := checkpoints.newest(folder)):
        state, tensors = found
        start, ended = int(state["step"]), bool(state["ended"])
        _restore(tensors, state, made, judge, average, of_made, of_judge)
        if settings.precision == "fp16":
            scaler.load_state_dict(state["scaler"])

    def sampler() -> Sampler:
        """What draws as the training stands: with the averaged weights, where there are such."""
        weights = dict(made.state_dict())
        if settings.generator_ema:
            weights |= average
        shown.network.load_state_dict({one: value.cpu() for one, value in weights.items()})
        return shown

    def keep(step: int, ended: bool) -> None:
        if share.rank:
            return
        _check_weights(step, (made, judge), settings)
        tensors = {f"average.{one}": value for one, value in average.items()}
        state: dict[str, Any] = {"ended": ended, "scaler": scaler.state_dict()}
        for named, network, optimizer in (("g", made, of_made), ("d", judge, of_judge)):
            tensors |= {f"{named}.{one}": value for one, value in network.state_dict().items()}
            remembered, plain = optimizers.remembered(optimizer)
            tensors |= {f"{named}o.{one}": value for one, value in remembered.items()}
            state[f"{named}o"] = plain
        hooks.checkpoint(step, checkpoints.save(folder, step, tensors, state))

    def judged(pictures: Tensor, classes: Tensor, changes: augmentation.Changes | None) -> Tensor:
        if changes is not None:
            pictures = augmentation.changed(pictures, changes, way)
        told: Tensor = run_judge(pictures, classes)
        return told.float()

    made.train()
    judge.train()
    began = told_at = time.monotonic()
    stream = data.batches(pictures, order, start + 1, start if ended else steps)
    for step, (raw, ids) in enumerate(stream, start + 1):
        randomly = step_inputs.random_of(settings.seed, step)
        real = as_numbers(step_inputs.turned(raw, pictures.asked, randomly)).to(device)
        classes = step_inputs.weights(ids, len(shape.classes)).to(device)
        if step == start + 1 and not share.rank:
            hooks.batch(real.cpu())
        figures = torch.zeros(len(FIGURES), device=device)

        # The discriminator: what is real, and what is not.
        of_judge.zero_grad(set_to_none=True)
        for part in range(parts):
            mine = slice(part * batch + rows.start, part * batch + rows.stop)
            latent, changes = step_inputs.drawn(shape, settings, randomly)
            seen, kinds = real[mine], classes[mine]
            with torch.no_grad(), _precision(settings, device):
                fake = run_made(latent[rows].to(device), kinds)
            first = changes[0].part(rows) if changes else None
            second = changes[1].part(rows) if changes else None
            loss, said = _judging(
                judged, seen, fake.float(), kinds, first, second, settings, device
            )
            scaler.scale(loss / parts).backward()
            figures += said / parts
        share.average(judge)
        scaler.step(of_judge)

        # The generator: what the discriminator takes for real.
        of_made.zero_grad(set_to_none=True)
        with losses.frozen(judge):
            for part in range(parts):
                mine = slice(part * batch + rows.start, part * batch + rows.stop)
                latent, changes = step_inputs.drawn(shape, settings, randomly)
                seen, kinds = real[mine], classes[mine]
                first = changes[0].part(rows) if changes else None
                second = changes[1].part(rows) if changes else None
                with _precision(settings, device):
                    fake = run_made(latent[rows].to(device), kinds).float()
                    of_real = None
                    if name == "relativistic":
                        with torch.no_grad():
                            of_real = judged(seen, kinds, first)
                    loss = losses.generator(name, of_real, judged(fake, kinds, second))
                scaler.scale(loss / parts).backward()
                figures[1] += loss.detach() / parts
        share.average(made)
        if settings.orthogonal_value:
            scaler.unscale_(of_made)
            losses.keep_orthogonal(made, settings.orthogonal_value)
        scaler.step(of_made)
        scaler.update()
        _follow(average, made, step, settings.ema_decay)

        last = step == steps
        save = last or bool(settings.save_steps and step % settings.save_steps == 0)
        due = last or bool(settings.steps_to_eval and step % settings.steps_to_eval == 0)
        logged = last or bool(settings.log_steps and step % settings.log_steps == 0)
        if step % READ_EVERY == 0 or logged or save or due:
            values = dict(zip(FIGURES, figures.tolist(), strict=True))
            _check(step, values, settings)
            now = time.monotonic()
            pace = (step - start) * order.batch / max(now - began, 1e-9)
            if now - told_at > 1 or last:
                told_at, left = now, (steps - step) * order.batch / pace
                epoch = order.epoch(step)
                hooks.progress(Progress(step, steps, epoch, values, pace, left))
            if logged:
                hooks.figures(step, values)
        epoch = order.epoch(step)
        if not share.rank and (epoch // every > order.epoch(step - 1) // every or last):
            hooks.grid(epoch, step, sampler())
        if due:
            # Before the checkpoint: whoever goes on from there finds the check done.
            ended = share.agreed(not share.rank and hooks.check(step, sampler()), device)
        if save or ended:
            keep(step, ended)
        if ended:
            break
    return sampler()


def _judging(
    judged: Callable[[Tensor, Tensor, augmentation.Changes | None], Tensor],
    real: Tensor,
    fake: Tensor,
    classes: Tensor,
    of_real: augmentation.Changes | None,
    of_fake: augmentation.Changes | None,
    settings: GanSettings,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """The discriminator's loss with its penalties, and the step's figures."""
    if settings.gamma:
        real, fake = real.detach().requires_grad_(), fake.detach().requires_grad_()
    with _precision(settings, device):
        if settings.model_type == DCGAN:  # its batch norm sees each kind alone
            real_logits = judged(real, classes, of_real)
            fake_logits = judged(fake, classes, of_fake)
        else:
            changes = None
            if of_real is not None and of_fake is not None:
                changes = augmentation.joined(of_real, of_fake)
            both = judged(torch.cat([real, fake]), torch.cat([classes, classes]), changes)
            real_logits, fake_logits = both.chunk(2)
        loss = losses.discriminator(settings.loss_function, real_logits, fake_logits)
    penalty = loss.new_zeros(())
    if settings.gamma:
        penalty = losses.steepness((real_logits, fake_logits), (real, fake))
        loss = loss + settings.gamma / 2 * penalty
    told = (loss.new_zeros(()), real_logits.mean(), fake_logits.mean(), penalty)
    return loss, torch.stack([loss.detach(), *(one.detach() for one in told)])


@torch.no_grad()
def _follow(average: dict[str, Tensor], made: nn.Module, step: int, decay: float) -> None:
    """The average moves towards the weights as they are after a step, sooner at first."""
    # The warm-up of TensorFlow's ExponentialMovingAverage.
    by = 1 - min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.values()), [one.detach() for one in made.parameters()], by)


def _precision(
    settings: GanSettings, device: torch.device
) -> contextlib.AbstractContextManager[Any]:
    if settings.precision == "fp32":
        return contextlib.nullcontext()
    kind = torch.bfloat16 if settings.precision == "bf16" else torch.float16
    return torch.autocast(device.type, kind)


def _compiled(
    made: nn.Module, judge: nn.Module, settings: GanSettings
) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    if not settings.compile:
        return made, judge
    # Gradients of gradients can't be had through compiled code.
    return torch.compile(made), judge if settings.gamma else torch.compile(judge)


def _restore(
    tensors: dict[str, Tensor],
    state: dict[str, Any],
    made: nn.Module,
    judge: nn.Module,
    average: dict[str, Tensor],
    of_made: torch.optim.Optimizer,
    of_judge: torch.optim.Optimizer,
) -> None:
    """Put a checkpoint's weights and memories where they belong."""

    def part(name: str) -> dict[str, Tensor]:
        return {
            key.removeprefix(f"{name}."): value
            for key, value in tensors.items()
            if key.startswith(f"{name}.")
        }

    try:
        made.load_state_dict(part("g"))
        judge.load_state_dict(part("d"))
        for name, value in part("average").items():
            average[name].copy_(value)
    except (RuntimeError, KeyError) as error:
        raise StudioError(
            "The checkpoint does not fit these settings.",
            "Go on with the settings that it began with, or start anew.",
        ) from error
    optimizers.recall(of_made, part("go"), state["go"])
    optimizers.recall(of_judge, part("do"), state["do"])


def _check(step: int, values: Mapping[str, float], settings: GanSettings) -> None:
    """StudioError for a loss that is no number: before a checkpoint can hold what came of it."""
    for name, value in values.items():
        if not math.isfinite(value):
            raise StudioError(
                f"{name} is {value} at step {step}.",
                f"Lower the learning rates (now {settings.generator_lr:g} and "
                f"{settings.discriminator_lr:g}) or use fp32; the last checkpoint is kept.",
            )


def _check_weights(step: int, networks: Sequence[nn.Module], settings: GanSettings) -> None:
    """The same of weights that the step's gradients spoilt."""
    whole = [torch.isfinite(one).all() for each in networks for one in each.parameters()]
    if not bool(torch.stack(whole).all()):
        _check(step, {"a weight": math.nan}, settings)
