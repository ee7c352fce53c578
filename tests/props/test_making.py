"""Props made of pictures: which methods are offered, and what is told of them."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props import making, pictures
from studio.props.settings import METHODS, Settings
from tests.props import sprites
from tests.upscaling.strips import sprite


def order(picture):
    found = making.offers(pictures.cut(picture, Settings()))
    assert {one.method for one in found} == set(METHODS)
    assert [one.shown for one in found] == [True, True, True, False, False]
    assert all(one.why and one.label for one in found)
    return [one.method for one in found]


def bush() -> Image.Image:
    """Green leaves, each by itself."""
    random = np.random.default_rng(3)
    rgba = np.zeros((32, 32, 4), np.uint8)
    leaves = random.random((32, 32)) < 0.45
    rgba[leaves] = (60, 160, 70, 255)
    return Image.fromarray(rgba, "RGBA")


def test_what_the_picture_is_decides_the_first_method() -> None:
    assert order(Image.fromarray(sprite(32, 28), "RGBA"))[0] == "card"
    assert order(sprites.painting())[:2] == ["relief", "contour"]
    assert order(bush())[0] == "planes"
    assert order(sprites.picture(["RGB", "RGB"]))[0] == "card"


def test_words_are_honest() -> None:
    found = {one.method: one.why for one in making.offers(sprites.cutout(sprites.ARROW))}
    assert "mirrored" in found["card"] and "blobby" in found["relief"]
    painted = making.offers(pictures.cut(sprites.painting(), Settings()))
    said = {one.method: one.why for one in painted}
    assert "Smooth cut-out is better" in said["card"] and "Meant for pixel art" in said["voxels"]
    assert not any("reconstruct" in one.lower() for one in (*found.values(), *said.values()))


def test_a_prop_has_all_its_parts() -> None:
    arrow = sprites.picture(sprites.ARROW)
    made = making.make(arrow, Settings(method="voxels"), None)
    assert made.model.triangle_count > 12 and made.checks.closed
    assert made.normal_map.size == arrow.size and made.remarks == ()
    down = making.make(arrow, Settings(method="voxels", normal_y="down"), None)
    assert not np.array_equal(np.array(down.normal_map), np.array(made.normal_map))


def test_without_a_method_the_first_one_is_taken() -> None:
    arrow = sprites.picture(sprites.ARROW)
    chosen = making.make(arrow, Settings(), None)
    named = making.make(arrow, Settings(method="card"), None)
    assert np.array_equal(chosen.model.parts[0].positions, named.model.parts[0].positions)


def test_an_arrow_to_the_right_points_to_the_right() -> None:
    for method in METHODS:
        model = making.make(sprites.picture(sprites.ARROW), Settings(method=method), None).model
        places = np.concatenate([part.positions for part in model.parts])
        front = places[np.abs(places[:, 0]) > 0.49]
        right = front[front[:, 0] > 0]
        if method in ("card", "voxels"):
            # The tip is two pixels high in the middle, the tail four rows of it.
            assert right[:, 1].min() > 0.3 and right[:, 1].max() < 0.7
            left = front[front[:, 0] < 0]
            assert left[:, 1].max() - left[:, 1].min() > 0.4


def test_a_large_sprite_tells_of_its_smaller_copy() -> None:
    wide = Image.fromarray(sprite(140, 130), "RGBA")
    made = making.make(wide, Settings(method="voxels"), None)
    assert any("smaller copy, 96 pixels" in one for one in made.remarks)
    assert not any(
        "copy" in one for one in making.make(wide, Settings(method="card"), None).remarks
    )


def test_what_can_not_be_made_is_named() -> None:
    arrow = sprites.picture(sprites.ARROW)
    with pytest.raises(StudioError, match="Nothing is seen"):
        making.make(Image.new("RGBA", (8, 8)), Settings(method="card"), None)
    with pytest.raises(StudioError, match="picture of the back is missing"):
        making.make(arrow, Settings("card", back="picture", back_picture="0f" * 32), None)
    with pytest.raises(StudioError, match="method is 'statue'"):
        making.make(arrow, Settings("statue"), None)
