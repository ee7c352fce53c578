"""What a file says of its colours: an ICC profile, or what one is made of here."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

from studio.errors import StudioError
from studio.images import icc, png_chunks

# By their numbers in ITU-T H.273, x and y of white, red, green and blue.
_REC709 = (*icc.D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES = {
    1: _REC709,
    9: (*icc.D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*icc.D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_NAMES = {9: "Rec. 2020", 11: "DCI-P3", 12: "Display P3"}
# Video's curves are shown like sRGB's, from which they differ on paper only.
_CURVES: dict[int, tuple[float, ...]] = {4: (2.2,), 5: (2.8,), 8: (1.0,)}
_HDR = {16: "PQ", 18: "HLG"}
_USUAL = (2.09, 2.31)  # exponents that mean sRGB where nothing else is said, as libpng has it
_NEAR = 0.002  # of chromaticities
_BMP_V5, _EMBEDDED = 124, b"DEBM"


@dataclass(frozen=True)
class Colours:
    """An ICC profile's bytes, and what people call it."""

    profile: bytes
    name: str


UNREAD = Colours(b"", "")  # something is said that can't be understood


def described(picture: Image.Image, data: bytes, name: str) -> Colours | None:
    """What a file, opened but not decoded, says of its colours; None: they are sRGB.

    StudioError, which calls it `name`, where they are brighter than a screen's white (PQ, HLG):
    there is no one way to show them.
    """
    if picture.format == "PNG":
        return _of_png(picture, png_chunks.read(data), name)
    if picture.info.get("icc_profile"):
        return _embedded(picture.info["icc_profile"])
    if picture.format == "AVIF":
        place = data.find(b"colrnclx", 0, 65536)
        if 0 <= place <= len(data) - 12:
            primaries, transfer = struct.unpack_from(">HH", data, place + 8)
            return _by_code(primaries, transfer, name)
    if picture.format == "JPEG2000":
        return _of_jp2(data)
    return _of_bmp(data) if picture.format == "BMP" else None


def _of_png(picture: Image.Image, said: png_chunks.Described, name: str) -> Colours | None:
    if said.code_points:
        return _by_code(*said.code_points, name)
    if said.profile:
        return _embedded(picture.info.get("icc_profile") or b"")
    if said.srgb or said.gamma is None:  # primaries alone are believed by no viewer
        return None
    usual = _USUAL[0] <= said.gamma <= _USUAL[1]
    primaries = said.chromaticities or _REC709
    if usual and np.allclose(primaries, _REC709, atol=_NEAR):
        return None
    curve = icc.SRGB if usual else (said.gamma,)
    try:
        return Colours(icc.profile(primaries, curve), "what a PNG says of its gamma and primaries")
    except ValueError:
        return UNREAD


def _by_code(primaries: int, transfer: int, name: str) -> Colours | None:
    if transfer in _HDR:
        raise StudioError(
            f"{name}: the picture is in HDR ({_HDR[transfer]}).", "Export it in sRGB."
        )
    curve, points = _CURVES.get(transfer, icc.SRGB), _PRIMARIES.get(primaries, _REC709)
    if curve == icc.SRGB and points == _REC709:
        return None
    return Colours(icc.profile(points, curve), _NAMES.get(primaries, f"gamma {curve[0]:g}"))


def _embedded(profile: bytes) -> Colours:
    try:
        read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = " ".join(ImageCms.getProfileDescription(read).split())[:60]
        return Colours(profile, name or "a profile without a name")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return UNREAD


def _of_bmp(data: bytes) -> Colours | None:
    """Of a BMP with a header of version 5, which may hold a profile."""
    if len(data) < 14 + _BMP_V5 or int.from_bytes(data[14:18], "little") != _BMP_V5:
        return None
    if data[14 + 56 : 14 + 60] != _EMBEDDED:
        return None
    start, size = struct.unpack_from("<II", data, 14 + 112)
    return _embedded(data[14 + start : 14 + start + size])


def _of_jp2(data: bytes) -> Colours | None:
    """Of a JPEG 2000 whose box of colours holds a profile (method 2)."""
    place = data.find(b"colr\x02", 0, 65536)
    if place < 4:
        return None
    length = int.from_bytes(data[place - 4 : place], "big")
    return _embedded(data[place + 7 : place - 4 + length])
