"""Poses as data, and where a figure's joints are seen from four directions.

A figure is built of bones from the angles of `poses.json`. Its sides: x is its own left, y up, z
forward, in shares of its height. A direction is named by where it faces, on a map with north up:
south is towards the viewer. It is seen along parallel lines, a little from above, so that steps
show from the front as well (a cabinet projection: depth moves a point up or down, and nothing
shrinks).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio import numbers
from studio.errors import StudioError, nearest

FILE = Path(__file__).with_name("poses.json")
ACTIONS = ("stand", "walk", "attack")
DIRECTIONS = ("south", "east", "north", "west")
HEADS = (2.0, 8.0)  # how many heads tall a figure may be
FIGURE = 2 / 3  # of a frame's side: how tall somebody who stands upright is in it
GROUND = 11 / 12  # of a frame's side, from the top: the line on which feet stand
TILT = 0.25  # how far a point moves down for each length that it is nearer

# The 18 points of a body as OpenPose counts them (Cao et al. 2019, the COCO model).
NOSE, NECK = 0, 1
RIGHT_SHOULDER, RIGHT_ELBOW, RIGHT_WRIST = 2, 3, 4
LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST = 5, 6, 7
RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE = 8, 9, 10
LEFT_HIP, LEFT_KNEE, LEFT_ANKLE = 11, 12, 13
RIGHT_EYE, LEFT_EYE, RIGHT_EAR, LEFT_EAR = 14, 15, 16, 17
POINTS = 18
# What nobody sees of a face from there; limbs are told also where the body hides them.
HIDDEN = {
    "south": (),
    "east": (LEFT_EYE, LEFT_EAR),
    "north": (NOSE, RIGHT_EYE, LEFT_EYE),
    "west": (RIGHT_EYE, RIGHT_EAR),
}
# Bones in shares of what is below the chin, after the usual table of a grown body's segments
# (Drillis and Contini 1966); a head in shares of its own height.
HIP, THIGH, SHIN, ANKLE = 0.63, 0.294, 0.29, 0.046
SHOULDERS, HIPS, UPPER_ARM, FOREARM = 0.145, 0.09, 0.22, 0.17  # the first two to one side
NECK_BELOW = 1.15  # from the top of the head down to between the shoulders
FACE = {  # to the side, above the neck, forward
    NOSE: (0.0, 0.6, 0.45),
    RIGHT_EYE: (-0.16, 0.7, 0.38),
    LEFT_EYE: (0.16, 0.7, 0.38),
    RIGHT_EAR: (-0.36, 0.62, 0.05),
    LEFT_EAR: (0.36, 0.62, 0.05),
}
SPREAD = 3.0  # degrees that legs stand apart
Joints = NDArray[np.float64]
Point = tuple[float, float]


@dataclass(frozen=True)
class Pose:
    """One pose, in degrees (`poses.json` says of what); right before left. `lift`: how far the
    lower foot is above the ground, in shares of the height."""

    name: str
    legs: tuple[tuple[float, float], tuple[float, float]]
    arms: tuple[tuple[float, float, float], tuple[float, float, float]]
    lean: float
    twist: float
    lift: float

    @property
    def grounded(self) -> bool:
        """Whether a foot is on the ground."""
        return self.lift == 0


def poses(action: str) -> tuple[Pose, ...]:
    """The poses of an action, in order: 8, and 1 of standing. StudioError for another."""
    return tuple(_pose(one) for one in _told(action)["poses"])


def duration_ms(action: str) -> int:
    """How long each pose of an action is shown."""
    return int(_told(action)["duration_ms"])


def joints(pose: Pose, heads: float) -> Joints:
    """The 18 points [18, 3] of a figure that is `heads` heads tall, its hips over the origin."""
    head = 1 / heads
    rest = 1 - NECK_BELOW * head
    found = np.zeros((POINTS, 3))
    hips = np.array([0.0, HIP * rest, 0.0])
    lean, twist = np.radians(pose.lean), np.radians(pose.twist)
    neck = hips + (1 - HIP) * rest * np.array([0.0, np.cos(lean), np.sin(lean)])
    found[NECK] = neck
    for point, place in FACE.items():
        found[point] = neck + head * np.array(place)
    for number, side in enumerate((-1, 1)):
        first = (RIGHT_SHOULDER, LEFT_SHOULDER)[number]
        swing, bend, out = pose.arms[number]
        across = side * SHOULDERS * rest
        shoulder = neck + np.array([across * np.cos(twist), 0.0, -across * np.sin(twist)])
        elbow = shoulder + UPPER_ARM * rest * _along(swing, side * out)
        wrist = elbow + FOREARM * rest * _along(swing + bend, side * out)
        found[first : first + 3] = shoulder, elbow, wrist
        first = (RIGHT_HIP, LEFT_HIP)[number]
        swing, bend = pose.legs[number]
        hip = hips + np.array([side * HIPS * rest, 0.0, 0.0])
        knee = hip + THIGH * rest * _along(swing, side * SPREAD)
        ankle = knee + SHIN * rest * _along(swing - bend, side * SPREAD)
        found[first : first + 3] = hip, knee, ankle
    return found


def seen(pose: Pose, direction: str, heads: float) -> tuple[Point | None, ...]:
    """Where the 18 points are in a frame, x and y in shares of its side from the upper left corner;
    None for what is not seen. The lower foot is on the ground line, unless the pose lifts it.
    StudioError for a direction that there is not."""
    if direction not in DIRECTIONS:
        raise StudioError(
            f"{numbers.shown(direction)} is no direction.", f"Use one of {', '.join(DIRECTIONS)}."
        )
    x, y, z = joints(pose, heads).T
    across, nearer = {
        "south": (x, z),
        "east": (z, -x),
        "north": (-x, -z),
        "west": (-z, x),
    }[direction]
    down = TILT * nearer - y
    sole = max(down[RIGHT_ANKLE], down[LEFT_ANKLE]) + ANKLE * (1 - NECK_BELOW / heads)
    right = 0.5 + FIGURE * across
    low = GROUND + FIGURE * (down - sole - pose.lift)
    hidden = HIDDEN[direction]
    return tuple(
        None if point in hidden else (float(right[point]), float(low[point]))
        for point in range(POINTS)
    )


def _along(swing: float, out: float) -> Joints:
    """The direction of a bone that hangs down, swung forward and held out to its side."""
    forward, aside = np.radians(swing), np.radians(out)
    level = np.cos(aside)
    return np.array([np.sin(aside), -np.cos(forward) * level, np.sin(forward) * level])


@cache
def _all() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def _told(action: str) -> Mapping[str, Any]:
    if action not in ACTIONS:
        raise StudioError(
            f"There is no action {numbers.shown(action)}.",
            f"{nearest(action, ACTIONS)}Known: {', '.join(ACTIONS)}.",
        )
    told: Mapping[str, Any] = _all()[action]
    return told


def _pose(told: Mapping[str, Any]) -> Pose:
    legs = [tuple(map(float, told[name])) for name in ("right_leg", "left_leg")]
    arms = [tuple(map(float, told[name])) for name in ("right_arm", "left_arm")]
    return Pose(
        str(told["name"]),
        ((legs[0][0], legs[0][1]), (legs[1][0], legs[1][1])),
        ((arms[0][0], arms[0][1], arms[0][2]), (arms[1][0], arms[1][1], arms[1][2])),
        float(told["lean"]),
        float(told["twist"]),
        float(told["lift"]),
    )
