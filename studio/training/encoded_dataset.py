"""What a training learns from, encoded: latents by shape, texts, and which belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Group:
    """Pictures of one shape: latents' mean and deviation [n * views, c, h, w], scaled as the UNet
    takes them. `pictures` [n] int64 on the CPU says which of all they are.

    `views` are encodings of one picture side by side, such as on several mattes. `weight`
    [n * views, 1, h, w] is how much each place counts in the loss, None: all the same. `sizes`
    [n, 6] are SDXL's numbers. All but `pictures` lie on the training's device or on the CPU.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    pictures: torch.Tensor
    views: int = 1
    weight: torch.Tensor | None = None
    sizes: torch.Tensor | None = None


@dataclass(frozen=True)
class Encoded:
    """A dataset's pictures in groups of one shape, and its texts [k, t, d], the last one of them
    the empty caption's.

    `wordings` [pictures, v] int64 on the CPU are each picture's texts, one of which is drawn each
    time; `captions` the k texts in words; `often` [pictures] float64 on the CPU how often each is
    seen an epoch. `pooled` [k, p] is SDXL's. `device` is where batches go.
    """

    groups: tuple[Group, ...]
    text: torch.Tensor
    wordings: torch.Tensor
    captions: tuple[str, ...]
    often: torch.Tensor
    device: torch.device
    pooled: torch.Tensor | None = None

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.wordings)

    @property
    def nothing(self) -> torch.Tensor:
        """The empty caption's states [t, d]."""
        return self.text[-1]


def of_one_shape(
    mean: torch.Tensor,
    deviation: torch.Tensor,
    text: torch.Tensor,
    nothing: torch.Tensor,
    captions: tuple[str, ...] = (),
) -> Encoded:
    """Pictures of one shape [n, c, h, w], each with a text of its own [n, t, d]."""
    import torch

    count = len(mean)
    return Encoded(
        groups=(Group(mean, deviation, torch.arange(count)),),
        text=torch.cat([text, nothing[None]]),
        wordings=torch.arange(count)[:, None],
        captions=(*(captions or ("",) * count), ""),
        often=torch.ones(count, dtype=torch.float64),
        device=mean.device,
    )
