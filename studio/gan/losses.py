"""What the networks are taught by: losses of logits [n], and the penalties beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional


def discriminator(name: str, real: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's loss. "relativistic" pairs real k with fake k (Jolicoeur-Martineau 2018,
    as R3GAN has it), "bce" is the first one (Goodfellow et al. 2014), "hinge" Lim and Ye's (2017),
    "mse" that of least squares (Mao et al. 2017)."""
    if name == "relativistic":
        return functional.softplus(fake - real).mean()
    if name == "bce":
        return functional.softplus(-real).mean() + functional.softplus(fake).mean()
    if name == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
    return ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2


def generator(name: str, real: Tensor | None, fake: Tensor) -> Tensor:
    """The generator's; `real` is needed by "relativistic" alone."""
    if name == "relativistic":
        assert real is not None
        return functional.softplus(real - fake).mean()
    if name == "bce":
        return functional.softplus(-fake).mean()
    if name == "hinge":
        return -fake.mean()
    return ((fake - 1) ** 2).mean() / 2


def steepness(logits: tuple[Tensor, Tensor], pictures: tuple[Tensor, Tensor]) -> Tensor:
    """How steeply logits [n] change with their pictures [n, ...], squared, the mean over the
    pictures, of real and of generated ones: R1 + R2 (Mescheder et al. 2018)."""
    summed = logits[0].sum() + logits[1].sum()
    slopes = torch.autograd.grad(summed, pictures, create_graph=True)
    real, fake = (one.float().square().sum((1, 2, 3)).mean() for one in slopes)
    return real + fake


@torch.no_grad()
def keep_orthogonal(network: nn.Module, value: float) -> None:
    """Add to the gradients what draws each layer's filters apart (Brock et al. 2019, equation 3):
    of W (W^T W with a diagonal of 0), times `value`. What has a single row, or stands for classes,
    is left as it is."""
    for name, weight in network.named_parameters():
        if weight.ndim < 2 or weight.grad is None or "named" in name or len(weight) < 2:
            continue
        flat = weight.view(len(weight), -1)
        alike = flat @ flat.T
        alike.fill_diagonal_(0)
        weight.grad.add_((2 * value * (alike @ flat)).view_as(weight))


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """The network's weights get no gradients meanwhile, which spares their sums."""
    weights = list(network.parameters())
    for weight in weights:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)
