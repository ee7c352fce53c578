"""A drawn dataset and a base trained on it for a few steps, shared by the pocket tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw

from studio.pocket.corpus import Source
from studio.pocket.train import Recipe, train_pocket

BUNDLED = Path(__file__).resolve().parents[2] / "pocket"
TINY = Recipe(
    autoencoder_channels=8,
    unet_channels=(16, 32),
    text_width=16,
    text_layers=1,
    recolours=2,
    captions_each=2,
    autoencoder_pictures=16,
    denoiser_pictures=24,
    clip_pictures=8,
    decoder_pictures=8,
    autoencoder_batch=4,
    decoder_batch=4,
    denoiser_batch=4,
    clip_batch=4,
)


@pytest.fixture(scope="session")
def bundled() -> Path:
    """The folder of the base that comes with the project."""
    return BUNDLED


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def draw_dataset(folder: Path, count: int = 8) -> Path:
    """`count` discs and squares of several colours, with metadata.jsonl."""
    folder.mkdir(parents=True)
    colours = ["red", "blue", "green", "yellow"]
    rows = []
    for k in range(count):
        picture = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
        pen = ImageDraw.Draw(picture)
        shape = pen.ellipse if k % 2 else pen.rectangle
        shape((6, 6 + k % 5, 24, 25), fill=colours[k % 4], outline="black")
        picture.save(folder / f"{k}.png")
        rows.append(
            {
                "file_name": f"{k}.png",
                "text": "round potion" if k % 2 else "square book",
                "category": "item/potion" if k % 2 else "item/book",
            }
        )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "metadata.jsonl").write_text(lines, "utf-8")
    return folder


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_dataset(tmp_path_factory.mktemp("drawn") / "sprites")


@pytest.fixture(scope="session")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete tiny base, trained without interruption; its checkpoints lie beside it."""
    place = tmp_path_factory.mktemp("trained")
    train_pocket(
        [Source(dataset)],
        place / "base",
        place / "work",
        TINY,
        device="cpu",
        resume=False,
        report=lambda line: None,
    )
    return place / "base"


Train = Callable[..., None]


@pytest.fixture
def train(dataset: Path, tmp_path: Path) -> Train:
    """Trains the tiny recipe into tmp_path/base, with checkpoints in tmp_path/work."""

    def call(
        resume: bool,
        dataset: Path = dataset,
        more: Sequence[Source] = (),
        start: Path | None = None,
        **changes: Any,
    ) -> None:
        train_pocket(
            [Source(dataset), *more],
            tmp_path / "base",
            tmp_path / "work",
            replace(TINY, **changes),
            device="cpu",
            resume=resume,
            start=start,
            report=lambda line: None,
        )

    return call
