"""What is seen on the sample's pictures: whether they keep to the palette, and how high their
figure stands, beside what real art of the style has."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio import images
from studio.assets import files
from studio.context import Studio
from studio.errors import StudioError
from studio.pixels.canvas import seen
from studio.pixels.figures import outside
from studio.registry.models import Version
from studio.store import local
from studio.workflows import recipes
from studio.workflows.success_gathering import Drawn

LOW, HIGH = "real_height_low", "real_height_high"  # metrics of a version: 10th, 90th percentile
LARGEST = 4_000_000  # pixels; of larger pictures nothing is told


@dataclass(frozen=True)
class Look:
    """A picture as it is to be used: which version drew it, whether all its opaque pixels are in
    the palette, and its figure's share of the canvas's height."""

    version: int
    inside: bool
    height: float


def palette_of(studio: Studio, style: str, versions: Sequence[Version]) -> tuple[str, ...]:
    """The colours of the style's recipe; none where it names none, or the style is gone."""
    try:
        held = recipes.of_style(studio, style, [v for v in versions if v.style == style])
    except StudioError:
        return ()
    return held.recipe.colours if held.recipe else ()


def looks(studio: Studio, sample: Sequence[Drawn], colours: tuple[str, ...]) -> list[Look]:
    """The pictures of the sample, painted over or not; those whose file is gone, or too large, are
    left out. A file is opened once, however often it is asked about."""
    return list(_looks(studio, sample, colours))


def _looks(studio: Studio, sample: Sequence[Drawn], colours: tuple[str, ...]) -> Iterator[Look]:
    used = files.to_use(studio.engine, [one.id for one in sample])
    for one in sample:
        file = used.get(one.id)
        content = file.content if file else None
        if file is None or (content and (content.width or 0) * (content.height or 0) > LARGEST):
            continue
        try:
            mark = content.hash if content else ""
            inside, height = _seen(studio.home / file.path, mark, colours)
        except (StudioError, OSError):
            continue
        yield Look(one.version, inside, height)


@functools.lru_cache(maxsize=8192)
def _seen(path: Path, mark: str, colours: tuple[str, ...]) -> tuple[bool, float]:
    rgba = np.asarray(images.open_result(local.present(path)).convert("RGBA"))
    box = seen(rgba)
    height = 0.0 if box is None else (box[0].stop - box[0].start) / len(rgba)
    return not colours or outside(rgba, colours) == 0, float(height)


def within(found: Iterable[Look], style: str, versions: Sequence[Version]) -> list[bool]:
    """Of each picture whose version was measured beside real art, whether it is as high as four of
    five of that."""
    ranges = {
        v.number: (v.metrics[LOW], v.metrics[HIGH])
        for v in versions
        if v.style == style and LOW in v.metrics and HIGH in v.metrics
    }
    told = ((one.height, *ranges[one.version]) for one in found if one.version in ranges)
    return [low <= height <= high for height, low, high in told]
