"""One step's gradients: the pictures, their words, the loss, and the class's pictures beside.

Where the memory does not suffice, the step is begun again with smaller batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.training import memory, speed
from studio.training.batches import Batch, Order, batch, seed
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded
from studio.training.noising import Noising

if TYPE_CHECKING:
    import torch


class Lesson:
    """What a step learns from. `config` holds the batch as it is now: one found by trial, or a
    smaller one than was asked for."""

    def __init__(
        self,
        pipeline: Any,
        encoded: Encoded,
        prior: Encoded | None,
        config: TrainConfig,
        accelerator: Any,
        weights: dict[str, torch.nn.Parameter],
        say: Callable[[str], None],
    ) -> None:
        self._pipeline, self._accelerator, self._weights = pipeline, accelerator, weights
        self._say, self._device = say, encoded.device
        self._noising = Noising(pipeline.scheduler.config, encoded.device, config)
        self._sets = [(encoded, 1.0, 0)]
        if prior:
            self._sets.append((prior, config.prior_weight, 1))
        self.take(config)

    def take(self, config: TrainConfig) -> None:
        """Go on with the batch of `config`."""
        self.config = config
        self._orders = [
            Order(encoded, replace(config, seed=config.seed + other))
            for encoded, _, other in self._sets
        ]

    def gradients(self, step: int) -> torch.Tensor:
        """Leave the gradients of `step` in the weights; the loss, which stays on the device.

        Raises StudioError where the memory does not suffice for one picture, or smaller batches
        are not allowed.
        """
        while True:
            try:
                return self._gradients(step)
            except Exception as error:
                if told := speed.not_compiled(error):
                    raise told from error
                if not memory.is_full(error):
                    raise
            # Only here, where the error is gone that held on to what filled the memory.
            self._clear()
            less = memory.smaller(self.config) if self.config.smaller_batch_when_full else None
            if less is None:
                raise memory.full(self.config)
            self._say(
                f"Not enough memory for {self.config.batch_size} pictures at once; going on with "
                f"{less.batch_size} at once, {less.gradient_accumulation_steps} times a step."
            )
            self.take(less)

    def find_largest(self) -> None:
        """Take the largest batch that the device bears, found by trial on the first step."""
        asked = self.config

        def trial(config: TrainConfig) -> None:
            self.take(config)
            try:
                self._gradients(1)
            finally:
                self._clear()

        most = len(self._sets[0][0])
        self.take(memory.largest(trial, asked, most, self._device))
        self._say(f"{self.config.batch_size} pictures fit at once.")

    def told(self, seen: Batch) -> Batch:
        """The batch with its words as the text encoders say them now."""
        from studio.diffusion.conditioning import condition

        with self._accelerator.autocast():
            said = condition(self._pipeline, seen.captions)
        return replace(seen, text=said.text, pooled=said.pooled)

    def _gradients(self, step: int) -> torch.Tensor:
        import torch

        config, parts = self.config, self.config.gradient_accumulation_steps
        total = torch.zeros((), device=self._device)
        for part in range(parts):
            draws = torch.Generator().manual_seed(seed(config.seed, step, part))
            if config.dropout:
                torch.manual_seed(seed(config.seed, step, part))
            for (encoded, weight, _), order in zip(self._sets, self._orders, strict=True):
                seen = batch(encoded, order.at(step, part), config, draws)
                if config.train_text_encoder:
                    seen = self.told(seen)
                loss = self._noising.loss(
                    self._pipeline.unet, seen, config, draws, self._accelerator
                )
                loss = loss * (weight / parts)
                self._accelerator.backward(loss)
                total += loss.detach()
        return total

    def _clear(self) -> None:
        for weight in self._weights.values():
            weight.grad = None
        memory.release(self._device)
