"""Sheets as they are exported: the order of tags, larger ones, and frames one by one."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.export import pieces
from studio.export.pieces import Run
from tests.export.drawn import picture, sheet, walk


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [
        ("forward", (2, 3, 4)),
        ("reverse", (4, 3, 2)),
        ("pingpong", (2, 3, 4, 3)),
        ("pingpong_reverse", (4, 3, 2, 3)),
    ],
)
def test_a_tag_is_written_out_as_it_is_shown(direction, wanted):
    assert pieces.order(2, 4, direction) == wanted
    assert pieces.order(2, 2, direction) == (2,)


def test_an_unknown_direction_is_named():
    with pytest.raises(StudioError, match="sideways"):
        pieces.order(0, 1, "sideways")


def test_the_unit_is_what_all_frames_last_a_multiple_of():
    assert pieces.unit(Run("walk", (0, 2)), walk()) == 83
    assert pieces.enlarged(walk(), 3).regions[1] == pieces.Region("1", 57, 6, 18, 24, 15, 9, 83)


def test_frames_one_by_one_are_on_their_whole_canvas():
    whole = sheet()
    found = pieces.singly(whole)
    assert [one.fields.frame for one in found] == ["00", "01", "02"]
    assert all(one.image.size == (16, 12) and one.layout is None for one in found)
    trimmed = np.asarray(found[1].image)
    assert np.array_equal(trimmed[3:11, 5:11], np.asarray(whole.image)[2:10, 19:25])
    assert not trimmed[:3].any() and not trimmed[:, 11:].any()
    assert found[1].normals.size == (16, 12)
    one = picture()
    assert pieces.singly(one) == [one]
