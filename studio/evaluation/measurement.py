"""All figures of a version on one sheet, each with the name of its feature extractor.

What each figure means stands in `studio.evaluation.metric_meanings`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio import images
from studio.diffusion import bundled_bases
from studio.evaluation import features, metrics

SEED = 0
FEWEST = 4  # pictures that a distance with an interval needs a side


@dataclass(frozen=True)
class Measured:
    """Figures by name; and for each output which of `train` is nearest to it, and their cosine."""

    figures: dict[str, float]
    nearest: tuple[tuple[int, float], ...]


def measure(
    *,
    base: list[Image.Image],
    version: list[Image.Image],
    texts: list[str],
    real: list[Image.Image],
    train: list[Image.Image],
    train_texts: list[str],
    unseen: list[Image.Image],
    held_out: bool,
    matte: tuple[int, int, int],
    fid_weights: Path | None,
    also: Sequence[features.Features] = (),
) -> Measured:
    """Figures of `version` and of `base` (names beginning `base_`; empty: it has none) against
    `real` pictures.

    Those beginning `real_` are what real art reaches: the training pictures measured like a
    version, against `real` where that is `held_out`, else one half of them against the other
    (left out where halves would be too small). Names end in the extractor's name where features
    are compared, and in `_low` and `_high` for the interval of a figure. The pocket CLIP measures
    always, so that versions stay comparable; the extractors `also` add figures of their own.
    `nearest` is the cosine of the output closest to a picture of `train` (`real_`: of those of
    `unseen`, which taught nothing, but for those that are there a second time), `copies` how many
    lie above `copy_threshold` (`real_`: near-duplicates within real art). Where `train` is empty,
    what taught the version is not known: both are left out, and halves of `real` stand for real
    art.
    """
    seen = features.pocket_features(bundled_bases.CLIP, matte)
    tag = metrics.extractor_tag(seen.name)
    inception = features.inception_features(fid_weights) if fid_weights else None
    found: dict[str, float] = {"pictures": float(len(version)), "real_pictures": float(len(real))}
    if train:
        views = features.encode_views(seen, train)  # a mirrored or cropped copy is found too
        found["copy_threshold"] = metrics.copy_threshold(seen.encode_pictures(train))

    def compare(
        side: str, pictures: list[Image.Image], said: Sequence[str], real: list[Image.Image]
    ) -> features.Vectors:
        """Note the figures of one side; its feature vectors."""

        def note(name: str, interval: metrics.Interval) -> None:
            found[f"{side}{name}"] = interval.value
            if math.isfinite(interval.low):  # one prompt alone gives none
                found[f"{side}{name}_low"] = interval.low
                found[f"{side}{name}_high"] = interval.high

        def by(seen: features.Features, tag: str, own: str) -> features.Vectors:
            """Note what one extractor tells; `own` ends the names that lack its tag by default."""
            drawn, beside = seen.encode_pictures(pictures), seen.encode_pictures(real)
            note(f"kid_{tag}", metrics.kid_interval(drawn, beside, seed=SEED))
            found[f"{side}frechet_{tag}"] = metrics.frechet_distance(drawn, beside)
            if seen.encode_texts:
                scores = metrics.clip_scores(drawn, seen.encode_texts(list(said)))
                note(f"clip_score_{tag}", metrics.mean_interval(scores, said, seed=SEED))
            alike = metrics.style_similarities(drawn, beside)
            note(f"style_similarity{own}", metrics.mean_interval(alike, said, seed=SEED))
            found[f"{side}consistency{own}"] = metrics.consistency(drawn)
            return drawn

        drawn = by(seen, tag, "")
        for other in also:
            named = metrics.extractor_tag(other.name)
            by(other, named, f"_{named}")
        found[f"{side}palette_distance"] = metrics.palette_distance(
            [images.palette(picture) for picture in pictures],
            [images.palette(picture) for picture in real],
        )
        if inception:
            name = metrics.frechet_name(inception.name, inception.dims, len(pictures))
            found[f"{side}{name}"] = metrics.frechet_distance(
                inception.encode_pictures(pictures), inception.encode_pictures(real)
            )
        return drawn

    def copied(side: str, drawn: features.Vectors) -> list[tuple[int, float]]:
        if not train:
            return []
        index, cosines = metrics.nearest(drawn, views)
        # A picture of real art that is there twice tells nothing of how alike new art is.
        other = cosines[cosines < metrics.SAME] if side == "real_" else cosines
        if other.size:
            found[f"{side}nearest"] = float(other.max())
        found[f"{side}copies"] = float((cosines > found["copy_threshold"]).sum())
        return [(int(k), float(cosine)) for k, cosine in zip(index, cosines, strict=True)]

    nearest = copied("", compare("", version, texts, real))
    if base:
        copied("base_", compare("base_", base, texts, real))
    if held_out:
        compare("real_", train, train_texts, real)
    else:
        half = train or real
        if len(half) >= 2 * FEWEST:
            texts = train_texts if train else [f"picture {k}" for k in range(len(real))]
            compare("real_", half[::2], texts[::2], half[1::2])
    if unseen:
        copied("real_", seen.encode_pictures(unseen))
    return Measured(found, tuple(nearest))
