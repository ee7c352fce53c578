"""The background away: what is advised, what a flood takes, and how a mask cuts."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props import background
from tests.pixels.drawn import drawn, letters

SPRITE = [
    "WWWWWWWWWW",
    "WWWKKKKWWW",
    "WWKRRRRKWW",
    "WWKRWWRKWW",
    "WWKRRRRKWW",
    "WWWKKKKWWW",
    "WWWWWWWWWW",
]


def scene(side=64):
    """A red disc before a ground that shades from blue to green, RGBA, and the disc's mask."""
    y, x = np.mgrid[:side, :side] / (side - 1)
    rgba = np.full((side, side, 4), 255, np.uint8)
    rgba[..., 0], rgba[..., 1], rgba[..., 2] = 20, 255 * x, 255 * y
    far = np.hypot(x - 0.5, y - 0.5) * (side - 1) - side * 0.3
    mask = np.rint(np.clip(0.5 - far, 0, 1) * 255).astype(np.uint8)
    share = mask[..., None] / 255
    rgba[..., :3] = np.rint(share * (210, 40, 30) + (1 - share) * rgba[..., :3])
    return rgba, mask


def never(rgba):
    raise AssertionError("nobody needs to know")


def test_a_flood_is_advised_for_a_plain_ground_whatever_the_art():
    assert background.advised(drawn(SPRITE), never) == "flood"
    assert background.advised(drawn(["....", ".RR.", ".RR.", "...."]), never) == "none"


def test_on_a_busy_ground_the_model_is_advised_for_smooth_art_alone():
    rgba, _ = scene()
    assert background.advised(rgba, lambda seen: False) == "model"
    assert background.advised(rgba, lambda seen: True) == "ask"


def test_the_flood_takes_the_ground_and_says_why_it_can_t():
    assert letters(background.flood(drawn(SPRITE)))[3] == "..KRWWRK.."
    rgba, _ = scene()
    with pytest.raises(StudioError, match="not plain: within a tolerance of 0.06"):
        background.flood(rgba)
    with pytest.raises(StudioError, match="cut out already. Leave this edit out"):
        background.flood(drawn(["....", ".RR.", ".RR.", "...."]))
    with pytest.raises(StudioError, match="not plain"):
        background.flood(drawn(["WWW", "WWW", "WWW"]))


def test_a_mask_cuts_without_a_halo_and_without_hidden_colours():
    rgba, mask = scene()
    found = background.cut(rgba, mask)
    assert (found[..., 3] == mask).all()
    assert not found[mask == 0].any()
    rim = (mask > 0) & (mask < 255)
    assert rim.sum() > 50
    assert np.abs(found[rim][:, :3].astype(int) - (210, 40, 30)).max() <= 25
    assert (found[mask == 255] == rgba[mask == 255]).all()


def test_a_mask_only_ever_takes_alpha_away():
    rgba, mask = scene()
    rgba[20:40, 20:40, 3] = 100
    found = background.cut(rgba, mask)
    assert (found[..., 3] <= rgba[..., 3]).all() and (found[32, 32] == rgba[32, 32]).all()
    assert (background.cut(rgba, np.full_like(mask, 255)) == rgba).all()
    assert not background.cut(rgba, np.zeros_like(mask)).any()


@pytest.mark.parametrize(
    ("share", "why"), [(0, "sees no figure on"), (255, "no ground around the figure on")]
)
def test_a_model_that_sees_nothing_is_named(monkeypatch, share, why):
    from studio.props import u2netp

    rgba, mask = scene()
    monkeypatch.setattr(u2netp, "mask", lambda picture: np.full_like(mask, share))
    with pytest.raises(StudioError, match=f"{why} the picture. Take"):
        background.model(rgba)


def test_the_bundled_model_finds_a_figure_on_a_busy_ground():
    rgba, mask = scene(128)
    found = background.model(rgba)
    own, meant = found[..., 3] >= 128, mask >= 128
    assert (own & meant).sum() / (own | meant).sum() > 0.85
    assert np.array_equal(found, background.model(rgba))


def test_what_is_see_through_is_grey_to_the_model(monkeypatch):
    from studio.props import u2netp

    seen = []

    def mask(picture: Image.Image):
        seen.append(picture)
        return np.where(np.asarray(picture)[..., 0] > 150, 255, 0).astype(np.uint8)

    monkeypatch.setattr(u2netp, "mask", mask)
    rgba = drawn(["RRRR", "R.RR", "RRKK", "RRKK"])
    found = background.model(rgba)
    assert seen[0].mode == "RGB" and seen[0].getpixel((1, 1)) == (128, 128, 128)
    assert letters(found) == ["RRRR", "R.RR", "RR..", "RR.."]
