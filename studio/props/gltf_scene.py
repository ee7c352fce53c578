"""What a glTF's scene shows (glTF 2.0, sections 3.5 and 3.7), as parts whose nodes' transforms are
baked into their points."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.props import gltf_buffers, gltf_fields, limits, normals
from studio.props.gltf_buffers import Buffers
from studio.props.gltf_fields import Entry, wrong
from studio.props.gltf_materials import Surface, Surfaces
from studio.props.model import Floats, Part

MOST_DEEP = 64  # nodes within nodes
TRIANGLES, STRIP, FAN = 4, 5, 6

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A primitive as its file has it; without normals `normals` is None."""

    positions: Floats
    normals: Floats | None
    uv: Floats
    triangles: NDArray[np.uint32]
    surface: Surface


class _Primitives:
    """The primitives of all meshes, read when they are asked for and once each."""

    def __init__(
        self, document: Entry, buffers: Buffers, surfaces: Surfaces, remarks: dict[str, None]
    ) -> None:
        self.meshes = gltf_fields.entries(document, "meshes")
        self._buffers, self._surfaces, self._remarks = buffers, surfaces, remarks
        self._read: dict[str, _Drawn] = {}
        self._triangles = self._points = 0

    def of(self, mesh: int) -> Iterator[_Drawn]:
        """Those of a mesh that have triangles. Each counts anew, before anything is read of it."""
        for given in gltf_fields.entries(self.meshes[mesh], "primitives"):
            mode = gltf_fields.whole(given, "mode", 0, 6, TRIANGLES)
            if mode < TRIANGLES:
                self._remarks["Points and lines are left out."] = None
                continue
            self._count(given, mode)
            if given.place not in self._read:
                self._read[given.place] = self._primitive(given, mode)
            yield self._read[given.place]

    def _count(self, given: Entry, mode: int) -> None:
        points = gltf_buffers.count(self._buffers, self._accessor(given, "POSITION"))
        number = gltf_fields.index(given, "indices", len(self._buffers.accessors))
        corners = points if number is None else gltf_buffers.count(self._buffers, number)
        triangles = corners // 3 if mode == TRIANGLES else max(corners - 2, 0)
        if "NORMAL" not in gltf_fields.entry(given, "attributes").fields:
            points = max(points, 3 * triangles)  # each triangle gets points of its own
        self._triangles += triangles
        self._points += points
        limits.check_counts(self._triangles, self._points)

    def _primitive(self, given: Entry, mode: int) -> _Drawn:
        surface = self._surfaces.of(given)
        positions = self._attribute(given, "POSITION", 3)
        assert positions is not None
        limits.check_places(positions, given.place)
        count = len(positions)
        number = gltf_fields.index(given, "indices", len(self._buffers.accessors))
        if number is None:
            corners = np.arange(count, dtype=np.uint32)
        else:
            corners = gltf_buffers.corners(self._buffers, number, count)
        uv = self._attribute(given, f"TEXCOORD_{surface.lying.set}", 2, count)
        if uv is None:
            uv = np.zeros((count, 2), np.float32)
            if surface.textured:
                self._remarks[f"{given.place} has a texture, and no UV that lays it out."] = None
        self._tell(given)
        return _Drawn(
            positions,
            self._attribute(given, "NORMAL", 3, count),
            surface.lying.laid(uv),
            _triangles(corners, mode, given.place),
            surface,
        )

    def _attribute(
        self, given: Entry, name: str, width: int, count: int | None = None
    ) -> Floats | None:
        """The values [n, width] of an attribute, None where there is none of that name."""
        if name not in gltf_fields.entry(given, "attributes").fields:
            return None
        found = gltf_buffers.floats(self._buffers, self._accessor(given, name), width)
        if count is not None and len(found) != count:
            raise wrong(f"{given.place} has {count:,} points and {len(found):,} values of {name}")
        return found

    def _accessor(self, given: Entry, name: str) -> int:
        attributes = gltf_fields.entry(given, "attributes")
        number = gltf_fields.index(attributes, name, len(self._buffers.accessors))
        if number is None:
            raise wrong(f"{given.place} has no {name}")
        return number

    def _tell(self, given: Entry) -> None:
        attributes = gltf_fields.entry(given, "attributes").fields
        if "COLOR_0" in attributes:
            self._remarks["Colours of single points are left out."] = None
        if given.fields.get("targets"):
            self._remarks["Other shapes that it could take (morph targets) are left out."] = None


def parts(
    document: Entry, buffers: Buffers, surfaces: Surfaces, remarks: dict[str, None]
) -> tuple[Part, ...]:
    """The parts of the scene that a viewer opens first, in its order. What is left out of it is
    added to `remarks`."""
    primitives = _Primitives(document, buffers, surfaces, remarks)
    found = []
    for mesh, matrix in _placed(document, len(primitives.meshes), remarks):
        for drawn in primitives.of(mesh):
            if len(drawn.triangles):
                found.append(_part(drawn, matrix, primitives.meshes[mesh].place))
    return tuple(found)


