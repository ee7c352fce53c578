"""Stopping a drawing within a step, and drawing in full precision: what a pipeline's call lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def heeded(models: Sequence[Any], ask: Callable[[], None]) -> Iterator[None]:
    """Within, `ask` is called at every block of the models, and may raise: on a CPU a whole step of
    SDXL takes longer than anybody waits for a stop."""

    def hook(module: Any, args: Any) -> None:
        ask()

    handles: list[Any] = []
    try:
        for model in models:
            handles += [part.register_forward_pre_hook(hook) for part in _blocks(model)]
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def in_full(models: Iterable[Any]) -> Iterator[None]:
    """All weights of the models in fp32 within; afterwards the very tensors that were there."""
    import torch

    kept: list[tuple[Any, Any]] = []
    try:
        for model in models:
            for tensor in [*model.parameters(), *model.buffers()]:
                if tensor.is_floating_point() and tensor.dtype != torch.float32:
                    kept.append((tensor, tensor.data))
                    tensor.data = tensor.data.float()
        yield
    finally:
        for tensor, data in kept:
            tensor.data = data


def _blocks(model: Any) -> list[Any]:
    found: list[Any] = []
    for owner in (model, getattr(model, "encoder", None), getattr(model, "decoder", None)):
        for name in ("down_blocks", "up_blocks"):
            found += list(getattr(owner, name, None) or [])
        if (middle := getattr(owner, "mid_block", None)) is not None:
            found.append(middle)
    return found
