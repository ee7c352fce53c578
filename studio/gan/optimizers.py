"""Optimizers by name, and what they remember as tensors of a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from studio.errors import StudioError


class Lion(torch.optim.Optimizer):
    """Steps of one size, by the sign of a momentum (Chen et al. 2023)."""

    def __init__(
        self, weights: Iterable[Tensor], lr: float, betas: tuple[float, float], weight_decay: float
    ) -> None:
        super().__init__(weights, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step by the gradients; `closure` is not asked."""
        for group in self.param_groups:
            early, late = group["betas"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                momentum = state["momentum"]
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                towards = momentum.lerp(weight.grad, 1 - early)
                weight.add_(towards.sign_(), alpha=-group["lr"])
                momentum.lerp_(weight.grad, 1 - late)


def make(
    name: str, weights: Iterable[Tensor], lr: float, betas: tuple[float, float], decay: float
) -> torch.optim.Optimizer:
    """The optimizer of one network, whose weights are all that it holds."""
    found = list(weights)
    if name == "adam8bit":
        from bitsandbytes.optim import Adam8bit

        made: torch.optim.Optimizer = Adam8bit(found, lr=lr, betas=betas, weight_decay=decay)
        return made
    if name == "rmsprop":
        return torch.optim.RMSprop(found, lr=lr, weight_decay=decay)
    if name == "sgd":
        return torch.optim.SGD(found, lr=lr, momentum=betas[0], weight_decay=decay)
    if name == "lion":
        return Lion(found, lr, betas, decay)
    return torch.optim.Adam(found, lr=lr, betas=betas, weight_decay=decay)


def remembered(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Its state: tensors by name, and the plain values beside them."""
    tensors, plain = dict[str, Tensor](), dict[str, Any]()
    for place, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"{place}.{name}"] = value
            else:
                plain[f"{place}.{name}"] = value
    return tensors, plain


def recall(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], plain: dict[str, Any]
) -> None:
    """Give it back what it remembered. StudioError where that does not fit its weights."""
    told = optimizer.state_dict()
    state: dict[int, dict[str, Any]] = {}
    for name, value in (*tensors.items(), *plain.items()):
        place, _, own = name.partition(".")
        state.setdefault(int(place), {})[own] = value
    try:
        optimizer.load_state_dict({**told, "state": state})
    except (ValueError, KeyError, IndexError) as error:
        raise StudioError(
            "The checkpoint's optimizer does not fit the networks.",
            "Go on with the settings that it began with, or start anew.",
        ) from error