def _placed(document: Entry, meshes: int, remarks: dict[str, None]) -> Iterator[tuple[int, Matrix]]:
    """Each mesh that the scene shows, and what takes its points to the world [4, 4]."""
    nodes = gltf_fields.entries(document, "nodes")
    waiting = [(root, 1, np.eye(4)) for root in reversed(_roots(document, nodes))]
    seen: set[int] = set()
    while waiting:
        number, depth, above = waiting.pop()
        node = nodes[number]
        if number in seen:
            raise wrong(f"{node.place} stands in the scene twice, or within itself")
        if depth > MOST_DEEP:
            raise wrong(f"{node.place} lies within more than {MOST_DEEP} nodes")
        seen.add(number)
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = above @ _matrix(node)
        if not np.isfinite(matrix).all():
            raise wrong(f"{node.place} is moved or scaled beyond all numbers")
        mesh = gltf_fields.index(node, "mesh", meshes)
        if mesh is not None:
            if "skin" in node.fields:
                remarks["Its skeleton is left out: it stands as it was modelled."] = None
            yield mesh, np.eye(4) if "skin" in node.fields else matrix
        below = gltf_fields.indices(node, "children", len(nodes))
        waiting += [(child, depth + 1, matrix) for child in reversed(below)]


def _roots(document: Entry, nodes: list[Entry]) -> list[int]:
    """The nodes at the top of the scene that is shown; without scenes, those within no other."""
    scenes = gltf_fields.entries(document, "scenes")
    number = gltf_fields.index(document, "scene", len(scenes))
    if scenes:
        return gltf_fields.indices(scenes[number or 0], "nodes", len(nodes))
    within = {
        child for node in nodes for child in gltf_fields.indices(node, "children", len(nodes))
    }
    return [number for number in range(len(nodes)) if number not in within]


def _matrix(node: Entry) -> Matrix:
    """What takes a node's points to the node above (5.25)."""
    if "matrix" in node.fields:
        told = gltf_fields.row(node, "matrix", (0.0,) * 16)
        found = np.array(told, np.float64).reshape(4, 4).T
        if (found[3] != (0, 0, 0, 1)).any():
            raise wrong(f"{node.called('matrix')} is no movement of points in space")
        return found
    found = np.eye(4)
    x, y, z, w = gltf_fields.row(node, "rotation", (0.0, 0.0, 0.0, 1.0))
    length = math.hypot(x, y, z, w)
    if not 0.9 < length < 1.1:
        raise wrong(f"{node.called('rotation')} is no quaternion of unit length")
    x, y, z, w = (one / length for one in (x, y, z, w))
    found[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    found[:3, :3] *= gltf_fields.row(node, "scale", (1.0, 1.0, 1.0))
    found[:3, 3] = gltf_fields.row(node, "translation", (0.0, 0.0, 0.0))
    return found


def _part(drawn: _Drawn, matrix: Matrix, place: str) -> Part:
    positions, uv, triangles = drawn.positions, drawn.uv, drawn.triangles
    own: NDArray[np.floating[Any]] | None = drawn.normals
    if not (matrix == np.eye(4)).all():
        turn = matrix[:3, :3]
        with np.errstate(over="ignore", invalid="ignore"):
            # Column by column, so that equal points stay equal to the bit: products of matrices do
            # not promise that.
            x, y, z = (positions[:, k : k + 1].astype(np.float64) for k in range(3))
            moved = x * turn[:, 0] + y * turn[:, 1] + z * turn[:, 2] + matrix[:3, 3]
            positions = (moved + 0.0).astype(np.float32)
        limits.check_places(positions, place)
        a, b, c = turn / (np.abs(turn).max() or 1.0)
        # Normals go by the cofactors, which are there even where a scale is 0.
        planes = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)])
        if a @ planes[0] < 0:  # the determinant: it is mirrored
            triangles, planes = triangles[:, ::-1], -planes
        own = None if own is None else own.astype(np.float64) @ planes.T
    if own is None:
        return normals.flat(positions, uv, triangles, drawn.surface.material)
    return Part(
        positions=np.ascontiguousarray(positions, np.float32),
        normals=normals.mended(positions, own, triangles),
        uv=np.ascontiguousarray(uv, np.float32),
        triangles=np.ascontiguousarray(triangles, np.uint32),
        material=drawn.surface.material,
    )


def _triangles(corners: NDArray[np.uint32], mode: int, place: str) -> NDArray[Any]:
    """Triangles [m, 3] of a list, a strip or a fan of corners (3.7.2.1)."""
    if mode == TRIANGLES:
        if len(corners) % 3:
            raise wrong(f"{place} has {len(corners):,} corners, not three for each triangle")
        return corners.reshape(-1, 3)
    first = np.arange(max(len(corners) - 2, 0))
    if mode == FAN:
        at = np.stack([first + 1, first + 2, np.zeros_like(first)], axis=1)
    else:
        odd = first % 2
        at = np.stack([first, first + 1 + odd, first + 2 - odd], axis=1)
    return corners[at].reshape(-1, 3)
