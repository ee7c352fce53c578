import pytest
from PIL import Image

from studio.evaluation import measurement
from studio.settings import CHECKOUT


def _pictures(folder, most):
    files = sorted((CHECKOUT / "sample" / folder).rglob("*.png"))[:most]
    return [Image.open(file).convert("RGBA") for file in files]


@pytest.fixture(scope="module")
def sets():
    train, held_out = _pictures("train", 10), _pictures("held_out", 6)
    return {
        "base": [Image.new("RGBA", (32, 32), (k * 20, 90, 200, 255)) for k in range(6)],
        "version": [train[3], *held_out[1:]],
        "texts": ["a gem", "a gem", "a gem", "a tree", "a tree", "a tree"],
        "real": held_out,
        "train": train,
        "train_texts": [f"thing {k}" for k in range(10)],
        "unseen": held_out,
        "matte": (128, 128, 128),
        "fid_weights": None,
    }


@pytest.fixture(scope="module")
def measured(sets):
    return measurement.measure(held_out=True, **sets)


def test_every_figure_is_there_for_version_base_and_real_art(measured):
    found = measured.figures
    own = {n for n in found if not n.startswith(("base_", "real_"))}
    sides = own - {"pictures", "copy_threshold"}
    assert {f"base_{n}" for n in sides} | {f"real_{n}" for n in sides} <= set(found)
    for name in own:
        if f"{name}_low" in found:
            assert found[f"{name}_low"] <= found[name] <= found[f"{name}_high"]


def test_real_art_lies_nearer_to_real_art_than_flat_colours_do(measured):
    found = measured.figures
    kid = next(n for n in found if n.startswith("kid_"))
    assert found[f"real_{kid}"] < found[f"base_{kid}"]
    assert found["real_style_similarity"] > found["base_style_similarity"]


def test_the_nearest_training_picture_of_a_copy_is_the_one_copied(measured):
    index, alike = measured.nearest[0]
    assert index == 3 and alike == pytest.approx(1, abs=1e-5)
    assert measured.figures["copies"] >= 1 > measured.figures["copy_threshold"]
    assert measured.figures["real_nearest"] < 1


def test_without_held_out_art_halves_of_the_training_pictures_stand_for_it(sets):
    again = {**sets, "real": sets["train"], "unseen": []}
    found = measurement.measure(held_out=False, **again).figures
    assert "real_consistency" in found and "real_nearest" not in found
    few = {**again, "train": sets["train"][:7], "train_texts": sets["train_texts"][:7]}
    assert "real_consistency" not in measurement.measure(held_out=False, **few).figures


def test_the_held_out_part_of_the_own_set_tells_how_near_unseen_art_comes(sets):
    own = {**sets, "real": [*sets["train"], *sets["real"]]}
    found = measurement.measure(held_out=False, **own)
    assert 0 < found.figures["real_nearest"] < 1
    # What was held out is real art, and no training picture: a copy of it is none of those.
    assert {index for index, _ in found.nearest} <= set(range(len(sets["train"])))


def test_where_nothing_is_known_of_the_training_copies_are_left_out(sets):
    real = [*sets["train"], *sets["real"]]
    unknown = {**sets, "real": real, "train": [], "train_texts": [], "unseen": []}
    found = measurement.measure(held_out=False, **unknown)
    assert found.nearest == ()
    missing = {"nearest", "copies", "copy_threshold", "base_nearest", "real_nearest"}
    assert not missing & set(found.figures)
    assert {"style_similarity", "base_consistency", "real_consistency"} <= set(found.figures)


def test_a_held_out_picture_that_is_there_twice_is_no_yardstick(sets):
    twice = {**sets, "unseen": [sets["train"][2], *sets["unseen"]]}
    found = measurement.measure(held_out=True, **twice).figures
    usual = measurement.measure(held_out=True, **sets).figures
    assert found["real_nearest"] == usual["real_nearest"] < 1
    assert found["real_copies"] == usual["real_copies"] + 1
