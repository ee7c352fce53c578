"""Sheets of directions: which way each looks, in the pixels and colours of a style, normal maps."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import directions
from studio.props.directions import Directions
from studio.settings import CHECKOUT
from tests.props.drawn_models import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    arrow,
    ball,
    box,
    material,
    model,
    panel,
    sprite,
    texture,
)

PLAIN = Directions(count=4, side=32, elevation=0, light=0)


def frames(found):
    """Each frame's pixels by its name."""
    whole = np.asarray(found.picture)
    return {f.name: whole[:, f.left : f.left + f.width] for f in found.frames}


def with_sides():
    """A box whose front is red, its +X side green, its other sides white and its back blue."""
    red, green, blue = (material(rgb=rgb) for rgb in (RED, GREEN, BLUE))
    parts = box(red, material(rgb=WHITE), deep=1.0).parts
    back, right = replace(parts[1], material=blue), replace(parts[2], material=green)
    return model(parts[0], back, right, *parts[3:])


def test_a_direction_is_where_the_prop_faces():
    found = directions.sheet(with_sides(), PLAIN)
    assert [one.name for one in found.frames] == ["south", "east", "north", "west"]
    assert [one.left for one in found.frames] == [0, 32, 64, 96]
    assert found.picture.size == (128, 32)
    middles = {name: tuple(frame[16, 16, :3]) for name, frame in frames(found).items()}
    # Facing east its front is at the right: what is seen is the side that was at the right hand of
    # whoever looks at the front, turned to the left: the side of -X.
    assert middles == {"south": RED, "east": WHITE, "north": BLUE, "west": GREEN}


def test_eight_go_around_from_south_over_east():
    found = directions.sheet(with_sides(), replace(PLAIN, count=8, side=64))
    names = [one.name for one in found.frames]
    assert names[:3] == ["south", "south-east", "east"] and names[-1] == "south-west"
    frame = frames(found)["south-east"]
    shown = np.flatnonzero((frame[32, :, :3] == RED).all(-1))
    other = np.flatnonzero((frame[32, :, :3] == WHITE).all(-1))
    assert shown.min() > other.max()  # its front is to the right
    assert len(directions.sheet(with_sides(), replace(PLAIN, count=1)).frames) == 1


