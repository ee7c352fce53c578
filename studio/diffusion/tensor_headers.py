"""The beginning of a safetensors file, read without trusting who wrote it.

8 bytes of length, then JSON: for each tensor its kind, shape and place, and texts by texts as
`__metadata__`. What is taken here is what the format allows and its own library takes, too: the
tensors fill the rest of the file without gap or overlap.
"""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Bits of a value, by its kind.
BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    "F4": 4,
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
}
LONGEST = 32 * 1024**2  # bytes; the largest of real files have pictures in them and some MB
MOST_PARTS = 1_000_000  # of lists, tables and commas: the large bases have 20,000
MOST_SIDES = 16
LARGEST_SIDE = 2**48
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
SHOWN = 120  # letters of a name


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies: bytes `start` to `stop` of the file."""

    kind: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True)
class Header:
    """All tensors by name, and the texts of `__metadata__`."""

    tensors: dict[str, Tensor]
    told: dict[str, str]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The tensors' shapes by name."""
        return {name: tensor.shape for name, tensor in self.tensors.items()}


def read(file: Path) -> Header:
    """The header of a safetensors file. OSError, and ValueError that says what is wrong with it in
    words that can be shown; no more than some hundred MB are used, whatever the file says."""
    size = os.path.getsize(file)
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if size < 10 or length < 2:
            raise ValueError("its beginning is not one of safetensors")
        if length > LONGEST:
            raise ValueError(f"its header is said to have {length:,} bytes, which none has")
        if length > size - 8:
            raise ValueError(f"it is torn, cut off within its header after {size:,} bytes")
        about = _table(opened.read(length))
    told = about.pop("__metadata__", None)
    begin = 8 + length
    tensors = {name: _tensor(name, one, begin) for name, one in about.items()}
    _check_places(tensors, begin, size)
    return Header(tensors, _texts({} if told is None else told))


def shown(name: str) -> str:
    """A tensor's name as a message can bear it, whatever somebody called it."""
    text = name if name.isprintable() else ascii(name)[1:-1]
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def is_pickle(file: Path) -> bool:
    """Whether a file that is no safetensors begins as pickles do, which run what their maker wrote.
    Of others it says nothing: the length of their header may begin so, too."""
    try:
        with file.open("rb") as opened:
            head = opened.read(4)
    except OSError:
        return False
    return head[:2] == b"PK" or head[:1] == b"\x80"


def _table(read: bytes) -> dict[str, Any]:
    # Counted first: a list takes 30 times as much memory as the two letters that it is written in.
    bare = TEXT.sub(b"", read)
    if sum(map(bare.count, (b"[", b"{", b","))) > MOST_PARTS:
        raise ValueError("its header has more parts than any model")
    try:
        about = json.loads(read.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("its header is nested too deep") from error
    except UnicodeDecodeError as error:
        raise ValueError("its header is not UTF-8") from error
    except ValueError as error:
        raise ValueError(f"its header is not JSON: {str(error)[:SHOWN]}") from error
    if not isinstance(about, dict):
        raise ValueError("its header is no table of tensors")
    return about


def _texts(told: Any) -> dict[str, str]:
    if not isinstance(told, dict):
        raise ValueError("its __metadata__ is no table of texts")
    for name, value in told.items():
        if not isinstance(value, str):
            raise ValueError(f"its __metadata__ has no text as {shown(name)}")
        if _has_surrogates(name) or _has_surrogates(value):
            raise ValueError(f"its __metadata__ has half a character in {shown(name)}")
    return told


def _tensor(name: str, one: Any, begin: int) -> Tensor:
    if _has_surrogates(name):
        raise ValueError(f"half a character is in the name {shown(name)}")
    if not isinstance(one, dict) or not {"dtype", "shape", "data_offsets"} <= one.keys():
        raise ValueError(f"{shown(name)} is not said to be a tensor")
    kind, shape, place = one["dtype"], one["shape"], one["data_offsets"]
    if not isinstance(kind, str) or kind not in BITS:
        raise ValueError(f"{shown(name)} is of the unknown kind {shown(str(kind)[:SHOWN])}")
    if not _whole(shape) or len(shape) > MOST_SIDES or max(shape, default=0) > LARGEST_SIDE:
        raise ValueError(f"{shown(name)} has no shape")
    if not _whole(place) or len(place) != 2 or place[0] > place[1]:
        raise ValueError(f"{shown(name)} has no place")
    if (place[1] - place[0]) * 8 != math.prod(shape) * BITS[kind]:
        raise ValueError(f"{shown(name)} does not have the size that is said")
    return Tensor(kind, tuple(shape), begin + place[0], begin + place[1])


def _whole(value: Any) -> bool:
    """Whether it is a list of whole numbers from 0 on."""
    return isinstance(value, list) and all(type(one) is int and one >= 0 for one in value)


def _has_surrogates(text: str) -> bool:
    """Whether JSON's escapes made it of halves of characters, which no output takes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _check_places(tensors: dict[str, Tensor], begin: int, size: int) -> None:
    end = begin
    for name, tensor in sorted(tensors.items(), key=lambda one: (one[1].start, one[1].stop)):
        if tensor.start != end:
            what = "lies over another tensor" if tensor.start < end else "leaves a gap before it"
            raise ValueError(f"{shown(name)} {what}")
        end = tensor.stop
    if end > size:
        raise ValueError(f"it is torn, cut off after {size:,} of {end:,} bytes")
    if end < size:
        raise ValueError(f"it goes on after its end, {size:,} bytes in place of {end:,}")
