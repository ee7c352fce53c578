"""BMPs in run lengths: what such a file passes over is seen through. Chromium shows black there and
Pillow the first colour of the palette, neither of which anybody drew."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

_HEADER = 54  # bytes of both headers; the oldest one, which is shorter, knows no run lengths
_METHODS = {(8, 1), (4, 2)}  # bits a pixel, and how they are packed
_END_OF_LINE, _END, _MOVE = range(3)


def seen_through(picture: Image.Image, data: bytes) -> Image.Image | None:
    """A BMP as RGBA, transparent where no pixel of it was written; None for any other picture, and
    where each one was."""
    if picture.format != "BMP" or picture.mode not in ("P", "L") or len(data) < _HEADER:
        return None
    (start,) = struct.unpack_from("<I", data, 10)
    (height,) = struct.unpack_from("<i", data, 22)
    if struct.unpack_from("<HI", data, 28) not in _METHODS:
        return None
    values, written = _unpacked(data[start:], picture.size, four_bits=data[28] == 4)
    if written.all():
        return None
    upwards = slice(None, None, -1 if height > 0 else 1)
    shown = Image.fromarray(np.ascontiguousarray(values[upwards]), picture.mode)
    if picture.mode == "P":
        shown.putpalette(picture.getpalette() or [])
    shown = shown.convert("RGBA")
    shown.putalpha(Image.fromarray(np.where(written[upwards], 255, 0).astype(np.uint8)))
    return shown


def _unpacked(
    codes: bytes, size: tuple[int, int], four_bits: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The pixels' values [h, w] in the file's own order of rows, and which of them were written."""
    width, height = size
    values, written = np.zeros((height, width), np.uint8), np.zeros((height, width), bool)
    x = y = at = 0
    while at + 1 < len(codes) and y < height:
        count, code = codes[at : at + 2]
        at += 2
        if count:
            run = _run(bytes([code]) * count, count, four_bits)
        elif code == _END_OF_LINE:
            x, y = 0, y + 1
            continue
        elif code == _END:
            break
        elif code == _MOVE:
            right, up = codes[at : at + 2].ljust(2, b"\0")
            x, y, at = x + right, y + up, at + 2
            continue
        else:
            packed = (code + 1) // 2 if four_bits else code
            run = _run(codes[at : at + packed], code, four_bits)
            at += packed + packed % 2
        fits = run[: max(0, width - x)]
        values[y, x : x + len(fits)] = fits
        written[y, x : x + len(fits)] = True
        x += len(run)
    return values, written


def _run(packed: bytes, count: int, four_bits: bool) -> np.ndarray:
    """`count` values of a run's bytes, which hold two each where they are of four bits."""
    values = np.frombuffer(packed, np.uint8)
    if four_bits:
        values = np.stack([values >> 4, values & 15], axis=1).ravel()
    return values[:count]
