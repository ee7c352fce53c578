"""ICC profiles made of primaries and a curve, for files that name those and have no profile."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import numpy as np

D65 = (0.3127, 0.3290)
D50 = (0.9642, 1.0, 0.8249)  # of ICC's connection space
# sRGB's curve as a parametricCurveType 3 (IEC 61966-2-1): g, a, b, c, d.
SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# How Bradford's cones see XYZ (Lindbloom).
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def profile(chromaticities: Sequence[float], curve: Sequence[float]) -> bytes:
    """An RGB display profile: x, y of white, red, green and blue, and either an exponent alone or
    the five numbers of a curve like SRGB. ValueError where the primaries span nothing."""
    columns = _adapted(chromaticities)
    parameters = struct.pack(f">{len(curve)}i", *(_fixed(value) for value in curve))
    kind = {1: 0, 5: 3}[len(curve)]
    trc = b"para" + bytes(4) + struct.pack(">HH", kind, 0) + parameters
    tags = {b"wtpt": _xyz(D50)}
    tags |= {b"rgb"[n : n + 1] + b"XYZ": _xyz(columns[:, n]) for n in range(3)}
    tags |= {name + b"TRC": trc for name in (b"r", b"g", b"b")}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">IIB3x4s4s4s", start + len(body), 0, 4, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += b"".join(struct.pack(">i", _fixed(value)) for value in D50)
    return head.ljust(128, b"\0") + table + body


def _adapted(chromaticities: Sequence[float]) -> np.ndarray:
    """XYZ of red, green and blue as columns, adapted from their white to D50."""
    xy = np.array(chromaticities, np.float64).reshape(4, 2)
    if (xy[:, 1] <= 0).any():
        raise ValueError("a chromaticity without y")
    xyz = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(axis=1)) / xy[:, 1]])
    white, primaries = xyz[:, 0], xyz[:, 1:]
    if abs(np.linalg.det(primaries)) < 1e-6:
        raise ValueError("primaries on one line")
    scaled = primaries * np.linalg.solve(primaries, white)
    cones = np.diag((_BRADFORD @ np.array(D50)) / (_BRADFORD @ white))
    return np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD @ scaled


def _xyz(values: Iterable[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(_fixed(value) for value in values))


def _fixed(value: float) -> int:
    return round(float(value) * 65536)
