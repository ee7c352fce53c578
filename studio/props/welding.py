"""Rows that are alike counted once, and a model's points joined where they lie at one place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.props.model import Floats, Model

Numbers = NDArray[np.intp]


def alike(rows: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Of rows [n, k]: a number for each [n], the same for equal ones, and which row is the first of
    each number, in the order in which they come. -0 is 0."""
    if not len(rows):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    order = np.lexsort(rows.T)
    ordered = rows[order]
    new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    firsts = order[new]  # lexsort keeps the order of equal rows
    group = np.empty(len(rows), np.intp)
    group[order] = np.cumsum(new) - 1
    came = np.argsort(firsts)
    rank = np.empty(len(firsts), np.intp)
    rank[came] = np.arange(len(firsts))
    return rank[group], firsts[came]


def welded(model: Model) -> tuple[Floats, Numbers]:
    """The places of all parts [p, 3], each once, and the triangles [m, 3] of their numbers.

    Places are one where they are equal to the bit: seams of UV and normals part points that lie at
    exactly the same place. Triangles of which two corners are one have no surface, and go."""
    positions = np.concatenate([part.positions for part in model.parts])
    starts = np.cumsum([0, *(len(part.positions) for part in model.parts)])
    triangles = np.concatenate(
        [
            part.triangles.astype(np.intp).reshape(-1, 3) + start
            for part, start in zip(model.parts, starts, strict=False)
        ]
    )
    number, first = alike(positions)
    corners = number[triangles].reshape(-1, 3)
    a, b, c = corners.T
    return positions[first], corners[(a != b) & (b != c) & (c != a)]
