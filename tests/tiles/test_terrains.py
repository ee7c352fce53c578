"""What can be ground, what was done to it, and what can't."""

import numpy as np
import pytest
from PIL import Image

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.pixels.seams import seam
from studio.tiles import fills, maps, tilesets
from studio.tiles.settings import checked, from_json, usual
from studio.tiles.terrains import terrain
from tests.tiles.drawn import DIRT, GRASS, texture


def _whole(size=32):
    """A texture whose edges do not stand out."""
    seeds = (texture(GRASS, size, seed) for seed in range(40))
    return next(one for one in seeds if all(not seam(np.asarray(one), axis).cut for axis in "xy"))


def test_a_seamless_picture_of_the_size_is_taken_as_it_is():
    picture = _whole()
    made = terrain(picture, 32, "grass")
    assert (made.pixels == np.asarray(picture)).all() and not made.notes


def test_one_with_a_seam_is_mended_and_it_is_said():
    picture = texture(DIRT, 32, 1, wrap=False)
    made = terrain(picture, 32, "dirt")
    assert "Not seamless" in made.notes[0]
    before = seam(np.asarray(picture), "x").figure
    assert seam(made.pixels, "x").figure < before
    colours = {tuple(rgb) for rgb in np.asarray(picture).reshape(-1, 4).tolist()}
    assert {tuple(rgb) for rgb in made.pixels.reshape(-1, 4).tolist()} <= colours


@pytest.mark.parametrize(
    "picture, said",
    [
        (Image.new("RGBA", (1, 1), "green"), "1 x 1"),
        (Image.new("RGBA", (8_192, 16), "green"), "8,192 x 16"),
        (Image.new("RGBA", (32, 32), (9, 99, 9, 128)), "transparent in 100 %"),
    ],
)
def test_what_can_be_no_ground_is_named_with_a_remedy(picture, said):
    with pytest.raises(StudioError, match=said) as refused:
        terrain(picture, 32, "moss")
    assert "'moss'" in refused.value.message and refused.value.remedy


def test_other_sizes_are_fitted_and_said():
    small = _whole()
    large = small.resize((128, 128), Image.Resampling.NEAREST)
    native = terrain(large, 32, "grass")
    assert (native.pixels == np.asarray(small)).all() and "4 wide" in native.notes[0]
    assert terrain(small, 64, "grass").pixels.shape == (64, 64, 4)
    wide = Image.new("RGBA", (48, 32))
    wide.paste(small, (8, 0))
    wide.paste(small, (-24, 0))
    wide.paste(small, (40, 0))
    assert "48 x 32" in terrain(wide, 32, "grass").notes[0]


def test_the_same_terrain_twice_is_said_not_refused():
    grass = terrain(texture(GRASS, 16, 1), 16, "grass")
    assert "same picture" in tilesets.made(grass, grass, usual(16)).notes[0]


def test_variants_of_ground_keep_their_colours_and_the_borders_of_their_quarters():
    texture_ = np.asarray(texture(GRASS, 32, 1))
    other = fills.varied(texture_, 3, 1, 1)
    assert (other != texture_).any()
    for line in (0, 15, 16, 31):
        assert (other[line] == texture_[line]).all()
        assert (other[:, line] == texture_[:, line]).all()
    assert (fills.varied(texture_, 3, 1, 1) == other).all()


def test_hot_spots_are_evened_out_and_even_ground_stays():
    even = np.asarray(texture(GRASS, 32, 1))
    assert fills.evened(even) is even
    spotted = even.copy()
    spotted[:, :16, :3] = np.minimum(255, spotted[:, :16, :3].astype(int) + 70)
    after = fills.evened(spotted)
    assert fills.spots(spotted, 32) > fills.EVEN >= fills.spots(after, 32)
    fine = np.abs(to_oklab(after[..., :3])[..., 0].std())
    assert fine > 0.5 * to_oklab(even[..., :3])[..., 0].std()


def test_plain_ground_laid_out_eight_by_eight_is_as_even_as_real_grounds():
    upper, lower = (terrain(texture(one, 32, 3), 32, "x") for one in (GRASS, DIRT))
    made = tilesets.made(upper, lower, usual(32, kind="blob"))
    for painted in (np.ones((8, 8), bool), np.zeros((8, 8), bool)):
        numbers = maps.laid("blob", painted, 3)
        assert len(np.unique(numbers)) == 3
        assert fills.spots(maps.picture(made, numbers), 32) < 0.0169


@pytest.mark.parametrize(
    "more, said",
    [
        ({"kind": "hex"}, "'hex'"),
        ({"size": 30}, "30 pixels"),
        ({"variants": 2}, "2"),
        ({"overhang": 12}, "quarter of a tile"),
        ({"colours": ("green",)}, "'green'"),
    ],
)
def test_settings_that_cannot_be_are_named(more, said):
    with pytest.raises(StudioError, match=said):
        checked(usual(32, **more) if "size" not in more else usual(**more))


def test_a_setting_of_a_newer_program_is_named():
    with pytest.raises(StudioError, match="'sparkle'"):
        from_json({"size": 32, "sparkle": 1})


def test_everything_is_in_the_palette():
    colours = ("#101018", "#2a3a20", "#4a8a32", "#7bbf4a", "#24508a", "#3f86c8")
    grass, dirt = (terrain(texture(one, 16, 1), 16, "x") for one in (GRASS, DIRT))
    for dither in ("none", "bayer", "error"):
        made = tilesets.made(grass, dirt, usual(16, colours=colours, dither=dither))
        seen = np.unique(np.concatenate(made.pictures)[..., :3].reshape(-1, 3), axis=0)
        assert {"#" + bytes(rgb).hex() for rgb in seen.tolist()} <= set(colours)
