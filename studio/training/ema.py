"""The adapter's weights averaged over the steps, which calms what the last ones happened to see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Average:
    """An exponential moving average of `weights`, beside them on their device; for what it is
    good: Polyak and Juditsky, 1992."""

    def __init__(self, weights: dict[str, torch.nn.Parameter], decay: float) -> None:
        self.weights, self.decay = weights, decay
        self.averaged = {name: value.detach().clone() for name, value in weights.items()}

    def follow(self, step: int) -> None:
        """Move towards the weights as they are after `step`; the first steps weigh more, so that
        the average is not held at where the training began."""
        import torch

        # The warm-up of TensorFlow's ExponentialMovingAverage, which diffusers' EMAModel has too.
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        current = [value.detach() for value in self.weights.values()]
        torch._foreach_lerp_(list(self.averaged.values()), current, share)

    @contextmanager
    def instead(self) -> Iterator[None]:
        """The models have the average in place of their weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def settle(self) -> None:
        """The models keep the average, at the end."""
        self._swap()

    def _swap(self) -> None:
        for name, weight in self.weights.items():
            weight.data, self.averaged[name] = self.averaged[name], weight.data
