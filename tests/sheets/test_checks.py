"""Figures of a walk: those that have one by sight, and those that are spoilt one way each."""

import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import checks
from studio.sheets.sheet import of_pictures
from tests.sheets.drawn import walker

CYCLE = (4, 2, 0, -3, -5, -3, 0, 2)


def met(pictures, grounded=None):
    found = checks.figures(of_pictures("a", pictures), grounded)
    return found, {one.name: one.met for one in checks.verdicts(found)}


def test_a_walk_meets_all_bars():
    found, bars = met([walker(stride) for stride in CYCLE])
    assert all(bars.values()), checks.verdicts(found)
    assert found.head == found.torso == 0 and found.limbs >= 0.15 and found.ground_off == 0


def test_a_walk_that_bobs_and_sways_is_laid_over_itself():
    pictures = [walker(stride, down=k % 2, across=k % 3) for k, stride in enumerate(CYCLE)]
    found, bars = met(pictures)
    assert bars["head and torso"] and bars["ground line"] and found.ground_off <= 1


def test_eight_equal_frames_fail():
    found, bars = met([walker(2)] * 8)
    assert found.distinct == 1 and not bars["frames"]
    assert not bars["limbs"] and not bars["loop"]


def test_a_head_that_changes_is_seen():
    pictures = [walker(stride) for stride in CYCLE]
    for k in range(4, 8):
        pictures[k].paste((255, 0, 0, 255), (9, 4, 15, 11))
    _, bars = met(pictures)
    assert not bars["head and torso"] and bars["limbs"]


def test_a_foot_off_the_ground_is_seen_unless_it_is_in_the_air():
    pictures = [walker(stride, down=-4 if k == 3 else 0) for k, stride in enumerate(CYCLE)]
    found, bars = met(pictures)
    assert found.ground_off == 4 and not bars["ground line"]
    _, bars = met(pictures, grounded=[k for k in range(8) if k != 3])
    assert bars["ground line"]


def test_a_loop_that_jumps_is_seen():
    found, bars = met([walker(stride) for stride in (0, 1, 2, 3, 4, 5, 6, 7)])
    assert found.loop_step > found.largest_step and not bars["loop"]


def test_what_can_t_be_measured_is_said():
    with pytest.raises(StudioError, match="a single frame"):
        checks.figures(of_pictures("a", [walker(1)]))
    with pytest.raises(StudioError, match="Frame 2 is transparent"):
        checks.figures(of_pictures("a", [walker(1), Image.new("RGBA", (24, 32))]))


def test_a_row_that_floats_as_a_whole_is_seen_where_the_ground_is_known():
    pictures = [walker(stride, down=-3) for stride in CYCLE]
    assert checks.figures(of_pictures("a", pictures)).ground_off == 0
    found = checks.figures(of_pictures("a", pictures), ground=30)
    assert found.ground_off == 3
    assert not {one.name: one.met for one in checks.verdicts(found)}["ground line"]


def test_people_are_told_frames_from_one():
    found, _ = met([walker(stride) for stride in CYCLE])
    says = next(one.says for one in checks.verdicts(found) if one.name == "limbs")
    assert f"frames {found.contact[0] + 1} and {found.contact[1] + 1};" in says


def test_frames_too_faint_to_be_measured_are_known_before():
    faint = Image.new("RGBA", (24, 32), (255, 0, 0, 100))
    assert checks.measurable(of_pictures("a", [walker(1), walker(2)]))
    assert not checks.measurable(of_pictures("a", [walker(1), faint]))
    assert not checks.measurable(of_pictures("a", [walker(1)]))
