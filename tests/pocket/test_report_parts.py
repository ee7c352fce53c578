"""The report's measures: kinds named, copies found, colours seen, equal draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from studio.captioning.subjects import Subject
from studio.diffusion import bases
from studio.errors import StudioError
from studio.pocket import copying, namer, trials
from studio.pocket.corpus import Sprite
from studio.pocket.namer import stacked
from studio.pocket.sheet import before_and_after


def _shape(kind: str, seed: int) -> Image.Image:
    """A disc or an upright bar of any colour and place."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGBA", (32, 32))
    x, y = (int(v) for v in rng.integers(4, 10, 2))
    colour = tuple(int(v) for v in rng.integers(40, 255, 3))
    box = (x, y, x + 16, y + 16) if kind == "disc" else (x + 6, y - 2, x + 11, y + 20)
    draw = ImageDraw.Draw(picture)
    (draw.ellipse if kind == "disc" else draw.rectangle)(box, fill=colour, outline="black")
    return picture


def _sprites(count: int, first: int = 0) -> list[Sprite]:
    kinds = ["disc", "bar"] * (count // 2)
    return [
        Sprite(
            f"{k}.png",
            f"{k:08x}",
            stacked([_shape(kind, first + k)])[0],
            Subject("item", kind, (), ()),
            k % 5 == 0,
        )
        for k, kind in enumerate(kinds)
    ]


@pytest.fixture(scope="module")
def pipeline(bundled: Path) -> Any:
    return bases.load_pipeline(bases.find_base(str(bundled)), torch.device("cpu"))


@pytest.mark.slow
def test_a_namer_tells_two_shapes_apart_in_unseen_pictures() -> None:
    kinds = ["disc", "bar"] * 16
    pixels = stacked([_shape(kind, k) for k, kind in enumerate(kinds)])
    learned = namer.train_namer(pixels, kinds, seed=0, epochs=30)
    unseen = stacked([_shape(kind, 500 + k) for k, kind in enumerate(kinds)])
    named = learned.name_kinds(unseen)
    assert namer.share_right(kinds, named) >= 0.95
    assert learned.name_kinds(unseen) == named
    crossed = namer.named_by_others(pixels, kinds, seed=0, epochs=30, folds=2)
    assert namer.share_right(kinds, crossed) >= 0.85


def test_confusion_counts_what_was_named_for_each_kind() -> None:
    found = namer.confusion(["a", "a", "b"], ["a", "b", "b"])
    assert found == {"a": {"a": 1, "b": 1}, "b": {"b": 1}}
    assert np.isnan(namer.share_right([], []))
    with pytest.raises(StudioError, match="two kinds"):
        namer.train_namer(stacked([_shape("disc", 0)]), ["disc"], seed=0)


def test_a_planted_copy_is_found_also_mirrored_moved_or_recoloured() -> None:
    sprites = stacked([_shape(kind, k) for k, kind in enumerate(["disc", "bar"] * 6)])
    other = stacked([_shape("disc", 900), _shape("bar", 901)])
    moved = np.roll(sprites[3:4], 1, axis=2)
    mirrored = sprites[4:5, :, ::-1]
    asked = np.concatenate([sprites[:1], moved, mirrored, other])
    distances = copying.pixel_distances(asked, sprites)
    assert (distances[:3] < 0.5).all() and (distances[3:] > 2).all()
    # Channels swapped so that lightness stays about the same: grey finds it, colour does not.
    grey = sprites[:1].copy()
    light = grey[..., :3].astype(float) @ [0.299, 0.587, 0.114]
    grey[..., :3] = light[..., None].round()
    assert copying.pixel_distances(grey, sprites, grey=True)[0] < 2
    assert copying.pixel_distances(grey, sprites)[0] > 5
    found = copying.compared(distances[:3], distances[3:])
    assert found["share_nearer_than_real_1st"] == 1.0
    assert found["generated_median"] < found["real_5th"]


def test_feature_distances_are_zero_for_a_mirrored_copy() -> None:
    sprites = stacked([_shape("bar", k) for k in range(4)])

    def encode(pixels: np.ndarray) -> np.ndarray:
        return pixels[..., 3].reshape(len(pixels), -1).astype(float)

    distances = copying.feature_distances(encode, sprites[1:2, :, ::-1], sprites)
    assert distances == pytest.approx([0.0], abs=1e-9)


def test_prompts_go_evenly_over_the_kinds() -> None:
    asked = trials.kind_prompts(["weapon", "ring", "altar"], 12)
    assert [kind for kind, _ in asked].count("ring") == 4
    assert asked[1] == ("ring", "a ring") and asked[4] == ("ring", "a red ring")
    assert asked[2] == ("altar", "an altar") and asked[3] == ("weapon", "a red weapon")
    assert {prompt for kind, prompt in trials.kind_prompts(["armour"], 12)} >= {
        "boots",
        "brown gloves",
        "an armour",
    }


@pytest.mark.slow
def test_kinds_are_chosen_by_real_sprites_and_named_in_generated_ones(pipeline: Any) -> None:
    found = trials.try_kinds(pipeline, _sprites(40), seed=0, count=4, least=20, epochs=25)
    assert sorted(found["kinds"]) == ["bar", "disc"]
    assert found["real_pictures"] == 8 and found["real"] >= 0.9
    assert found["drawn_pictures"] == 4
    assert sum(sum(row.values()) for row in found["drawn_named"].values()) == 4
    by_name = {line["what"]: line for line in found["bars"]}
    assert not by_name["kinds asked for"]["met"]  # two are not five
    assert by_name["unseen real sprites named right"]["met"]


def test_colours_of_the_bundled_base_show(pipeline: Any) -> None:
    found = trials.try_colours(pipeline, seed=0, count=5)
    assert found["prompts"] == 5 and set(found["by_colour"]) == {"red"}
    assert found["bars"][0]["measured"] >= 0.8


@pytest.mark.slow
def test_copying_is_reported_beside_held_out_sprites(pipeline: Any, bundled: Path) -> None:
    found = trials.try_copying(pipeline, bundled / "clip", _sprites(40), seed=0, count=3)
    assert found["generated"] == 3 and found["held_out"] == 8
    for name in ("pixels", "lightness", "pocket-clip-v2"):
        assert found[name]["generated_median"] >= found[name]["generated_nearest"] > 0


@pytest.mark.slow
def test_equal_draws_are_bit_equal_and_the_base_is_small(pipeline: Any, bundled: Path) -> None:
    found = trials.try_speed(pipeline, bundled, seed=3, rounds=2)
    met = {line["what"]: line["met"] for line in found["bars"]}
    assert met["the same draw twice is bit-equal"] and met["megabytes on disk"]
    assert found["moved_pictures_differ_by"] <= 2
    assert len(found["seconds"]) == 2


def test_before_and_after_lie_one_above_the_other() -> None:
    red, blue = (Image.new("RGBA", (32, 32), colour) for colour in ("red", "blue"))
    sheet = before_and_after(["a", "b"], [red, red], [blue, blue], zoom=1)
    assert sheet.getpixel((10, 10)) == (255, 0, 0)
    assert sheet.getpixel((10, 10 + 32 + 22)) == (0, 0, 255)
