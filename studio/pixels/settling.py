"""Noisy pictures in the colours of a palette as regions, not as specks.

The nearest colour for each pixel alone turns a model's noise into specks. Here each pixel weighs
what it shows against what its neighbours take: a Potts model (1952), settled by iterated
conditional modes (Besag, 1986) over the squared distances in OKLab.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.colours import Floats, to_oklab
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, rgb_of
from studio.pixels.outline_shape import layers
from studio.pixels.outlines import edges
from studio.pixels.silhouettes import Mask, neighbours, smooth
from studio.pixels.snapping import Labels, nearest
from studio.pixels.strays import LIGHT

TOGETHER = 0.004  # what it costs to differ from a neighbour; half of it over a corner
MIXED = 0.0006  # what a checkerboard of two shades costs
# OKLab distance up to which two colours are shades of each other, and so without lightness.
SHADES, HUES = 0.24, 0.11
LIKELY = 0.03  # how much likelier the outline's colour is within its width
RARE, CHEAP = 0.006, 0.03  # share of the figure, and mean cost, at which a colour is done without
SIMILAR = 0.1  # OKLab distance over which the smoothing of noise reaches
MOST = 24  # colours and checkerboards that are weighed
BLEND, BLENDED = 0.7, 0.03  # how much of it may be the outline's, and what it costs
NEVER = 9.0
Pairs = NDArray[np.intp]
AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]


def settled(
    rgba: Pixels,
    colours: Sequence[str],
    *,
    outline: str = "",
    width: int = 1,
    checkered: bool = False,
) -> Pixels:
    """The picture with hard alpha, a smooth silhouette and regions of `colours`. `outline` is a
    colour of them that the edge takes, up to `width` pixels deep where the picture agrees;
    `checkered` shades with checkerboards of two near colours, too."""
    palette = rgb_of(colours)
    ground = to_oklab(palette)
    opaque = rgba[..., 3] >= OPAQUE
    everywhere = to_oklab(rgba[..., :3])
    mask = smooth(opaque) | _sparks(everywhere, opaque)
    out = np.zeros_like(rgba)
    if not mask.any():
        return out
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    seen = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    # Of the whole canvas: what is seen ends at its own edge.
    depth, rim = layers(mask)[seen], edges(mask)[seen]
    lab, mask = _filled(everywhere[seen], opaque[seen]), mask[seen]
    edge = int(nearest(to_oklab(rgb_of([outline])), ground)[0]) if outline else None
    pairs = _shades(lab[mask], ground, checkered, edge)
    smoothed = _smoothed(lab, mask)
    cost = _costs(smoothed, ground[pairs].mean(1)) + _price(pairs)
    if edge is not None:
        _blends(cost, smoothed, ground, pairs, edge, depth <= width + 2)
        _expect(cost, rim, (depth > 1) & (depth <= width), pairs, edge)
    labels = _without_rare(_agreed(cost.argmin(0), cost, mask), cost, mask, pairs, edge)
    y, x = np.nonzero(mask)
    turn = (y + rows[0] + x + columns[0]) % 2  # the pattern lies on the canvas, not on the figure
    out[y + rows[0], x + columns[0], :3] = palette[pairs[labels[mask], turn]]
    out[y + rows[0], x + columns[0], 3] = 255
    return out


def _sparks(lab: Floats, opaque: Mask) -> Mask:
    """Light pixels that stand alone beside the figure; noise leaves dark ones."""
    return opaque & (neighbours(opaque)[1] == 0) & (lab[..., 0] >= LIGHT)


def _filled(lab: Floats, opaque: Mask) -> Floats:
    """The colours of opaque pixels spread over the others, so that a filled notch has one."""
    if opaque.all():
        return lab
    where = scipy.ndimage.distance_transform_edt(
        ~opaque, return_distances=False, return_indices=True
    )
    return np.asarray(lab[where[0], where[1]], np.float32)


def _shades(lab: Floats, ground: Floats, checkered: bool, edge: int | None) -> Pairs:
    """The colours that the figure comes near to, the commonest first, and with `checkered` each
    two of them that are shades of each other, as pairs of indices [k, 2]: one colour is a pair with
    itself. The outline's is always there, and in no checkerboard."""
    counts = np.bincount(nearest(lab, ground), minlength=len(ground)).astype(float)
    if edge is not None:
        counts[edge] = np.inf
    ranked = [int(k) for k in np.argsort(-counts, kind="stable") if counts[k] > 0][:MOST]
    pairs = [(k, k) for k in ranked]
    if checkered:
        pairs += [
            (min(one, other), max(one, other))
            for one, other in combinations(ranked, 2)
            if edge not in (one, other)
            and float(np.linalg.norm(ground[one] - ground[other])) <= SHADES
            and float(np.linalg.norm(ground[one, 1:] - ground[other, 1:])) <= HUES
        ]
    return np.array(pairs[:MOST], np.intp)


