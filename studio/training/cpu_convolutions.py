"""Large convolutions over few places, on a CPU: one product of matrices.

oneDNN brings a convolution's weights into an order of its own at every call. Deep in a UNet, where
a picture is 4 to 16 places wide and the weights have 60 MB, that takes longer than the sums. The
unfolded places times the weights as they lie are up to four times as fast there, a step of Stable
Diffusion 1.5 at 256 px by a fifth; what comes out differs by rounding only.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

PLACES = 256  # of all the batch's pictures; over more, the order pays
WEIGHTS = 2**20  # a reordered weight of less costs nothing worth saving


def ease(model: torch.nn.Module) -> None:
    """Have the frozen large convolutions of `model` done so wherever their places are few."""
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d) and _fits(module):
            module.forward = partial(_forward, module)  # type: ignore[method-assign]


def _fits(conv: torch.nn.Conv2d) -> bool:
    return (
        not conv.weight.requires_grad
        and conv.weight.dtype == torch.float32
        and conv.weight.numel() >= WEIGHTS
        and conv.kernel_size != (1, 1)
        and (conv.groups, conv.dilation, conv.padding_mode) == (1, (1, 1), "zeros")
        and not isinstance(conv.padding, str)
    )


def _forward(conv: torch.nn.Conv2d, x: Tensor) -> Tensor:
    assert not isinstance(conv.padding, str)  # _fits saw to it
    high, wide = (
        (x.shape[axis - 2] + 2 * conv.padding[axis] - conv.kernel_size[axis]) // conv.stride[axis]
        + 1
        for axis in (0, 1)
    )
    if len(x) * high * wide > PLACES or torch.is_autocast_enabled(x.device.type):
        return torch.nn.Conv2d.forward(conv, x)
    return _Product.apply(x, conv.weight, conv.bias, conv.padding, conv.stride, (high, wide))


class _Product(torch.autograd.Function):
    """[n, c, h, w] by weights [o, c, k, k] to [n, o, h', w']; gradients for the first alone, so
    it need not be kept."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        padding: Any,
        stride: Any,
        size: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.padding, ctx.stride, ctx.shape = padding, stride, x.shape
        flat = weight.flatten(1)
        places = functional.unfold(x, weight.shape[-2:], padding=padding, stride=stride)
        places = places.transpose(0, 1).reshape(flat.shape[1], -1)
        made = flat @ places if bias is None else torch.addmm(bias[:, None], flat, places)
        return made.view(len(flat), len(x), *size).transpose(0, 1).contiguous()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        (weight,) = ctx.saved_tensors
        flat, n = weight.flatten(1), ctx.shape[0]
        # [places, o] by [o, ...]: the other way round, with the weights turned, takes twice as long
        places = grads[0].flatten(2).transpose(1, 2).reshape(-1, len(flat)) @ flat
        places = places.view(n, -1, flat.shape[1]).transpose(1, 2)
        back = functional.fold(
            places, ctx.shape[-2:], weight.shape[-2:], padding=ctx.padding, stride=ctx.stride
        )
        return back, None, None, None, None, None
