"""Whether a character stays itself: a sheet of poses, and how alike it is there to its pictures.

Not covered: which detail was lost. Look at the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from studio import images
from studio.diffusion import bundled_bases
from studio.evaluation import contact_sheet, features, metrics
from studio.store.publish import publishing

POSES = (
    "standing, seen from the front",
    "seen from the side",
    "seen from behind",
    "running",
    "sitting",
    "swinging a sword",
    "the face close up",
    "in a forest at night",
)
SEED = 21


def prompts(instance: str) -> list[str]:
    """What is drawn of the character that `instance` names."""
    return [f"{instance}, {pose}" for pose in POSES]


def figures(
    version: list[Image.Image],
    base: list[Image.Image],
    train: list[Image.Image],
    matte: tuple[int, int, int],
) -> dict[str, float]:
    """`likeness`: the mean cosine of the poses to the mean direction of the training pictures, by
    the same features as the style's; `base_likeness` of the base's, `real_likeness` of each
    training picture to all others, left out where there is but one."""
    seen = features.pocket_features(bundled_bases.CLIP, matte)
    own = seen.encode_pictures(train)
    found = {
        "likeness": metrics.style_similarity(seen.encode_pictures(version), own),
        "base_likeness": metrics.style_similarity(seen.encode_pictures(base), own),
    }
    if len(own) > 1:
        others = [np.delete(own, place, axis=0) for place in range(len(own))]
        alike = [
            metrics.style_similarity(own[place : place + 1], rest)
            for place, rest in enumerate(others)
        ]
        found["real_likeness"] = float(np.mean(alike))
    return found


def keep(folder: Path, base: Sequence[Image.Image], version: Sequence[Image.Image]) -> None:
    """Keep the poses, the base's above the version's, as one picture in a sheet's folder."""
    with publishing(folder / contact_sheet.POSES, flush=False) as aside:
        images.grid([list(base), list(version)], cell=128).save(aside, "PNG")
