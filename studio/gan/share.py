"""One training on several processes: each has its rows of every batch, and all take the mean of
their gradients, so that they learn what one process would from the whole batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from studio.errors import StudioError


@dataclass(frozen=True)
class Share:
    """The place of this process among `count`."""

    rank: int = 0
    count: int = 1

    def rows(self, batch: int) -> slice:
        """Which of a batch's rows are this process's; StudioError where they can't be parted
        evenly."""
        if batch % self.count:
            raise StudioError(
                f"batch_size is {batch}, and {self.count} processes can't have the same part.",
                f"Give a multiple of {self.count}.",
            )
        each = batch // self.count
        return slice(self.rank * each, (self.rank + 1) * each)

    def average(self, network: nn.Module) -> None:
        """Every process's gradients become the mean of all."""
        if self.count == 1:
            return
        grads = [one.grad for one in network.parameters() if one.grad is not None]
        flat = torch.cat([grad.flatten() for grad in grads])
        torch.distributed.all_reduce(flat)
        flat /= self.count
        at = 0
        for grad in grads:
            grad.copy_(flat[at : at + grad.numel()].view_as(grad))
            at += grad.numel()

    def agreed(self, flag: bool, device: torch.device) -> bool:
        """What the first process says, for all."""
        if self.count == 1:
            return flag
        told = torch.tensor(int(flag), device=device)
        torch.distributed.broadcast(told, 0)
        return bool(told)


ALONE = Share()
