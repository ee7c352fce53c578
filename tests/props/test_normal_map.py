"""Normal maps: which way light comes from, for both ways of y."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props import normal_map
from tests.props import sprites

BALL = sprites.Image.new("RGBA", (33, 33))
sprites.ImageDraw.Draw(BALL).ellipse((2, 2, 30, 30), fill=(200, 40, 50, 255))


def levels(strength=1.0, y="up"):
    return np.array(normal_map.of_picture(BALL, strength, y)).astype(int)


def test_a_ball_looks_outwards_on_every_side() -> None:
    found = levels()
    assert found[16, 5, 0] < 110 and found[16, 27, 0] > 146  # left, right
    assert found[5, 16, 1] > 146 and found[27, 16, 1] < 110  # above, below: y is up
    assert abs(found[16, 16] - (128, 128, 255, 255)).max() <= 1


def test_y_down_is_the_green_turned_round() -> None:
    up, down = levels(), levels(y="down")
    assert np.array_equal(up[..., [0, 2, 3]], down[..., [0, 2, 3]])
    assert np.abs(up[..., 1] + down[..., 1] - 255).max() <= 1


def test_normals_are_of_length_one_and_nothing_is_flat_blue() -> None:
    found = levels(2.0)
    drawn = found[..., 3] > 0
    length = np.linalg.norm(found[drawn][:, :3] / 127.5 - 1, axis=1)
    assert np.allclose(length, 1, atol=0.02)
    assert (found[~drawn][:, :3] == (128, 128, 255)).all()
    assert np.array_equal(found[..., 3], np.array(BALL)[..., 3])


def test_strength_bends_more_and_none_is_flat() -> None:
    assert levels(0.3)[16, 5, 0] > levels(1.0)[16, 5, 0] > levels(3.0)[16, 5, 0]
    assert (levels(0.0)[..., :3] == (128, 128, 255)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_odd_sizes(size) -> None:
    found = normal_map.of_picture(Image.new("RGBA", size, (9, 9, 9, 255)), 1.0)
    assert found.size == size
    empty = normal_map.of_picture(Image.new("RGBA", size), 1.0)
    assert np.array(empty)[..., :3].reshape(-1, 3).tolist() == [[128, 128, 255]] * (
        size[0] * size[1]
    )


def test_what_can_not_be_is_named() -> None:
    with pytest.raises(StudioError, match="normal_strength is 9"):
        normal_map.of_picture(BALL, 9.0)
    with pytest.raises(StudioError, match="normal_y is 'left'"):
        normal_map.of_picture(BALL, 1.0, "left")
