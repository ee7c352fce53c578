"""Figures over feature arrays [n, d]: how near, how varied, how faithful a set of pictures is.

Pure numpy: whoever extracts the features names them beside the figure. Formulas: Heusel et al.
2017 (Frechet distance), Binkowski et al. 2018 (KID), Hessel et al. 2021 (CLIP score).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studio.errors import StudioError

Floats = NDArray[np.float64]
Palette = tuple[ArrayLike, ArrayLike]

INCEPTION = "inception-v3"
SAME = 1 - 1e-6  # cosine from which on two pictures are one


@dataclass(frozen=True)
class Interval:
    """A figure with its interval, the pictures on each side and the seed of the resampling."""

    value: float
    low: float
    high: float
    n_a: int
    n_b: int
    seed: int


def _features(values: ArrayLike, least: int = 1) -> Floats:
    """Finite float64 [n, d] with at least `least` rows, or StudioError."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2 or len(found) < least:
        raise StudioError(
            f"Features of shape {found.shape} can't be measured.",
            f"Give an array [pictures, dims] with at least {least} pictures.",
        )
    if not np.isfinite(found).all():
        raise StudioError("Features hold nan or infinity.", "Check the pictures and the weights.")
    return found


def _pair(a: ArrayLike, b: ArrayLike, least: int) -> tuple[Floats, Floats]:
    first, second = _features(a, least), _features(b, least)
    if first.shape[1] != second.shape[1]:
        raise StudioError(
            f"Features of {first.shape[1]} and {second.shape[1]} dims can't be compared.",
            "Encode both sets with the same extractor.",
        )
    return first, second


def _unit(values: Floats) -> Floats:
    return values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-12)


def frechet_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Frechet distance of two feature sets [n, d], [m, d], at least two pictures each.

    tr sqrt(S1 S2) is the nuclear norm of X1c X2c^T / sqrt((n-1)(m-1)), so no matrix root is taken.
    Biased upwards when n is not far above d, so it is shown and decides nothing.
    """
    first, second = _pair(a, b, 2)
    mean1, mean2 = first.mean(axis=0), second.mean(axis=0)
    one = (first - mean1) / np.sqrt(len(first) - 1)
    two = (second - mean2) / np.sqrt(len(second) - 1)
    # The cross product is n x m; through the d x d side instead when pictures outnumber dims.
    if min(len(one), len(two)) > one.shape[1]:
        one, two = np.linalg.qr(one, mode="r"), np.linalg.qr(two, mode="r")
    # Between Gaussians: Dowson and Landau, 1982; of features of pictures: Heusel et al. 2017.
    cross = np.linalg.svd(one @ two.T, compute_uv=False).sum()
    spread = (one**2).sum() + (two**2).sum() - 2 * cross
    return float(max(((mean1 - mean2) ** 2).sum() + spread, 0.0))


def frechet_name(features_name: str, dims: int, n: int) -> str:
    """The name under which a Frechet distance is shown: "fid" only for Inception's 2048 dims.

    `n` (pictures on the smaller side) is not in the name.
    """
    if n < 2:
        raise StudioError(f"A Frechet distance of {n} pictures.", "Give at least two a side.")
    if features_name == INCEPTION and dims == 2048:
        return "fid"
    return f"frechet_{extractor_tag(features_name)}"


def extractor_tag(features_name: str) -> str:
    """An extractor's name as it ends the names of metrics: letters, digits and underscores."""
    return "".join(c if c.isalnum() else "_" for c in features_name.lower())


def _cubic(a: Floats, b: Floats) -> Floats:
    # The kernel of KID: Binkowski et al. 2018.
    return np.asarray((a @ b.T / a.shape[1] + 1) ** 3)


def _off_diagonal_mean(kernel: Floats) -> float:
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))


def kid(a: ArrayLike, b: ArrayLike) -> float:
    """Unbiased MMD^2 with kernel (x.y/d + 1)^3, at least two pictures a side; may be negative."""
    first, second = _pair(a, b, 2)
    # The U-statistic of MMD^2: Gretton et al. 2012, lemma 6.
    within = _off_diagonal_mean(_cubic(first, first)) + _off_diagonal_mean(_cubic(second, second))
    return within - 2 * float(_cubic(first, second).mean())


