"""Odd scaling, smoothing, strangers and stray colours are found; the sample has none."""

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.datasets import inspection, outliers, picture_filter, pixel_grid, statistics, versions
from studio.datasets.edits import Row
from studio.datasets.inspection import Findings, Seen
from studio.datasets.manifests import Look
from studio.settings import CHECKOUT

SWORD = CHECKOUT / "sample" / "train" / "sword"
ALL = sorted((CHECKOUT / "sample" / "train").rglob("*.png"))


def sprites() -> list[Image.Image]:
    return [images.open_picture(file) for file in ALL]


def enlarged(picture: Image.Image, factor: float, how: Image.Resampling) -> Image.Image:
    side = round(picture.width * factor)
    return picture.convert("RGBa").resize((side, side), how).convert("RGBA")


def test_the_samples_own_pixels_are_as_drawn():
    grains = [pixel_grid.grain(picture) for picture in sprites()]
    assert [g for g in grains if g.factor or g.grid != 1] == []
    records = [_record(k) for k in range(len(grains))]
    assert inspection.judged(records, Look(), grains) == {"scaled": {}, "blurred": {}}


@pytest.mark.parametrize("factor", [2, 3])
def test_whole_factors_are_the_grid(factor):
    for picture in sprites()[::6]:
        large = enlarged(picture, factor, Image.Resampling.NEAREST)
        moved = Image.new("RGBA", (large.width + 5, large.height + 5))
        moved.paste(large, (3, 1))
        assert pixel_grid.grain(moved).grid % factor == 0 and not pixel_grid.grain(moved).factor


@pytest.mark.parametrize("factor", [1.25, 1.5, 2.5])
def test_odd_factors_are_told(factor):
    found = [
        pixel_grid.grain(enlarged(p, factor, Image.Resampling.NEAREST)).factor for p in sprites()
    ]
    hits = [one for one in found if one]
    assert len(hits) > 0.6 * len(found)
    assert abs(float(np.median(hits)) - factor) < 0.25 * factor


def test_smoothing_is_told():
    grains = [pixel_grid.grain(enlarged(p, 2, Image.Resampling.BICUBIC)) for p in sprites()]
    records = [_record(k) for k in range(len(grains))]
    assert len(inspection.judged(records, Look(), grains)["blurred"]) > 0.95 * len(grains)
    empty = pixel_grid.grain(Image.new("RGBA", (16, 16)))
    assert (empty.grid, empty.factor, empty.sharp) == (1, 0.0, 1.0)


def test_strangers_stand_apart_and_small_sets_have_none():
    rng = np.random.default_rng(3)
    kinds = np.repeat(np.eye(8)[:3], 20, axis=0)
    usual = kinds + rng.normal(0, 0.05, kinds.shape)
    strange = np.eye(8)[[5, 6]]
    features = np.concatenate([usual, strange])
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    assert {k for k, _ in outliers.outliers(features)[:2]} == {60, 61}
    assert outliers.outliers(features[-8:]) == []


def test_colours_that_only_one_has_are_told():
    sepia = [(np.array([[50.0, 10, 30], [70, 5, 25]]), np.array([0.6, 0.4])) for _ in range(30)]
    neon = (np.array([[60.0, 90, -60], [50, 10, 30]]), np.array([0.8, 0.2]))
    empty = (np.zeros((0, 3)), np.zeros(0))
    assert outliers.palettes([*sepia, neon, empty]) == [(30, pytest.approx(0.8))]
    assert outliers.palettes([empty] * 20) == [] == outliers.palettes(sepia[:5])


def test_a_set_is_looked_over_once_and_only_new_pictures_are_opened(tmp_path, items, monkeypatch):
    home, asked = tmp_path / "home", []

    def encode(found: list[Image.Image]) -> np.ndarray:
        asked.append(len(found))
        return np.ones((len(found), 4), np.float32) / 2

    told: list[tuple[int, int]] = []
    seen = Seen("ones", encode)
    found = inspection.inspect(home, items.pictures, items.look, seen, lambda *n: told.append(n))
    assert asked == [4] and told == [(4, 4)]
    assert inspection.known(home, items.pictures[::-1], items.look) == found
    inspection.inspect(home, items.pictures[:3], items.look, seen)
    assert asked == [4]  # another set of the same pictures
    damaged = versions.picture_path(home, items.pictures[0].hash)
    damaged.write_bytes(b"")
    assert inspection.inspect(home, items.pictures[:3], Look(filter="box"), seen).of["scaled"] == {}


def test_what_was_found_is_a_warning_with_its_pictures():
    records = [_record(k) for k in range(30)]
    found = Findings({"blurred": {records[3].hash: "smoothed", "f" * 64: "of another version"}})
    warned = [w for w in statistics.numbers(records, (), found).warnings if w.out]
    assert [(w.says, w.show) for w in warned] == [("1 picture with smoothed pixels.", "blurred")]
    rows = [Row(p, p) for p in records]
    wanted = picture_filter.Wanted(show="blurred")
    assert picture_filter.pick(rows, wanted, None, found) == [rows[3]]
    assert picture_filter.pick(rows, wanted, None, None) == []
    assert found.said(records[3].hash) == ["smoothed"]


def _record(number: int):
    from studio.datasets.pictures import Picture

    return Picture(
        f"{number:064x}",
        f"{number}.png",
        "a good long caption",
        "",
        32,
        32,
        True,
        "",
        "",
        "CC0",
        "file",
    )
