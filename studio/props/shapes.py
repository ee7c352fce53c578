"""A form before it is a model: measured in the picture's pixels, x to the right, y up from the
lowest row, z towards the viewer; each point knows which place of the picture it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.props import panels
from studio.props.model import Material, Model, Part, Texture
from studio.props.panels import BACK, FRONT
from studio.props.pictures import Cutout
from studio.props.settings import Settings

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SHORT = 1e-9  # a normal below it has no direction
SPRITE = 64  # pixels: as small as that, a soft picture shows its pixels in the game too


@dataclass(frozen=True, eq=False)
class Shape:
    """`points` and unit `normals` [n, 3]; `shows` [n, 2]: the place in the picture, x and y, whose
    colour lies there, on the panel `panel` [n] (see `panels`); `triangles` [m, 3], counterclockwise
    from outside; `glass` [m]: whether one is half transparent."""

    points: Floats
    normals: Floats
    shows: Floats
    panel: Whole
    triangles: Whole
    glass: NDArray[np.bool_]


def flat(
    points: Floats,
    normal: Sequence[float],
    triangles: Whole,
    *,
    shows: Floats,
    panel: int,
    glass: bool = False,
) -> Shape:
    """A piece that looks into one direction, all of it glass or none."""
    count = len(points)
    normals = np.tile(np.asarray(normal, np.float64), (count, 1))
    kind = np.full(len(triangles), glass)
    return Shape(points, normals, shows, np.full(count, panel), triangles, kind)


def quads(
    corners: Floats,
    normals: Floats,
    shows: Floats,
    panel: int,
    glass: NDArray[np.bool_] | None = None,
) -> Shape:
    """Fields of four corners [n, 4, 3], counterclockwise from outside, with the normals [n, 4, 3]
    and the places [n, 4, 2] of each; two triangles a field."""
    count = len(corners)
    first = np.arange(count, dtype=np.int64)[:, None, None] * 4
    none = np.zeros(count, bool) if glass is None else glass
    return Shape(
        corners.reshape(-1, 3).astype(np.float64),
        normals.reshape(-1, 3).astype(np.float64),
        shows.reshape(-1, 2).astype(np.float64),
        np.full(4 * count, panel),
        (first + np.array([(0, 1, 2), (0, 2, 3)])).reshape(-1, 3),
        np.repeat(none, 2),
    )


def joined(shapes: Sequence[Shape]) -> Shape:
    """Several as one; points are not welded."""
    starts = np.cumsum([0, *(len(shape.points) for shape in shapes)])
    moved = [shape.triangles + start for shape, start in zip(shapes, starts, strict=False)]
    return Shape(
        np.concatenate([shape.points for shape in shapes]),
        np.concatenate([shape.normals for shape in shapes]),
        np.concatenate([shape.shows for shape in shapes]),
        np.concatenate([shape.panel for shape in shapes]),
        np.concatenate(moved),
        np.concatenate([shape.glass for shape in shapes]),
    )


def mirrored(front: Shape) -> Shape:
    """The back of a front: z turned round, and the front's panel exchanged for the back's."""
    turn = np.array([1.0, 1.0, -1.0])
    return replace(
        front,
        points=front.points * turn,
        normals=front.normals * turn,
        panel=np.where(front.panel == FRONT, BACK, front.panel),
        triangles=np.ascontiguousarray(front.triangles[:, ::-1]),
    )


def unit(vectors: Floats, instead: Floats) -> Floats:
    """Vectors [n, 3] of length 1; `instead`, of length 1 already, where they have none."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > SHORT, vectors / np.maximum(length, SHORT), instead)


def model_of(
    cutout: Cutout,
    settings: Settings,
    shape: Shape,
    *,
    nearest: bool | None = None,
    cut_out: bool = False,
    all_glass: bool = False,
) -> Model:
    """The form in metres, as high as the settings say, on its pivot, with the picture on it.
    `nearest`: how it is sampled, None as suits the picture. `cut_out`: the form is larger than
    what is drawn, and the texture's alpha cuts it, seen from both sides. `all_glass`: with any
    glass all of it is drawn as glass. StudioError for a form without triangles."""
    if not len(shape.triangles):
        raise StudioError("Nothing is left of the form.", "Choose another method or picture.")
    used = np.unique(shape.triangles)
    positions = _placed(shape.points, shape.points[used], settings)
    sheet = panels.of_cutout(cutout, settings, np.unique(shape.panel[used]), cut_out)
    across = shape.shows[:, 0] + sheet.left[shape.panel]
    down = cutout.height - shape.shows[:, 1] + sheet.top
    uv = np.stack([across / sheet.width, down / sheet.height], -1).astype(np.float32)
    suits = not cutout.smooth or max(cutout.width, cutout.height) <= SPRITE
    sharp = suits if nearest is None else nearest
    texture = Texture(sheet.data, sharp)
    glass = shape.glass
    if all_glass or cut_out:
        blends = cutout.glass.any() or (cut_out and settings.alpha == "blend")
        glass = np.full(len(shape.triangles), bool(blends))
    parts = []
    for name, alpha, which in (
        ("prop", "mask" if cut_out else "opaque", ~glass),
        ("glass", "blend", glass),
    ):
        if which.any():
            material = Material(name=name, colour=texture, alpha=alpha, double_sided=cut_out)
            parts.append(_part(shape, positions, uv, which, material))
    return Model(tuple(parts), "prop")


def _placed(points: Floats, used: Floats, settings: Settings) -> NDArray[np.float32]:
    """In metres, on the pivot."""
    low, high = used.min(axis=0), used.max(axis=0)
    middle = (low + high) / 2
    origin = {
        "feet": np.array([middle[0], low[1], middle[2]]),
        "centre": middle,
        "top": np.array([middle[0], high[1], middle[2]]),
        "corner": low,
    }[settings.pivot]
    scale = settings.height_m / (high[1] - low[1])
    # Adding 0 makes -0 to 0: what lies at one place is there to the bit.
    return ((points - origin) * scale + 0.0).astype(np.float32)


def _part(
    shape: Shape,
    positions: NDArray[np.float32],
    uv: NDArray[np.float32],
    which: NDArray[np.bool_],
    material: Material,
) -> Part:
    """The wanted triangles, with those points alone that they have."""
    triangles = shape.triangles[which]
    used, back = np.unique(triangles, return_inverse=True)
    return Part(
        positions[used],
        shape.normals[used].astype(np.float32),
        uv[used],
        back.reshape(-1, 3).astype(np.uint32),
        material,
    )
