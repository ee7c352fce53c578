"""Where real art of a style lies, in what the eye sees of a sprite: beside it a finished one is
looked at."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from studio import images
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.errors import StudioError
from studio.pixels.figures import PixelFigures, figures

MOST = 80  # pictures that are looked at
ENDS = (10, 90)  # percentiles
Ranges = Mapping[str, tuple[float, float]]


def ranges(home: Path, dataset: str, digest: str) -> Ranges:
    """From the 10th to the 90th percentile of each figure over a dataset's pictures; empty where
    they are gone."""
    try:
        version = datasets.load(home, dataset, digest)
    except StudioError:
        return {}
    usable = withdrawals.left(home, version.pictures)
    hashes = sorted(picture.hash for picture in usable)
    chosen = random.Random(digest).sample(hashes, min(MOST, len(hashes)))
    found = []
    for path in datasets.files_of(home, chosen).values():
        try:
            found.append(asdict(figures(np.asarray(images.open_picture(path)))))
        except StudioError:
            continue
    if not found:
        return {}
    ends = {name: np.percentile([one[name] for one in found], ENDS) for name in found[0]}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def outside(of: PixelFigures, real: Ranges, names: tuple[str, ...]) -> list[str]:
    """The figures among `names` that lie outside real art's range."""
    return [
        name
        for name in names
        if name in real and not real[name][0] <= getattr(of, name) <= real[name][1]
    ]
