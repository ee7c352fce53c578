"""Small models built by hand, and sprites for them."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.props.model import Material, Model, Part, Texture

RED, GREEN, BLUE, WHITE = (220, 40, 30), (40, 180, 60), (50, 70, 220), (255, 255, 255)
Floats = NDArray[np.floating[Any]]


def png(rgba: NDArray[np.uint8]) -> bytes:
    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgba), "RGBA").save(written, format="PNG")
    return written.getvalue()


def texture(rgba: NDArray[np.uint8], *, nearest: bool = True, wrap: str = "clamp") -> Texture:
    return Texture(data=png(rgba), nearest=nearest, wrap_s=wrap, wrap_t=wrap)


def material(
    colour: Texture | None = None, rgb: tuple[int, int, int] = WHITE, **more: Any
) -> Material:
    """Of one sRGB colour, or of a texture; opaque unless told otherwise."""
    unit = np.array(rgb) / 255
    light = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    usual: dict[str, Any] = {
        "name": "paint",
        "colour": colour,
        "factor": (*(float(one) for one in light), 1.0),
        "alpha": "opaque",
        "normal": None,
        "metallic_roughness": None,
        "emissive": None,
        "occlusion": None,
        "emissive_factor": (0.0, 0.0, 0.0),
    }
    return Material(**{**usual, **more})


def part(
    positions: Any, triangles: Any, made: Material, uv: Any = None, normals: Any = None
) -> Part:
    places = np.asarray(positions, np.float32)
    faces = np.asarray(triangles, np.uint32)
    if normals is None:
        normals = np.zeros_like(places)  # then each triangle faces where it does
    if uv is None:
        uv = np.zeros((len(places), 2))
    return Part(
        positions=places,
        normals=np.asarray(normals, np.float32),
        uv=np.asarray(uv, np.float32),
        triangles=faces,
        material=made,
    )


def facing(found: Model) -> Model:
    """The same, its points facing where their triangles do, as a file of it has to say."""
    parts = []
    for one in found.parts:
        a, b, c = (one.positions[one.triangles[:, k]] for k in range(3))
        normals = np.zeros_like(one.positions)
        normals[one.triangles] = np.cross(b - a, c - a)[:, None]
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        parts.append(replace(one, normals=(normals / lengths).astype(np.float32)))
    return replace(found, parts=tuple(parts))


def model(*parts: Part) -> Model:
    return Model(parts=parts, name="made by hand")


def quad(corners: Any, made: Material, *, uv: Any = None) -> Part:
    """Of four corners, counterclockwise from the lower left; a texture lies on it upright."""
    lying = [[0, 1], [1, 1], [1, 0], [0, 0]] if uv is None else uv
    return part(corners, [[0, 1, 2], [0, 2, 3]], made, uv=lying)


def panel(
    made: Material,
    *,
    wide: float = 1.0,
    tall: float = 1.0,
    z: float = 0.0,
    x: float = 0.0,
    y: float = 0.0,
) -> Part:
    """Upright, facing the front, its feet at `y`, its middle at `x`."""
    left, right = x - wide / 2, x + wide / 2
    return quad([[left, y, z], [right, y, z], [right, y + tall, z], [left, y + tall, z]], made)


def box(
    front: Material,
    side: Material | None = None,
    *,
    wide: float = 1.0,
    tall: float = 1.0,
    deep: float = 0.5,
) -> Model:
    """A closed one, its feet at 0, its front and its mirrored back of one material."""
    side = side or front
    r, t, d = wide / 2, tall, deep / 2
    return model(
        quad([[-r, 0, d], [r, 0, d], [r, t, d], [-r, t, d]], front),
        quad(
            [[r, 0, -d], [-r, 0, -d], [-r, t, -d], [r, t, -d]],
            front,
            uv=[[1, 1], [0, 1], [0, 0], [1, 0]],
        ),
        quad([[r, 0, d], [r, 0, -d], [r, t, -d], [r, t, d]], side),
        quad([[-r, 0, -d], [-r, 0, d], [-r, t, d], [-r, t, -d]], side),
        quad([[-r, t, d], [r, t, d], [r, t, -d], [-r, t, -d]], side),
        quad([[-r, 0, -d], [r, 0, -d], [r, 0, d], [-r, 0, d]], side),
    )


def ball(rings: int, made: Material, radius: float = 0.5) -> Model:
    """Of 4 x rings x (rings - 1) triangles, its feet at 0, with round normals."""
    around = 2 * rings
    down, about = np.meshgrid(
        np.linspace(0, np.pi, rings + 1), np.linspace(0, 2 * np.pi, around + 1), indexing="ij"
    )
    unit = np.stack(
        [np.sin(down) * np.sin(about), np.cos(down), np.sin(down) * np.cos(about)], -1
    ).reshape(-1, 3)
    uv = np.stack([about / (2 * np.pi), down / np.pi], -1).reshape(-1, 2)
    row, column = (one.ravel() for one in np.indices((rings, around)))
    first = row * (around + 1) + column
    below = first + around + 1
    upper = np.stack([first, below, below + 1], -1)[row < rings - 1]
    lower = np.stack([first, below + 1, first + 1], -1)[row > 0]
    triangles = np.concatenate([upper, lower])
    places = unit * radius + [0, radius, 0]
    return model(part(places, triangles, made, uv=uv, normals=unit))


def sprite(wide: int = 12, tall: int = 16, seed: int = 1) -> NDArray[np.uint8]:
    """Pixel art of many colours; some of its pixels are not there, none of the outermost lines is
    empty."""
    random = np.random.default_rng(seed)
    out = random.integers(0, 256, (tall, wide, 4), np.uint8)
    out[..., 3] = np.where(random.random((tall, wide)) < 0.8, 255, 0)
    out[[0, -1], wide // 2, 3] = out[tall // 2, [0, -1], 3] = 255
    out[out[..., 3] == 0] = 0
    return out


def arrow() -> NDArray[np.uint8]:
    """A sprite of 9 x 9 that is the same in no other position: red, its head to the right, with a
    blue mark at the upper left."""
    out = np.zeros((9, 9, 4), np.uint8)
    out[4, :, :] = (*RED, 255)
    for step in range(4):
        out[4 - step : 5 + step, 8 - step] = (*RED, 255)
    out[0, 0] = (*BLUE, 255)
    out[8, 4] = (*GREEN, 255)
    return out
