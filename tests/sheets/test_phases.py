"""Phases: the same words of the same moment, whatever an animation's length."""

from dataclasses import replace

import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import phases
from studio.sheets.sheet import Frame, Tag, of_pictures
from tests.sheets.drawn import walker


def made(count, *tags, ms=100):
    found = of_pictures("fire", [walker(1 + k % 3) for k in range(count)], duration_ms=ms)
    return replace(found, tags=tags)


def numbers(found):
    return [(one.frame, one.number) for one in found]


def test_a_phase_is_a_share_of_the_time():
    assert numbers(phases.of(made(8))) == [(k, k + 1) for k in range(8)]
    assert numbers(phases.of(made(4))) == [(0, 1), (1, 3), (2, 5), (3, 7)]
    assert [one.number for one in phases.of(made(16))] == [1 + k // 2 for k in range(16)]
    slow = made(3)
    frames = (replace(slow.frames[0], duration_ms=600), *slow.frames[1:])
    assert numbers(phases.of(replace(slow, frames=frames))) == [(0, 1), (1, 7), (2, 8)]
    assert numbers(phases.of(made(8), 2)) == [(k, 1 + k // 4) for k in range(8)]


def test_each_tag_begins_with_the_first_and_frames_count_once():
    tags = (Tag("hit", 0, 3), Tag("out", 3, 5, "reverse"), Tag("all", 0, 5, "pingpong"))
    found = phases.of(made(8, *tags), 4)
    assert [(one.frame, one.tag, one.number) for one in found] == [
        *((k, "hit", k + 1) for k in range(4)),
        (5, "out", 1),
        (4, "out", 2),
    ]


def test_a_frame_with_nothing_on_it_has_none():
    animation = made(4)
    nothing = Frame(Image.new("RGBA", animation.frames[0].image.size))
    frames = (*animation.frames[:3], nothing)
    assert numbers(phases.of(replace(animation, frames=frames))) == [(0, 1), (1, 3), (2, 5)]


def test_a_caption_says_tag_and_phase():
    one = phases.Phase(2, "hit", 3, 8)
    assert phases.caption("fire burst", one) == "fire burst, hit, phase 3 of 8"
    assert phases.caption("fire", replace(one, tag="")) == "fire, phase 3 of 8"


@pytest.mark.parametrize("count", [0, 65, 1.5])
def test_another_number_of_phases_is_named(count):
    with pytest.raises(StudioError, match=f"phases is {count}"):
        phases.of(made(2), count)