def kid_interval(
    a: ArrayLike, b: ArrayLike, *, seed: int, rounds: int = 200, level: float = 0.95
) -> Interval:
    """KID with an interval from halves of both sets, drawn without replacement.

    A bootstrap repeats pictures, and a picture beside itself biases KID upwards. Halves repeat
    none, average exactly to the full KID, and spread as widely as KID itself (half the sample,
    half drawn); where both sets come from one source they spread wider, which errs on the safe
    side. Pictures count as independent: seeds of one prompt are less so than assumed.
    """
    if not 0 < level < 1 or rounds < 20:
        raise StudioError(
            f"level {level}, rounds {rounds}: no interval.",
            "Level lies between 0 and 1, rounds is at least 20.",
        )
    first, second = _pair(a, b, 4)
    rng = np.random.default_rng(seed)
    # As a jackknife that deletes half of the sample: Shao and Wu, 1989.
    half1, half2 = _halves(len(first), rounds, rng), _halves(len(second), rounds, rng)
    xx, yy, xy = _cubic(first, first), _cubic(second, second), _cubic(first, second)
    n, m = len(first) // 2, len(second) // 2
    within1 = ((half1 @ xx) * half1).sum(axis=1) - half1 @ np.diag(xx)
    within2 = ((half2 @ yy) * half2).sum(axis=1) - half2 @ np.diag(yy)
    across = ((half1 @ xy) * half2).sum(axis=1)
    drawn = within1 / (n * (n - 1)) + within2 / (m * (m - 1)) - 2 * across / (n * m)
    value = kid(first, second)
    below, above = np.quantile(drawn - value, [(1 - level) / 2, (1 + level) / 2])
    low, high = min(value + below, value), max(value + above, value)
    return Interval(value, float(low), float(high), len(first), len(second), seed)


