"""Sheets as they are exported: larger ones, and frames one by one."""

from dataclasses import replace

import numpy as np

from studio.export import pieces
from studio.export.pieces import Run
from tests.export.drawn import picture, sheet, walk


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


def test_directions_are_named_and_not_counted():
    named = replace(walk(), directions=True)
    found = pieces.singly(replace(sheet(), layout=named))
    assert [(one.fields.direction, one.fields.frame) for one in found] == [
        ("0", ""),
        ("1", ""),
        ("2", ""),
    ]


def test_normals_are_flat_where_a_frame_was_trimmed():
    trimmed = np.asarray(pieces.singly(sheet())[1].normals)
    assert (trimmed[:3] == pieces.FLAT).all() and (trimmed[:, 11:] == pieces.FLAT).all()
    assert (trimmed[3:11, 5:11, 3] == 255).all()
