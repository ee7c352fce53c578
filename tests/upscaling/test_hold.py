"""The source's colours are kept, whatever an engine draws."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.upscaling import canvas, hold, passes
from studio.upscaling.grid import Box
from studio.upscaling.settings import Settings
from studio.upscaling.sizes import Target
from tests.upscaling.engines import Engine, Inverted, Noisy, painted


def ran(
    folder: Path, rgba: np.ndarray, size: tuple[int, int], engine: Engine, amount: float = 1.0
) -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba, "RGBA").save(folder / "picture.png")
    settings = Settings("diffusion", *size, tile=128, overlap=64, base="pocket", hold=amount)
    found = passes.run(folder / "picture.png", settings, engine, folder / "work")
    return np.asarray(images.open_result(found.file))


def near(found: np.ndarray, wanted: np.ndarray) -> float:
    """The share of pixels, reduced to the size of `wanted`, that are within two levels of it."""
    height, width = wanted.shape[:2]
    small = Image.fromarray(found, "RGBA").resize((width, height), Image.Resampling.BOX)
    apart = np.abs(np.asarray(small)[..., :3].astype(int) - wanted[..., :3])
    return float((apart.max(axis=2) <= 2).mean())


def dark(width: int, height: int) -> np.ndarray:
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = np.random.default_rng(3).integers(3, 20, (height, width, 3))
    return rgba


@pytest.mark.parametrize("size", [(200, 160), (150, 120), (123, 109)])
@pytest.mark.parametrize("kind", ["painted", "dark", "empty"])
def test_reduced_again_it_is_the_source(tmp_path: Path, size: tuple[int, int], kind: str) -> None:
    rgba = dark(50, 40) if kind == "dark" else painted(50, 40)
    if kind == "empty":
        rgba[:] = (60, 80, 70, 255)
    for name, engine in (("noise", Noisy()), ("inverted", Inverted())):
        found = ran(tmp_path / name, rgba, size, engine)
        assert near(found, rgba) >= 0.95


def test_at_its_own_size_blocks_of_eight_keep_their_colours(tmp_path: Path) -> None:
    rgba = painted(192, 128)
    found = ran(tmp_path, rgba, (192, 128), Noisy())
    wanted = np.asarray(Image.fromarray(rgba, "RGBA").resize((24, 16), Image.Resampling.BOX))
    assert near(found, wanted) >= 0.95
    assert np.abs(found[..., :3].astype(int) - rgba[..., :3]).mean() > 20  # yet it was drawn


def test_half_a_hold_lies_between(tmp_path: Path) -> None:
    rgba = painted(50, 40)
    results = [
        ran(tmp_path / str(amount), rgba, (200, 160), Noisy(), amount).astype(int)
        for amount in (0.0, 0.5, 1.0)
    ]
    none, half, whole = (np.abs(one[..., :3].mean() - rgba[..., :3].mean()) for one in results)
    assert whole < 0.5 and whole < half <= none
    drawn = np.rint((results[0] + results[2]) / 2)
    assert np.abs(drawn - results[1]).max() <= 2


def test_what_was_drawn_finely_stays(tmp_path: Path) -> None:
    class Lined(Engine):
        """Lines of one pixel over the picture, ten levels up and down."""

        def one(self, block):  # noqa: ANN001, ANN202
            levels = np.asarray(block.picture.convert("RGB")).astype(int)
            levels[:, ::2] += 10
            levels[:, 1::2] -= 10
            return Image.fromarray(levels.clip(0, 255).astype(np.uint8), "RGB")

    rgba = painted(50, 40)
    plain = ran(tmp_path / "plain", rgba, (200, 160), Engine()).astype(int)
    lined = ran(tmp_path / "lined", rgba, (200, 160), Lined()).astype(int)
    steps = np.abs(np.diff(lined - plain, axis=1))[8:24, 8:40, :3]
    assert 14 < steps.mean() < 26


def test_a_box_smaller_than_a_cell_keeps_its_mean(tmp_path: Path) -> None:
    rgba = painted(5, 3)
    Image.fromarray(rgba, "RGBA").save(tmp_path / "a.png")
    source = canvas.open_source(tmp_path / "a.png", tmp_path)
    drawn = np.full((3, 5, 3), 128, np.uint8)
    found = hold.held(drawn, rgba, source, Box(0, 0, 5, 3), Target(5, 3))
    assert np.abs(found.mean(axis=(0, 1)) - rgba[..., :3].mean(axis=(0, 1))).max() <= 0.5


def test_under_alpha_0_nothing_drawn_counts(tmp_path: Path) -> None:
    rgba = painted(64, 64)
    rgba[:, 30:, 3] = 0
    Image.fromarray(rgba, "RGBA").save(tmp_path / "a.png")
    source = canvas.open_source(tmp_path / "a.png", tmp_path)
    box, target = Box(0, 0, 64, 64), Target(64, 64)
    before = np.asarray(source.region(box, target))
    drawn = before[..., :3].copy()
    drawn[:, 30:] = (255, 0, 255)
    found = hold.held(drawn, before, source, box, target)
    assert np.array_equal(found, before[..., :3])
