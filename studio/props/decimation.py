"""Fewer triangles, and the picture stays on them.

Edges are collapsed by fast_simplification (quadric errors: Garland and Heckbert, 1997), which knows
places alone. Here it is told which places are one, and what it did is carried over to what lies on
them: each new corner takes UV and normal of the nearest point of the old surface, of the same
chart. A chart is what joined triangles share without a seam: with the same part, UV and normals
along the edge between them. So no texture is drawn over a seam, and none is lost.

Where the charts' rims leave room for it they stay exactly where they are, corner by corner: each
chart is then decimated inside its rim. Otherwise rims are collapsed as well. Either way a closed
model stays closed, since all that happens is that points become one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

import fast_simplification
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from studio.errors import StudioError
from studio.props.model import Model, Part

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

NEAR = 0.1  # share of the target that is missed without a word
RIMS = 0.25  # share of the target's triangles: with more points on rims these are collapsed, too
SIZE = 100.0  # the diagonal that is handed over: thresholds of the collapses do not know metres
AT_ONCE = 1 << 18  # pairs of a point and a triangle
_ALONE = threading.Lock()  # fast_simplification keeps the mesh in variables of its own


@dataclass(frozen=True)
class _Mesh:
    """All parts as one: of each vertex [n] its place [n, 3], UV [n, 2] and normal [n, 3]; of each
    triangle [m] its vertices [m, 3], the numbers of their places among `places` [k, 3], its part,
    its chart, and whether its normals are those of a flat one."""

    positions: Floats
    uv: Floats
    normals: Floats
    corners: Numbers
    places: Floats
    at: Numbers
    part: Numbers
    chart: Numbers
    flat: NDArray[np.bool_]


@dataclass(frozen=True)
class _Collapsed:
    """What is left: `points` [f, 3] in metres, `faces` [t, 3] of them, which triangle of before
    each is (`kept` [t]), and which point each of before came to, -1 for none (`into`)."""

    points: Floats
    faces: Numbers
    kept: Numbers
    into: Numbers


@dataclass(frozen=True)
class _Vertices:
    """New vertices [g]: place, UV and normal; and those of each face [t, 3]."""

    places: Floats
    uv: Floats
    normals: Floats
    faces: Numbers


def decimate(model: Model, triangles: int) -> tuple[Model, str]:
    """The model with about so many triangles, and a sentence where that is missed by more than a
    tenth, else "". Materials stay; a part of which nothing is left goes. A model that has no more
    than these stays as it is. StudioError for fewer than 4."""
    if triangles < 4:
        raise StudioError(f"{triangles} triangles enclose nothing.", "Give 4 or more.")
    before = sum(len(part.triangles) for part in model.parts)
    if before <= triangles:
        missed = before < (1 - NEAR) * triangles
        return model, f"It has {before:,} triangles, and none is added." if missed else ""
    mesh = _gathered(model)
    if not len(mesh.corners):
        raise StudioError(
            "No triangle of the model has an area.",
            "Make it anew, or go back to the version before.",
        )
    held, at = _held(mesh)
    ways = [(mesh.places, mesh.at, False)]
    if len(at) - len(mesh.places) <= RIMS * triangles:
        ways.insert(0, (mesh.places[at], held, True))
    tried: list[tuple[_Collapsed, Numbers]] = []
    for points, corners, rims in ways:
        tried.append((_collapsed(points, corners, triangles, rims), corners))
        if abs(len(tried[-1][0].faces) - triangles) <= NEAR * triangles:
            break
    found, corners = min(tried, key=lambda one: abs(len(one[0].faces) - triangles))
    count = len(found.faces)
    remark = ""
    if abs(count - triangles) > NEAR * triangles:
        remark = f"{count:,} triangles are left, not {triangles:,}: its shape allows none nearer."
    return _written(model, mesh, found, _carried(mesh, found, corners)), remark


def _gathered(model: Model) -> _Mesh:
    """The parts as one mesh, without triangles of which two corners are one."""
    starts = np.cumsum([0, *(len(part.positions) for part in model.parts)])
    positions = np.concatenate([part.positions for part in model.parts]).astype(np.float64) + 0.0
    uv = np.concatenate([part.uv for part in model.parts]).astype(np.float64)
    normals = np.concatenate([part.normals for part in model.parts]).astype(np.float64)
    corners = np.concatenate(
        [
            part.triangles.astype(np.intp).reshape(-1, 3) + start
            for part, start in zip(model.parts, starts, strict=False)
        ]
    )
    owner = np.repeat(np.arange(len(model.parts)), [len(part.positions) for part in model.parts])
    place, first = _alike(positions)
    at = place[corners]
    solid = _three(at)
    corners, at = corners[solid], at[solid]
    vertex, _ = _alike(np.column_stack([place, owner, uv, normals]))
    own = normals[corners]
    return _Mesh(
        positions=positions,
        uv=uv,
        normals=normals,
        corners=corners,
        places=positions[first],
        at=at,
        part=owner[corners[:, 0]],
        chart=_charts(vertex[corners]),
        flat=(own == own[:, :1]).all((1, 2)),
    )


def _alike(rows: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """A number for each row [n], the same for equal ones, and a row of each number."""
    order = np.lexsort(rows.T)
    ordered = rows[order]
    new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(1)])
    found = np.empty(len(rows), np.intp)
    found[order] = np.cumsum(new) - 1
    return found, order[new]


def _three(corners: Numbers) -> NDArray[np.bool_]:
    """Which triangles [m, 3] have three corners."""
    return np.asarray((corners != np.roll(corners, 1, axis=1)).all(1))


def _charts(corners: Numbers) -> Numbers:
    """A number for each triangle [m], the same for those that edges join whose both ends are the
    same vertices to them."""
    count = len(corners)
    ends = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    edge = ends[:, 0] * (int(corners.max(initial=0)) + 1) + ends[:, 1]
    order = np.argsort(edge, kind="stable")
    same = edge[order][1:] == edge[order][:-1]
    one, other = order[:-1][same] // 3, order[1:][same] // 3
    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.intp)


def _held(mesh: _Mesh) -> tuple[Numbers, Numbers]:
    """The corners [m, 3] of a mesh that is cut open along its charts' rims, and the place of each
    of its points."""
    several = int(mesh.chart.max(initial=0)) + 1
    keys = mesh.at * several + mesh.chart[:, None]
    known, corners = np.unique(keys, return_inverse=True)
    return np.asarray(corners, np.intp).reshape(keys.shape), known // several


def _collapsed(points: Floats, corners: Numbers, target: int, rims: bool) -> _Collapsed:
    """Edges between points [k, 3] collapsed until `target` triangles are left, or no more can be;
    with `rims` points on open edges stay where they are."""
    middle = (points.min(0) + points.max(0)) / 2
    factor = SIZE / float(np.linalg.norm(np.ptp(points, axis=0)) or 1.0)
    with _ALONE:
        moved, faces, collapses = fast_simplification.simplify(
            (points - middle) * factor,
            corners.astype(np.int32),
            target_count=min(target, len(corners)),
            preserve_border=rims,
            return_collapses=True,
        )
    into = np.arange(len(points))
    into[collapses[:, 1]] = collapses[:, 0]
    while not np.array_equal(further := into[into], into):
        into = further
    mapped = into[corners]
    kept = np.flatnonzero(_three(mapped))
    left = np.unique(mapped[kept])
    number = np.full(len(points), -1, np.intp)
    number[left] = np.arange(len(left))
    if not np.array_equal(number[mapped[kept]], faces):
        raise RuntimeError("fast_simplification's collapses do not lead to its triangles")
    return _Collapsed(moved / factor + middle, faces.astype(np.intp), kept, number[into])


def _carried(mesh: _Mesh, found: _Collapsed, corners: Numbers) -> _Vertices:
    """What lies on the new triangles. `corners` [m, 3] are those of before, as `found.into` knows
    them. A new vertex is a point within a chart."""
    several = int(mesh.chart.max(initial=0)) + 1
    wanted = found.faces * several + mesh.chart[found.kept][:, None]
    keys, faces = np.unique(wanted, return_inverse=True)
    faces = np.asarray(faces, np.intp).reshape(wanted.shape)
    # Of each chart the triangles of before whose corners came to a point: one is the nearest.
    point = found.into[corners].reshape(-1)
    triangle = np.repeat(np.arange(len(corners)), 3)
    pair = point * several + mesh.chart[triangle]
    group = np.searchsorted(keys, pair)
    there = (point >= 0) & (keys[np.minimum(group, len(keys) - 1)] == pair)
    point, triangle, group = point[there], triangle[there], group[there]
    shares, far = np.empty((len(point), 3)), np.empty(len(point))
    for start in range(0, len(point), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        old = mesh.positions[mesh.corners[triangle[part]]]
        shares[part], far[part] = _nearest(found.points[point[part]], old)
    order = np.lexsort((far, group))
    first = order[np.concatenate([[True], group[order][1:] != group[order][:-1]])]
    own, share = mesh.corners[triangle[first]], shares[first][..., None]
    places = found.points[keys // several]
    return _Vertices(
        places=places,
        uv=(mesh.uv[own] * share).sum(1),
        normals=_normals(mesh, found, places, faces, (mesh.normals[own] * share).sum(1)),
        faces=faces,
    )


def _nearest(points: Floats, triangles: Floats) -> tuple[Floats, Floats]:
    """The point of each triangle [n, 3, 3] that is nearest to each point [n, 3], as shares of its
    corners [n, 3], and its distance, squared."""
    one, other = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    off = points - triangles[:, 0]
    aa, ab, bb = (one * one).sum(1), (one * other).sum(1), (other * other).sum(1)
    pa, pb = (off * one).sum(1), (off * other).sum(1)
    whole = aa * bb - ab * ab
    safe = np.where(whole > 0, whole, 1)
    second, third = (bb * pa - ab * pb) / safe, (aa * pb - ab * pa) / safe
    shares = np.stack([1 - second - third, second, third], 1)
    inside = (whole > 0) & (shares >= 0).all(1)
    on = (triangles * shares[..., None]).sum(1)
    far = np.where(inside, ((on - points) ** 2).sum(1), np.inf)
    for start, end in ((0, 1), (1, 2), (2, 0)):
        along = triangles[:, end] - triangles[:, start]
        length = (along * along).sum(1)
        at = ((points - triangles[:, start]) * along).sum(1) / np.where(length > 0, length, 1)
        at = np.clip(at, 0, 1)
        away = ((triangles[:, start] + at[:, None] * along - points) ** 2).sum(1)
        nearer = away < far
        shares[nearer] = 0
        shares[nearer, start], shares[nearer, end] = 1 - at[nearer], at[nearer]
        far = np.where(nearer, away, far)
    return shares, far


def _normals(
    mesh: _Mesh, found: _Collapsed, places: Floats, faces: Numbers, carried: Floats
) -> Floats:
    """Unit normals [g, 3]: of smooth surfaces those that were carried, of flat ones those of the
    new triangles, by their areas."""
    a, b, c = (places[faces[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    own = np.stack(
        [
            np.bincount(faces.reshape(-1), np.repeat(across[:, axis], 3), len(places))
            for axis in range(3)
        ],
        1,
    )
    smooth = np.bincount(faces.reshape(-1), np.repeat(~mesh.flat[found.kept], 3), len(places)) > 0
    first = np.where(smooth[:, None], carried, own)
    for normals in (own, carried, np.array([[0.0, 1.0, 0.0]])):
        none = np.linalg.norm(first, axis=1, keepdims=True) < 1e-12
        first = np.where(none, normals, first)
    return np.asarray(first / np.linalg.norm(first, axis=1, keepdims=True), np.float64)


def _written(model: Model, mesh: _Mesh, found: _Collapsed, new: _Vertices) -> Model:
    """The model's parts with the new triangles; those without any are left out."""
    parts: list[Part] = []
    owner = mesh.part[found.kept]
    for number, part in enumerate(model.parts):
        faces = new.faces[owner == number]
        if not len(faces):
            continue
        used, corners = np.unique(faces, return_inverse=True)
        parts.append(
            replace(
                part,
                positions=np.ascontiguousarray(new.places[used] + 0.0, np.float32),
                normals=np.ascontiguousarray(new.normals[used] + 0.0, np.float32),
                uv=np.ascontiguousarray(new.uv[used], np.float32),
                triangles=np.asarray(corners, np.uint32).reshape(faces.shape),
            )
        )
    return replace(model, parts=tuple(parts))
