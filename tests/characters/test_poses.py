"""Poses: whole figures with rigid bones, on the ground, within their frames, and each direction the
other's counterpart."""

import numpy as np
import pytest

from studio.characters import poses
from studio.characters.poses import ACTIONS, DIRECTIONS, FIGURE, GROUND
from studio.errors import StudioError

BONES = (
    *((2, 3), (3, 4), (5, 6), (6, 7), (8, 9), (9, 10), (11, 12), (12, 13)),
    *((0, 1), (14, 16), (15, 17)),
)
SWAPPED = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16]
MIRROR = np.array([-1, 1, 1])


def every():
    return [(action, one) for action in ACTIONS for one in poses.poses(action)]


def test_each_action_has_its_poses_with_names_of_their_own():
    assert {action: len(poses.poses(action)) for action in ACTIONS} == {
        "stand": 1,
        "walk": 8,
        "attack": 8,
    }
    for action in ACTIONS:
        assert len({one.name for one in poses.poses(action)}) == len(poses.poses(action))
        assert 50 <= poses.duration_ms(action) <= 200


@pytest.mark.parametrize("heads", [2, 3.5, 8])
def test_bones_stay_as_long_as_they_are(heads):
    lengths = [
        [np.linalg.norm(found[one] - found[other]) for one, other in BONES]
        for _, pose in every()
        for found in (poses.joints(pose, heads),)
    ]
    assert np.ptp(lengths, axis=0).max() < 1e-9
    assert min(lengths[0]) > 0.02


def test_the_second_half_of_a_walk_is_the_first_on_the_other_side():
    walk = poses.poses("walk")
    for number in range(4):
        one, other = (poses.joints(walk[k], 4) for k in (number, number + 4))
        assert np.allclose(one, other[SWAPPED] * MIRROR)


def test_no_neighbours_of_a_walk_are_alike_and_none_jumps():
    walk = [poses.joints(one, 4) for one in poses.poses("walk")]
    steps = [np.abs(walk[k] - walk[(k + 1) % 8]).max() for k in range(8)]
    assert min(steps) > 0.02 and max(steps) < 0.25
    assert max(steps) <= 2 * float(np.median(steps))


@pytest.mark.parametrize("heads", [2, 4, 8])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_all_stand_on_the_ground_within_the_frame(direction, heads):
    for action, pose in every():
        seen = poses.seen(pose, direction, heads)
        places = np.array([one for one in seen if one is not None])
        assert places.min() > 0.02 and places.max() < 0.98, (action, pose.name)
        ankles = max(seen[10][1], seen[13][1])
        foot = poses.ANKLE * (1 - poses.NECK_BELOW / heads) * FIGURE
        assert ankles == pytest.approx(GROUND - foot)
        assert pose.grounded


def test_a_pose_that_is_lifted_is_above_the_ground():
    from dataclasses import replace

    (stand,) = poses.poses("stand")
    up = replace(stand, lift=0.1)
    assert not up.grounded
    before, after = (poses.seen(one, "south", 4)[10][1] for one in (stand, up))
    assert before - after == pytest.approx(0.1 * FIGURE)


def test_directions_are_each_others_counterparts_and_hide_what_nobody_sees():
    pose = poses.poses("walk")[0]
    seen = {one: poses.seen(pose, one, 4) for one in DIRECTIONS}
    hidden = {one: [k for k, place in enumerate(seen[one]) if place is None] for one in DIRECTIONS}
    assert hidden == {"south": [], "east": [15, 17], "north": [0, 14, 15], "west": [14, 16]}
    # The right shoulder is on the left of the screen from the front, on the right from behind.
    assert seen["south"][2][0] < 0.5 < seen["south"][5][0]
    assert seen["north"][2][0] > 0.5 > seen["north"][5][0]
    assert seen["east"][0][0] > 0.5 > seen["west"][0][0]  # noses
    for point in (4, 7, 10, 13):
        assert seen["east"][point][0] == pytest.approx(1 - seen["west"][point][0])


def test_a_figure_of_few_heads_has_a_large_one():
    (stand,) = poses.poses("stand")
    toy, grown = (poses.joints(stand, heads) for heads in (2.5, 7.5))
    assert np.linalg.norm(toy[16] - toy[17]) > 2.5 * np.linalg.norm(grown[16] - grown[17])
    assert toy[8][1] < grown[8][1]  # shorter legs
    tops = [found[14][1] + 0.45 / heads for found, heads in ((toy, 2.5), (grown, 7.5))]
    assert tops == pytest.approx([1, 1], abs=0.02)


def test_what_there_is_not_is_named():
    with pytest.raises(StudioError, match="Did you mean walk"):
        poses.poses("wal")
    with pytest.raises(StudioError, match="'up' is no direction"):
        poses.seen(poses.poses("walk")[0], "up", 4)
