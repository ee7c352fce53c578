"""What the three training loops share: schedule, moving average, checkpoints, time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import cos, pi
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from studio.store.publish import publishing

Report = Callable[[str], None]
SAVE_EVERY_S = 120.0  # between checkpoints


WARM_STEPS = 300
STEADY = 0.8  # share of the training at the full rate


def learning_rate(peak: float, step: int, steps: int) -> float:
    """Warm-up, then `peak`, and over the last fifth a cosine down to 2 % of it.

    Most of the training does not hang on its length, so it can go on when it was too short.
    """
    if step < WARM_STEPS:
        return peak * (step + 1) / WARM_STEPS
    late = (step / steps - STEADY) / (1 - STEADY)
    if late <= 0:
        return peak
    return peak * (0.02 + 0.98 * 0.5 * (1 + cos(pi * min(late, 1.0))))


class Average:
    """A moving average of a model's parameters; young averages forget faster."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.names = [name for name, _ in model.named_parameters()]
        self.live = [p for _, p in model.named_parameters()]
        self.mean = [p.detach().clone() for p in self.live]

    @torch.no_grad()
    def update(self, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.mean, [p.detach() for p in self.live], 1 - decay)

    def state(self) -> dict[str, torch.Tensor]:
        return dict(zip(self.names, self.mean, strict=True))

    @torch.no_grad()
    def load(self, state: dict[str, torch.Tensor]) -> None:
        for name, mean in zip(self.names, self.mean, strict=True):
            mean.copy_(state[name])

    @torch.no_grad()
    def copy_to(self, model: nn.Module) -> None:
        """Writes the average over the parameters of a model of the same shape."""
        for (_, p), mean in zip(model.named_parameters(), self.mean, strict=True):
            p.copy_(mean)


@dataclass
class Stage:
    """One part's training: its model, optimizer, average, random state and place on disk."""

    name: str
    model: nn.Module
    peak: float
    pictures: int
    batch: int
    device: str
    work: Path
    seed: int
    report: Report
    deadline: float  # time.monotonic() at which to stop
    decay: float = 0.999
    step: int = 0
    spent_s: float = 0.0
    optimizer: torch.optim.Optimizer = field(init=False)
    average: Average = field(init=False)
    random: torch.Generator = field(init=False)

    def __post_init__(self) -> None:
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        other = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": 0.01},
                {"params": other, "weight_decay": 0.0},
            ],
            lr=self.peak,
            betas=(0.9, 0.99),
            fused=True,
        )
        self.average = Average(self.model, self.decay)
        self.random = torch.Generator(self.device).manual_seed(self.seed)

    @property
    def checkpoint(self) -> Path:
        return self.work / f"{self.name}.pt"

    @property
    def steps(self) -> int:
        return max(1, self.pictures // self.batch)

    @property
    def goes_on(self) -> bool:
        """Whether pictures and time are left."""
        return self.step < self.steps and time.monotonic() < self.deadline

    def start_from(self, weights: dict[str, torch.Tensor], seen: int) -> None:
        """Begins with kept weights that have seen so many pictures; a checkpoint goes before."""
        self.model.load_state_dict(weights, strict=False)
        self.average.load(dict(self.model.named_parameters()))
        self.step = seen // self.batch

    def save(self) -> None:
        """Writes the checkpoint; a kill or a full disk leaves the old one."""
        state: dict[str, Any] = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state(),
            "random": self.random.get_state(),
            "step": self.step,
            "spent_s": self.spent_s,
        }
        with publishing(self.checkpoint, errors=(RuntimeError,)) as aside:
            torch.save(state, aside)

    def load(self) -> None:
        """Goes on from the checkpoint if there is one."""
        if not self.checkpoint.is_file():
            return
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load(state["average"])
        self.random.set_state(state["random"].cpu())
        self.step, self.spent_s = int(state["step"]), float(state["spent_s"])
        self.report(f"{self.name}: going on at step {self.step}")

    def run(self, loss_of: Callable[[], torch.Tensor]) -> bool:
        """Trains until `pictures` are seen or the deadline; True if it was finished."""
        began = saved = told = time.monotonic()
        first, running = self.step, 0.0
        spent_before = self.spent_s
        self.model.train()
        while self.goes_on:
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(self.peak, self.step, self.steps)
            self.optimizer.zero_grad(set_to_none=True)
            loss = loss_of()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.average.update(self.step)
            self.step += 1
            now = time.monotonic()
            self.spent_s = spent_before + now - began
            running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
            if now - told > 15:
                told = now
                rate = (self.step - first) * self.batch / (now - began)
                left = (self.steps - self.step) * self.batch / rate
                self.report(
                    f"{self.name}: step {self.step}/{self.steps}, loss {running:.4f}, "
                    f"{rate:.0f} pictures/s, {left:.0f} s left"
                )
            if now - saved > SAVE_EVERY_S:
                saved = now
                self.save()
        if self.step:
            self.save()
        return self.step >= self.steps


@contextmanager
def half_precision(device: str) -> Iterator[None]:
    """bf16 autocast: several times faster on recent CPUs and GPUs, and as stable as fp32 here.

    On CPU attention goes through plain matrix products, since the fused kernel's backward is
    several times slower there at these sizes.
    """
    kind = torch.device(device).type
    with ExitStack() as stack:
        stack.enter_context(torch.autocast(kind, torch.bfloat16))
        if kind == "cpu":
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        yield


@contextmanager
def averaged(stage: Stage) -> Iterator[nn.Module]:
    """The stage's model with its averaged weights, for encoding and saving; restored after."""
    live = [p.detach().clone() for p in stage.model.parameters()]
    stage.average.copy_to(stage.model)
    stage.model.eval()
    try:
        yield stage.model
    finally:
        with torch.no_grad():
            for p, kept in zip(stage.model.parameters(), live, strict=True):
                p.copy_(kept)
