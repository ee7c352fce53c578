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
