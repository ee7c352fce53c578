"""The matrices that a LoRA file holds for one module, checked in every shape and every value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.diffusion.stored_tensors import FLOATS, Array, Stored, floats
from studio.diffusion.tensor_headers import shown
from studio.errors import StudioError

SAFE = "Ask whoever made it for a LoRA as .safetensors."


@dataclass(frozen=True)
class Matrices:
    """`down` [rank, in] or [rank, in, kh, kw], `up` [out, rank] or [out, rank, 1, 1], float32;
    `magnitude` [out] of a DoRA; `alpha` where the file has one beside them."""

    down: Array
    up: Array
    magnitude: Array | None = None
    alpha: float | None = None

    @property
    def rank(self) -> int:
        return int(self.down.shape[0])


def matrices(
    name: str,
    module: str,
    keys: Mapping[str, str],
    tensors: Mapping[str, Stored],
    want: tuple[int, ...],
    remedy: str,
) -> Matrices:
    """The matrices in a file that errors call `name`, from its tensors' `keys` by role. `want` is
    the shape of the base's weight, `remedy` what to do where they are of another. StudioError."""
    if not {"down", "up"} <= keys.keys():
        raise StudioError(f"{name} holds {module} by half only.", "Fetch it once more.")
    stored = {role: tensors[key] for role, key in keys.items()}
    for role, one in stored.items():
        if role != "alpha" and one.kind not in FLOATS:
            raise StudioError(
                f"{name} holds {one.kind} values in {shown(keys[role])}, no matrix to add.",
                "Ask for it in 16 or 32 bits.",
            )
    down, up = stored["down"].shape, stored["up"].shape
    if not _fits(down, up, stored["mid"].shape if "mid" in stored else None, want):
        raise StudioError(
            f"{name}: {module} is of shape {list(down)} and {list(up)}, the base's is "
            f"{list(want)}.",
            remedy,
        )
    _check_beside(name, keys, stored, want)
    values = {role: floats(one) for role, one in stored.items()}
    for role, value in values.items():
        if not np.isfinite(value).all():
            raise StudioError(
                f"{name} holds numbers that are none (NaN or infinite) in {shown(keys[role])}.",
                "Its training went wrong; use an earlier file.",
            )
    lower = values["down"]
    if "mid" in values:  # LoCon in three parts
        flat = lower.reshape(lower.shape[0], -1)
        lower = np.einsum("rskl,si->rikl", values["mid"], flat)
    rank = lower.shape[0]
    return Matrices(
        lower.reshape(rank, *want[1:]),
        values["up"].reshape(want[0], rank, *[1] * (len(want) - 2)),
        values["magnitude"].reshape(-1) if "magnitude" in values else None,
        float(values["alpha"].reshape(())) if "alpha" in values else None,
    )


def _fits(
    down: tuple[int, ...],
    up: tuple[int, ...],
    mid: tuple[int, ...] | None,
    want: tuple[int, ...],
) -> bool:
    """Whether up @ down is of the shape `want`, looked at before anything is multiplied. A
    convolution of 1 x 1 may be kept as a plain matrix, and the other way round."""
    if len(down) not in (2, 4) or len(up) not in (2, 4) or 0 in down or 0 in up:
        return False
    rank, inner = down[0], math.prod(want[1:])
    if mid is not None:
        if len(mid) != 4 or mid[1] != down[0] or mid[2:] != want[2:]:
            return False
        rank, inner = mid[0], want[1]
    if math.prod(down) != down[0] * inner or down[1] != want[1]:
        return False
    return up[:2] == (want[0], rank) and math.prod(up) == want[0] * rank


def _check_beside(
    name: str, keys: Mapping[str, str], stored: Mapping[str, Stored], want: tuple[int, ...]
) -> None:
    if "alpha" in stored and math.prod(stored["alpha"].shape) != 1:
        raise StudioError(f"{name}: {shown(keys['alpha'])} is not one number.", SAFE)
    if "magnitude" not in stored:
        return
    shape = stored["magnitude"].shape
    on_inputs = len(shape) > 1 and shape[0] == 1 != want[0]
    if math.prod(shape) != want[0] or (on_inputs and keys["magnitude"].endswith(".dora_scale")):
        raise StudioError(
            f"{name}: {shown(keys['magnitude'])} is of shape {list(shape)}: a DoRA that "
            "measures inputs, not outputs.",
            "Give a LoRA, or a DoRA made by peft.",
        )
