"""What the discriminator alone sees: pictures moved, with a hole, in other colours.

Real and generated ones alike, so that nothing of it gets into what is drawn (Zhao et al. 2020,
DiffAugment). Nothing is mirrored: what has a side keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MOVED = 8  # a picture moves by at most this part of its sides
HOLE = 4  # a hole has this part of its sides
LIGHT, CONTRAST = 0.2, 0.3  # at most


@dataclass(frozen=True)
class Changes:
    """What becomes of n pictures: `light` and `contrast` [n], -1 to 1; `by` [n, 2], pixels down and
    to the right; `hole` [n, 2], its first row and column."""

    light: Tensor
    contrast: Tensor
    by: Tensor
    hole: Tensor

    def part(self, rows: slice) -> Changes:
        """Those of some of the pictures."""
        return Changes(self.light[rows], self.contrast[rows], self.by[rows], self.hole[rows])


def drawn(n: int, size: tuple[int, int], randomly: torch.Generator) -> Changes:
    """Changes of n pictures of a size (width, height), drawn on the CPU."""
    light, contrast = torch.rand((2, n), generator=randomly) * 2 - 1
    by, hole = [], []
    for side in (size[1], size[0]):
        most, half = max(1, side // MOVED), max(1, side // HOLE) // 2
        by.append(torch.randint(-most, most + 1, (n,), generator=randomly))
        hole.append(torch.randint(-half, side - half + 1, (n,), generator=randomly))
    return Changes(light, contrast, torch.stack(by, 1), torch.stack(hole, 1))


def changed(pictures: Tensor, changes: Changes, way: str) -> Tensor:
    """Pictures [n, channels, h, w], changed; differentiable. What moves out at an edge of `way`
    comes in at the other side."""
    return _holed(_moved(_coloured(pictures, changes), changes.by, way), changes.hole)


def _coloured(pictures: Tensor, changes: Changes) -> Tensor:
    """Lighter or darker, with more or less contrast; premultiplied colours by their alpha."""
    light, contrast = (
        one.to(pictures.device)[:, None, None, None] for one in (changes.light, changes.contrast)
    )
    colours, alpha = pictures[:, :3], pictures[:, 3:]
    share = (alpha + 1) / 2 if alpha.shape[1] else torch.ones_like(colours[:, :1])
    seen = (colours + 1) / 2
    there = share.mean((1, 2, 3), keepdim=True).clamp_min(0.05)
    grey = seen.mean((1, 2, 3), keepdim=True) / there * share
    seen = (seen - grey) * (1 + CONTRAST * contrast) + grey + LIGHT * light * share
    return torch.cat([seen * 2 - 1, alpha], 1)


def _moved(pictures: Tensor, by: Tensor, way: str) -> Tensor:
    """By whole pixels; where nothing comes in there is -1: nothing, or black."""
    made, n = pictures, len(pictures)
    for axis, name in ((2, "y"), (3, "x")):
        side, shape = made.shape[axis], [n, 1, 1, 1]
        shape[axis] = side
        steps = torch.arange(side, device=made.device)[None]
        places = steps - by[:, axis - 2].to(made.device)[:, None]
        made = made.gather(axis, (places % side).view(shape).expand_as(made))
        if name not in way:
            inside = ((places >= 0) & (places < side)).view(shape)
            made = torch.where(inside, made, made.new_tensor(-1.0))
    return made


def _holed(pictures: Tensor, hole: Tensor) -> Tensor:
    """A rectangle of each is -1; some lie half outside."""
    inside = []
    for axis in (2, 3):
        side = pictures.shape[axis]
        first = hole[:, axis - 2].to(pictures.device)[:, None]
        places = torch.arange(side, device=pictures.device)[None]
        inside.append((places >= first) & (places < first + max(1, side // HOLE)))
    both = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(both, pictures.new_tensor(-1.0), pictures)


def joined(first: Changes, second: Changes) -> Changes:
    """The changes of two sets of pictures, one behind the other."""
    return Changes(
        torch.cat([first.light, second.light]),
        torch.cat([first.contrast, second.contrast]),
        torch.cat([first.by, second.by]),
        torch.cat([first.hole, second.hole]),
    )
