"""What was said once of a folder's source, author and licence holds until it is said anew."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets.folder_import import ImportResult, import_folder

NOW = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
Told = dict[str, tuple[str, str, str]]


def sprite(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 4), np.uint8)
    Image.fromarray(pixels, "RGBA").save(path)


@pytest.fixture
def art(tmp_path: Path) -> Path:
    for seed, name in enumerate(["a.png", "b.png"]):
        sprite(tmp_path / "art" / name, seed)
    line = '{"file_name": "b.png", "author": "Bo", "licence": "MIT"}\n'
    (tmp_path / "art" / "metadata.jsonl").write_text(line)
    return tmp_path / "art"


@pytest.fixture
def take(tmp_path: Path, art: Path) -> Callable[..., ImportResult]:
    def again(**given: str) -> ImportResult:
        return import_folder(tmp_path, "items", art, now=NOW, actor="ana", **given)

    return again


def told(result: ImportResult) -> Told:
    return {p.file_name: (p.source, p.author, p.licence) for p in result.version.pictures}


def test_importing_again_without_a_word_changes_nothing(
    art: Path, take: Callable[..., ImportResult]
) -> None:
    first = take(source="atelier", licence="CC0")
    assert told(first) == {"a.png": ("atelier", "", "CC0"), "b.png": ("atelier", "Bo", "MIT")}
    again = take()
    assert again.version == first.version and again.changed == ()
    other = take(licence="CC-BY-4.0")
    assert told(other) == {
        "a.png": ("atelier", "", "CC-BY-4.0"),
        "b.png": ("atelier", "Bo", "MIT"),
    }
    assert other.changed == ("a.png",)
    # Redrawn, renamed and new pictures: the last gets only what all have in common.
    sprite(art / "a.png", 5)
    (art / "metadata.jsonl").unlink()
    (art / "b.png").rename(art / "z.png")
    sprite(art / "new.png", 6)
    third = take()
    assert told(third) == {
        "a.png": ("atelier", "", "CC-BY-4.0"),
        "new.png": ("atelier", "", ""),
        "z.png": ("atelier", "Bo", "MIT"),
    }
    assert third.changed == ("a.png",)
