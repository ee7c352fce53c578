"""Small closed models with textures, built by hand: a box of six faces, and a ball with a seam."""

from __future__ import annotations

import io
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.props.model import Material, Model, Part, Texture

Floats = NDArray[np.float64]


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


def material(name: str = "skin", alpha: str = "mask", normal: Texture | None = None) -> Material:
    """With a texture of 4 x 4 sharp pixels, every one another colour."""
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    texture = Texture(
        data=png(Image.fromarray(pixels)), nearest=True, wrap_s="repeat", wrap_t="clamp"
    )
    return Material(
        name=name,
        colour=texture,
        factor=(1.0, 1.0, 1.0, 1.0),
        alpha=alpha,
        cutoff=0.5,
        double_sided=False,
        normal=normal,
        metallic_roughness=None,
        emissive=None,
        occlusion=None,
        metallic=0.0,
        roughness=1.0,
        emissive_factor=(0.0, 0.0, 0.0),
        unlit=False,
    )


def part(
    positions: Floats, normals: Floats, uv: Floats, triangles: NDArray[np.intp], of: Material
) -> Part:
    return Part(
        positions=np.ascontiguousarray(positions, np.float32),
        normals=np.ascontiguousarray(normals, np.float32),
        uv=np.ascontiguousarray(uv, np.float32),
        triangles=np.ascontiguousarray(triangles, np.uint32),
        material=of,
    )


def box(size: tuple[float, float, float] = (1.0, 2.0, 0.5), cells: int = 1) -> Model:
    """A box with its feet in the origin, each face of cells x cells squares, flat, with a chart of
    its own in the texture."""
    places, normals, uv = list[Floats](), list[Floats](), list[Floats]()
    triangles = list[tuple[int, int, int]]()
    steps = np.linspace(0, 1, cells + 1)
    across, up = (grid.reshape(-1) for grid in np.meshgrid(steps, steps))
    square = [(i * (cells + 1) + j) for i in range(cells) for j in range(cells)]
    for face, (axis, side) in enumerate((a, s) for a in range(3) for s in (0, 1)):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        point = np.zeros((len(across), 3))
        point[:, axis], point[:, first], point[:, second] = side, across, up
        start = face * len(across)
        for corner in square:
            a, b, c, d = (start + corner + k for k in (0, 1, cells + 2, cells + 1))
            triangles += [(a, b, c), (a, c, d)] if side else [(a, c, b), (a, d, c)]
        places.append((point - (0.5, 0, 0.5)) * size)
        normals.append(np.tile(np.eye(3)[axis] * (1 if side else -1), (len(across), 1)))
        uv.append(np.stack([(face % 3 + across) / 3, (face // 3 + up) / 2], 1))
    places_of, normals_of, uv_of = (np.concatenate(each) for each in (places, normals, uv))
    made = part(places_of, normals_of, uv_of, np.array(triangles), material())
    return Model(parts=(made,), name="box")


def ball(columns: int = 40, rows: int = 20, parts: int = 1) -> Model:
    """A smooth ball around the origin; its texture goes once around it, with a seam at +X. Of two
    parts the first is the upper half."""
    around = np.arange(columns + 1) / columns * 2 * np.pi
    around[-1] = 0.0  # the seam's places are one to the last bit
    down = np.arange(rows + 1) / rows * np.pi
    radius = np.sin(down)
    radius[[0, -1]] = 0.0
    places = np.stack(
        [
            radius[:, None] * np.cos(around),
            np.repeat(np.cos(down)[:, None], columns + 1, 1),
            radius[:, None] * -np.sin(around),
        ],
        -1,
    )
    uv = np.stack(
        np.meshgrid(np.arange(columns + 1) / columns, np.arange(rows + 1) / rows), -1
    ).reshape(-1, 2)
    made = []
    for half in range(parts):
        triangles = list[tuple[int, int, int]]()
        for row in range(half * rows // parts, (half + 1) * rows // parts):
            for column in range(columns):
                a = row * (columns + 1) + column
                b, c, d = a + columns + 1, a + columns + 2, a + 1
                triangles += [(a, b, c)] if row < rows - 1 else []
                triangles += [(a, c, d)] if row > 0 else []
        used, corners = np.unique(np.array(triangles), return_inverse=True)
        flat = places.reshape(-1, 3)[used]
        faces = corners.reshape(-1, 3)
        made.append(part(flat, flat, uv[used], faces, material(f"half {half}")))
    return Model(parts=tuple(made), name="ball")


def is_closed(model: Model) -> bool:
    """Whether, points at one place taken together, every edge runs as often one way as back."""
    edges: Counter[tuple[bytes, bytes]] = Counter()
    for one in model.parts:
        place = [(point + np.float32(0)).tobytes() for point in one.positions]
        for a, b, c in one.triangles:
            for start, end in ((a, b), (b, c), (c, a)):
                edges[place[start], place[end]] += 1
    return all(edges[end, start] == count for (start, end), count in edges.items())


def faces(model: Model) -> Floats:
    """The places of all triangles' corners [m, 3, 3]."""
    return np.concatenate([one.positions[one.triangles].astype(float) for one in model.parts])


def volume(model: Model) -> float:
    """What is enclosed; above 0 where triangles run counterclockwise from outside."""
    a, b, c = (faces(model)[:, corner] for corner in range(3))
    return float((a * np.cross(b, c)).sum() / 6)