@pytest.mark.parametrize("size", [(32, 32), (20, 27), (13, 31), (9, 9)])
def test_a_sprite_keeps_its_pixels(size):
    rgba = sprite(*size)
    tall, wide = (side / 16 for side in rgba.shape[:2])
    shown = box(
        material(texture(rgba), alpha="mask"), material(rgb=WHITE), wide=wide, tall=tall, deep=0.1
    )
    factor = max(1, 32 // max(size))
    large = rgba.repeat(factor, 0).repeat(factor, 1)
    found = directions.sheet(shown, PLAIN)
    assert found.per_metre == pytest.approx(16 * factor)
    south, north = (frames(found)[name] for name in ("south", "north"))
    for frame, wanted in ((south, large), (north, large[:, ::-1])):
        rows, columns = (np.flatnonzero(frame[..., 3].any(axis)) for axis in (1, 0))
        inner = frame[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert np.array_equal(inner, wanted)


def test_it_stands_on_the_same_row_in_each_frame():
    found = directions.sheet(
        box(material(texture(sprite(20, 27))), tall=27 / 16, wide=20 / 16), PLAIN
    )
    lowest = {np.flatnonzero(one[..., 3].any(1))[-1] for one in frames(found).values()}
    assert len(lowest) == 1
    feet = {one.pivot_y for one in found.frames}
    assert len(feet) == 1 and feet.pop() == pytest.approx(lowest.pop() + 1, abs=0.01)
    assert all(15 <= one.pivot_x <= 17 for one in found.frames)


@pytest.mark.parametrize("elevation", [0, 30, 60])
@pytest.mark.parametrize("wide", [0.2, 1.0, 3.0])
def test_nothing_is_cut_off(wide, elevation):
    shown = box(material(rgb=RED), wide=wide, deep=0.7)
    asked = Directions(count=8, side=48, elevation=elevation, outline="add")
    reach = []
    for frame in frames(directions.sheet(shown, asked)).values():
        rows, columns = (np.flatnonzero(frame[..., 3].any(axis)) for axis in (1, 0))
        reach += [rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1]
        edge = np.concatenate([frame[[0, -1]].reshape(-1, 4), frame[:, [0, -1]].reshape(-1, 4)])
        assert not edge[:, :3].any()  # of the outline, or of nothing
    assert 44 <= max(reach) <= 48


def test_only_the_palette_s_colours_are_on_it():
    palette = ("#20283a", "#c04028", "#f0d8a0", "#305030")
    rounded = ball(16, material(texture(sprite(64, 64), nearest=False)))
    found = directions.sheet(rounded, Directions(palette=palette, outline="add"))
    pixels = np.asarray(found.picture)
    assert set(np.unique(pixels[..., 3])) == {0, 255}
    used = {"#" + bytes(one).hex() for one in np.unique(pixels[pixels[..., 3] > 0, :3], axis=0)}
    assert used <= set(palette) and len(used) >= 3
    # The outline is of the colour that is nearest to black, and has room.
    edge = np.flatnonzero(pixels[32, :64, 3])
    assert bytes(pixels[32, edge[0], :3]).hex() == "20283a" and edge[0] >= 0


def test_soft_edges_stay_where_they_are_wanted():
    rounded = ball(16, material(rgb=RED))
    soft = directions.sheet(rounded, Directions(count=1, hard_alpha=False, light=0))
    alpha = np.asarray(soft.picture)[..., 3]
    assert len(np.unique(alpha)) > 6
    hard = np.asarray(directions.sheet(rounded, Directions(count=1, light=0)).picture)[..., 3]
    assert np.array_equal(hard > 0, alpha >= 128)


def test_normal_maps_fit_the_sheet_and_go_up_or_down():
    rounded = ball(24, material(rgb=RED))
    asked = Directions(count=1, elevation=0, outline="add")
    up = directions.sheet(rounded, asked)
    down = directions.sheet(rounded, replace(asked, normal_y="down"))
    picture, told = np.asarray(up.picture), np.asarray(up.normals).astype(int)
    assert np.array_equal(told[..., 3], picture[..., 3])
    assert (told[told[..., 3] == 0, :3] == directions.FLAT).all()
    assert np.abs(told[32, 32, :3] - (128, 128, 255)).max() <= 8
    assert told[8, 32, 1] > 200 > 60 > told[56, 32, 1]  # above, below
    assert told[32, 8, 0] < 60 and told[32, 56, 0] > 200  # left, right
    inner = told[..., 3] > 0
    lengths = np.linalg.norm(told[inner, :3] / 127.5 - 1, axis=-1)
    assert lengths == pytest.approx(1, abs=0.02)
    other = np.asarray(down.normals).astype(int)
    assert np.abs(other[inner][:, 1] + told[inner][:, 1] - 255).max() <= 1
    assert np.array_equal(other[..., [0, 2, 3]], told[..., [0, 2, 3]])
    assert directions.sheet(rounded, replace(asked, normals=False)).normals is None


def test_an_arrow_points_where_it_should():
    """Nothing is turned or mirrored on the way."""
    shown = model(panel(material(texture(arrow()), alpha="mask"), wide=9 / 16, tall=9 / 16))
    south = frames(directions.sheet(shown, replace(PLAIN, side=9)))["south"]
    assert np.array_equal(south, arrow())


def test_the_same_again_gives_the_same_bytes():
    shown = box(material(texture(sprite()), alpha="mask"), deep=0.2)
    asked = Directions(palette=("#000000", "#ff0000", "#00ff00"), outline="add")
    first, second = (directions.sheet(shown, asked) for _ in range(2))
    assert first.picture.tobytes() == second.picture.tobytes()
    assert first.normals.tobytes() == second.normals.tobytes()
    assert first.frames == second.frames


def test_it_tells_how_far_it_is():
    told = []
    directions.sheet(with_sides(), PLAIN, lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_settings_are_plain_json_and_checked():
    asked = directions.of_json({"count": 4, "palette": ["#FF0000"], "side": 32})
    assert asked == Directions(count=4, palette=("#ff0000",), side=32)
    again = directions.of_json(json.loads(json.dumps(directions.to_json(asked))))
    assert again == asked


def test_every_setting_is_documented():
    told = (CHECKOUT / "docs" / "prop-sheets.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE) == list(directions.NAMES)
    for count, names in directions.ORDER.items():
        assert f"| {count} | {', '.join(names)} |" in told


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"count": 3}, "3 directions"),
        ({"count": 9}, "count is 9"),
        ({"count": True}, "count is True"),
        ({"side": 4}, "side is 4"),
        ({"side": 513}, "side is 513"),
        ({"elevation": 90}, "elevation is 90"),
        ({"elevation": "high"}, "elevation is 'high'"),
        ({"light": -1}, "light is -1"),
        ({"palette": "red"}, "palette is 'red'"),
        ({"palette": ["red"]}, "'red' is not a colour"),
        ({"palette": ["#000000"] * 257}, "palette is"),
        ({"hard_alpha": 1}, "hard_alpha is 1"),
        ({"normal_y": "left"}, "normal_y is 'left'"),
        ({"outline": "thin"}, "outline is 'thin'"),
        ({"outline_colour": 7}, "7 is not a colour"),
        ({"sides": 4}, "Did you mean side"),
    ],
)
def test_what_can_t_be_is_named(given, why):
    with pytest.raises(StudioError, match=why):
        directions.of_json(given)
