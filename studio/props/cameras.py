"""Where a model is seen from: cameras on a circle around it, straight in front, fitted to it.

Models stand on +Y with their front towards +Z. A camera's *azimuth* is how far the viewer has
walked around the model, in degrees: 0 stands before its front, 90 on its +X side. Its *elevation*
is how far the viewer looks down, in degrees: 0 from the side, 90 from straight above.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.props.model import Model

Floats = NDArray[np.floating[Any]]
Vector = tuple[float, float, float]
Size = tuple[int, int]  # width and height in pixels
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels

AT_ONCE = 2**18  # points
FIELD = 30.0  # degrees that a perspective camera sees of a model's sphere, as viewers have it
NEAREST = 1e-3  # of the distance: what is nearer to the viewer is not drawn
LEAST = 1e-9  # metres: less has no extent


@dataclass(frozen=True)
class Camera:
    """Three directions of unit length, in the model's axes: the picture's right, its up, and
    towards the viewer; `centre` is the point that is looked at. `tall`: how many metres the
    picture's height shows there. `offset`: by how many metres, to the right and up, the picture's
    middle lies off the centre. `distance`: metres from the viewer to the centre; None looks along
    parallel lines."""

    right: Vector
    up: Vector
    towards: Vector
    centre: Vector
    tall: float
    offset: tuple[float, float] = (0.0, 0.0)
    distance: float | None = None


@dataclass(frozen=True, eq=False)
class Seen:
    """Points as a camera sees them: `x` and `y` in pixels from the picture's upper left corner;
    `depth`, greater the farther, which is straight on the screen; and `near`, what the point's
    values are weighed by so that they lie in perspective: 0 or less for what is behind the
    viewer. All [...] as the points."""

    x: Floats
    y: Floats
    depth: Floats
    near: Floats


def seen(camera: Camera, points: Floats, size: Size) -> Seen:
    """Points [..., 3] in metres as a picture of `size` shows them, in float64."""
    width, height = size
    across, upwards, towards = _along(camera, points)
    per_metre = height / camera.tall
    if camera.distance is None:
        near = np.ones_like(across)
        depth = -towards
    else:
        away = camera.distance - towards
        there = away > NEAREST * camera.distance
        near = np.where(there, camera.distance / np.where(there, away, 1.0), 0.0)
        depth = -near
    return Seen(
        width / 2 + (across * near - camera.offset[0]) * per_metre,
        height / 2 - (upwards * near - camera.offset[1]) * per_metre,
        depth,
        near,
    )


def turned(camera: Camera, vectors: Floats) -> Floats:
    """Vectors [..., 3] of the model in the camera's axes: right, up, towards the viewer."""
    axes = (camera.right, camera.up, camera.towards)
    return np.stack([_dot(vectors, axis) for axis in axes], -1)


def front(model: Model, size: Size, box: Box | None = None) -> Camera:
    """Straight in front of a model, along parallel lines: its bounds cover this box of a picture
    of `size`, None the whole of it. With the box of what is opaque on a sprite each of its pixels
    lies on the model's own. The model's height decides how large it is, its width where it has
    no height. StudioError for a model without extent."""
    low, high = bounds(model)
    left, top, right, bottom = box or (0.0, 0.0, float(size[0]), float(size[1]))
    wide, tall = high[0] - low[0], high[1] - low[1]
    if max(wide, tall) < LEAST:
        raise StudioError("The model is a point.", "Draw one that has an extent.")
    per_metre = (bottom - top) / tall if tall >= LEAST else (right - left) / wide
    return Camera(
        *_axes(0.0, 0.0),
        centre=_middle(low, high),
        tall=size[1] / per_metre,
        offset=(
            (size[0] - left - right) / 2 / per_metre,
            (top + bottom - size[1]) / 2 / per_metre,
        ),
    )


def around(model: Model, azimuth: float, elevation: float, tall: float = 1.0) -> Camera:
    """From that side, along parallel lines, the middle of the model's bounds in the picture's."""
    low, high = bounds(model)
    return Camera(*_axes(azimuth, elevation), centre=_middle(low, high), tall=tall)


def fitted(
    model: Model,
    azimuth: float,
    elevation: float,
    size: Size,
    *,
    margin: float = 0.05,
    field: float | None = FIELD,
) -> Camera:
    """From that side, the model as large as the picture holds with a margin of this share on each
    side. `field`: degrees that are seen of the sphere around the model; None looks along parallel
    lines."""
    low, high = bounds(model)
    camera = Camera(*_axes(azimuth, elevation), centre=_middle(low, high), tall=1.0)
    if field is not None:
        radius = max(math.dist(low, high) / 2, LEAST)
        camera = replace(camera, distance=radius / math.sin(math.radians(field / 2)))
    left, bottom, right, top = extent(model, camera)
    held = 1 - 2 * margin
    tall = max(top - bottom, (right - left) * size[1] / size[0], LEAST) / held
    return replace(camera, tall=tall, offset=((left + right) / 2, (bottom + top) / 2))


def extent(model: Model, camera: Camera) -> Box:
    """What a model takes of a camera's picture in metres at the centre's distance: left, bottom,
    right, top, from the centre; the camera's own size and offset do not count."""
    plain = replace(camera, tall=1.0, offset=(0.0, 0.0))
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for part in model.parts:
        for start in range(0, len(part.positions), AT_ONCE):
            found = seen(plain, part.positions[start : start + AT_ONCE], (1, 1))
            places = np.stack([found.x - 0.5, 0.5 - found.y])
            low, high = np.minimum(low, places.min(1)), np.maximum(high, places.max(1))
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def bounds(model: Model) -> tuple[Vector, Vector]:
    """The lowest and the highest coordinate of each axis in metres. StudioError for a model that
    has no triangle."""
    if not any(len(part.triangles) for part in model.parts):
        raise StudioError("The model has no triangle.", "Choose another picture or method.")
    low, high = model.bounds()
    return _vector(low), _vector(high)


def _axes(azimuth: float, elevation: float) -> tuple[Vector, Vector, Vector]:
    """Right, up and towards the viewer."""
    about, down = math.radians(azimuth), math.radians(elevation)
    sin, cos, above, level = math.sin(about), math.cos(about), math.sin(down), math.cos(down)
    return (
        (cos, 0.0, -sin),
        (-sin * above, level, -cos * above),
        (sin * level, above, cos * level),
    )


def _along(camera: Camera, points: Floats) -> tuple[Floats, Floats, Floats]:
    off = np.asarray(points, np.float64) - np.array(camera.centre)
    return _dot(off, camera.right), _dot(off, camera.up), _dot(off, camera.towards)


def _dot(vectors: Floats, axis: Vector) -> Floats:
    """Written out, so that equal points give equal numbers wherever they stand in an array."""
    return vectors[..., 0] * axis[0] + vectors[..., 1] * axis[1] + vectors[..., 2] * axis[2]


def _middle(low: Vector, high: Vector) -> Vector:
    return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2


def _vector(given: Any) -> Vector:
    x, y, z = (float(one) for one in given)
    return x, y, z
