"""What a model's surface is at the pixels where it is seen: colour, alpha, and where it faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.props import cameras, shading, spans, texels
from studio.props.cameras import Camera, Size
from studio.props.model import Material, Model, Part, Texture
from studio.props.shading import Light
from studio.props.texels import Texels

THERE = 1 / 510  # an alpha below this is none
SHORT = 1e-6  # of a direction: it says nothing
TEXTURES = 2  # texels a pixel of the picture's longer side, of textures that are filtered

Whole = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Read = Mapping[int, Texels]  # by the identity of the texture, which a model holds


@dataclass(frozen=True, eq=False)
class Faces:
    """Triangles of a part as a picture shows them, their corners clockwise on the screen: `number`
    in the part, `corners` by vertex [n, 3], `places` in steps of `spans` [n, 3, 2], `depth` and
    `near` of each corner [n, 3] (`cameras.Seen`); `back`: seen from behind."""

    number: Whole
    corners: Whole
    places: Whole
    depth: Floats
    near: Floats
    back: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Surface:
    """A part's surface at pixels: `colours` [n, 3] in linear light, lit; `alpha` [n], 0 to 1;
    `normals` [n, 3], of unit length, in the viewer's axes."""

    colours: Floats
    alpha: Floats
    normals: Floats


def read(model: Model, size: Size) -> dict[int, Texels]:
    """All textures that drawing a picture of `size` looks up. Errors as `texels.read`."""
    found: dict[int, Texels] = {}
    for part in model.parts:
        made = part.material
        for texture in (made.colour, made.normal, made.emissive):
            if texture is not None and id(texture) not in found:
                found[id(texture)] = texels.read(texture, TEXTURES * max(size))
    return found


def faces(part: Part, number: Whole, camera: Camera, size: Size) -> Faces:
    """Those of a part's triangles [n] that can be seen: not edge on, neither behind the viewer nor
    far off the picture, and, unless the material has two sides, not from behind."""
    corners = part.triangles[number].astype(np.int64)
    seen = cameras.seen(camera, part.positions[corners], size)
    places = np.stack([seen.x, seen.y], -1) * spans.PIXEL
    kept = (np.abs(places) < spans.FARTHEST).all((1, 2)) & (seen.near > 0).all(1)
    steps = np.rint(np.where(kept[:, None, None], places, 0.0)).astype(np.int64)
    area = spans.areas(steps)
    kept &= (area < 0) | ((area > 0) & part.material.double_sided)
    # Counterclockwise from outside is counterclockwise on the screen: turned round.
    order = np.where((area < 0)[:, None], np.array([0, 2, 1]), np.array([0, 1, 2]))[kept]
    return Faces(
        number[kept],
        np.take_along_axis(corners[kept], order, 1),
        np.take_along_axis(steps[kept], order[..., None], 1),
        np.take_along_axis(seen.depth[kept], order, 1),
        np.take_along_axis(seen.near[kept], order, 1),
        area[kept] > 0,
    )


def shares(found: Faces, of: Whole, x: Whole, y: Whole) -> Floats:
    """How much each corner of the faces `of` [n] counts at pixels [n], in perspective: [n, 3]."""
    near = spans.weights(found.places[of], x, y) * found.near[of]
    return near / near.sum(1, keepdims=True)


