"""A glTF's materials with their textures and samplers (glTF 2.0, sections 3.8 and 3.9).

A part of ours has one UV, so the textures of a material have to lie alike: by the same set, moved
by the same KHR_texture_transform, which is folded into the UV. Those that lie otherwise than the
first are left out and told of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.props import gltf_buffers, gltf_fields, limits
from studio.props.gltf_buffers import Buffers
from studio.props.gltf_fields import Entry, wrong
from studio.props.model import Material, Texture

UNLIT, TRANSFORM, QUANTIZED = (
    "KHR_materials_unlit",
    "KHR_texture_transform",
    "KHR_mesh_quantization",
)
KNOWN = (UNLIT, TRANSFORM, QUANTIZED)
NEAREST, LINEAR = 9728, 9729
WRAPS = {33071: "clamp", 10497: "repeat", 33648: "mirror"}
MOST_SETS = 16  # of UV
FARTHEST = 1e9  # of UV that a transform moves
ALPHAS = {"OPAQUE": "opaque", "MASK": "mask", "BLEND": "blend"}


@dataclass(frozen=True)
class Lying:
    """By which set of UV textures lie, and how these are moved first: (a, b, c, d, x, y), where u
    becomes a u + b v + x and v becomes c u + d v + y."""

    set: int = 0
    moved: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

    def laid(self, uv: NDArray[np.float32]) -> NDArray[np.float32]:
        """UV [n, 2] as the textures want them."""
        if self == Lying(self.set):
            return uv
        a, b, c, d, x, y = self.moved
        u, v = uv[:, 0].astype(np.float64), uv[:, 1].astype(np.float64)
        found = np.stack([a * u + b * v + x, c * u + d * v + y], axis=1)
        if not (np.abs(found) <= FARTHEST).all():
            raise wrong("a texture is moved or scaled beyond all numbers")
        return found.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Surface:
    """A material, and how its textures lie; `textured`: it has one."""

    material: Material
    lying: Lying
    textured: bool


class Surfaces:
    """The materials of a document, read when they are asked for and once each; what had to be left
    out is added to `remarks`."""

    def __init__(self, document: Entry, buffers: Buffers, remarks: dict[str, None]) -> None:
        self._materials = gltf_fields.entries(document, "materials")
        self._textures = gltf_fields.entries(document, "textures")
        self._samplers = gltf_fields.entries(document, "samplers")
        self._images = gltf_fields.entries(document, "images")
        self._buffers, self._remarks = buffers, remarks
        self._read: dict[int | None, Surface] = {}
        self._made: dict[int, Texture | None] = {}
        self._files: dict[int, bytes] = {}
        self._room = limits.MOST_BYTES

    def of(self, primitive: Entry) -> Surface:
        """What a primitive looks like; glTF's plain white metal where it says nothing."""
        number = gltf_fields.index(primitive, "material", len(self._materials))
        if number not in self._read:
            given = Entry({}, "") if number is None else self._materials[number]
            self._read[number] = self._surface(given)
        return self._read[number]

    def _surface(self, given: Entry) -> Surface:
        metal = gltf_fields.entry(given, "pbrMetallicRoughness")
        roles = {
            "colour": gltf_fields.entry(metal, "baseColorTexture"),
            "metallic_roughness": gltf_fields.entry(metal, "metallicRoughnessTexture"),
            "normal": gltf_fields.entry(given, "normalTexture"),
            "occlusion": gltf_fields.entry(given, "occlusionTexture"),
            "emissive": gltf_fields.entry(given, "emissiveTexture"),
        }
        lying: Lying | None = None
        found: dict[str, Texture] = {}
        for role, told in roles.items():
            texture = self._texture(told) if told.fields else None
            if texture is None:
                continue
            if lying is None:
                lying = _lying(told)
            if _lying(told) != lying:
                self._remarks[
                    f"The {role.replace('_', ' ')} texture of {given.place} lies by other UV than "
                    "the material's first, and is left out."
                ] = None
            else:
                found[role] = texture
        alpha = gltf_fields.text(given, "alphaMode") or "OPAQUE"
        if alpha not in ALPHAS:
            raise wrong(f"{given.called('alphaMode')} is {alpha[:40]!r}, which is none")
        red, green, blue, opacity = (
            min(max(one, 0.0), 1.0) for one in gltf_fields.row(metal, "baseColorFactor", (1.0,) * 4)
        )
        glow = (
            min(max(one, 0.0), 1.0) for one in gltf_fields.row(given, "emissiveFactor", (0.0,) * 3)
        )
        shine = tuple(glow)
        material = Material(
            name=gltf_fields.name(given),
            factor=(red, green, blue, opacity),
            alpha=ALPHAS[alpha],
            cutoff=gltf_fields.share(given, "alphaCutoff", 0.5),
            double_sided=gltf_fields.flag(given, "doubleSided"),
            normal_scale=gltf_fields.number(roles["normal"], "scale", 1.0),
            occlusion_strength=gltf_fields.share(roles["occlusion"], "strength", 1.0),
            metallic=gltf_fields.share(metal, "metallicFactor", 1.0),
            roughness=gltf_fields.share(metal, "roughnessFactor", 1.0),
            emissive_factor=(shine[0], shine[1], shine[2]),
            unlit=UNLIT in gltf_fields.entry(given, "extensions").fields,
            **found,
        )
        return Surface(material, lying or Lying(), bool(found))

    def _texture(self, told: Entry) -> Texture | None:
        """The texture that is named; None, with a remark, where its picture is in a form that is
        not read."""
        number = gltf_fields.index(told, "index", len(self._textures))
        if number is None:
            raise wrong(f"{told.place} names no texture")
        if number not in self._made:
            given = self._textures[number]
            source = gltf_fields.index(given, "source", len(self._images))
            if source is None:
                self._remarks[f"{given.place} has no PNG or JPEG, and is left out."] = None
                self._made[number] = None
            else:
                self._made[number] = self._sampled(given, self._file(source))
        return self._made[number]

    def _sampled(self, given: Entry, data: bytes) -> Texture:
        number = gltf_fields.index(given, "sampler", len(self._samplers))
        sampler = Entry({}, "") if number is None else self._samplers[number]
        wraps = []
        for key in ("wrapS", "wrapT"):
            wrap = gltf_fields.whole(sampler, key, 0, 2**16, 10497)
            if wrap not in WRAPS:
                raise wrong(f"{sampler.called(key)} is {wrap}, which is none")
            wraps.append(WRAPS[wrap])
        filter = gltf_fields.whole(sampler, "magFilter", NEAREST, LINEAR, LINEAR)
        return Texture(data, filter == NEAREST, *wraps)

    def _file(self, number: int) -> bytes:
        """A picture's file, looked at."""
        if number not in self._files:
            given = self._images[number]
            if "uri" in given.fields:
                data = gltf_buffers.data_of(gltf_fields.text(given, "uri"), given.place)
            else:
                view = gltf_fields.index(given, "bufferView", len(self._buffers.views))
                if view is None:
                    raise wrong(f"{given.place} has no bytes in the file")
                data = bytes(self._buffers.views[view].data[: self._room + 1])
            self._room -= len(data)
            if self._room < 0:
                raise wrong(f"its textures together have more than {limits.MOST_BYTES:,} bytes")
            limits.picture_size(data, given.place)
            self._files[number] = data
        return self._files[number]


def _lying(told: Entry) -> Lying:
    number = gltf_fields.whole(told, "texCoord", 0, MOST_SETS, 0)
    moved = gltf_fields.entry(gltf_fields.entry(told, "extensions"), TRANSFORM)
    if not moved.fields:
        return Lying(number)
    number = gltf_fields.whole(moved, "texCoord", 0, MOST_SETS, number)
    x, y = gltf_fields.row(moved, "offset", (0.0, 0.0))
    wide, high = gltf_fields.row(moved, "scale", (1.0, 1.0))
    turn = gltf_fields.number(moved, "rotation", 0.0)
    # Scaled, then turned against the clock as one sees it, where v grows downwards, then moved.
    cos, sin = math.cos(turn), math.sin(turn)
    return Lying(number, (cos * wide, sin * high, -sin * wide, cos * high, x, y))
