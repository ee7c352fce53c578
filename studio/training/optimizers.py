"""The optimizers and schedules that a training may use, and what they must remember.

AdamW: Loshchilov and Hutter, 2019; its 8-bit form: Dettmers et al. 2022; Adafactor: Shazeer and
Stern, 2018; Prodigy: Mishchenko and Defazio, 2023. Each by its library, none written here.

Not covered: Prodigy and Adafactor read numbers back from the device in every step.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch

RESTARTS = 3  # of cosine_with_restarts


def make(config: TrainConfig, weights: Mapping[str, Any]) -> Any:
    """The optimizer of `weights`; those of text encoders form a group with a rate of its own.

    Prodigy finds the rate itself: its factor is 1 for all of them.
    """
    import torch

    words = [value for name, value in weights.items() if name.startswith("text_encoder")]
    rest = [value for name, value in weights.items() if not name.startswith("text_encoder")]
    groups: list[dict[str, Any]] = [{"params": rest}]
    if words:
        rate = config.text_encoder_learning_rate or config.learning_rate / 2
        groups.append({"params": words, "lr": rate})
    settings: dict[str, Any] = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    if config.optimizer == "prodigy":
        from prodigyopt import Prodigy

        everything = [value for group in groups for value in group["params"]]
        with contextlib.redirect_stdout(io.StringIO()):  # it prints that it decays weights
            return Prodigy(
                everything,
                lr=1.0,
                weight_decay=config.weight_decay,
                use_bias_correction=True,
                safeguard_warmup=True,
            )
    if config.optimizer == "adafactor":
        from transformers import Adafactor

        return Adafactor(groups, scale_parameter=False, relative_step=False, **settings)
    if config.optimizer == "adamw8bit":
        import bitsandbytes

        return bitsandbytes.optim.AdamW8bit(groups, **settings)
    return torch.optim.AdamW(groups, fused=True, **settings)


def schedule(config: TrainConfig, optimizer: Any) -> Any:
    """The learning rate over the steps, as diffusers has it."""
    from diffusers.optimization import get_scheduler

    warmup = config.warmup_steps
    if config.lr_scheduler == "polynomial":  # which divides by the steps after it
        warmup = min(warmup, config.max_train_steps - 1)
    return get_scheduler(
        config.lr_scheduler,
        optimizer,
        num_warmup_steps=warmup,
        num_training_steps=config.max_train_steps,
        num_cycles=RESTARTS,
    )


def rate(optimizer: Any, schedule: Any) -> float:
    """The learning rate of the UNet's weights in the step that comes; Prodigy's as found so far."""
    found = float(schedule.get_last_lr()[0])
    return found * float(optimizer.param_groups[0].get("d", 1.0))


def remembered(optimizer: Any, schedule: Any) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """What the optimizer must go on with: tensors, and plain values that JSON keeps exactly."""
    import torch

    tensors: dict[str, torch.Tensor] = {}
    plain: dict[str, Any] = {"moments": {}, "groups": []}
    state = optimizer.state_dict()
    for number, entry in state["state"].items():
        for name, value in entry.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer.{number}.{name}"] = value
            else:
                plain["moments"].setdefault(str(number), {})[name] = value
    for group in state["param_groups"]:
        plain["groups"].append({k: _plain(v) for k, v in group.items() if k != "params"})
    told = schedule.state_dict()
    plain["schedule"] = {k: v for k, v in told.items() if k != "lr_lambdas"}
    return tensors, plain


def recall(
    optimizer: Any,
    schedule: Any,
    weights: Sequence[torch.Tensor],
    tensors: Mapping[str, torch.Tensor],
    plain: Mapping[str, Any],
    step: int,
) -> None:
    """Bring optimizer and schedule to where they were after `step`.

    `plain` is empty in checkpoints of the time before it was kept; their schedule is reckoned.
    """
    import torch

    state = optimizer.state_dict()
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            weight = weights[int(number)]
            if value.shape == weight.shape:
                # In the weight's own order of memory, or a fused step and sums would differ.
                value = torch.empty_like(weight, dtype=value.dtype).copy_(value)
            state["state"].setdefault(int(number), {})[name] = value
    for number, entry in plain.get("moments", {}).items():
        state["state"].setdefault(int(number), {}).update(entry)
    for group, kept in zip(state["param_groups"], plain.get("groups", []), strict=False):
        group.update({name: _as_it_was(group.get(name), value) for name, value in kept.items()})
    try:
        optimizer.load_state_dict(state)
    except (ValueError, KeyError, RuntimeError) as error:
        raise StudioError(
            f"The checkpoint's optimizer does not fit: {error}",
            "Resume with the settings the run began with, or start anew.",
        ) from error
    if told := plain.get("schedule"):
        schedule.load_state_dict({**schedule.state_dict(), **told})
    else:
        schedule.last_epoch, schedule._step_count = step, step + 1
        rates = zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)
        schedule._last_lr = [base * share(step) for base, share in rates]
        for group, value in zip(optimizer.param_groups, schedule._last_lr, strict=True):
            group["lr"] = value


def _plain(value: Any) -> Any:
    import torch

    return float(value) if isinstance(value, torch.Tensor) else value


def _as_it_was(now: Any, kept: Any) -> Any:
    return tuple(kept) if isinstance(now, tuple) else kept
