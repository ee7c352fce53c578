"""Pictures after edits: the pixels that were meant, alpha as it was, and named refusals."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.pixels import levels
from studio.props import edit_records, picture_edits, u2netp
from tests.pixels.drawn import drawn, letters

SPRITE = [
    "WWWWWWWW",
    "WWKKKKWW",
    "WWKRRKWW",
    "WWKRRKWW",
    "WWKKKKWW",
    "WWWWWWWW",
]


def edited(rgba, *given, pixel_art=True):
    return picture_edits.apply(rgba, picture_edits.checked(list(given)), lambda seen: pixel_art)


def test_a_chain_is_taken_in_its_order():
    found = edited(
        drawn(SPRITE),
        {"edit": "crop", "left": 1, "top": 0, "width": 6, "height": 6},
        {"edit": "background"},
        {"edit": "trim"},
        {"edit": "palette", "colours": ["#5a325a", "#3c5ac8"]},
    )
    assert found.rgba.shape == (4, 4, 4) and (found.rgba[..., 3] == 255).all()
    assert {tuple(one) for one in found.rgba[..., :3].reshape(-1, 3)} <= {
        (0x5A, 0x32, 0x5A),
        (0x3C, 0x5A, 0xC8),
    }
    assert [one.name for one in found.edits] == ["crop", "background", "trim", "palette"]
    assert found.edits[1].values["by"] == "flood"  # what was advised is kept as what was done
    again = picture_edits.apply(drawn(SPRITE), found.edits, lambda seen: False)
    assert (again.rgba == found.rgba).all() and again.edits == found.edits


def test_colours_change_as_finishing_changes_them_and_alpha_stays():
    rgba = drawn(["RG.", "BWK"])
    rgba[0, 0, 3] = 90
    found = edited(
        rgba,
        {"edit": "colour", "hue": 40, "saturation": -20, "lightness": 5, "black": 10, "gamma": 1.2},
    )
    meant = levels.levelled(levels.shifted(rgba, 40, 0.8, 0.05), 0.1, 1, 1.2)
    assert (found.rgba == meant).all() and (found.rgba[..., 3] == rgba[..., 3]).all()
    assert (edited(rgba, {"edit": "colour"}).rgba == rgba).all()


def test_a_palette_keeps_soft_pixels_unless_they_are_to_be_hard():
    rgba = drawn(["RG", "BW"])
    rgba[0, 0, 3], rgba[0, 1, 3] = 90, 200
    soft = {"edit": "palette", "colours": ["#000000", "#ffffff"]}
    found = edited(rgba, soft)
    assert found.remarks == ("1 half-transparent pixels keep their own colours.",)
    assert (found.rgba[0, 0] == rgba[0, 0]).all() and found.rgba[0, 1, 3] == 200
    hard = edited(rgba, {**soft, "hard_alpha": True})
    assert hard.remarks == () and tuple(hard.rgba[0, 0]) == (0, 0, 0, 0)
    assert colours_of(hard.rgba) <= {(0, 0, 0, 0), (0, 0, 0, 255), (255, 255, 255, 255)}


def colours_of(rgba):
    return {tuple(int(v) for v in pixel) for pixel in rgba.reshape(-1, 4)}


def test_the_models_way_is_taken_where_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(
        u2netp, "mask", lambda seen: np.where(np.asarray(seen)[..., 2] < 100, 255, 0).astype("u1")
    )
    found = edited(drawn(SPRITE), {"edit": "background", "by": "model"})
    assert letters(found.rgba)[2] == "..KRRK.."


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            {"edit": "crop", "left": 4, "top": 0, "width": 6, "height": 6},
            "Edit 1: 6 x 6 pixels from 4, 0 on reach beyond the picture of 8 x 6.",
        ),
        ({"edit": "crop", "left": -1, "top": 0, "width": 6, "height": 6}, "left is -1"),
        ({"edit": "crop", "left": 0, "top": 0, "width": 0, "height": 6}, "width is 0"),
        ({"edit": "colour", "black": 60, "white": 40}, "black is 60 and white 40"),
        ({"edit": "colour", "hue": 400}, "hue is 400"),
        ({"edit": "background", "by": "flod"}, "Did you mean flood"),
        ({"edit": "palette"}, "no palette is given"),
        ({"edit": "palette", "palette": "a", "style": "b"}, "both given"),
        ({"edit": "palette", "colours": ["red"]}, "'red' is not a colour"),
        ({"edit": "palette", "colours": ["#000000"] * 257}, "at most 256"),
        ({"edit": "palette", "colours": "#000000"}, "colours is '#000000'"),
        ({"edit": "trim", "by": 3}, "trim has no 'by'. It takes nothing"),
        ({"edit": "outline"}, "There are crop, trim, colour, background, palette"),
    ],
)
def test_what_can_t_be_is_named(given, why):
    with pytest.raises(StudioError) as refused:
        edited(drawn(SPRITE), given)
    assert why in str(refused.value)


def test_an_unsure_background_is_asked_of_the_person():
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (24, 24, 4)).astype(np.uint8)
    noise[..., 3] = 255
    with pytest.raises(StudioError, match="Choose flood or model yourself"):
        edited(noise, {"edit": "background"})
    with pytest.raises(StudioError, match="cut out already"):
        edited(drawn(["....", ".RR.", "...."]), {"edit": "background"})


def test_nothing_left_and_too_large_are_named():
    with pytest.raises(StudioError, match="Nothing is seen on what is left"):
        edited(drawn(["..R"]), {"edit": "crop", "left": 0, "top": 0, "width": 2, "height": 1})
    with pytest.raises(StudioError, match="Nothing is seen on the picture"):
        edited(drawn(["..."]), {"edit": "trim"})
    wide = np.full((1, 4097, 4), 255, np.uint8)
    with pytest.raises(StudioError, match="4,097 x 1 pixels. Edit pictures of at most 4,096"):
        edited(wide, {"edit": "colour", "hue": 3})
    cut = {"edit": "crop", "left": 0, "top": 0, "width": 5, "height": 1}
    assert edited(wide, cut, {"edit": "colour", "hue": 3}).rgba.shape == (1, 5, 4)


def test_the_picture_that_was_given_stays_as_it_is():
    rgba = drawn(SPRITE)
    before = rgba.copy()
    edited(
        rgba,
        {"edit": "colour", "hue": 9},
        {"edit": "background"},
        {"edit": "palette", "colours": ["#101010"], "hard_alpha": True},
    )
    assert (rgba == before).all()


def test_a_chain_is_written_with_all_its_values_and_read_again():
    read = picture_edits.checked([{"edit": "background"}, {"edit": "colour", "hue": "12"}])
    said = edit_records.said_of(read)
    assert said[0] == {"edit": "background", "by": "advised", "tolerance": 0.06}
    assert said[1]["hue"] == 12 and said[1]["white"] == 100
    assert picture_edits.checked(said) == read
