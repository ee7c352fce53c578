"""Convolutions as products: the same pictures and gradients as the library's, where it pays."""

import copy

import pytest
import torch

from studio.training import cpu_convolutions
from tests.rounding import same_tensor


def frozen(out=1024, given=128, **how) -> torch.nn.Conv2d:
    torch.manual_seed(0)
    return torch.nn.Conv2d(given, out, 3, **{"padding": 1, **how}).requires_grad_(False)


def both(conv, *shape):
    """What the library makes of noise and its gradient, and what the eased convolution does."""
    eased = copy.deepcopy(conv)
    cpu_convolutions.ease(torch.nn.Sequential(eased))
    found = []
    for one in (conv, eased):
        torch.manual_seed(1)
        x = torch.randn(*shape, requires_grad=True)
        made = one(x)
        made.backward(torch.randn(made.shape))
        found.append((made, x.grad))
    return found


@pytest.mark.parametrize("how", [{}, {"stride": 2}, {"bias": False}, {"padding": 0}])
@pytest.mark.parametrize("count", [1, 3])
def test_pictures_and_gradients_are_those_of_the_library(how, count):
    (made, back), (ours, our_back) = both(frozen(**how), count, 128, 8, 6)
    assert type(ours.grad_fn).__name__ == "_ProductBackward"
    assert ours.shape == made.shape and ours.is_contiguous()
    assert same_tensor(ours, made) and same_tensor(our_back, back)


@pytest.mark.parametrize(
    "conv, shape",
    [
        (frozen(), (2, 128, 16, 16)),  # many places
        (frozen(out=64), (1, 128, 8, 8)),  # small weights
        (frozen(groups=2, given=256), (1, 256, 8, 8)),
        (frozen(dilation=2), (1, 128, 8, 8)),
        (frozen().requires_grad_(True), (1, 128, 8, 8)),  # it learns itself
    ],
)
def test_all_others_stay_with_the_library(conv, shape):
    (made, back), (ours, our_back) = both(conv, *shape)
    assert type(ours.grad_fn).__name__ == "ConvolutionBackward0"
    assert torch.equal(ours, made) and torch.equal(our_back, back)


def test_half_precision_stays_with_the_library_too():
    conv = frozen()
    cpu_convolutions.ease(torch.nn.Sequential(conv))
    x = torch.randn(1, 128, 8, 8, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert conv(x).dtype == torch.bfloat16
