"""A Photoshop file as its program shows it: the flattened picture that it keeps beside its layers.

Layers are not flattened here. Without that picture, or in a form that can't be read, the file is
refused with what to do. Pillow unpacks the planes; which of them are colours and which are
transparency is read here, since it takes a saved selection for transparency.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from studio.datasets.sheets import frames
from studio.datasets.sheets.frames import DAMAGED, Frame
from studio.errors import StudioError

PROFILE, CLEAR_INDEX, VERSION_INFO = 1039, 1047, 1057  # numbers of resources
GREY, INDEXED, RGB, CMYK = 1, 2, 3, 4  # colour modes
COLOURS = {GREY: 1, INDEXED: 1, RGB: 3, CMYK: 4}  # their planes
RAW, PACKED = 0, 1  # how planes are kept

Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class _Document:
    """A file's parts; `layers` is negative where the picture's first alpha is transparency."""

    width: int
    height: int
    channels: int
    mode: int
    palette: bytes
    resources: Mapping[int, bytes]
    layers: int
    pixels: bytes


def flattened(data: bytes, name: str) -> Frame:
    """The one frame of a .psd; StudioError, naming the file and the remedy, where it has none."""
    try:
        document = _read(data, name)
        if document.resources.get(VERSION_INFO, b"....\1")[4] == 0:
            raise StudioError(
                f"{name}: it was saved without its flattened picture.",
                "Save it with Maximize compatibility (in Photoshop's settings under File "
                "Handling), or export it as PNG.",
            )
        return _shown(document)
    except DAMAGED as error:
        raise StudioError(
            f"{name}: the file is damaged or cut off.", "Save it again, or export it as PNG."
        ) from error


def _read(data: bytes, name: str) -> _Document:
    shape = ">4sH6sHIIHH"
    signature, version, _, channels, height, width, depth, mode = struct.unpack_from(shape, data)
    if signature != b"8BPS":
        raise StudioError(f"{name}: this is no file of Photoshop's.", "Export it as PNG.")
    if version != 1:
        raise StudioError(f"{name}: large documents (.psb) are not read.", "Save it as PSD or PNG.")
    if depth != 8 or mode not in COLOURS:
        what = f"{depth} bits a channel" if depth != 8 else "a colour mode of its own"
        raise StudioError(
            f"{name}: it has {what}, which is not read.",
            "Turn it to RGB of 8 bits (Image > Mode), or export it as PNG.",
        )
    frames.check_size(name, width, height, 1)
    at = struct.calcsize(shape)
    parts = []
    for _ in range(3):  # palette, resources, layers
        size = struct.unpack_from(">I", data, at)[0]
        if at + 4 + size > len(data):
            raise struct.error
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    layers = struct.unpack_from(">h", parts[2], 4)[0] if len(parts[2]) >= 6 else 0
    return _Document(
        width, height, channels, mode, parts[0], _resources(parts[1]), layers, data[at:]
    )


def _resources(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + 12 <= len(data):
        number, named = struct.unpack_from(">HB", data, at + 4)
        start = at + 6 + (named + 2) // 2 * 2
        size = struct.unpack_from(">I", data, start)[0]
        found[number] = data[start + 4 : start + 4 + size]
        at = start + 4 + (size + 1) // 2 * 2
    return found


def _shown(document: _Document) -> Frame:
    colours = COLOURS[document.mode]
    clear = document.layers < 0 and document.channels > colours
    planes = _planes(document, colours + clear)
    alpha = planes[-1] if clear else np.full(planes[0].shape, 255, np.uint8)
    profile = document.resources.get(PROFILE, b"")
    if document.mode == CMYK:  # kept as light, not as ink
        inks = Image.merge("CMYK", [Image.fromarray(255 - plane, "L") for plane in planes[:4]])
        pixels, profile = np.asarray(_from_cmyk(inks, profile)), b""
    elif document.mode == INDEXED:
        palette = np.frombuffer(document.palette, np.uint8).reshape(3, 256).T
        pixels = palette[planes[0]]
        told = document.resources.get(CLEAR_INDEX)
        if told:
            alpha = np.where(planes[0] == struct.unpack(">H", told[:2])[0], 0, 255).astype(np.uint8)
    else:
        pixels = np.dstack([planes[k % colours] for k in range(3)])
        profile = profile if document.mode == RGB else b""
    if clear:
        pixels = _without_white(pixels, alpha)
    made = np.dstack([pixels, alpha])
    made[alpha == 0] = 0
    return Frame(Image.fromarray(made, "RGBA"), 1, profile=profile)


def _planes(document: _Document, count: int) -> list[Plane]:
    """The first `count` planes of the flattened picture, each [h, w]."""
    size, data = (document.width, document.height), document.pixels
    kept = struct.unpack_from(">H", data)[0]
    if kept not in (RAW, PACKED) or count > document.channels:
        raise ValueError("planes that are kept in no known way")
    at, lengths = 2, [document.width * document.height] * document.channels
    if kept == PACKED:
        rows = document.channels * document.height
        table = np.frombuffer(data, ">u2", rows, offset=2).reshape(document.channels, -1)
        at, lengths = 2 + 2 * rows, [int(total) for total in table.astype(np.int64).sum(axis=1)]
    planes = []
    for length in lengths[:count]:
        part = data[at : at + length]
        decoder = ("packbits", "L") if kept == PACKED else ("raw", "L")
        planes.append(np.asarray(Image.frombytes("L", size, part, *decoder)))
        at += length
    return planes


def _without_white(pixels: Plane, alpha: Plane) -> Plane:
    """The colours themselves: the program keeps half transparent ones mixed with white."""
    share = np.maximum(alpha, 1)[..., None].astype(np.float32) / 255
    own = (pixels - 255 * (1 - share)) / share
    return np.clip(np.rint(own), 0, 255).astype(np.uint8)


def _from_cmyk(picture: Image.Image, profile: bytes) -> Image.Image:
    """RGB through the file's own profile, where it has one that can be used."""
    if profile:
        try:
            made = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if made is not None:
                return made
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # without it, it is shown as one that has none
    return picture.convert("RGB")
