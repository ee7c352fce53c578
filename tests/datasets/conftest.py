"""Small sprites of noise, and a dataset made of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import DatasetVersion

NOW = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
Sprite = Callable[..., Path]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def sprite(tmp_path: Path) -> Sprite:
    """Writes noise of `seed` to a name in the folder `art`; `text` beside it is its caption."""

    def write(name: str, seed: int = 0, text: str = "", size: int = 16, into: str = "art") -> Path:
        path = tmp_path / into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 4), np.uint8)
        Image.fromarray(pixels, "RGBA").save(path)
        if text:
            path.with_suffix(".txt").write_text(text)
        return path

    return write


@pytest.fixture
def items(tmp_path: Path, sprite: Sprite) -> DatasetVersion:
    """Dataset `items` under tmp_path/home: a red, a blue and a green potion, and a sword."""
    for seed, name in enumerate(["red", "blue", "green"]):
        sprite(f"potion/{name}.png", seed, f"a {name} potion")
    sprite("sword/old.png", 9, "a sword")
    return import_folder(tmp_path / "home", "items", tmp_path / "art", now=NOW, actor="ana").version
