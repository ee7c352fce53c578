"""A glTF's buffers, views and accessors (glTF 2.0, sections 3.6 and 5.1) as arrays.

Nothing is fetched and no offset is believed: bytes come from the file itself or from a data: URI
within it, and each window into them is measured against what is there. Data that are not aligned
as the standard wants them are read all the same.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio import numbers
from studio.errors import StudioError
from studio.props import gltf_fields, limits
from studio.props.gltf_fields import Entry, wrong

KINDS: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
UNSIGNED = (5121, 5123, 5125)
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
MOST_STRIDE = 252
_DATA = re.compile(r"data:[\w.+/-]{0,100}(?:;[\w=.-]{1,100}){0,4};base64")


@dataclass(frozen=True, eq=False)
class View:
    """Bytes of a buffer; `stride`: from one value to the next, 0 where they follow each other."""

    data: memoryview
    stride: int
    place: str


@dataclass(frozen=True, eq=False)
class Buffers:
    """What a file has of views, and its accessors as its JSON has them."""

    views: tuple[View, ...]
    accessors: tuple[Entry, ...]


def read(document: Entry, binary: memoryview | None) -> Buffers:
    """The buffers of a document, whose first may be the `binary` chunk of a GLB."""
    data = [
        _buffer(one, binary if k == 0 else None)
        for k, one in enumerate(gltf_fields.entries(document, "buffers"))
    ]
    views = [_view(one, data) for one in gltf_fields.entries(document, "bufferViews")]
    return Buffers(tuple(views), tuple(gltf_fields.entries(document, "accessors")))


def data_of(uri: str, place: str) -> bytes:
    """The bytes of a data: URI. StudioError for every other address: nothing is fetched."""
    head, _, payload = uri.partition(",")
    if not uri[:5].lower().startswith("data:"):
        raise StudioError(
            f"{place} lies outside the model's file, at {numbers.shown(uri)}: nothing is fetched.",
            gltf_fields.AGAIN,
        )
    if not _DATA.fullmatch(head):
        raise wrong(f"{place} is a data: URI that is not in base64")
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(f"{place} is a data: URI whose base64 is damaged") from error


def count(buffers: Buffers, number: int) -> int:
    """How many values an accessor has, by its own word."""
    return gltf_fields.whole(buffers.accessors[number], "count", 1, limits.MOST_POINTS)


def floats(buffers: Buffers, number: int, width: int) -> NDArray[np.float32]:
    """An accessor's values [n, width], whole numbers as they are or, normalized, as shares
    (3.6.2.2, and KHR_mesh_quantization). StudioError for NaN and infinity."""
    accessor = buffers.accessors[number]
    found = _values(buffers, accessor, width)
    if found.dtype.kind == "f":
        if not np.isfinite(found).all():
            raise wrong(f"{accessor.place} holds numbers that are infinite or none (NaN)")
        return found
    if found.dtype.itemsize > 2:
        raise wrong(f"{accessor.place} has whole numbers of 32 bits, which places are not made of")
    if not gltf_fields.flag(accessor, "normalized"):
        return found.astype(np.float32)
    top = np.iinfo(found.dtype).max
    return np.maximum(found.astype(np.float32) / np.float32(top), np.float32(-1))


def corners(buffers: Buffers, number: int, points: int) -> NDArray[np.uint32]:
    """An accessor's values [n] as numbers of `points` points. StudioError for one that is none of
    them."""
    accessor = buffers.accessors[number]
    if accessor.fields.get("componentType") not in UNSIGNED:
        raise wrong(f"{accessor.place} has corners in a type that numbers no points")
    found = _values(buffers, accessor, 1)[:, 0]
    if int(found.max()) >= points:
        raise wrong(
            f"{accessor.place} names point {int(found.max()):,}, and there are {points:,} of them"
        )
    return found.astype(np.uint32)


def _buffer(given: Entry, binary: memoryview | None) -> memoryview:
    size = gltf_fields.whole(given, "byteLength", 1, limits.MOST_BYTES)
    if "uri" in given.fields:
        found = memoryview(data_of(gltf_fields.text(given, "uri"), given.place))
    elif binary is not None:
        found = binary
    else:
        raise wrong(f"{given.place} has no bytes in the file")
    if len(found) < size:
        raise wrong(f"{given.place} has {len(found):,} bytes, and says {size:,}")
    return found[:size]


def _view(given: Entry, data: list[memoryview]) -> View:
    buffer = gltf_fields.index(given, "buffer", len(data))
    if buffer is None:
        raise wrong(f"{given.place} is of no buffer")
    start = gltf_fields.whole(given, "byteOffset", 0, limits.MOST_BYTES, 0)
    size = gltf_fields.whole(given, "byteLength", 1, limits.MOST_BYTES)
    stride = gltf_fields.whole(given, "byteStride", 1, MOST_STRIDE, MOST_STRIDE)
    if start + size > len(data[buffer]):
        raise wrong(
            f"{given.place} ends at byte {start + size:,}, and its buffer has {len(data[buffer]):,}"
        )
    told = stride if "byteStride" in given.fields else 0
    return View(data[buffer][start : start + size], told, given.place)


def _values(buffers: Buffers, accessor: Entry, width: int) -> NDArray[Any]:
    """An accessor's own numbers [n, width]: a copy."""
    kind = _kind(accessor)
    shape = gltf_fields.text(accessor, "type")
    if WIDTHS.get(shape) != width:
        wanted = next(name for name, size in WIDTHS.items() if size == width)
        raise wrong(f"{accessor.place} is {numbers.shown(shape)}, where {wanted} belongs")
    amount = gltf_fields.whole(accessor, "count", 1, limits.MOST_POINTS)
    if "bufferView" in accessor.fields:
        found = _window(buffers, accessor, kind, amount, width).copy()
    elif "sparse" in accessor.fields:
        found = np.zeros((amount, width), kind)
    else:
        raise wrong(f"{accessor.place} has no bytes in the file")
    if "sparse" in accessor.fields:
        _replace(buffers, gltf_fields.entry(accessor, "sparse"), found)
    return found


