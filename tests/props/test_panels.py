"""The texture of a form: its panels, and the colours of its sides."""

import io

import numpy as np
from PIL import Image

from studio.props import panels, pictures
from studio.props.panels import BACK, FRONT, SIDE
from studio.props.settings import Settings
from tests.pixels.drawn import letters
from tests.props import sprites

OUTLINED = [".KKK.", "KKRKK", "KRGRK", "KKRKK", ".KKK."]


def pixels(sheet):
    with Image.open(io.BytesIO(sheet.data)) as opened:
        return np.array(opened.convert("RGBA"))


def test_an_outline_gives_way_to_what_lies_within() -> None:
    inner = panels.inner_colours(sprites.cutout(OUTLINED))
    named = letters(np.dstack([inner, np.full(inner.shape[:2], 255, np.uint8)]))
    assert named[2] == "RRGRR" and not any("K" in row for row in named)


def test_without_an_outline_sides_show_their_own_pixels() -> None:
    cutout = sprites.cutout(["RGB", "GBR", "BRG"])
    assert np.array_equal(panels.inner_colours(cutout), cutout.rgba[..., :3])


def test_a_mirrored_back_is_the_front_and_another_is_a_panel() -> None:
    cutout = sprites.cutout(sprites.ARROW)
    wanted = np.array([FRONT, SIDE, BACK])
    sheet = panels.of_cutout(cutout, Settings(), wanted, False)
    assert (sheet.width, sheet.height) == (2 * 12, 12)
    assert sheet.left.tolist() == [2, 14, 2] and sheet.top == 2
    sheet = panels.of_cutout(cutout, Settings(back="colour"), wanted, False)
    assert sheet.width == 3 * 12 and sheet.left.tolist() == [2, 14, 26]
    assert (pixels(sheet)[:, 24:, :3] == 128).all() and (pixels(sheet)[..., 3] == 255).all()
    alone = panels.of_cutout(cutout, Settings(), np.array([FRONT]), False)
    assert (alone.width, alone.height, alone.top) == (8, 8, 0)


def test_colours_go_on_beyond_the_edge() -> None:
    cutout = sprites.cutout(sprites.ARROW)
    sheet = panels.of_cutout(cutout, Settings(), np.array([FRONT]), False)
    found = pixels(sheet)
    assert np.array_equal(found[cutout.solid], cutout.rgba[cutout.solid])
    assert found[0, 0, :3].tolist() == [20, 12, 28]


def test_a_picture_of_the_back_reads_right_from_behind() -> None:
    back = sprites.picture(["RB", "GW"])
    cutout = pictures.cut(sprites.picture(["KK", "KK"]), Settings(), back)
    sheet = panels.of_cutout(cutout, Settings(back="picture"), np.array([FRONT, BACK]), False)
    left = int(sheet.left[BACK])
    assert letters(pixels(sheet)[2:4, left : left + 2]) == ["BR", "WG"]
