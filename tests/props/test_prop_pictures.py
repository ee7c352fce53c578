"""Pictures cut out: their own pixels, shadows and glass, and what nothing comes of."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props import pictures, translucency
from studio.props.pictures import cut
from studio.props.settings import Settings
from tests.pixels.drawn import drawn, letters
from tests.props import sprites
from tests.upscaling.strips import sprite

PLAIN = Settings()


def test_only_what_is_seen_is_taken() -> None:
    rows = [".....", "..RG.", "..R..", "....."]
    found = cut(sprites.picture(rows), PLAIN)
    assert letters(found.rgba) == ["RG", "R."]
    assert found.solid.tolist() == [[True, True], [True, False]]
    assert not found.smooth and not found.filled and not found.glass.any()
    assert found.parts == 1 and found.remarks == ()


def test_nothing_seen_is_a_named_error() -> None:
    for alpha in (0, 7):
        empty = Image.new("RGBA", (9, 9), (255, 0, 0, alpha))
        with pytest.raises(StudioError, match="Nothing is seen on the picture"):
            cut(empty, PLAIN)


def test_one_pixel() -> None:
    found = cut(sprites.picture(["...", ".R.", "..."]), PLAIN)
    assert found.solid.tolist() == [[True]] and found.parts == 1


def test_everything_opaque_is_told() -> None:
    found = cut(sprites.picture(["RGB", "RGB"]), PLAIN)
    assert found.filled and any("whole rectangle" in one for one in found.remarks)


def test_parts_are_counted_corners_and_all() -> None:
    assert cut(sprites.picture(sprites.DIAGONAL), PLAIN).parts == 1
    found = cut(sprites.picture(sprites.PARTS), PLAIN)
    assert found.parts == 3 and any("3 parts" in one for one in found.remarks)


def test_a_shadow_is_left_out_and_glass_is_kept() -> None:
    found = cut(sprites.potion(), PLAIN)
    assert found.solid.shape == (12, 7) and found.solid.all()
    assert found.glass.sum() == 25 and not found.smooth
    assert any("18 dark half-transparent" in one for one in found.remarks)
    assert any("25 half-transparent pixels are drawn as glass" in one for one in found.remarks)


def test_a_shadow_is_kept_where_that_is_wished() -> None:
    found = cut(sprites.potion(), Settings(shadow="kept"))
    assert found.solid.shape == (13, 9) and found.glass.sum() == 25 + 18
    hard = cut(sprites.potion(), Settings(shadow="kept", alpha="mask"))
    assert hard.solid.shape == (13, 9) and not hard.glass.any()
    assert hard.solid.sum() == found.solid.sum() - 25  # the glass, too faint to be hard


def test_a_ghost_is_taken_as_it_is_seen() -> None:
    ghost = np.zeros((6, 6, 4), np.uint8)
    ghost[1:5, 1:5] = (0, 0, 0, 100)
    found = cut(Image.fromarray(ghost, "RGBA"), PLAIN)
    assert found.solid.all() and found.solid.shape == (4, 4) and found.glass.all()
    assert any("All of it is half transparent" in one for one in found.remarks)


def test_soft_edges_are_neither_shadow_nor_glass() -> None:
    found = cut(sprites.painting(), PLAIN)
    assert found.smooth and not found.glass.any()
    black = np.array(sprites.painting())
    black[..., :3] = 0
    told = translucency.told(black)
    assert told.soft and not told.shadow.any()
    icon = cut(Image.fromarray(black, "RGBA"), PLAIN)
    assert icon.smooth and icon.solid.sum() == found.solid.sum()


def test_glass_of_a_painting_is_wider_than_its_edges() -> None:
    glassy = np.array(sprites.painting())
    glassy[60:75, 20:40, 3] = 110
    found = cut(Image.fromarray(glassy, "RGBA"), PLAIN)
    assert found.smooth and found.glass.sum() == pytest.approx(300, abs=40)


@pytest.mark.parametrize("factor", [2, 5, 16])
def test_enlarged_pixel_art_comes_back_to_its_own_pixels(factor) -> None:
    small = sprite(24, 20)
    found = cut(Image.fromarray(small.repeat(factor, 0).repeat(factor, 1), "RGBA"), PLAIN)
    expected = cut(Image.fromarray(small, "RGBA"), PLAIN)
    assert np.array_equal(found.rgba[found.solid], expected.rgba[expected.solid])
    assert any("20 x 24" in one for one in found.remarks)


def test_half_transparent_edges_lie_on_the_matte() -> None:
    rgba = drawn(["RRR", "RRR", "RRR"])
    rgba[0, 0] = (200, 40, 50, 200)
    found = cut(Image.fromarray(rgba, "RGBA"), Settings(alpha="mask", matte="#000000"))
    assert found.rgba[0, 0, :3].tolist() == [157, 31, 39]
    assert found.rgba[1, 1, :3].tolist() == [200, 40, 50]


def test_a_smaller_copy_keeps_form_glass_and_back() -> None:
    large = np.zeros((200, 100, 4), np.uint8)
    large[:, :50] = (200, 40, 50, 255)
    large[:, 50:] = (60, 160, 70, 255)
    large[100:, :50] = (90, 170, 220, 90)
    large[..., 2] = np.random.default_rng(1).integers(0, 250, (200, 100), np.uint8)  # no grid
    found = cut(Image.fromarray(large, "RGBA"), Settings(alpha="blend"))
    small = pictures.smaller(found, 50)
    assert small.solid.shape == (50, 25) and small.solid.all()
    assert small.glass.sum() == pytest.approx(25 * 12.5, abs=13)
    assert set(np.unique(small.rgba[..., 3]).tolist()) == {90, 255}
    assert pictures.smaller(found, 200) is found


def test_lines_finer_than_the_copy_do_not_vanish() -> None:
    fine = np.zeros((300, 300, 4), np.uint8)
    fine[::4, ::4] = (200, 40, 50, 255)
    small = pictures.smaller(cut(Image.fromarray(fine, "RGBA"), PLAIN), 60)
    assert small.solid.any()


def test_a_back_lies_behind_its_front_pixel_by_pixel() -> None:
    front = sprites.picture(["....", ".KK.", ".KK.", "...."])
    back = sprites.picture(["RRRR", "RBGR", "RGWR", "RRRR"])
    assert letters(cut(front, PLAIN, back).back) == ["BG", "GW"]
    aside = sprites.picture(["....", "KK..", "KK..", "...."])
    assert letters(cut(aside, PLAIN, back).back) == ["GR", "WR"]
    other = sprites.picture(["......", "..BG..", "..GW.."])
    assert letters(cut(front, PLAIN, other).back) == ["BG", "GW"]


def test_dots_too_fine_for_any_form_are_a_named_error() -> None:
    dots = np.zeros((2100, 2100, 4), np.uint8)
    dots[5, 5] = (200, 40, 50, 20)
    with pytest.raises(StudioError, match="Hardly anything is seen"):
        cut(Image.fromarray(dots, "RGBA"), PLAIN)