def _replace(buffers: Buffers, sparse: Entry, found: NDArray[Any]) -> None:
    """Lays the values of a sparse accessor over those of its base (3.6.2.3)."""
    amount = gltf_fields.whole(sparse, "count", 1, len(found))
    told = gltf_fields.entry(sparse, "indices")
    if told.fields.get("componentType") not in UNSIGNED:
        raise wrong(f"{told.place} has a type that numbers nothing")
    at = _window(buffers, told, _kind(told), amount, 1)[:, 0].astype(np.int64)
    if (np.diff(at) <= 0).any() or int(at[-1]) >= len(found):
        raise wrong(f"{told.place} does not rise, or goes beyond the {len(found):,} values")
    values = gltf_fields.entry(sparse, "values")
    found[at] = _window(buffers, values, found.dtype, amount, found.shape[1])


def _kind(given: Entry) -> np.dtype[Any]:
    told = given.fields.get("componentType")
    if not isinstance(told, int) or told not in KINDS:
        raise wrong(f"{given.called('componentType')} is {numbers.shown(told)}, which is none")
    return KINDS[told]


def _window(
    buffers: Buffers, given: Entry, kind: np.dtype[Any], amount: int, width: int
) -> NDArray[Any]:
    """`amount` values of `width` numbers each where `given` says that they begin; no copy."""
    number = gltf_fields.index(given, "bufferView", len(buffers.views))
    if number is None:
        raise wrong(f"{given.place} has no bytes in the file")
    view = buffers.views[number]
    start = gltf_fields.whole(given, "byteOffset", 0, limits.MOST_BYTES, 0)
    size = width * kind.itemsize
    step = view.stride or size
    if step < size:
        raise wrong(
            f"{given.place} overlaps itself: each value has {size} bytes, and the next one begins "
            f"after {step}"
        )
    if start + step * (amount - 1) + size > len(view.data):
        raise wrong(
            f"{given.place} wants {amount:,} values of {size} bytes, and {view.place} has "
            f"{len(view.data):,} bytes"
        )
    return np.ndarray((amount, width), kind, view.data, start, (step, kind.itemsize))
