"""A training leaves out what is wholly transparent, and is refused where nothing else is there."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from studio.training.config import TrainConfig
from studio.workflows import train_examples
from studio.workflows.train_split import parted


def taken(tmp_path: Path, drawn: int) -> DatasetVersion:
    art = tmp_path / "art"
    art.mkdir()
    Image.new("RGBA", (16, 16), (200, 10, 10, 0)).save(art / "empty.png")
    for seed in range(drawn):
        pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 4), np.uint8)
        Image.fromarray(pixels, "RGBA").save(art / f"z{seed:02}.png")
    now = datetime(2025, 1, 2, tzinfo=UTC)
    return import_folder(tmp_path / "home", "items", art, now=now, actor="ana").version


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_it_is_in_neither_part(tmp_path: Path, share: float) -> None:
    version = taken(tmp_path, 24)
    assert version.pictures[0].file_name == "empty.png"
    parts = parted(tmp_path / "home", version, share)
    assert 0 not in (*parts.taught, *parts.held)
    assert len(parts.taught) + len(parts.held) == 24 and bool(parts.held) == bool(share)
    assert parts.says.endswith("Wholly transparent and left out: empty.png.")
    train_examples.check(version, TrainConfig())


def test_nothing_else_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="items is wholly transparent"):
        train_examples.check(taken(tmp_path, 0), TrainConfig())
