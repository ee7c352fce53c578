"""Moving pictures: APNG and WebP exactly, frame by frame; GIF with what it changes told.

APNG and WebP are put together here of whole frames: Pillow makes one of equal frames that follow
each other. (PNG, third edition, 11.3.6; RFC 9649, 2.7.)
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.images import formats
from studio.pixels.hex_colours import Pixels
from studio.pixels.snapping import packed, unpacked
from studio.sheets.sheet import (
    LEAST_MS,
    MOST_FRAMES,
    MOST_MS,
    MOST_PIXELS,
    NAME,
    USUAL_MS,
    Animation,
    Frame,
    check,
)

SUFFIXES = (".png", ".apng", ".webp", ".gif", ".avif")
PNG = b"\x89PNG\r\n\x1a\n"
GIF_STEP, GIF_LEAST = 10, 20  # ms: browsers show shorter ones for 100
GIF_COLOURS = 255  # and one that means transparent
HALF = 128  # alpha from which on a GIF's pixel is there
WEBP_SIDE = 16_383


@dataclass(frozen=True, eq=False)
class Moving:
    """A file's bytes, and what of the animation it changes, in sentences."""

    data: bytes
    remarks: tuple[str, ...] = ()


def apng(animation: Animation) -> Moving:
    """Every frame whole, shown without end, exactly as long as it is. Where it can't move, as in a
    program that knows no APNG, the first is seen."""
    width, height = animation.width, animation.height
    out = [PNG, _png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))]
    out.append(_png_chunk(b"acTL", struct.pack(">II", len(animation.frames), 0)))
    number = 0
    for k, frame in enumerate(animation.frames):
        told = (number, width, height, 0, 0, frame.duration_ms, 1000, 0, 0)
        out.append(_png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", *told)))
        data = zlib.compress(_scanlines(frame.image), 9)
        if k == 0:
            out.append(_png_chunk(b"IDAT", data))
        else:
            number += 1
            out.append(_png_chunk(b"fdAT", struct.pack(">I", number) + data))
        number += 1
    return Moving(b"".join([*out, _png_chunk(b"IEND", b"")]))


def webp(animation: Animation) -> Moving:
    """Every frame whole and without loss, shown without end, exactly as long as it is."""
    if max(animation.width, animation.height) > WEBP_SIDE:
        raise StudioError(
            f"The canvas is {animation.width:,} x {animation.height:,}.",
            f"A WebP has at most {WEBP_SIDE:,} pixels a side: export it as APNG.",
        )
    sides = _three(animation.width - 1) + _three(animation.height - 1)
    parts = [
        _riff(b"VP8X", bytes([0b10010, 0, 0, 0]) + sides),  # with alpha, moving
        _riff(b"ANIM", struct.pack("<IH", 0, 0)),
    ]
    for frame in animation.frames:
        # At its own place, in place of what is below it, and left there.
        head = _three(0) + _three(0) + sides + _three(frame.duration_ms) + bytes([0b10])
        parts.append(_riff(b"ANMF", head + _lossless(frame.image)))
    return Moving(_riff(b"RIFF", b"WEBP" + b"".join(parts)))


def gif(animation: Animation) -> Moving:
    """As near as a GIF comes: durations in steps of 10 ms, at least 20; pixels there or not; at
    most 255 colours. What that changes is told."""
    remarks = []
    durations = [_of_gif(one.duration_ms) for one in animation.frames]
    changed = [
        (frame.duration_ms, new)
        for frame, new in zip(animation.frames, durations, strict=True)
        if frame.duration_ms != new
    ]
    if changed:
        was, now = changed[0]
        remarks.append(f"A GIF counts in steps of 10 ms, at least 20: {was} ms became {now} ms.")
    frames = [np.asarray(one.image) for one in animation.frames]
    if any(((one[..., 3] > 0) & (one[..., 3] < 255)).any() for one in frames):
        remarks.append("A GIF knows no half-transparent pixels: those below half are gone.")
    indexed, palette, count = _indexed(frames)
    if count > GIF_COLOURS:
        remarks.append(f"A GIF has 255 colours, the animation {count:,}: the nearest were taken.")
    if any((one == other).all() for one, other in zip(indexed[1:], indexed, strict=False)):
        remarks.append("Equal frames that follow each other are one in a GIF, shown as long.")
    pictures = [_paletted(one, palette) for one in indexed]
    out = io.BytesIO()
    pictures[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        loop=0,
        disposal=2,
        transparency=GIF_COLOURS,
        background=GIF_COLOURS,
        optimize=False,
    )
    return Moving(out.getvalue(), tuple(remarks))


def read(data: bytes, name: str) -> tuple[Animation, tuple[str, ...]]:
    """The frames of a moving picture, or the one of any other, as a viewer shows them, and what is
    to be told. StudioError naming what can't be read."""
    remarks = []
    with formats.header(data, name) as picture:
        try:
            count = int(getattr(picture, "n_frames", 1))
        except formats.DAMAGED as error:  # all frames are gone through to count them
            raise StudioError(
                f"{name}: a frame behind the first is truncated or damaged ({error}).",
                "Export or copy it again.",
            ) from error
        first = 1 if picture.info.get("default_image") and count > 1 else 0
        width, height = picture.size
        if count - first > MOST_FRAMES or (count - first) * width * height > MOST_PIXELS:
            raise StudioError(
                f"{name}: {count - first:,} frames of {width:,} x {height:,} are not read.",
                f"Use at most {MOST_FRAMES:,} frames of {MOST_PIXELS:,} pixels together.",
            )
        frames = list[Frame]()
        try:
            for number in range(first, count):
                picture.seek(number)
                picture.load()
                frames.append(Frame(picture.convert("RGBA"), _told(picture.info.get("duration"))))
        except formats.DAMAGED as error:
            raise StudioError(
                f"{name}: frame {len(frames) + 1} is truncated or damaged ({error}).",
                "Export or copy it again.",
            ) from error
    odd = [number for number, frame in enumerate(frames, 1) if frame.duration_ms < LEAST_MS]
    if odd and len(frames) > 1:
        remarks.append(f"Frame {odd[0]} has no duration; it got {USUAL_MS} ms.")
    if long := [one.duration_ms for one in frames if one.duration_ms > MOST_MS]:
        remarks.append(f"A frame that is shown for {long[0]:,} ms got {MOST_MS:,}.")
    frames = [replace(one, duration_ms=min(one.duration_ms, MOST_MS) or USUAL_MS) for one in frames]
    stem = name.rsplit("/", 1)[-1].rpartition(".")[0] or name
    pivot = (width / 2, float(height))
    made = Animation(stem[:NAME] or "animation", width, height, tuple(frames), pivot=pivot)
    return check(made), tuple(remarks)


def _told(duration: object) -> int:
    return round(duration) if isinstance(duration, int | float) and duration > 0 else 0


def _of_gif(duration_ms: int) -> int:
    return max(GIF_LEAST, round(duration_ms / GIF_STEP) * GIF_STEP)


def _scanlines(picture: Image.Image) -> bytes:
    """RGBA as PNG's rows, none filtered."""
    rgba = np.asarray(picture)
    rows = rgba.reshape(rgba.shape[0], -1)
    return np.pad(rows, ((0, 0), (1, 0))).tobytes()


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _lossless(picture: Image.Image) -> bytes:
    """A frame's own part of a WebP: its VP8L chunk."""
    written = io.BytesIO()
    picture.save(written, format="WEBP", lossless=True, exact=True, quality=100, method=4)
    return next(data for kind, data in _chunks(written.getvalue()) if kind == b"VP8L")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a WebP, each whole, by its kind."""
    at = 12
    while at + 8 <= len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        end = at + 8 + size + size % 2
        yield data[at : at + 4], data[at:end]
        at = end


def _indexed(frames: list[Pixels]) -> tuple[list[Pixels], Pixels, int]:
    """Each frame as numbers of one palette [255, 3], and how many colours there were."""
    drawn = [one[..., 3] >= HALF for one in frames]
    seen = [np.unique(packed(one[there])) for one, there in zip(frames, drawn, strict=True)]
    colours = np.unique(np.concatenate(seen))
    count, table = len(colours), unpacked(colours)
    labels = np.arange(count)
    if count > GIF_COLOURS:
        strip = Image.fromarray(table[None], "RGB")
        fewer = strip.quantize(GIF_COLOURS, dither=Image.Dither.NONE)
        table = np.array(fewer.getpalette() or [], np.uint8).reshape(-1, 3)
        labels = np.asarray(fewer)[0]
    palette = np.zeros((GIF_COLOURS, 3), np.uint8)
    palette[: min(GIF_COLOURS, len(table))] = table[:GIF_COLOURS]
    out = list[Pixels]()
    for one, there in zip(frames, drawn, strict=True):
        index = np.full(there.shape, GIF_COLOURS, np.uint8)
        index[there] = labels[np.searchsorted(colours, packed(one[there]))]
        out.append(index)
    return out, palette, count


def _paletted(index: Pixels, palette: Pixels) -> Image.Image:
    picture = Image.fromarray(index, "L").copy()
    picture.putpalette([*palette.reshape(-1).tolist(), 0, 0, 0])
    picture.info["transparency"] = GIF_COLOURS
    return picture