def _halves(n: int, rounds: int, rng: np.random.Generator) -> Floats:
    """Rows of 0 and 1 [rounds, n], each choosing n // 2 pictures."""
    order = rng.random((rounds, n)).argsort(axis=1)
    return (order < n // 2).astype(np.float64)


def mean_interval(
    values: ArrayLike, groups: Sequence[str], *, seed: int, rounds: int = 1000, level: float = 0.95
) -> Interval:
    """The mean of `values` [n] with an interval from drawing whole groups with repetition.

    Pictures of one prompt resemble each other, so a group is a prompt, not a picture. With one
    group alone nothing can be told: the interval is then the whole line.
    """
    found = np.asarray(values, dtype=np.float64)
    names = sorted(set(groups))
    if found.ndim != 1 or len(found) != len(groups) or not len(found):
        raise StudioError(f"{found.shape} values, {len(groups)} groups.", "Give one group a value.")
    mean = float(found.mean())
    if len(names) < 2:
        return Interval(mean, -np.inf, np.inf, len(found), len(names), seed)
    member = np.array([names.index(group) for group in groups])
    sums = np.bincount(member, found, minlength=len(names))
    counts = np.bincount(member, minlength=len(names))
    # The percentile bootstrap (Efron, 1979) of whole clusters.
    drawn = np.random.default_rng(seed).integers(len(names), size=(rounds, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        mean, min(float(low), mean), max(float(high), mean), len(found), len(names), seed
    )


def clip_score(pictures: ArrayLike, texts: ArrayLike) -> float:
    """100 x the mean of max(cos, 0) of picture k and text k; trigger words stripped beforehand."""
    return float(clip_scores(pictures, texts).mean())


def clip_scores(pictures: ArrayLike, texts: ArrayLike) -> Floats:
    """The CLIP score of each picture [n] with its own text."""
    first, second = _pair(pictures, texts, 1)
    if len(first) != len(second):
        raise StudioError(
            f"{len(first)} pictures and {len(second)} texts.", "Give one text a picture."
        )
    # Hessel et al. 2021, with the factor 100 that torchmetrics has in place of their 2.5.
    return np.asarray(100 * np.maximum((_unit(first) * _unit(second)).sum(axis=1), 0))


def style_similarity(outputs: ArrayLike, reals: ArrayLike) -> float:
    """Mean cosine of the outputs to the mean direction of the dataset's pictures."""
    return float(style_similarities(outputs, reals).mean())


def style_similarities(outputs: ArrayLike, reals: ArrayLike) -> Floats:
    """The cosine of each output [n] to the mean direction of the dataset's pictures; the studio's
    own figure, of no paper."""
    first, second = _pair(outputs, reals, 1)
    return np.asarray(_unit(first) @ _unit(_unit(second).mean(axis=0)))


def consistency(outputs: ArrayLike) -> float:
    """Mean cosine of all pairs of outputs; 1 is one picture over and over. The studio's own."""
    found = _unit(_features(outputs, 2))
    return _off_diagonal_mean(found @ found.T)


def nearest(outputs: ArrayLike, train: ArrayLike) -> tuple[NDArray[np.intp], Floats]:
    """For each output the index of its nearest training picture and their cosine, as Somepalli et
    al. 2023 look for copies.

    `train` is [n, d], or [views, n, d] with flips and crops of each picture: the best view counts.
    """
    views = np.asarray(train, dtype=np.float64)
    views = views[None] if views.ndim == 2 else views
    pairs = [_pair(outputs, view, 1) for view in views]
    cosines = np.max([_unit(out) @ _unit(view).T for out, view in pairs], axis=0)
    index = cosines.argmax(axis=1)
    return index, np.clip(cosines[np.arange(len(index)), index], -1, 1)


def copy_threshold(train: ArrayLike, quantile: float = 0.99) -> float:
    """The cosine above which an output counts as a copy: rarer between training pictures.

    The studio's own rule: the `quantile` of each picture's cosine to its nearest other; exact
    duplicates are left out and the answer stays under 1, so that a true copy is always found.
    """
    found = _unit(_features(train, 2))
    cosines = found @ found.T
    np.fill_diagonal(cosines, -1)
    cosines[cosines > SAME] = -1
    closest = cosines.max(axis=1)
    closest = closest[closest > -1]
    if not closest.size:
        return 1 - 1e-4
    return float(min(np.quantile(closest, quantile), 1 - 1e-4))


def vendi(outputs: ArrayLike) -> float:
    """How many different pictures there seem to be: 1 for one over and over, n for n that have
    nothing in common. The exponential of the entropy of the eigenvalues of their cosines (Friedman
    and Dieng, 2023); it grows with n, so sets of one size are compared."""
    found = _unit(_features(outputs, 2)) / np.sqrt(len(np.asarray(outputs)))
    alike = found @ found.T if len(found) <= found.shape[1] else found.T @ found
    shares = np.clip(np.linalg.eigvalsh(alike), 0, None)
    shares = shares[shares > 1e-12]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def coverage(outputs: ArrayLike, reals: ArrayLike, nearest: int = 5) -> float:
    """The share of real pictures that have an output about them: nearer than their own `nearest`th
    neighbour among real ones (Naeem et al. 2020). 1 is all; it grows with the number of outputs."""
    first, second = _pair(outputs, reals, 2)
    if len(second) <= nearest:
        raise StudioError(
            f"Coverage of {len(second)} real pictures.", f"Give more than {nearest} of them."
        )
    own = _distances(second, second)
    np.fill_diagonal(own, np.inf)
    around = np.partition(own, nearest - 1, axis=1)[:, nearest - 1]
    return float((_distances(second, first).min(axis=1) < around).mean())


def _distances(a: Floats, b: Floats) -> Floats:
    """Squared Euclidean distances [n, m]."""
    whole = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return np.asarray(np.maximum(whole, 0))


def palette_distance(
    palettes_a: Sequence[Palette], palettes_b: Sequence[Palette], directions: int = 64
) -> float:
    """How far the colours of one set lie from the other's, in units of CIE L*a*b*; 0 is the same.

    A palette is (Lab colours [k, 3], weights [k]); each picture counts the same. Sliced earth
    mover's distance (Rabin et al. 2011), doubled, since a direction shows half of a shift on
    average: all colours shifted by 10 give 10.
    """
    colours1, weights1 = _pooled(palettes_a)
    colours2, weights2 = _pooled(palettes_b)
    # A Fibonacci half-sphere (Gonzalez, 2010): even directions without a seed.
    k = np.arange(directions) + 0.5
    height, turn = k / directions, np.pi * (1 + 5**0.5) * k
    flat = np.sqrt(1 - height**2)
    axes = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
    total = sum(_wasserstein(colours1 @ axis, weights1, colours2 @ axis, weights2) for axis in axes)
    return float(2 * total / directions)


def _wasserstein(x: Floats, p: Floats, y: Floats, q: Floats) -> float:
    """Earth mover's distance on a line: the area between the two cumulative weights (Vallender,
    1974)."""
    values = np.concatenate([x, y])
    order = values.argsort(kind="stable")
    gap = np.concatenate([p, -q])[order].cumsum()[:-1]
    return float((np.abs(gap) * np.diff(values[order])).sum())


def _pooled(palettes: Sequence[Palette]) -> tuple[Floats, Floats]:
    """Colours [sum k, 3] and weights [sum k] that sum to 1; equal colours are merged."""
    parts = []
    for colours, weights in palettes:
        points, share = np.asarray(colours, np.float64), np.asarray(weights, np.float64)
        if points.shape != (len(share), 3) or share.min(initial=0) < 0:
            raise StudioError(
                f"A palette of shapes {points.shape} and {share.shape}.",
                "Give Lab colours [k, 3] and weights [k] that are not negative.",
            )
        if share.sum() > 0:
            parts.append((points, share / share.sum()))
    if not parts:
        raise StudioError("No palette holds a colour.", "Give pictures that are not empty.")
    points, inverse = np.unique(np.concatenate([p for p, _ in parts]), axis=0, return_inverse=True)
    share = np.concatenate([w for _, w in parts]) / len(parts)
    merged = np.bincount(inverse.ravel(), share, minlength=len(points))
    return points, np.asarray(merged, dtype=np.float64)
