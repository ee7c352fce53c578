"""A whole picture by an upscaling model through the passes: its tiles are parts of one drawing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.upscaling import model_engine, models, networks, passes
from studio.upscaling.engine import Block
from studio.upscaling.settings import Settings, check
from studio.upscaling.sizes import Target
from tests.upscaling import engines
from tests.upscaling.strips import painted, sprite, whole


@pytest.fixture(scope="module")
def anime(tmp_path_factory) -> networks.Network:
    found = models.named(tmp_path_factory.mktemp("home"), "animevideov3")
    return networks.load(found, threads=1)


def by_passes(
    folder: Path, rgba: np.ndarray, network: networks.Network, size: tuple[int, int], **more: object
) -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba, "RGBA").save(folder / "a.png")
    asked = Settings("model", *size, model="animevideov3", **{"tile": 64, **more})
    asked = check(asked, rgba.shape[1], rgba.shape[0])
    engine = model_engine.ModelEngine(network)
    return np.asarray(images.open_result(passes.run(folder / "a.png", asked, engine, folder).file))


def test_tiles_are_the_whole_with_alpha_as_sharp_as_colours(tmp_path: Path, anime) -> None:
    rgba = np.zeros((60, 70, 4), np.uint8)
    rgba[10:50, 12:48] = sprite(40, 36)
    found = by_passes(tmp_path / "a", rgba, anime, (280, 240))
    at_once = whole(model_engine.enlarge, rgba, Target(280, 240), anime)
    seen = at_once[..., 3] > 0
    assert np.abs(found[..., 3].astype(int) - at_once[..., 3]).max() <= 2
    assert np.abs(found[seen].astype(int) - at_once[seen]).max() <= 2
    # What nothing is near stays nothing, and what is whole stays whole.
    assert not found[:32].any() and (found[110:130, 110:130, 3] == 255).all()
    faint = (found[..., 3] > 8) & (found[..., 3] < 247)
    lanczos = np.asarray(Image.fromarray(rgba, "RGBA").resize((280, 240), Image.Resampling.LANCZOS))
    softer = (lanczos[..., 3] > 8) & (lanczos[..., 3] < 247)
    assert faint.sum() < softer.sum()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(360, 200), (477, 265), (180, 101)])
def test_an_opaque_picture_stays_so_and_no_tile_lies_elsewhere_than_in_the_whole(
    tmp_path: Path, anime, size: tuple[int, int]
) -> None:
    rgba = painted(50, 90)
    found = by_passes(tmp_path / "a", rgba, anime, size, overlap=32, seam=True)
    assert (found[..., 3] == 255).all()
    at_once = whole(model_engine.enlarge, rgba, Target(*size), anime)
    assert np.abs(found.astype(int) - at_once).max() <= 2


def test_a_tile_that_only_touches_a_shape_is_not_taken_for_black(tmp_path: Path, anime) -> None:
    rgba = np.zeros((48, 48, 4), np.uint8)
    rgba[:, :17] = (250, 240, 200, 255)  # a pixel beyond the edge of the first tile
    assert by_passes(tmp_path / "a", rgba, anime, (192, 192))[..., 3].any()
    rgba[:, 14:] = 0
    assert by_passes(tmp_path / "b", rgba, anime, (192, 192))[96, 20, 3] == 255


def test_what_draws_first_can_be_stopped(tmp_path: Path, anime) -> None:
    class Never(engines.Engine):
        def one(self, block: Block) -> Image.Image:
            raise AssertionError("nothing is to be drawn any more")

    def stop(told: passes.Told) -> None:
        raise KeyboardInterrupt

    Image.fromarray(painted(20, 20), "RGBA").save(tmp_path / "a.png")
    asked = Settings("diffusion", 80, 80, first="model", model="animevideov3", base="pocket")
    first = model_engine.ModelEngine(anime)
    with pytest.raises(KeyboardInterrupt):
        passes.run(tmp_path / "a.png", asked, Never(), tmp_path, told=stop, first=first)
