"""Small models to write into files, and the inside of these files to spoil."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
from PIL import Image

from studio.props import glb
from studio.props.model import Material, Model, Part, Texture

Document = dict[str, Any]


def picture(width: int = 4, height: int = 3, *, seed: int = 1, format: str = "PNG") -> bytes:
    """A file of noise; a PNG has alpha of 0 and 255."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    noise[..., 3] = np.where(noise[..., 3] > 100, 255, 0)
    made = io.BytesIO()
    shown = Image.fromarray(noise, "RGBA")
    (shown if format == "PNG" else shown.convert("RGB")).save(made, format)
    return made.getvalue()


def sharp(seed: int = 1) -> Texture:
    """Pixel art: sampled by the nearest, clamped."""
    return Texture(picture(seed=seed), nearest=True)


def box(
    material: Material | None = None,
    at: tuple[float, float, float] = (0, 0, 0),
    size: tuple[float, float, float] = (1, 2, 0.5),
) -> Part:
    """A closed box that stands on its feet, with points of its own for each side; on each side the
    whole texture is upright."""
    sides = []
    for axis in range(3):
        for sign in (1.0, -1.0):
            out = np.eye(3)[axis] * sign
            up = np.array([0.0, 0.0, -sign]) if axis == 1 else np.array([0.0, 1.0, 0.0])
            right = np.cross(up, out)
            sides.append((out, [up - right, -up - right, right - up, up + right]))
    middle = np.array([at[0], at[1] + size[1] / 2, at[2]])
    corners = np.array([[out + one for one in four] for out, four in sides])
    starts = 4 * np.arange(6)[:, None, None]
    return Part(
        positions=(corners.reshape(-1, 3) * np.array(size) / 2 + middle).astype(np.float32),
        normals=np.repeat([out for out, _ in sides], 4, axis=0).astype(np.float32),
        uv=np.tile(np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32), (6, 1)),
        triangles=(starts + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3).astype(np.uint32),
        material=material or Material("box", sharp()),
    )


def boxes() -> Model:
    """Everything that a material can say, over three parts."""
    first = Material(
        name="skin",
        colour=sharp(),
        factor=(0.5, 0.25, 1.0, 0.75),
        alpha="mask",
        cutoff=0.25,
        double_sided=True,
        normal=Texture(picture(8, 8, seed=2), False, "repeat", "mirror"),
        normal_scale=0.5,
        metallic_roughness=Texture(picture(8, 8, seed=3, format="JPEG"), False, "repeat", "repeat"),
        emissive=Texture(picture(seed=4), True, "mirror", "clamp"),
        occlusion=Texture(picture(seed=5), False),
        occlusion_strength=0.25,
        metallic=0.5,
        roughness=0.25,
        emissive_factor=(0.25, 0.5, 1.0),
    )
    second = Material(name="glass", factor=(1, 0, 0, 0.5), alpha="blend", unlit=True)
    return Model(
        (box(first), box(second, at=(3, 0, 0)), box(first, at=(6, 0, 0), size=(1, 1, 1))), "boxes"
    )


def inside(data: bytes) -> tuple[Document, bytes]:
    """A GLB's JSON and its buffer."""
    size = int.from_bytes(data[12:16], "little")
    document = json.loads(data[20 : 20 + size])
    return document, data[28 + size :][: document["buffers"][0]["byteLength"]]


def packed(document: Document | bytes, binary: bytes = b"", **others: int) -> bytes:
    """A GLB of any JSON and buffer; `others` are version and length where they are to be wrong."""
    told = document if isinstance(document, bytes) else json.dumps(document).encode()
    told += b" " * (-len(told) % 4)
    body = struct.pack("<I4s", len(told), b"JSON") + told
    if binary:
        binary += b"\0" * (-len(binary) % 4)
        body += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    length = others.get("length", 12 + len(body))
    return struct.pack("<4sII", b"glTF", others.get("version", 2), length) + body


def plain() -> tuple[Document, bytes]:
    """The inside of a GLB of one box: accessors 0 to 3 are positions, normals, UV and corners."""
    return inside(glb.write(Model((box(),), "box")))


def put(document: Document, binary: bytes, data: bytes, **view: int) -> tuple[int, bytes]:
    """More bytes behind a buffer: the number of their view, and the longer buffer."""
    binary += b"\0" * (-len(binary) % 4)
    told = {"buffer": 0, "byteOffset": len(binary), "byteLength": len(data), **view}
    document["bufferViews"].append(told)
    binary += data
    document["buffers"][0]["byteLength"] = len(binary)
    return len(document["bufferViews"]) - 1, binary
