"""The one door to fast_simplification, which keeps the mesh in variables of its own."""

from __future__ import annotations

import threading
from typing import Any

import fast_simplification
import numpy as np
from numpy.typing import NDArray

_ALONE = threading.Lock()


def collapsed(
    points: NDArray[np.float64], triangles: NDArray[Any], target: int, *, hold: bool
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Points [n, 3] and triangles [m, 3] with edges collapsed until about `target` triangles are
    left, and the collapses [k, 2] in their order: what stays, what goes into it. With `hold` edges
    of one triangle stay. Quadric edge collapse after Garland and Heckbert (1997)."""
    with _ALONE:
        places, faces, collapses = fast_simplification.simplify(
            np.ascontiguousarray(points, np.float64),
            np.ascontiguousarray(triangles, np.int32),
            target_count=min(target, len(triangles)),
            preserve_border=hold,
            return_collapses=True,
        )
        return (
            np.array(places, np.float64),
            np.array(faces, np.intp),
            np.array(collapses, np.intp),
        )
