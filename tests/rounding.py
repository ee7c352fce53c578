"""What counts as the same picture or tensor where two ways lead to it.

One way gives the same bits on one machine, run for run, and tests ask for no less. Two ways (a file
or a folder, an adapter in memory or read back, a batch or one by one, ours or diffusers' own loop)
lay the same numbers at other places in memory or take them in another order, and kernels then round
the last bit otherwise: which, hangs on the processor (AVX2, AVX-512) and on the threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

LEVELS = 2  # of 255
FAR_SHARE = 1e-3  # so many values may be further off: those that stood at a threshold


def same_picture(one: Any, other: Any) -> bool:
    """Whether two pictures (or arrays of 0..255) of one shape differ by rounding alone."""
    mine, theirs = (np.asarray(picture).astype(int) for picture in (one, other))
    return mine.shape == theirs.shape and bool((np.abs(mine - theirs) > LEVELS).mean() <= FAR_SHARE)


def same_tensor(one: torch.Tensor, other: torch.Tensor, near: float = 1e-5) -> bool:
    """Whether two tensors of one shape differ by no more than `near`, of 1 or of the largest."""
    one, other = one.detach(), other.detach()
    return one.shape == other.shape and bool(
        (one - other).abs().max() <= near * max(1.0, float(other.abs().max()))
    )
