"""Tiles that are normalised as the whole picture is.

A group norm takes mean and spread of all that it sees: of a tile alone they are the tile's own, and
colours go grey or drift from tile to tile. Here all tiles are gone through once while each norm's
sums are added up, and then again with the mean and spread of all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

Sums = dict[int, list[Any]]  # by a norm's id: sums, sums of squares, how many


def over_all(
    model: Any, run: Callable[[torch.Tensor], torch.Tensor], given: torch.Tensor
) -> torch.Tensor:
    """What `run` makes of one picture's `given`, going through `model` tile by tile, normalised
    over all tiles. Calls it twice; the model is as it was afterwards."""
    from torch import nn

    norms = [one for one in model.modules() if isinstance(one, nn.GroupNorm)]
    sums: Sums = {}
    try:
        for norm in norms:
            norm.forward = partial(_added_up, norm, sums)  # type: ignore[method-assign]
        run(given)
        for norm in norms:
            norm.forward = partial(_normalised, norm, sums)  # type: ignore[method-assign]
        return run(given)
    finally:
        for norm in norms:
            norm.__dict__.pop("forward", None)


def _added_up(norm: Any, sums: Sums, states: torch.Tensor) -> torch.Tensor:
    groups = states.reshape(norm.num_groups, -1).double()
    found = sums.setdefault(id(norm), [0.0, 0.0, 0])
    found[0] = found[0] + groups.sum(1)
    found[1] = found[1] + groups.square().sum(1)
    found[2] += groups.shape[1]
    return type(norm).forward(norm, states)  # type: ignore[no-any-return]


def _normalised(norm: Any, sums: Sums, states: torch.Tensor) -> torch.Tensor:
    total, squares, count = sums[id(norm)]
    mean = total / count
    spread = (squares / count - mean.square()).clamp_min(0)
    scale = (spread + norm.eps).rsqrt().to(states.dtype)
    groups = states.reshape(norm.num_groups, -1)
    even = ((groups - mean.to(states.dtype)[:, None]) * scale[:, None]).reshape(states.shape)
    if norm.weight is None:
        return even
    shape = (1, -1, *[1] * (states.ndim - 2))
    return even * norm.weight.view(shape) + norm.bias.view(shape)
