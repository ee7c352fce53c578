"""Fewer triangles, and the picture stays on them.

Edges are collapsed by fast_simplification (quadric errors: Garland and Heckbert, 1997), which knows
places alone. What it did is carried over to what lies on them: each new corner takes UV and normal
of the nearest point of the old surface, on its own side of the seams around it. A seam is an edge
whose two triangles differ there in part, UV or normal. So no texture is drawn over a seam, and none
is lost.

Where the seams leave room for it they stay exactly where they are: the surface is then cut open
along them, and points on open edges are held. Otherwise seams are collapsed as well. Either way a
closed model stays closed, since all that happens is that points become one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.props import collapsing, welding
from studio.props.model import Model, Part

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

NEAR = 0.1  # share of the target that is missed without a word
SEAMS = 0.25  # share of the target's triangles: with more points on seams these are collapsed, too
SIZE = 100.0  # the diagonal that is handed over: thresholds of the collapses do not know metres
AT_ONCE = 1 << 18  # pairs of a point and a triangle


@dataclass(frozen=True)
class _Points:
    """Points [k, 3] in metres, and those of each triangle [m, 3]."""

    places: Floats
    corners: Numbers


@dataclass(frozen=True)
class _Mesh:
    """All parts as one: place, UV and normal of each vertex [n]; of each triangle [m] its vertices
    [m, 3], its part, and whether it is a flat one by its normals. `joined` has the points by their
    places alone, `apart` by all that is said of them: seams are open there. `links`: pairs of
    corners, counted through all triangles, that lie on an edge without a seam."""

    positions: Floats
    uv: Floats
    normals: Floats
    corners: Numbers
    part: Numbers
    flat: NDArray[np.bool_]
    joined: _Points
    apart: _Points
    links: tuple[Numbers, Numbers]


@dataclass(frozen=True)
class _Collapsed:
    """What is left: `points` [f, 3] in metres, `faces` [t, 3] of them, which triangle of before
    each is (`kept` [t]), and for each triangle of before the points that its corners came to, -1
    for none (`into` [m, 3])."""

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
    before = model.triangle_count
    if before <= triangles:
        missed = before < (1 - NEAR) * triangles
        return model, f"It has {before:,} triangles, and none is added." if missed else ""
    mesh = _gathered(model)
    if not len(mesh.corners):
        raise StudioError(
            "No triangle of the model has an area.",
            "Make it anew, or go back to the version before.",
        )
    found = _nearest_to(mesh, triangles)
    count = len(found.faces)
    remark = ""
    if abs(count - triangles) > NEAR * triangles:
        remark = f"{count:,} triangles are left, not {triangles:,}: its shape allows none nearer."
    return _written(model, mesh, found, _carried(mesh, found)), remark


def _nearest_to(mesh: _Mesh, triangles: int) -> _Collapsed:
    """The mesh with seams that stay, where that comes near the number; else as it comes nearer."""
    held: _Collapsed | None = None
    if len(mesh.apart.places) - len(mesh.joined.places) <= SEAMS * triangles:
        held = _collapsed(mesh.apart, triangles, hold=True)
        if abs(len(held.faces) - triangles) <= NEAR * triangles:
            return held
    free = _collapsed(mesh.joined, triangles, hold=False)
    if held and abs(len(held.faces) - triangles) <= abs(len(free.faces) - triangles):
        return held
    return free


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
    place, first_there = welding.alike(positions)
    corners = corners[_three(place[corners])]
    vertex, first = welding.alike(np.column_stack([place, owner, uv, normals]))
    own = normals[corners]
    return _Mesh(
        positions=positions,
        uv=uv,
        normals=normals,
        corners=corners,
        part=owner[corners[:, 0]],
        flat=(own == own[:, :1]).all((1, 2)),
        joined=_Points(positions[first_there], place[corners]),
        apart=_Points(positions[first], vertex[corners]),
        links=_links(vertex[corners]),
    )


def _three(corners: Numbers) -> NDArray[np.bool_]:
    """Which triangles [m, 3] have three corners."""
    return np.asarray((corners != np.roll(corners, 1, axis=1)).all(1))


def _links(corners: Numbers) -> tuple[Numbers, Numbers]:
    """Pairs of corners, counted through all triangles, at both ends of the edges that two triangles
    [m, 3] have in common."""
    here = np.arange(corners.size)
    after = np.roll(here.reshape(-1, 3), -1, axis=1).reshape(-1)  # the edge's other end
    vertex = corners.reshape(-1)
    low, high = np.minimum(vertex, vertex[after]), np.maximum(vertex, vertex[after])
    edge = low * (int(vertex.max(initial=0)) + 1) + high
    order = np.argsort(edge, kind="stable")
    same = edge[order][1:] == edge[order][:-1]
    one, other = order[:-1][same], order[1:][same]
    against = vertex[one] != vertex[other]  # as the edges of neighbours run
    begins = np.where(against, after[other], other)
    ends = np.where(against, other, after[other])
    return np.concatenate([one, after[one]]), np.concatenate([begins, ends])


def _collapsed(points: _Points, target: int, *, hold: bool) -> _Collapsed:
    """Edges between points collapsed until `target` triangles are left, or no more can be; with
    `hold` points on open edges stay where they are."""
    places, corners = points.places, points.corners
    middle = (places.min(0) + places.max(0)) / 2
    factor = SIZE / float(np.linalg.norm(np.ptp(places, axis=0)) or 1.0)
    moved, faces, collapses = collapsing.collapsed(
        (places - middle) * factor, corners, target, hold=hold
    )
    into = np.arange(len(places))
    into[collapses[:, 1]] = collapses[:, 0]  # each goes once, into one that may go later
    while not np.array_equal(further := into[into], into):
        into = further
    mapped = into[corners]
    kept = np.flatnonzero(_three(mapped))
    left = np.unique(mapped[kept])
    number = np.full(len(places), -1, np.intp)
    number[left] = np.arange(len(left))
    if not np.array_equal(number[mapped[kept]], faces):
        raise RuntimeError("fast_simplification's collapses do not lead to its triangles")
    # Of a surface that is almost flat the best place is badly known: never beyond the box.
    there = np.clip(moved / factor + middle, places.min(0), places.max(0))
    return _Collapsed(there, np.asarray(faces, np.intp), kept, number[into][corners])


def _carried(mesh: _Mesh, found: _Collapsed) -> _Vertices:
    """What lies on the new triangles. A new vertex is a point together with one of the sides of the
    seams at it."""
    sides = _sides(mesh, found)
    wanted = sides.reshape(-1, 3)[found.kept]
    keys, faces = np.unique(wanted, return_inverse=True)
    faces = np.asarray(faces, np.intp).reshape(wanted.shape)
    # Of each side the triangles of before whose corners came to it: one of them is the nearest.
    vertex = np.minimum(np.searchsorted(keys, sides), max(0, len(keys) - 1))
    corner = np.flatnonzero(keys[vertex] == sides) if len(keys) else np.empty(0, np.intp)
    vertex, triangle = vertex[corner], corner // 3
    point = found.into.reshape(-1)[corner]
    shares, far = np.empty((len(corner), 3)), np.empty(len(corner))
    for start in range(0, len(corner), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        old = mesh.positions[mesh.corners[triangle[part]]]
        shares[part], far[part] = _nearest(found.points[point[part]], old)
    order = np.lexsort((far, vertex))
    first = order[np.diff(vertex[order], prepend=-1) > 0]
    own, share = mesh.corners[triangle[first]], shares[first][..., None]
    places = found.points[point[first]]
    return _Vertices(
        places=places,
        uv=(mesh.uv[own] * share).sum(1),
        normals=_normals(mesh, found, places, faces, (mesh.normals[own] * share).sum(1)),
        faces=faces,
    )


def _sides(mesh: _Mesh, found: _Collapsed) -> Numbers:
    """A number for each corner of before [3 m], the same for those that came to one point and are
    joined there without a seam between them."""
    corner = np.arange(found.into.size).reshape(-1, 3)
    same = found.into == np.roll(found.into, -1, axis=1)
    one = np.concatenate([mesh.links[0], corner[same]])
    other = np.concatenate([mesh.links[1], np.roll(corner, -1, axis=1)[same]])
    # Of 32 bits, which is all that the components are counted in.
    pairs = (one.astype(np.int32), other.astype(np.int32))
    links = scipy.sparse.coo_matrix(
        (np.ones(len(one), np.int8), pairs), shape=(corner.size, corner.size)
    )
    return np.asarray(scipy.sparse.csgraph.connected_components(links, directed=False)[1], np.intp)


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
    at, count = faces.reshape(-1), len(places)
    own = np.stack([np.bincount(at, np.repeat(across[:, k], 3), count) for k in range(3)], 1)
    smooth = np.bincount(at, np.repeat(~mesh.flat[found.kept], 3), count) > 0
    found_here = np.where(smooth[:, None], carried, own)
    for instead in (own, carried, np.array([[0.0, 1.0, 0.0]])):
        none = np.linalg.norm(found_here, axis=1, keepdims=True) < 1e-12
        found_here = np.where(none, instead, found_here)
    return np.asarray(found_here / np.linalg.norm(found_here, axis=1, keepdims=True), np.float64)


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
