"""What is done to a model after it was made: scaled, set on another pivot, turned, made thicker,
decimated, given a texture of one's own.

Each edit is a pure function of a model, in metres, +Y up, front +Z; texture, sampler, alpha mode
and UV survive it. A chain of them is plain JSON (`checked`, `said_of`), and the same model with the
same chain gives the same one. Scaling, turning and thickness leave the origin where it is, which is
the pivot.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import images
from studio.errors import StudioError, nearest
from studio.props import decimation, edit_records
from studio.props.edit_records import Edit, Shape, number, one_of, whole, words
from studio.props.model import Material, Model, Texture
from studio.props.settings import PIVOTS

Floats = NDArray[np.float64]

AXES = ("x", "y", "z")
LARGEST = 1_000.0  # metres
SMALLEST = 0.001
MOST_TRIANGLES = 5_000_000
SIDE = 8_192  # pixels, the most of a texture
SHARP = 128  # pixels: a picture of at most these is sampled sharply where nothing says how
FLAT = 1e-6  # of the longest side: a side below it is none
STANDS = 1e-4  # metres from y = 0 within which a model stands on it

SHAPES: dict[str, Shape] = {
    "scale": Shape({"height_m": number(SMALLEST, LARGEST)}),
    "pivot": Shape({"where": one_of(PIVOTS)}),
    "turn": Shape({"axis": one_of(AXES), "degrees": number(-360, 360)}),
    "thickness": Shape({"share": number(0.001, 10)}),
    "decimate": Shape({"triangles": whole(4, MOST_TRIANGLES)}),
    "texture": Shape({"picture": words(64), "material": words(200)}, {"material": ""}),
}
NO_PICTURES: Mapping[str, Image.Image] = {}


class Edited(NamedTuple):
    """A model after its edits, and what is to be told of them, in sentences."""

    model: Model
    remarks: tuple[str, ...]


def checked(given: Any) -> tuple[Edit, ...]:
    """A chain from its JSON, [{"edit": "scale", "height_m": 1.8}, ...], with all its values.
    StudioError naming what can't be."""
    return edit_records.read(given, SHAPES)


def pictures_of(edits: Iterable[Edit]) -> tuple[str, ...]:
    """The pictures that a chain names, each once: what `apply` wants to be given."""
    named = [str(edit.values["picture"]) for edit in edits if edit.name == "texture"]
    return tuple(dict.fromkeys(named))


def apply(
    model: Model, edits: Iterable[Edit], pictures: Mapping[str, Image.Image] = NO_PICTURES
) -> Edited:
    """The model after a chain, taken in its order. `pictures` are those that textures are made of,
    RGBA in sRGB, by what edits call them. StudioError where an edit can't be made of this model."""
    chain, remarks = list(edits), list[str]()
    stood = _stands(model)
    for edit in chain:
        values = edit.values
        if edit.name == "decimate":
            model, remark = decimation.decimate(model, values["triangles"])
            remarks += [remark] if remark else []
        elif edit.name == "texture":
            picture = pictures.get(values["picture"])
            if picture is None:
                raise StudioError(
                    f"There is no picture {values['picture'][:40]!r} for a texture.",
                    "Choose one of the gallery, or bring a file.",
                )
            model, told = texture(model, picture, values["material"])
            remarks += told
        else:
            model = _PLAIN[edit.name](model, **values)
    if stood and not _stands(model) and all(edit.name != "pivot" for edit in chain):
        low = _box(model)[0][1]
        remarks.append(f"Its lowest point is at y = {low:.3g} m now: set the pivot to feet.")
    return Edited(model, tuple(dict.fromkeys(remarks)))


def scale(model: Model, height_m: float) -> Model:
    """The model so large that it is `height_m` metres high, within 1e-4 m. StudioError for one
    without height."""
    height = _side(model, 1, "height", "Turn it upright first.")
    return _moved(model, np.eye(3) * (height_m / height))


def pivot(model: Model, where: str) -> Model:
    """The model with its origin in the middle of its lowest ("feet"), all ("centre") or highest
    ("top") points, or at the corner of its box that is lowest in x, y and z ("corner")."""
    low, high = _box(model)
    middle = (low + high) / 2
    places = {
        "feet": (middle[0], low[1], middle[2]),
        "centre": tuple(middle),
        "top": (middle[0], high[1], middle[2]),
        "corner": tuple(low),
    }
    if where not in places:
        raise StudioError(
            f"There is no pivot {where!r}.",
            f"{nearest(where, PIVOTS)}Use one of {', '.join(PIVOTS)}.",
        )
    return _moved(model, np.eye(3), -np.array(places[where]))


def turn(model: Model, axis: str, degrees: float) -> Model:
    """The model turned about an axis through its origin, by the rule of the right hand: about y by
    90 the front looks to +X. Quarters of a turn are exact."""
    if axis not in AXES:
        raise StudioError(f"There is no axis {axis!r}.", f"Use one of {', '.join(AXES)}.")
    quarters, rest = divmod(degrees, 90)
    if rest:
        cos, sin = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
    else:
        cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    matrix = np.eye(3)
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix[[first, first, second, second], [first, second, first, second]] = cos, -sin, sin, cos
    return _moved(model, matrix)


