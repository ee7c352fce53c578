"""Motion without a model: settings, the palette, what stays still, what comes back."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import motion, moved
from studio.sheets.sheet import Slice
from tests.sheets.drawn import SHIRT, SKIN, TROUSERS, walker


def frames(name, **settings):
    made = motion.make(walker(2), name, settings)
    return made, [np.asarray(one.image) for one in made.frames]


def colours(rgba):
    return {tuple(one) for one in rgba[rgba[..., 3] > 0][:, :3].tolist()}


@pytest.mark.parametrize("name", motion.MOTIONS)
def test_every_pixel_is_one_of_the_picture_s(name):
    made, drawn = frames(name)
    one = motion.MOTIONS[name]
    assert len(drawn) == one.frames and made.frames[0].duration_ms == one.duration_ms
    assert {rgba.shape for rgba in drawn} == {(made.height, made.width, 4)}
    for rgba in drawn:
        assert colours(rgba) <= {SKIN, SHIRT, TROUSERS}
        assert set(np.unique(rgba[..., 3])) <= {0, 255}
    (tag,) = made.tags
    assert (tag.name, tag.first, tag.last) == (name, 0, len(drawn) - 1)
    assert tag.repeat == (0 if one.loops else 1)
    assert any((rgba != drawn[0]).any() for rgba in drawn[1:])


@pytest.mark.parametrize("name", motion.MOTIONS)
def test_the_same_settings_give_the_same_bytes(name):
    first, second = (motion.make(walker(1), name, {"frames": 6}) for _ in range(2))
    pairs = zip(first.frames, second.frames, strict=True)
    assert all(a.image.tobytes() == b.image.tobytes() for a, b in pairs)


def test_breathing_moves_the_head_and_never_the_feet():
    made, drawn = frames("breathing", depth=2, frames=8)
    tops = [moved.box_of(rgba)[1] for rgba in drawn]
    assert tops[0] == max(tops) and min(tops) == tops[0] - 2 == tops[4]
    assert all((rgba[25:] == drawn[0][25:]).all() for rgba in drawn)
    assert made.pivot == moved.feet(drawn[0])


def test_hover_rises_as_a_whole_and_the_canvas_grows_where_it_must():
    made, drawn = frames("hover", height=6, frames=4)
    assert made.height == 32 + 2  # the head was 4 pixels below the edge
    rows = [moved.box_of(rgba)[3] for rgba in drawn]
    assert rows == [rows[0], rows[0] - 3, rows[0] - 6, rows[0] - 3]
    assert (drawn[2][: rows[2]] == drawn[0][6 : rows[0]]).all()


def test_blink_shuts_the_eyes_once_where_they_are():
    picture = walker(2)
    pixels = np.array(picture)
    pixels[6, 10] = pixels[6, 13] = (10, 10, 10, 255)
    settings = {"left": 10, "top": 6, "width": 4, "height": 2, "frames": 6}
    made = motion.make(Image.fromarray(pixels), "blink", settings)
    drawn = [np.asarray(one.image) for one in made.frames]
    assert (drawn[0] == pixels).all() and (drawn[3] != pixels).any()
    outside = np.ones(pixels.shape[:2], bool)
    outside[6:8, 10:14] = False
    assert all((rgba[outside] == pixels[outside]).all() for rgba in drawn)
    assert (drawn[3][7, 10:14, :3] == 10).all() and (drawn[3][6, 10:14, :3] == SKIN).all()


def test_squash_stays_on_its_feet_and_gets_wider():
    _, drawn = frames("squash", amount=0.4, frames=8)
    boxes = [moved.box_of(rgba) for rgba in drawn]
    assert len({box[3] for box in boxes}) == 1
    assert boxes[2][2] - boxes[2][0] > boxes[0][2] - boxes[0][0]
    assert boxes[2][1] > boxes[0][1] > boxes[6][1]


def test_flash_is_a_silhouette_in_the_lightest_own_colour():
    _, drawn = frames("flash", times=2, frames=8)
    assert [colours(rgba) == {SKIN} for rgba in drawn] == [True, True, False, False] * 2
    assert all((rgba[..., 3] == drawn[2][..., 3]).all() for rgba in drawn)


def test_spin_shows_its_mirrored_back_and_is_never_gone():
    picture = np.array(walker(2))
    picture[6, 9] = (10, 10, 10, 255)
    made = motion.make(Image.fromarray(picture), "spin", {"frames": 8})
    drawn = [np.asarray(one.image) for one in made.frames]
    assert (drawn[0] == picture).all() and all(rgba[..., 3].any() for rgba in drawn)
    left, _, right, _ = moved.box_of(picture)
    assert (drawn[4][:, left:right] == picture[:, left:right][:, ::-1]).all()
    plain = motion.make(Image.fromarray(picture), "spin", {"frames": 8, "mirrored": 0})
    assert (np.asarray(plain.frames[4].image) == picture).all()


def test_dissolve_only_takes_away_until_nothing_is_left():
    _, drawn = frames("dissolve", frames=6, seed=4, grain=2)
    counts = [int((rgba[..., 3] > 0).sum()) for rgba in drawn]
    assert counts[-1] == 0 and counts == sorted(counts, reverse=True)
    other = motion.make(walker(2), "dissolve", {"frames": 6, "seed": 5, "grain": 2})
    assert (np.asarray(other.frames[2].image) != drawn[2]).any()


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("dance", {}, "no motion 'dance'"),
        ("hover", {"depth": 2}, "has no setting 'depth'"),
        ("hover", {"height": 65}, "height is 65"),
        ("hover", {"height": 1.5}, "height is 1.5"),
        ("hover", {"frames": 1}, "frames is 1"),
        ("squash", {"frames": 2}, "frames is 2"),
        ("flash", {"times": 5}, "5 flashes don.t fit into 8 frames"),
        ("squash", {"amount": 0.9}, "amount is 0.9"),
        ("hover", {"duration_ms": 0}, "duration_ms is 0"),
    ],
)
def test_what_can_t_be_is_named(name, settings, says):
    with pytest.raises(StudioError, match=says):
        motion.make(walker(1), name, settings)


def test_a_picture_with_nothing_on_it_doesn_t_move():
    with pytest.raises(StudioError, match="transparent everywhere"):
        motion.make(Image.new("RGBA", (8, 8)), "hover", {})


def test_pivot_and_slices_stay_on_the_picture_s_pixels_where_the_canvas_grows():
    """The head is 4 pixels below the edge: hovering by 6 takes 2 more."""
    told = (Slice("hand", (8, 20, 4, 4), pivot=(1, 1)),)
    made = motion.make(walker(2), "hover", {"height": 6}, pivot=(11.5, 30.0), slices=told)
    assert made.pivot == (11.5, 32.0)
    assert made.slices == (Slice("hand", (8, 22, 4, 4), pivot=(1, 1)),)


def test_too_many_pixels_are_refused_before_they_are_drawn():
    large = Image.new("RGBA", (2100, 2100), "red")
    with pytest.raises(StudioError, match="64 frames of 2,100 x 2,100 are too many pixels"):
        motion.make(large, "flash", {"frames": 64})


@pytest.mark.parametrize("name", motion.MOTIONS)
def test_with_the_fewest_frames_it_still_moves(name):
    least = next(one.low for one in motion.parameters_of(name) if one.name == "frames")
    settings = {"frames": least, **({"times": 1} if name == "flash" else {})}
    _, drawn = frames(name, **settings)
    assert len(drawn) == least and any((rgba != drawn[0]).any() for rgba in drawn[1:])


def test_a_lid_of_half_transparent_skin_leaves_no_hole():
    pixels = np.array(walker(2))
    pixels[5, 10:14, 3] = 60
    pixels[6, 10] = (10, 10, 10, 90)
    settings = {"left": 10, "top": 6, "width": 4, "height": 2, "frames": 6}
    made = motion.make(Image.fromarray(pixels), "blink", settings)
    for frame in made.frames:
        assert (np.asarray(frame.image)[..., 3] == pixels[..., 3]).all()
    assert (np.asarray(made.frames[3].image)[7, 10:14, :3] == 10).all()
