"""All figures of a version on one sheet, each with the name of its feature extractor."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from studio import images
from studio.evaluation import features, metrics
from studio.settings import POCKET

SEED = 0


def measure(
    *,
    base: list[Image.Image],
    version: list[Image.Image],
    texts: list[str],
    real: list[Image.Image],
    train: list[Image.Image],
    matte: tuple[int, int, int],
    fid_weights: Path | None,
) -> dict[str, float]:
    """Figures of `version` and of `base` (names beginning `base_`) against `real` pictures.

    Names end in the extractor's name where features are compared. `nearest` is the cosine of the
    output closest to a training picture, `copies` how many lie above the copy threshold.
    """
    seen = features.pocket_features(POCKET / "clip", matte)
    tag = seen.name.replace("-", "_")
    reals, trains = seen.encode_pictures(real), seen.encode_pictures(train)
    written = seen.encode_texts(texts) if seen.encode_texts else None
    real_palettes = [images.palette(picture) for picture in real]
    views = features.encode_views(seen, train)  # so that a mirrored or cropped copy is found too
    threshold = metrics.copy_threshold(trains)
    inception = features.inception_features(fid_weights) if fid_weights else None
    found: dict[str, float] = {"pictures": float(len(version)), "real_pictures": float(len(real))}
    for side, pictures in (("", version), ("base_", base)):
        drawn = seen.encode_pictures(pictures)
        kid = metrics.kid_interval(drawn, reals, seed=SEED)
        found[f"{side}kid_{tag}"] = kid.value
        found[f"{side}kid_{tag}_low"] = kid.low
        found[f"{side}kid_{tag}_high"] = kid.high
        found[f"{side}frechet_{tag}"] = metrics.frechet_distance(drawn, reals)
        if written is not None:
            found[f"{side}clip_score_{tag}"] = metrics.clip_score(drawn, written)
        found[f"{side}style_similarity"] = metrics.style_similarity(drawn, reals)
        found[f"{side}consistency"] = metrics.consistency(drawn)
        found[f"{side}palette_distance"] = metrics.palette_distance(
            [images.palette(picture) for picture in pictures], real_palettes
        )
        cosines = metrics.nearest(drawn, views)[1]
        found[f"{side}nearest"] = float(cosines.max())
        found[f"{side}copies"] = float((cosines > threshold).sum())
        if inception:
            name = metrics.frechet_name(inception.name, inception.dims, len(pictures))
            found[f"{side}{name}"] = metrics.frechet_distance(
                inception.encode_pictures(pictures), inception.encode_pictures(real)
            )
    return found
