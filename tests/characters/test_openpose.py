"""A pose in OpenPose's colours: its limbs and joints, none for what is hidden, no colours mixed."""

import numpy as np
import pytest

from studio.characters import openpose, poses
from studio.characters.openpose import COLOURS, DIM, LIMBS

SOUTH = poses.seen(poses.poses("walk")[0], "south", 4)


def colours_in(picture):
    return {tuple(one) for one in np.asarray(picture.convert("RGB")).reshape(-1, 3).tolist()}


def dimmed(colour):
    return tuple(int(level * DIM) for level in colour)


def test_every_limb_and_joint_is_there_in_its_own_colour_on_black():
    picture = openpose.drawn(SOUTH, 512)
    assert picture.mode == "RGBA" and picture.size == (512, 512)
    assert picture.getchannel("A").getextrema() == (255, 255)
    known = {(0, 0, 0), *COLOURS, *(dimmed(one) for one in COLOURS[: len(LIMBS)])}
    found = colours_in(picture)
    assert found <= known and set(COLOURS) <= found
    for point, colour in zip(SOUTH, COLOURS, strict=True):
        there = picture.getpixel((round(point[0] * 512), round(point[1] * 512)))[:3]
        if there != colour:  # another joint lies over it
            assert there in COLOURS


def test_the_colours_are_those_that_controlnets_were_taught():
    # lllyasviel/ControlNet, annotator/openpose/util.py
    assert COLOURS[0] == (255, 0, 0) and COLOURS[10] == (0, 170, 255) and len(COLOURS) == 18
    assert LIMBS[0] == (1, 2) and LIMBS[12] == (1, 0) and len(LIMBS) == 17


def test_what_is_hidden_is_not_drawn():
    seen = poses.seen(poses.poses("stand")[0], "north", 4)
    found = colours_in(openpose.drawn(seen, 512))
    for point in (0, 14, 15):
        assert COLOURS[point] not in found
    assert dimmed(COLOURS[12]) not in found  # neck to nose
    assert COLOURS[16] in found and COLOURS[17] in found  # ears


@pytest.mark.parametrize("side", [32, 64, 256, 1024])
def test_it_is_as_wide_in_every_size(side):
    picture = np.asarray(openpose.drawn(SOUTH, side).convert("L"))
    share = (picture > 0).mean()
    if side >= 256:
        assert share == pytest.approx(0.026, abs=0.01)
    assert 0.01 < share < 0.2


def test_limbs_and_colours_are_openpose_s_own_in_their_order():
    # `limbSeq` and `colors` of lllyasviel/ControlNet-v1-1-nightly, annotator/openpose/util.py; its
    # points count from 1, and its colours go round the wheel by a third of 255.
    told = "2-3 2-6 3-4 4-5 6-7 7-8 2-9 9-10 10-11 2-12 12-13 13-14 2-1 1-15 15-17 1-16 16-18"
    pairs = [tuple(int(one) - 1 for one in pair.split("-")) for pair in told.split()]
    assert list(LIMBS) == pairs
    wheel = "ff0000 ff5500 ffaa00 ffff00 aaff00 55ff00 00ff00 00ff55 00ffaa 00ffff 00aaff 0055ff "
    wheel += "0000ff 5500ff aa00ff ff00ff ff00aa ff0055"
    assert ["".join(f"{level:02x}" for level in one) for one in COLOURS] == wheel.split()


def test_dots_lie_over_limbs_and_later_ones_over_earlier():
    at = (0.5, 0.5)
    points = [None] * 18
    points[1], points[2], points[3] = (0.25, 0.5), at, (0.75, 0.5)
    picture = openpose.drawn(points, 512).convert("RGB")
    assert picture.getpixel((256, 256)) == COLOURS[2]
    assert picture.getpixel((192, 256)) == dimmed(COLOURS[0])  # neck to right shoulder
    assert picture.getpixel((320, 256)) == dimmed(COLOURS[2])  # shoulder to elbow: the third limb
    across = np.asarray(picture)[:, 192].max(-1)
    assert 7 <= int((across > 0).sum()) <= 10  # about 8 pixels where a limb is widest
    points[3] = at
    assert openpose.drawn(points, 512).convert("RGB").getpixel((256, 256)) == COLOURS[3]
