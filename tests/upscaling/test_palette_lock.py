"""Only the source's own colours, in the whole result."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.upscaling import canvas, palette_lock, passes
from studio.upscaling.settings import Settings
from tests.upscaling.engines import Noisy, painted

COLOURS = np.array([(20, 12, 28), (122, 20, 40), (200, 40, 50), (250, 250, 250)], np.uint8)


def sprite() -> np.ndarray:
    random = np.random.default_rng(2)
    rgba = np.full((30, 40, 4), 255, np.uint8)
    rgba[..., :3] = COLOURS[random.integers(0, 4, (30, 40))]
    rgba[:8, :8] = (1, 2, 3, 0)
    return rgba


def test_a_result_has_the_sources_colours_alone(tmp_path: Path) -> None:
    Image.fromarray(sprite(), "RGBA").save(tmp_path / "a.png")
    settings = Settings(
        "diffusion", 120, 90, tile=64, overlap=16, base="pocket", palette_lock=True, first="nearest"
    )
    found = passes.run(tmp_path / "a.png", settings, Noisy(), tmp_path / "work")
    rgba = np.asarray(images.open_result(found.file))
    seen = np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0)
    assert {tuple(one) for one in seen} <= {tuple(one) for one in COLOURS}
    assert not rgba[:24, :24].any()


def test_colours_go_to_the_nearest_and_alpha_stays() -> None:
    lock = palette_lock.Lock(COLOURS)
    rgba = np.array([[(21, 13, 30, 9), (240, 240, 255, 255), (210, 30, 60, 0)]], np.uint8)
    for _ in range(2):
        lock.snap(rgba)
    assert rgba.tolist() == [[[20, 12, 28, 9], [250, 250, 250, 255], [210, 30, 60, 0]]]


def test_a_painting_has_no_palette_to_keep(tmp_path: Path) -> None:
    Image.fromarray(painted(200, 150), "RGBA").save(tmp_path / "a.png")
    settings = Settings("diffusion", 200, 150, tile=64, overlap=16, base="x", palette_lock=True)
    engine = Noisy()
    with pytest.raises(StudioError, match="more than 256 colours"):
        passes.run(tmp_path / "a.png", settings, engine, tmp_path / "work")
    assert engine.calls == 0
    source = canvas.open_source(tmp_path / "a.png", tmp_path)
    with pytest.raises(StudioError, match="palette lock off"):
        palette_lock.of(source)