def _smoothed(lab: Floats, mask: Mask) -> Floats:
    """Each pixel with those around it that are like it (a bilateral filter of 3 x 3)."""
    total, weights = lab.copy(), np.ones(mask.shape, np.float32)
    wide, within = np.pad(lab, [(1, 1), (1, 1), (0, 0)]), np.pad(mask, 1)
    height, width = mask.shape
    for y, x in AROUND:
        there = slice(1 + y, 1 + y + height), slice(1 + x, 1 + x + width)
        apart = ((wide[there] - lab) ** 2).sum(-1)
        weight = np.exp(-(y * y + x * x) / 2 - apart / (2 * SIMILAR**2)) * within[there]
        total += weight[..., None] * wide[there]
        weights += weight
    return np.asarray(total / weights[..., None], np.float32)


def _costs(lab: Floats, centres: Floats) -> Floats:
    """How far each pixel is from each centre, squared [k, h, w]."""
    height, width = lab.shape[:2]
    flat = lab.reshape(-1, 3)
    cost = (centres**2).sum(1)[:, None] - 2 * centres @ flat.T + (flat**2).sum(1)
    return np.asarray(cost.reshape(-1, height, width), np.float32)


def _price(pairs: Pairs) -> Floats:
    mixed = pairs[:, 0] != pairs[:, 1]
    return np.where(mixed, MIXED, 0).astype(np.float32)[:, None, None]


def _blends(cost: Floats, lab: Floats, ground: Floats, pairs: Pairs, edge: int, near: Mask) -> None:
    """Near the edge a pixel may be half the outline's and half of what it surrounds: it counts as
    the one or the other, not as a third colour that lies between them by chance."""
    step = ground[edge] - ground[pairs].mean(1)
    length = np.maximum((step**2).sum(1), 1e-6)
    off = lab[near][None] - ground[pairs].mean(1)[:, None]
    along = np.clip((off * step[:, None]).sum(-1) / length[:, None], 0, BLEND)
    missed = ((off - along[..., None] * step[:, None]) ** 2).sum(-1)
    missed = np.where((pairs[:, 0] == pairs[:, 1])[:, None], missed, NEVER)
    cost[:, near] = np.minimum(cost[:, near], missed + BLENDED * along * length[:, None])


def _expect(cost: Floats, rim: Mask, below: Mask, pairs: Pairs, edge: int) -> None:
    """Make the edge the outline's, and the outline likelier below it."""
    own = int(np.flatnonzero((pairs == edge).all(1))[0])
    cost[:, rim] += NEVER
    cost[own, rim] = 0
    cost[own, below] -= LIKELY


def _agreed(labels: Labels, cost: Floats, mask: Mask) -> Labels:
    """The labels once no pixel would rather take another, or after eight rounds. Pixels are asked
    in two turns, like a chessboard's fields, so that neighbours over an edge never change at
    once."""
    field = np.indices(mask.shape).sum(0) % 2
    kinds = np.arange(len(cost))[:, None, None]
    height, width = mask.shape
    taken = np.zeros((len(cost), height + 2, width + 2), np.float32)
    for _ in range(8):
        before = labels
        for turn in (0, 1):
            taken[:, 1:-1, 1:-1] = (labels == kinds) & mask
            sides = taken[:, :-2, 1:-1] + taken[:, 2:, 1:-1]
            rows = taken[:, :-2] + taken[:, 2:]
            corners = rows[:, :, :-2] + rows[:, :, 2:]
            alike = sides + taken[:, 1:-1, :-2] + taken[:, 1:-1, 2:] + corners / 2
            labels = np.where(field == turn, (cost - TOGETHER * alike).argmin(0), labels)
        if (labels == before).all():
            break
    return labels


def _without_rare(
    labels: Labels, cost: Floats, mask: Mask, pairs: Pairs, edge: int | None
) -> Labels:
    """The labels without those that few pixels have and that another serves nearly as well; an
    artist uses no colour for three pixels unless they are meant to be seen."""
    while True:
        counts = np.bincount(labels[mask], minlength=len(pairs))
        gone, fewest = -1, RARE * mask.sum()
        for k in np.flatnonzero((counts > 0) & (counts <= fewest)):
            if edge is not None and (pairs[k] == edge).all():
                continue
            here = cost[:, mask & (labels == k)]
            used = (counts > 0) & (np.arange(len(pairs)) != k)
            others = np.where(used[:, None], here, NEVER)
            if (others.min(0) - here[k]).mean() < CHEAP and counts[k] <= fewest:
                gone, fewest = int(k), counts[k]
        if gone < 0:
            return labels
        cost[gone] = NEVER
        labels = _agreed(labels, cost, mask)
