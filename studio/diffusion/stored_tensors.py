"""The tensors of a safetensors file as numpy arrays, mapped and not copied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.diffusion import tensor_headers
from studio.errors import StudioError

Array = np.ndarray[Any, np.dtype[Any]]
MOST_BYTES = 4 * 1024**3
HALF = ("F16", "BF16", "F8_E4M3", "F8_E5M2")  # what 16 bits hold
FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "F8_E4M3": "u1", "F8_E5M2": "u1"}
WHOLE = {f"I{8 * width}": f"<i{width}" for width in (1, 2, 4, 8)}
WHOLE |= {f"U{8 * width}": f"<u{width}" for width in (1, 2, 4, 8)} | {"BOOL": "?"}
KINDS = FLOATS | WHOLE


@dataclass(frozen=True)
class Stored:
    """A tensor as it lies in the file; numpy knows neither BF16 nor 8 bits, so `values` are bits
    there."""

    kind: str
    values: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape


def opened(file: Path, name: str) -> tuple[dict[str, Stored], dict[str, str]]:
    """All tensors of a file that errors call `name`, and its header's texts. Raises StudioError."""
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise StudioError(f"{name} has {size / 1024**3:.1f} GB.", "A LoRA has up to 4.")
        header = tensor_headers.read(file)
        data = np.memmap(file, np.uint8, "r")
    except OSError as error:
        raise StudioError(f"{name} can't be read: {error.strerror}", "Send it again.") from error
    except ValueError as error:
        if tensor_headers.is_pickle(file):
            raise StudioError(
                f"{name} is a pickle (.pt, .ckpt or .bin), whatever its name: opening one runs "
                "what its maker wrote.",
                "Ask whoever made it for a LoRA as .safetensors.",
            ) from error
        raise StudioError(
            f"{name} is not a whole safetensors file: {error}.",
            "Fetch it once more, or ask whoever made it for a LoRA as .safetensors.",
        ) from error
    found = {}
    for key, tensor in header.tensors.items():
        if tensor.kind not in KINDS:
            said = f"{name} holds {tensor.kind} values in {tensor_headers.shown(key)}."
            raise StudioError(said, "Ask for it in 16 or 32 bits.")
        piece = data[tensor.start : tensor.stop]
        found[key] = Stored(tensor.kind, piece.view(KINDS[tensor.kind]).reshape(tensor.shape))
    return found, header.told


def floats(stored: Stored) -> Array:
    """The values as float32, copied."""
    bits = stored.values
    if stored.kind == "BF16":  # the upper half of float32
        return (bits.astype(np.uint32) << 16).view(np.float32)
    if stored.kind == "F8_E5M2":  # the upper half of float16
        return (bits.astype(np.uint16) << 8).view(np.float16).astype(np.float32)
    if stored.kind == "F8_E4M3":
        return _e4m3()[bits]
    with np.errstate(over="ignore"):  # infinite then, which whoever asks looks for
        return np.array(bits, np.float32)


def _e4m3() -> Array:
    """The value of each of the 256 bytes: 4 bits of exponent, 3 of mantissa, no infinity
    (Micikevicius et al. 2022)."""
    codes = np.arange(256)
    exponent, mantissa = (codes >> 3) & 15, (codes & 7) / 8
    values = np.where(exponent == 0, mantissa * 2.0**-6, (1 + mantissa) * 2.0 ** (exponent - 7))
    values[(codes & 127) == 127] = np.nan
    return np.where(codes < 128, values, -values).astype(np.float32)
