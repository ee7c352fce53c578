"""A 3D model as the studio holds it: parts made of triangles, each with one material.

In metres, +Y up, the front towards +Z. Triangles are counterclockwise seen from outside, UV begin
at the texture's top left corner, and materials mean what glTF 2.0 says of them (section 3.9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

WRAPS = ("clamp", "repeat", "mirror")
ALPHAS = ("opaque", "mask", "blend")

Floats = NDArray[np.float32]
Corners = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Texture:
    """A PNG or JPEG file, and how it is sampled: `nearest`, or linearly; `wrap_s` and `wrap_t`, one
    of WRAPS, say what lies beside it, across and down."""

    data: bytes
    nearest: bool
    wrap_s: str = "clamp"
    wrap_t: str = "clamp"


@dataclass(frozen=True, eq=False)
class Material:
    """What a surface looks like. Factors multiply the textures, or stand alone, 0 to 1 in linear
    light; `alpha` is one of ALPHAS, and with "mask" what has less than `cutoff` is not there.
    `normal_scale` is how strongly the normal map (Y up) bends, `occlusion_strength` how strongly
    the occlusion darkens. All textures lie by the part's one UV."""

    name: str = ""
    colour: Texture | None = None
    factor: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    alpha: str = "opaque"
    cutoff: float = 0.5
    double_sided: bool = False
    normal: Texture | None = None
    normal_scale: float = 1.0
    metallic_roughness: Texture | None = None
    emissive: Texture | None = None
    occlusion: Texture | None = None
    occlusion_strength: float = 1.0
    metallic: float = 0.0
    roughness: float = 1.0
    emissive_factor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    unlit: bool = False

    @property
    def textures(self) -> tuple[Texture, ...]:
        """Those that it has, the colour first."""
        all = (self.colour, self.metallic_roughness, self.normal, self.occlusion, self.emissive)
        return tuple(one for one in all if one is not None)


@dataclass(frozen=True, eq=False)
class Part:
    """`positions` [n, 3] in metres, `normals` [n, 3] of unit length, `uv` [n, 2], and `triangles`
    [m, 3] of numbers of these; what looks the same is one Material, held by several parts."""

    positions: Floats
    normals: Floats
    uv: Floats
    triangles: Corners
    material: Material


@dataclass(frozen=True, eq=False)
class Model:
    """All parts of a thing, and what it is called."""

    parts: tuple[Part, ...]
    name: str = ""

    def bounds(self) -> tuple[Floats, Floats]:
        """The lowest and the highest x, y and z [3] of all points, in metres. StudioError where
        there is none."""
        placed = [part.positions for part in self.parts if len(part.positions)]
        if not placed:
            raise StudioError("The model has no points.", "Make or bring another one.")
        low = np.min([positions.min(axis=0) for positions in placed], axis=0)
        high = np.max([positions.max(axis=0) for positions in placed], axis=0)
        return low, high

    @property
    def triangle_count(self) -> int:
        """How many triangles all parts have together."""
        return sum(len(part.triangles) for part in self.parts)
