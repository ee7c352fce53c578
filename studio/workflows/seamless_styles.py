"""The way in which a style's pictures repeat, as its dataset says it: what is proposed for new
ones."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from studio.context import Studio
from studio.datasets import manifests
from studio.errors import StudioError
from studio.registry.models import Version

WAYS = {"xy": "both", "x": "x", "y": "y"}  # a dataset's Tileable as a drawing's seamless


def proposed(studio: Studio, version: Version) -> str:
    """Of `diffusion.seamless.WAYS`: that of the dataset which taught the version; "" where it is
    not tileable, or is gone."""
    if not version.dataset or not version.dataset_digest:
        return ""
    return _way(studio.home, version.dataset, version.dataset_digest)


@lru_cache(maxsize=256)  # a dataset's version never changes
def _way(home: Path, dataset: str, digest: str) -> str:
    try:
        return WAYS.get(manifests.read(home, dataset, digest).look.tileable, "")
    except StudioError:
        return ""
