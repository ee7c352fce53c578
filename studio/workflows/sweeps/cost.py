"""What a sweep will take, told before it begins: time for all its trials, room for their LoRAs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.training import estimate
from studio.training.config import TrainConfig
from studio.training.estimate import Measured, Shape
from studio.workflows.sweeps import ranges
from studio.workflows.sweeps.ranges import Range
from studio.workflows.sweeps.study import AT_FIRST

# A trial's own beginning, of which `benchmarks/sweep.py` tells: MLflow, the optimizer, reading the
# dataset's pictures for the first check; and the base is loaded anew. Encoded are they already.
AGAIN_S = 1.7
LOADED = 1e9  # bytes a second of the base's weights, from the disk's cache; taken
# Of a trial that may be cut short, what is trained on average: two of three were cut, at their
# first or second check; 0.53 of the steps of twelve such trials, in two sweeps of the pocket base.
LEARNED = 0.55
STATES = 3  # a checkpoint holds weights and two moments
BYTES = 4  # a parameter, on the disk at most
NO_LOOKS: dict[str, Any] = {"held_out": 0.0, "check_every_n_steps": 0, "preview_every_n_steps": 0}
HELD = 2  # checkpoints, and LoRAs of checks, that a running trial holds


@dataclass(frozen=True)
class Cost:
    """Seconds as a sweep usually takes and `most`: were no trial cut short; bytes of the disk at
    its fullest; how many trials are made."""

    seconds: float
    most: float
    disk: float
    trials: int


def cost(
    config: TrainConfig,
    tried: Mapping[str, Range],
    trials: int,
    shape: Shape,
    device: str,
    pictures: int,
    side: int | None = None,
    earlier: Sequence[Measured] = (),
) -> Cost:
    """Of `trials` trials of `config` with what `tried` says, on `pictures` pictures."""
    count = int(min(trials, ranges.most(tried)))
    steps = _mean(tried["max_train_steps"]) if "max_train_steps" in tried else 0
    usual = replace(config, max_train_steps=round(steps) or config.max_train_steps)
    first = estimate.estimate(usual, shape, device, pictures, side, earlier).seconds
    once = estimate.estimate(
        replace(usual, max_train_steps=0, **NO_LOOKS), shape, device, pictures, side, earlier
    ).seconds
    learning = first - once
    whole = min(count, AT_FIRST)
    again = AGAIN_S + BYTES * shape.parameters / LOADED
    most = once + count * (again + learning)
    seconds = most - (count - whole) * (1 - LEARNED) * learning
    rank = _mean(tried["rank"]) if "rank" in tried else config.rank
    highest = max(_ends(tried["rank"])) if "rank" in tried else config.rank
    lora = 4 * estimate.trained(replace(config, rank=1), shape)
    disk = lora * (rank * count + highest * HELD * (STATES + 1))
    return Cost(seconds, most, disk, count)


def room(bytes: float) -> str:
    """Room on the disk as people say it."""
    return f"{bytes / 1e9:.1f} GB" if bytes >= 1e9 else f"{math.ceil(bytes / 1e6)} MB"


def _ends(found: Range) -> tuple[float, ...]:
    return found.values or (found.low, found.high)


def _mean(found: Range) -> float:
    """Of values their mean; of a range, drawn evenly in powers, what comes out on average."""
    if found.values:
        return sum(found.values) / len(found.values)
    return (found.high - found.low) / math.log(found.high / found.low)
