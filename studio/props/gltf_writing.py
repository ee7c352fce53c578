"""A model as the JSON and the bytes of a glTF 2.0: one node, one mesh, a primitive a part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.props import gltf_materials, limits
from studio.props.model import Material, Model, Part, Texture

FLOAT, SHORT, LONG = 5126, 5123, 5125
VERTICES, CORNERS = 34962, 34963  # what a view is for
MIPMAPS = 9987  # LINEAR_MIPMAP_LINEAR
WRAPS = {name: number for number, name in gltf_materials.WRAPS.items()}
ALPHAS = {name: said for said, name in gltf_materials.ALPHAS.items()}
UNIT = 1e-3  # from the length 1 that a normal may be away
MADE = "Make or bring the model again; if it was made here, tell us."


def document(
    model: Model, generator: str, extras: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """The JSON, as a dict, and the one buffer. StudioError for a model without a triangle, with
    numbers that are none, with normals not of unit length, or triangles of points that it lacks."""
    if not model.triangle_count:
        raise StudioError("The model has no triangle.", "Make or bring another one.")
    writing = _Writing()
    primitives = [writing.primitive(part) for part in model.parts if len(part.triangles)]
    named = {"name": model.name} if model.name else {}
    asset: dict[str, Any] = {"version": "2.0", "generator": generator}
    if extras:
        asset["extras"] = dict(extras)
    found: dict[str, Any] = {
        "asset": asset,
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, **named}],
        "meshes": [{"primitives": primitives, **named}],
        "buffers": [{"byteLength": len(writing.binary)}],
        **{name: rows for name, rows in writing.tables.items() if rows},
    }
    if writing.unlit:
        found["extensionsUsed"] = [gltf_materials.UNLIT]
    return found, bytes(writing.binary)


class _Writing:
    """What is written so far; equal pictures and samplers stand in the file once."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self.unlit = False
        self.tables: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in ("accessors", "bufferViews", "images", "materials", "samplers", "textures")
        }
        self._materials: dict[int, int] = {}
        self._images: dict[bytes, int] = {}

    def primitive(self, part: Part) -> dict[str, Any]:
        _check(part)
        attributes = {"POSITION": self._points(part.positions, "VEC3", bounds=True)}
        attributes["NORMAL"] = self._points(part.normals, "VEC3")
        if part.material.textures or part.uv.any():
            attributes["TEXCOORD_0"] = self._points(part.uv, "VEC2")
        return {
            "attributes": attributes,
            "indices": self._corners(part.triangles, len(part.positions)),
            "material": self._material(part.material),
            "mode": 4,
        }

    def _points(self, values: NDArray[Any], kind: str, *, bounds: bool = False) -> int:
        told = np.ascontiguousarray(values, "<f4")
        accessor: dict[str, Any] = {
            "bufferView": self._view(told.tobytes(), VERTICES),
            "componentType": FLOAT,
            "count": len(told),
            "type": kind,
        }
        if bounds:
            accessor["min"] = [float(one) for one in told.min(axis=0)]
            accessor["max"] = [float(one) for one in told.max(axis=0)]
        return self._row("accessors", accessor)

    def _corners(self, triangles: NDArray[Any], points: int) -> int:
        short = points <= 0xFFFF  # 65,535 itself would begin a new strip
        told = np.ascontiguousarray(triangles, "<u2" if short else "<u4")
        accessor = {
            "bufferView": self._view(told.tobytes(), CORNERS),
            "componentType": SHORT if short else LONG,
            "count": told.size,
            "type": "SCALAR",
        }
        return self._row("accessors", accessor)

    def _view(self, data: bytes, target: int | None = None) -> int:
        self.binary += b"\0" * (-len(self.binary) % 4)
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self.binary += data
        return self._row("bufferViews", view)

    def _material(self, material: Material) -> int:
        if id(material) not in self._materials:
            self._materials[id(material)] = self._row("materials", self._described(material))
        return self._materials[id(material)]

    def _described(self, material: Material) -> dict[str, Any]:
        metal: dict[str, Any] = {
            "baseColorFactor": [float(one) for one in material.factor],
            "metallicFactor": float(material.metallic),
            "roughnessFactor": float(material.roughness),
        }
        told: dict[str, Any] = {
            "pbrMetallicRoughness": metal,
            "alphaMode": ALPHAS[material.alpha],
            "doubleSided": bool(material.double_sided),
        }
        if material.name:
            told["name"] = material.name
        if material.alpha == "mask":
            told["alphaCutoff"] = float(material.cutoff)
        if any(material.emissive_factor):
            told["emissiveFactor"] = [float(one) for one in material.emissive_factor]
        if material.unlit:
            self.unlit = True
            told["extensions"] = {gltf_materials.UNLIT: {}}
        strength = {"strength": material.occlusion_strength}
        roles: tuple[tuple[dict[str, Any], str, Texture | None, dict[str, float]], ...] = (
            (metal, "baseColorTexture", material.colour, {}),
            (metal, "metallicRoughnessTexture", material.metallic_roughness, {}),
            (told, "normalTexture", material.normal, {"scale": material.normal_scale}),
            (told, "occlusionTexture", material.occlusion, strength),
            (told, "emissiveTexture", material.emissive, {}),
        )
        for within, key, texture, more in roles:
            if texture is not None:
                others = {name: float(value) for name, value in more.items() if value != 1}
                within[key] = {"index": self._texture(texture), **others}
        return told

    def _texture(self, texture: Texture) -> int:
        least = gltf_materials.NEAREST if texture.nearest else MIPMAPS
        sampler = {
            "magFilter": gltf_materials.NEAREST if texture.nearest else gltf_materials.LINEAR,
            "minFilter": least,
            "wrapS": WRAPS[texture.wrap_s],
            "wrapT": WRAPS[texture.wrap_t],
        }
        told = {"sampler": self._once("samplers", sampler), "source": self._image(texture.data)}
        return self._once("textures", told)

    def _image(self, data: bytes) -> int:
        if data not in self._images:
            kind = limits.media_type(data)
            if not kind:
                raise StudioError("A texture of the model is no PNG or JPEG.", MADE)
            view = self._view(data)
            self._images[data] = self._row("images", {"bufferView": view, "mimeType": kind})
        return self._images[data]

    def _once(self, table: str, row: dict[str, Any]) -> int:
        rows = self.tables[table]
        return rows.index(row) if row in rows else self._row(table, row)

    def _row(self, table: str, row: dict[str, Any]) -> int:
        self.tables[table].append(row)
        return len(self.tables[table]) - 1


def _check(part: Part) -> None:
    """StudioError for a part that no reader would take."""
    count = len(part.positions)
    if part.normals.shape != (count, 3) or part.uv.shape != (count, 2):
        raise StudioError("A part's normals or UV are not as many as its points.", MADE)
    if int(part.triangles.max()) >= count:
        raise StudioError("A part has triangles of points that it lacks.", MADE)
    limits.check_places(part.positions, "A part")
    if not np.isfinite(part.uv).all():
        raise StudioError("A part's UV are no numbers.", MADE)
    length = np.linalg.norm(part.normals.astype(np.float64), axis=1)
    if not (np.abs(length - 1) <= UNIT).all():
        raise StudioError("A part has normals that are not of unit length.", MADE)