def thickness(model: Model, share: float) -> Model:
    """The model so deep that its depth is `share` of its height. StudioError for one without
    height or depth."""
    height = _side(model, 1, "height", "Turn it upright first.")
    depth = _side(model, 2, "depth", "Make it anew by another method, such as a card.")
    return _moved(model, np.diag([1.0, 1.0, share * height / depth]))


def texture(model: Model, picture: Image.Image, material: str = "") -> tuple[Model, list[str]]:
    """The model with a picture (RGBA, sRGB) for the texture of one material, or with "" of all that
    have one, of all where none has. Sampler, wrapping, alpha mode and UV stay; colours under what
    is transparent are those beside it, so that no edge takes a colour that nobody sees. Also what
    is to be told of it. StudioError for a material that is not there, without UV, and a picture of
    over 8,192 pixels a side."""
    if max(picture.size) > SIDE:
        raise StudioError(
            f"The texture has {picture.width:,} x {picture.height:,} pixels.",
            f"Give one of at most {SIDE:,} a side.",
        )
    made = {id(one): _covered(one, picture) for one in _chosen(model, material)}
    parts = [
        replace(part, material=made[id(part.material)][0]) if id(part.material) in made else part
        for part in model.parts
    ]
    remarks = dict.fromkeys(remark for _, told in made.values() for remark in told)
    return replace(model, parts=tuple(parts)), list(remarks)


def _chosen(model: Model, name: str) -> list[Material]:
    """The materials that get the texture."""
    known = {part.material.name: None for part in model.parts}
    if name and name not in known:
        raise StudioError(
            f"The model has no material {name[:80]!r}.",
            f"{nearest(name, known)}It has {', '.join(filter(None, known)) or 'none with a name'}.",
        )
    having = [part for part in model.parts if part.material.colour is not None]
    parts = [part for part in model.parts if part.material.name == name] if name else having
    parts = parts or list(model.parts)
    for part in parts:
        if not len(part.uv) or not np.ptp(part.uv, axis=0).any():
            raise StudioError(
                f"Material {part.material.name[:80]!r} has no UV: nothing says where a picture "
                "lies on it.",
                "Unwrap it in a 3D program, and bring the model in again.",
            )
    return [part.material for part in parts]


def _covered(material: Material, picture: Image.Image) -> tuple[Material, list[str]]:
    """A material with a picture in place of its texture, and what is to be told."""
    remarks = []
    picture = picture.convert("RGBA")
    alpha = picture.getchannel("A")
    spread = images.bled(picture)
    if alpha.getextrema()[0] == 255:
        seen = spread
    elif material.alpha == "opaque":
        seen = spread
        remarks.append(
            "The picture has see-through pixels and its material is opaque: "
            "they take the colour beside them."
        )
    else:
        seen = _over_spread(picture, spread)
    if material.normal is not None:
        remarks.append("The normal map is that of the texture before.")
    file = io.BytesIO()
    seen.save(file, format="PNG")
    before = material.colour
    if before is not None:
        return replace(material, colour=replace(before, data=file.getvalue())), remarks
    own = Texture(data=file.getvalue(), nearest=max(picture.size) <= SHARP)
    factor = (1.0, 1.0, 1.0, material.factor[3])  # the colour that it had instead goes
    return replace(material, colour=own, factor=factor), remarks


def _over_spread(picture: Image.Image, spread: Image.Image) -> Image.Image:
    """The picture, whose wholly transparent pixels have the colours that were spread over them."""
    pixels = np.array(picture)
    empty = pixels[..., 3] == 0
    pixels[empty, :3] = np.asarray(spread)[empty]
    return Image.fromarray(pixels, "RGBA")


def _moved(model: Model, matrix: Floats, by: Floats | None = None) -> Model:
    """Every point through a matrix [3, 3], then moved; normals as planes go."""
    planes = np.linalg.inv(matrix).T
    parts = []
    for part in model.parts:
        # Column by column, so that equal points stay equal to the bit: products of matrices do not
        # promise that.
        x, y, z = (part.positions[:, k : k + 1].astype(np.float64) for k in range(3))
        points = x * matrix[:, 0] + y * matrix[:, 1] + z * matrix[:, 2]
        points += 0.0 if by is None else by
        normals = _unit(part.normals.astype(np.float64) @ planes.T)
        # Adding 0 makes -0 and 0 one number, so that equal models have equal bytes.
        parts.append(
            replace(
                part,
                positions=np.ascontiguousarray(points + 0.0, np.float32),
                normals=np.ascontiguousarray(normals + 0.0, np.float32),
            )
        )
    return replace(model, parts=tuple(parts))


def _unit(normals: Floats) -> Floats:
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 0, normals / np.where(length > 0, length, 1), (0.0, 1.0, 0.0))


def _box(model: Model) -> tuple[Floats, Floats]:
    """Its least and greatest coordinates [3]. StudioError where it has no points."""
    low, high = model.bounds()
    return np.asarray(low, np.float64), np.asarray(high, np.float64)


def _side(model: Model, axis: int, name: str, remedy: str) -> float:
    low, high = _box(model)
    sides = high - low
    if sides[axis] <= FLAT * sides.max() or not sides[axis]:
        raise StudioError(f"The model has no {name}: it is flat.", remedy)
    return float(sides[axis])


def _stands(model: Model) -> bool:
    return abs(_box(model)[0][1]) <= STANDS


_PLAIN: dict[str, Callable[..., Model]] = {
    "scale": scale,
    "pivot": pivot,
    "turn": turn,
    "thickness": thickness,
}
