"""What a PNG says of its colours beside an ICC profile: gAMA, cHRM, sRGB and cICP."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_WANTED = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"iCCP")


@dataclass(frozen=True)
class Described:
    """The exponent that gives light from a sample (2.2 is usual), chromaticities x, y of white,
    red, green and blue, and cICP's primaries and transfer by their numbers in ITU-T H.273; None
    where a PNG does not say. `srgb`: it says that it is sRGB; `profile`: it has one."""

    gamma: float | None = None
    chromaticities: tuple[float, ...] | None = None
    code_points: tuple[int, int] | None = None
    srgb: bool = False
    profile: bool = False


def read(data: bytes) -> Described:
    """What stands before the pixels; nothing where `data` is no PNG."""
    found: dict[bytes, bytes] = {}
    place = len(_SIGNATURE) if data.startswith(_SIGNATURE) else len(data)
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        if name in (b"IDAT", b"IEND"):
            break
        if name in _WANTED:
            found.setdefault(name, data[place + 8 : place + 8 + length])
        place += 12 + length
    gamma, primaries, points = (found.get(name, b"") for name in (b"gAMA", b"cHRM", b"cICP"))
    exponent = int.from_bytes(gamma, "big") if len(gamma) == 4 else 0
    return Described(
        gamma=100_000 / exponent if exponent else None,
        chromaticities=(
            tuple(value / 100_000 for value in struct.unpack(">8I", primaries))
            if len(primaries) == 32
            else None
        ),
        code_points=(points[0], points[1]) if len(points) == 4 else None,
        srgb=b"sRGB" in found,
        profile=b"iCCP" in found,
    )