def depths(found: Faces, of: Whole, x: Whole, y: Whole) -> Floats:
    """How far off the faces `of` [n] are at pixels [n], as `cameras.Seen` has it: the plane through
    the corners."""
    places, depth = found.places[of].astype(np.float64), found.depth[of]
    first, second = places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]
    one, two = depth[:, 1] - depth[:, 0], depth[:, 2] - depth[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    right = (one * second[:, 1] - two * first[:, 1]) / area
    down = (two * first[:, 0] - one * second[:, 0]) / area
    off_x = x * spans.PIXEL + spans.HALF - places[:, 0, 0]
    off_y = y * spans.PIXEL + spans.HALF - places[:, 0, 1]
    return depth[:, 0] + right * off_x + down * off_y


def there(part: Part, read: Read, found: Faces, of: Whole, x: Whole, y: Whole) -> NDArray[np.bool_]:
    """Whether the part's surface is there at pixels [n] of faces `of`, or cut away by its alpha."""
    material = part.material
    least = material.cutoff if material.alpha == "mask" else THERE
    alpha = np.full(len(of), float(material.factor[3]))
    if material.colour is not None:
        uv = _mixed(part.uv[found.corners[of]], shares(found, of, x, y))
        alpha = alpha * sampled_alpha(read[id(material.colour)], uv)
    return alpha >= least


def sampled_alpha(texture: Texels, uv: Floats) -> Floats:
    """The alpha [n] of a texture, 0 to 1."""
    return texels.sampled(texture, uv)[:, 3] / 255


def surface(
    part: Part, read: Read, found: Faces, x: Whole, y: Whole, camera: Camera, light: Light | None
) -> Surface:
    """The part's surface at one pixel of each of the faces. `light` None: colours as they are."""
    material = part.material
    share = shares(found, np.arange(len(x)), x, y)
    uv = _mixed(part.uv[found.corners], share)
    colours, alpha = _colours(material, read, uv)
    normals = _normals(part, read, found, share, uv)
    normals = cameras.turned(camera, np.where(found.back[:, None], -normals, normals))
    if light is not None and not material.unlit:
        colours = shading.lit(colours, normals, light)
    glow = np.asarray(material.emissive_factor, np.float64)
    if glow.any():
        shine: Floats = np.ones((len(x), 3))
        if material.emissive is not None:
            shine = shading.linear(_looked_up(material.emissive, read, uv)[:, :3])
        colours = np.minimum(colours + shine * glow, 1.0)
    return Surface(colours, alpha, normals)


def _colours(material: Material, read: Read, uv: Floats) -> tuple[Floats, Floats]:
    factor = np.asarray(material.factor, np.float64)
    colours: Floats = np.ones((len(uv), 3))
    alpha: Floats = np.ones(len(uv))
    if material.colour is not None:
        opaque = material.alpha == "opaque"
        found = texels.sampled(read[id(material.colour)], uv, opaque=opaque)
        colours, alpha = shading.linear(found[:, :3]), found[:, 3] / 255
    if material.alpha != "blend":
        alpha = np.ones(len(uv))
    else:
        alpha = alpha * factor[3]
    return np.minimum(colours * factor[:3], 1.0), alpha


def _normals(part: Part, read: Read, found: Faces, share: Floats, uv: Floats) -> Floats:
    """Where the surface faces [n, 3], in the model's axes: as its vertices say, bent by the normal
    map of the material."""
    mixed = _mixed(part.normals[found.corners], share)
    normals, short = _unit(mixed), np.flatnonzero(_lengths(mixed)[:, 0] <= SHORT)
    if len(short):
        normals[short] = _own_normals(part, found.corners[short], found.back[short])
    if part.material.normal is None:
        return normals
    corners = part.positions[found.corners].astype(np.float64)
    bend = _looked_up(part.material.normal, read, uv)[:, :3] / 127.5 - 1
    bend[:, :2] *= part.material.normal_scale
    grows = _tangents(corners, part.uv[found.corners].astype(np.float64))
    level = grows - normals * (grows * normals).sum(1, keepdims=True)
    along = _unit(level)
    beside = np.cross(normals, along) * _hands(part.uv[found.corners], found.back)[:, None]
    bent = along * bend[:, :1] + beside * bend[:, 1:2] + normals * bend[:, 2:]
    # Where the texture has no direction, all its places being one, the surface is not bent.
    return _unit(np.where(_lengths(level) > SHORT, bent, normals))


def _own_normals(part: Part, corners: Whole, back: NDArray[np.bool_]) -> Floats:
    """Where triangles face that are clockwise on the screen [n, 3], away from their inside."""
    places = part.positions[corners].astype(np.float64)
    towards = np.cross(places[:, 2] - places[:, 0], places[:, 1] - places[:, 0])
    return _unit(np.where(back[:, None], -towards, towards))  # a back is as it was, not turned


def _tangents(corners: Floats, uv: Floats) -> Floats:
    """For each triangle the direction in which a texture's u grows (Lengyel, "Mathematics for 3D
    Game Programming", 7.8), of unit length; 0 where it does not."""
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    u, v = uv[..., 0] - uv[:, :1, 0], uv[..., 1] - uv[:, :1, 1]
    turn = np.sign(u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1])
    return _unit((one * v[:, 2:] - two * v[:, 1:2]) * turn[:, None])


def _hands(uv: Floats, back: NDArray[np.bool_]) -> Floats:
    """1 where a texture lies on its triangle as it is, -1 where it is mirrored: there its up, which
    is green in a normal map, is on the other side of what goes along u."""
    u, v = uv[..., 0] - uv[:, :1, 0], uv[..., 1] - uv[:, :1, 1]
    turns = u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1]  # v grows downwards
    return np.where((turns > 0) != back, 1.0, -1.0)


def _looked_up(texture: Texture, read: Read, uv: Floats) -> Floats:
    return texels.sampled(read[id(texture)], uv, opaque=True)


def _mixed(values: NDArray[Any], share: Floats) -> Floats:
    """Values of corners [n, 3, k] at a point of each triangle [n, k]."""
    told = values.astype(np.float64)
    return told[:, 0] * share[:, :1] + told[:, 1] * share[:, 1:2] + told[:, 2] * share[:, 2:]


def _lengths(vectors: Floats) -> Floats:
    return np.sqrt((vectors * vectors).sum(-1, keepdims=True))


def _unit(vectors: Floats) -> Floats:
    """Of unit length; those without length stay 0."""
    length = _lengths(vectors)
    return vectors / np.where(length > 0, length, 1.0)
