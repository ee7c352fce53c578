"""Which pictures of a set stand apart: by how they look (features), and by their colours.

Pure functions of arrays; where the features come from is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

NEIGHBOURS = 0.05  # of the set, five at least: a few strays of one kind are each other's nearest
FEWEST = 12  # pictures; of fewer nobody can say what is usual
APART = 5.0  # robust deviations from the usual distance to the nearest others
MOST = 0.05  # of the set; if more stand apart, the set is simply varied
COLOUR = 14.0  # Lab units within which a colour counts as the set's
SEEN = 0.03  # of the other pictures must have it, three at least
SHARE = 0.5  # of a picture's drawn pixels must be strange

Vectors = NDArray[np.floating]


def outliers(features: Vectors) -> list[tuple[int, float]]:
    """(position, robust deviations) of unit vectors `[n, dims]` far from their nearest others,
    the farthest first; at most MOST of them, none in a set of fewer than FEWEST.

    A set of several kinds is no trouble, as long as each kind has a few pictures.
    """
    count = len(features)
    if count < FEWEST:
        return []
    near, nearest = np.empty(count), max(5, round(NEIGHBOURS * count))
    for start in range(0, count, 512):
        alike = features[start : start + 512] @ features.T
        alike[np.arange(len(alike)), start + np.arange(len(alike))] = -np.inf
        best = np.partition(alike, -nearest, axis=1)[:, -nearest:]
        near[start : start + len(alike)] = 1 - best.mean(axis=1)
    away = _deviations(near)
    found = [(int(k), float(away[k])) for k in np.argsort(-away) if away[k] > APART]
    return found[: max(1, int(MOST * count))]


def _deviations(values: NDArray[np.floating]) -> NDArray[np.floating]:
    middle = np.median(values)
    # The median absolute deviation (Hampel, 1974); 1.4826 makes it a normal's standard deviation.
    spread = 1.4826 * np.median(np.abs(values - middle))
    return (values - middle) / max(float(spread), 1e-6)


def palettes(found: Sequence[tuple[Vectors, Vectors]]) -> list[tuple[int, float]]:
    """(position, share of its pixels) of pictures whose colours hardly any other picture has.

    `found` holds each picture's colours, Lab `[k, 3]`, and their weights `[k]` that sum to 1. The
    most strange first; at most MOST of them, none in a set of fewer than FEWEST.
    """
    count = len(found)
    if count < FEWEST:
        return []
    colours = np.concatenate([lab for lab, _ in found])
    owner = np.repeat(np.arange(count), [len(lab) for lab, _ in found])
    if not len(colours):
        return []
    wanted = max(3, round(SEEN * count))
    tree = scipy.spatial.cKDTree(colours)
    # A picture's own colours, and several of one other picture, are among the nearest.
    asked = min(len(colours), 8 + 3 * wanted)
    apart, which = tree.query(colours, k=asked)
    near = apart <= COLOUR
    others = np.where(near & (which != len(colours)), owner[np.minimum(which, len(owner) - 1)], -1)
    others[others == owner[:, None]] = -1
    seen = np.array([len(set(row.tolist()) - {-1}) for row in others])
    weights = np.concatenate([weight for _, weight in found])
    strange = np.bincount(owner, weights * (seen < wanted), count)
    rows = [(int(k), float(strange[k])) for k in np.argsort(-strange) if strange[k] > SHARE]
    return rows[: max(1, int(MOST * count))]
