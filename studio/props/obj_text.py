"""The lines of an OBJ file (Wavefront, "Advanced Visualizer Manual", appendix B1) as arrays:
points, UV, normals and faces. Faces of more than three corners are cut into a fan, as most readers
do. Curves, lines, groups and colours of points are passed over."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio import numbers
from studio.errors import StudioError
from studio.props import limits, normals
from studio.props.model import Floats, Material, Part
from studio.props.welding import alike

NUMBER = re.compile(rb"-?[0-9]{1,9}")  # of a corner
AGAIN = "Export the model again as OBJ."
LONGEST_LINE = 100_000  # bytes
MOST_CORNERS = 1_000  # of one face
MOST_MATERIALS, MOST_LIBRARIES = 10_000, 100
MOST_JOINED = 100  # lines that go on in the next
ABSENT = -1

Whole = NDArray[np.int64]


@dataclass
class Parsed:
    """`points` [n, 3], `uv` [k, 2] and `normals` [l, 3] one number after the other; for each run of
    faces with one material its name, and the numbers of its corners' point, UV and normal, 9 a
    triangle, ABSENT where nothing is said; the material libraries that are named."""

    points: array[float] = field(default_factory=lambda: array("d"))
    uv: array[float] = field(default_factory=lambda: array("d"))
    normals: array[float] = field(default_factory=lambda: array("d"))
    runs: list[tuple[str, array[int]]] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)


def parsed(data: bytes) -> Parsed:
    """An OBJ file's content. StudioError, naming the line, for what can't be understood."""
    found = Parsed()
    triangles, at, begun = 0, 0, ""
    held, joined = b"", 0
    runs: dict[str, array[int]] = {}
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        # A line that goes on in the next one ends in a backslash.
        line = held + data[at:end].rstrip(b"\r")
        if len(line) > LONGEST_LINE:
            raise _wrong(data, at, f"it has more than {LONGEST_LINE:,} bytes")
        at = end + 1
        if line.endswith(b"\\") and at < len(data):
            held, joined = line[:-1] + b" ", joined + 1
            if joined > MOST_JOINED:
                raise _wrong(data, at - 1, f"it goes on over more than {MOST_JOINED} lines")
            continue
        held, joined = b"", 0
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        kind, rest = words[0], words[1:]
        try:
            if kind == b"v":
                found.points.extend(_floats(rest, 3))
            elif kind == b"vt":
                found.uv.extend(_floats([*rest, b"0"] if len(rest) == 1 else rest, 2))
            elif kind == b"vn":
                found.normals.extend(_floats(rest, 3))
            elif kind == b"f":
                triangles += max(len(rest) - 2, 0)
                limits.check_counts(triangles, len(found.points) // 3)
                runs.setdefault(begun, array("q")).extend(_face(rest, found))
            elif kind == b"usemtl":
                begun = _text(line)
                if len(runs) > MOST_MATERIALS:
                    raise ValueError(f"there are more than {MOST_MATERIALS:,} materials")
            elif kind == b"mtllib":
                found.libraries.append(_text(line))
                if len(found.libraries) > MOST_LIBRARIES:
                    raise ValueError(f"there are more than {MOST_LIBRARIES} libraries")
        except ValueError as error:
            raise _wrong(data, at - 1, str(error)) from error
    if not found.points and not runs:
        raise StudioError("The model's file is no OBJ: it has neither points nor faces.", AGAIN)
    found.runs = list(runs.items())
    return found


def parts(read: Parsed, surfaces: Mapping[str, Material]) -> tuple[Part, ...]:
    """A part for each material that has triangles. StudioError for corners that are nowhere."""
    points = np.asarray(read.points, np.float64).reshape(-1, 3)
    limits.check_places(points, "The model")
    uv = np.asarray(read.uv, np.float64).reshape(-1, 2)
    own = np.asarray(read.normals, np.float64).reshape(-1, 3)
    found = []
    for name, run in read.runs:
        corners = np.asarray(run, np.int64).reshape(-1, 3)
        if not len(corners):
            continue
        for k, (what, there) in enumerate((("point", points), ("UV", uv), ("normal", own))):
            highest = int(corners[:, k].max())
            if highest >= len(there):
                raise StudioError(
                    f"The model's faces name {what} {highest + 1:,}, and there are {len(there):,}.",
                    AGAIN,
                )
        material = surfaces.get(name) or Material(name=name)
        found.append(_part(points, uv, own, corners, material))
    return tuple(found)


def _part(
    points: NDArray[np.float64],
    uv: NDArray[np.float64],
    own: NDArray[np.float64],
    corners: Whole,
    material: Material,
) -> Part:
    number, first = alike(corners)
    kept = corners[first]
    triangles = number.reshape(-1, 3).astype(np.uint32)
    positions = (points[kept[:, 0]] + 0.0).astype(np.float32)
    laid = np.zeros((len(kept), 2))
    has = kept[:, 1] != ABSENT
    laid[has] = uv[kept[has, 1]]
    laid[has, 1] = 1 - laid[has, 1]  # from the top, as glTF has it
    mapped: Floats = laid.astype(np.float32)
    if not np.isfinite(mapped).all():
        raise StudioError("The model's UV go beyond all numbers.", AGAIN)
    if (kept[:, 2] == ABSENT).any():
        return normals.flat(positions, mapped, triangles, material)
    told = own[kept[:, 2]]
    return Part(positions, normals.mended(positions, told, triangles), mapped, triangles, material)


def _face(words: list[bytes], found: Parsed) -> list[int]:
    """A face's triangles as numbers from 0 of point, UV and normal, corner after corner."""
    if not 3 <= len(words) <= MOST_CORNERS:
        raise ValueError(f"a face has {len(words):,} corners")
    counts = (len(found.points) // 3, len(found.uv) // 2, len(found.normals) // 3)
    corners = [_corner(word, counts) for word in words]
    first, *rest = corners
    triangles = []
    for second, third in zip(rest, rest[1:], strict=False):
        triangles += [*first, *second, *third]
    return triangles


def _corner(word: bytes, counts: tuple[int, int, int]) -> list[int]:
    """ "7", "7/2", "7//3" or "7/2/3", from 1, or back from the last one where negative."""
    given = word.split(b"/")
    if len(given) > 3 or not given[0]:
        raise ValueError(f"{numbers.shown(word.decode('latin-1'))} is no corner of a face")
    found = [ABSENT, ABSENT, ABSENT]
    for k, said in enumerate(given):
        if not said:
            continue
        if not NUMBER.fullmatch(said):
            raise ValueError(f"{numbers.shown(said.decode('latin-1'))} numbers nothing")
        number = int(said)
        found[k] = number - 1 if number > 0 else counts[k] + number
        if number == 0 or found[k] < 0:
            raise ValueError(f"{number} numbers nothing, where there are {counts[k]:,}")
    return found


def _floats(words: list[bytes], count: int) -> list[float]:
    if len(words) < count:
        raise ValueError(f"there are {len(words)} numbers, not {count}")
    found = []
    for word in words[:count]:
        try:
            found.append(float(word))
        except ValueError:
            raise ValueError(f"{numbers.shown(word.decode('latin-1'))} is no number") from None
        if not abs(found[-1]) <= 1e30:  # NaN is not either
            raise ValueError(f"{numbers.shown(word.decode('latin-1'))} can't be used")
    return found


def _text(line: bytes) -> str:
    """What follows the first word of a line: a name, which may hold spaces."""
    found = line.split(None, 1)[1:]
    return found[0].strip().decode("utf-8", "replace") if found else ""


def _wrong(data: bytes, at: int, said: str) -> StudioError:
    line = data.count(b"\n", 0, at) + 1
    return StudioError(f"Line {line:,} of the model's OBJ is wrong: {said}.", AGAIN)
