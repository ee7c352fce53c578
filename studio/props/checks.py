"""Whether a model's surface encloses something: closed, and 2-manifold, as printers and engines
that cut or collide solids want it. Seams of UV and normals do not count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from studio.props.model import Model
from studio.props.welding import Numbers, welded


@dataclass(frozen=True)
class Closed:
    """`closed`: each edge is passed as often in one direction as in the other, so that there is an
    inside. `manifold`: moreover each edge has two triangles, and those about each point are one
    fan: as a skin has no place where it touches itself.

    `open_edges`: edges that are passed more often one way; `nonmanifold_edges`: edges of more than
    two triangles, or of two that turn their fronts to different sides; `pinched_points`: points
    that hold together more than one fan. `parts`: pieces that share no point.
    """

    closed: bool
    manifold: bool
    open_edges: int
    nonmanifold_edges: int
    pinched_points: int
    parts: int


def closed_of(model: Model) -> Closed:
    """What is said of a model after its points are welded by their places. One without a triangle
    is not closed."""
    if not model.triangle_count:
        return Closed(False, False, 0, 0, 0, 0)
    points, triangles = welded(model)
    if not len(triangles):
        return Closed(False, False, 0, 0, 0, 0)
    begins = triangles.ravel()
    ends = triangles[:, (1, 2, 0)].ravel()
    forward = begins < ends
    low, high = np.minimum(begins, ends), np.maximum(begins, ends)
    _, number = np.unique(low * len(points) + high, return_inverse=True)
    number = number.reshape(-1)
    count = np.bincount(number)
    balance = np.bincount(number, np.where(forward, 1.0, -1.0))
    unpaired = balance != 0
    wrong = (count > 2) | ((count == 2) & unpaired)
    pinched = _pinched(triangles, number, count == 2, len(points))
    whole = not unpaired.any()
    return Closed(
        closed=whole,
        manifold=whole and not wrong.any() and not pinched,
        open_edges=int(unpaired.sum()),
        nonmanifold_edges=int(wrong.sum()),
        pinched_points=pinched,
        parts=_pieces(begins, ends, len(points)),
    )


def _pinched(triangles: Numbers, edges: Numbers, joins: np.ndarray, points: int) -> int:
    """How many points have corners of triangles that are joined over no edge of two triangles.
    `edges` numbers the edges of all triangles, [3 m], the k-th from their k-th corner on."""
    corners = np.arange(triangles.size).reshape(-1, 3)
    begin, end = corners.ravel(), corners[:, (1, 2, 0)].ravel()
    order = np.argsort(edges, kind="stable")
    order = order[joins[edges[order]]]
    first, second = order[0::2], order[1::2]  # the two triangles of each such edge
    at = triangles.ravel()
    straight = at[begin[first]] == at[begin[second]]
    pairs = [
        (begin[first], np.where(straight, begin[second], end[second])),
        (end[first], np.where(straight, end[second], begin[second])),
    ]
    rows = np.concatenate([one for one, _ in pairs])
    columns = np.concatenate([other for _, other in pairs])
    size = triangles.size
    graph = scipy.sparse.coo_array(
        (np.ones(len(rows), np.float32), (rows, columns)), shape=(size, size)
    )
    count, fan = scipy.sparse.csgraph.connected_components(graph, directed=False)
    point_of = np.empty(count, np.intp)
    point_of[fan] = at
    return int((np.bincount(point_of, minlength=points) > 1).sum())


def _pieces(begins: Numbers, ends: Numbers, points: int) -> int:
    graph = scipy.sparse.coo_array(
        (np.ones(len(begins), np.float32), (begins, ends)), shape=(points, points)
    )
    _, piece = scipy.sparse.csgraph.connected_components(graph, directed=False)
    return len(np.unique(piece[begins]))  # a point without a triangle is no piece
