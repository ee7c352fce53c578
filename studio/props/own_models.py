"""Models that make a shape from one picture on a GPU of one's own, where somebody installed them.

Neither their programs nor their weights are part of the studio: each is imported when it is used.
The weights' place is a setting, a folder or an id of the Hub. TripoSR's are a checkpoint that torch
reads as tensors alone (`weights_only`, its default since 2.6).
"""

from __future__ import annotations

import importlib.util
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import images
from studio.errors import StudioError, nearest
from studio.props import glb
from studio.props.model import Material, Model, Part, Texture
from studio.settings import Settings

SIDE = 512  # pixels of the square that a model is shown
GREY = (128, 128, 128)  # TripoSR's ground; RGBA would go black
FILLED = 0.85  # of the square's side, as TripoSR's own program has it
RESOLUTION = 256  # of TripoSR's grid
TEXELS = 4_096  # the most of a texture's side
TRELLIS_TRIANGLES, TRELLIS_TEXTURE = 100_000, 2_048
TRIANGLES = 5_000_000
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class OwnModel:
    """One model. `module` is what is imported, `setting` holds the weights' place, `memory_gb` is
    of the GPU; `about` says what it asks for."""

    name: str
    label: str
    module: str
    setting: str
    licence: str
    source: str
    memory_gb: float
    about: str


MODELS = {
    one.name: one
    for one in (
        OwnModel(
            "triposr",
            "TripoSR",
            "tsr",
            "STUDIO_PROPS_TRIPOSR",
            "MIT, program and weights",
            "https://github.com/VAST-AI-Research/TripoSR",
            6.0,
            "Seconds on a GPU; a rough shape with colours, no fine texture.",
        ),
        OwnModel(
            "trellis-2",
            "TRELLIS.2",
            "trellis2",
            "STUDIO_PROPS_TRELLIS",
            "MIT, program and weights; what it stands on (nvdiffrast among it) has licences of its "
            "own",
            "https://github.com/microsoft/TRELLIS.2",
            24.0,
            "On Linux with an NVIDIA GPU of 24 GB; a fine shape with texture.",
        ),
    )
}
HUNYUAN = (
    "Hunyuan3D is not among them: Tencent's licence gives no rights in the European Union, the "
    "United Kingdom and South Korea."
)


def model(name: str) -> OwnModel:
    """The model of that name, or StudioError."""
    found = MODELS.get(name)
    if found is None:
        raise StudioError(
            f"There is no model {name[:40]!r} of one's own.",
            f"{nearest(name, MODELS)}Known: {', '.join(MODELS)}. {HUNYUAN}",
        )
    return found


def weights(settings: Settings, one: OwnModel) -> str:
    """Where a model's weights are, or "" where the setting is not set."""
    return {"triposr": settings.triposr, "trellis-2": settings.trellis}[one.name]


def missing(settings: Settings, one: OwnModel) -> str:
    """Why a model can't be used here, as a sentence; "" where it can, as far as that is seen
    without loading it."""
    if not weights(settings, one):
        return f"{one.label} is not set up: {one.setting} names no weights."
    if importlib.util.find_spec(one.module) is None:
        return f"{one.label} is not installed on this machine ({one.source})."
    return ""


def make(name: str, place: str, picture: Image.Image, device: str, seed: int) -> Model:
    """The model of an RGBA picture, made on a torch device: +Y up, front +Z, in whichever size.
    StudioError where the program is not there, or what it makes is no model."""
    one = model(name)
    if importlib.util.find_spec(one.module) is None:
        raise StudioError(
            f"{one.label} is not installed on this machine.",
            f"Install it from {one.source}, or let another worker take the job.",
        )
    make_one = {"triposr": _triposr, "trellis-2": _trellis}[name]
    import torch

    torch.manual_seed(seed)
    return make_one(place, picture, device)


def framed(picture: Image.Image) -> Image.Image:
    """What is drawn on a picture, in the middle of a transparent square of SIDE. StudioError where
    nothing is."""
    whole = picture.convert("RGBA")
    box = whole.getchannel("A").getbbox()
    if box is None:
        raise StudioError("The picture is empty.", "Choose one on which something is drawn.")
    inner = round(SIDE * FILLED)
    cut = whole.crop(box)
    small = max(cut.size) * 2 <= inner
    fitted = images.scaled(cut, inner, "nearest" if small else "lanczos")
    canvas = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    canvas.paste(fitted, ((SIDE - inner) // 2, (SIDE - inner) // 2))
    return canvas


def coloured(positions: Floats, triangles: NDArray[np.int64], colours: Floats, name: str) -> Model:
    """A model of triangles whose colours stand at its vertices (n, 3), from 0 to 1: each triangle
    gets one texel of its mean colour, sampled sharply."""
    count = len(triangles)
    if not 0 < count <= TRIANGLES:
        raise StudioError(f"{name} made {count:,} triangles.", "Choose another picture.")
    side = int(np.ceil(np.sqrt(count)))
    if side > TEXELS:
        raise StudioError(f"{name} made {count:,} triangles.", f"At most {TEXELS**2:,} are kept.")
    texels = np.zeros((side * side, 3), np.uint8)
    mean = colours[triangles].mean(axis=1)
    texels[:count] = np.rint(np.clip(mean, 0, 1) * 255).astype(np.uint8)
    place = np.arange(count)
    centre = np.stack([place % side + 0.5, place // side + 0.5], axis=1) / side
    corners = positions[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(across, axis=1)
    whole = length > 0
    normals = across[whole] / length[whole, None]
    kept = int(whole.sum())
    if not kept:
        raise StudioError(f"{name} made no surface.", "Choose another picture.")
    out = io.BytesIO()
    Image.fromarray(texels.reshape(side, side, 3), "RGB").save(out, format="PNG")
    part = Part(
        positions=corners[whole].reshape(-1, 3).astype(np.float32),
        normals=np.repeat(normals, 3, axis=0).astype(np.float32),
        uv=np.repeat(centre[whole], 3, axis=0).astype(np.float32),
        triangles=np.arange(kept * 3, dtype=np.uint32).reshape(-1, 3),
        material=Material(name=name, colour=Texture(out.getvalue(), nearest=True)),
    )
    return Model(parts=(part,), name=name)


def _triposr(place: str, picture: Image.Image, device: str) -> Model:
    """As the program's own run.py does it: laid on grey, a grid of RESOLUTION, vertex colours."""
    import torch
    from tsr.system import TSR

    network = TSR.from_pretrained(place, config_name="config.yaml", weight_name="model.ckpt")
    network.renderer.set_chunk_size(8_192)
    network.to(device)
    laid = images.on_matte(framed(picture), GREY)
    with torch.inference_mode():
        codes = network([laid], device=device)
        mesh = network.extract_mesh(codes, True, resolution=RESOLUTION)[0]
    positions = np.asarray(mesh.vertices, np.float32)
    colours = np.asarray(mesh.visual.vertex_colors, np.float32)[:, :3] / np.float32(255)
    # Its world has +Z up and the picture's front at +X.
    turned = positions[:, [1, 2, 0]]
    return coloured(turned, np.asarray(mesh.faces, np.int64), colours, "TripoSR")


def _trellis(place: str, picture: Image.Image, device: str) -> Model:
    """As the program's own example.py does it; the GLB that it writes is read as any other."""
    import o_voxel
    from trellis2.pipelines import Trellis2ImageTo3DPipeline

    if not device.startswith("cuda"):
        raise StudioError("TRELLIS.2 needs an NVIDIA GPU.", "Choose TripoSR or a local method.")
    pipeline = Trellis2ImageTo3DPipeline.from_pretrained(place)
    pipeline.cuda()
    mesh = pipeline.run(framed(picture))[0]
    mesh.simplify(16_777_216)
    made = o_voxel.postprocess.to_glb(
        vertices=mesh.vertices,
        faces=mesh.faces,
        attr_volume=mesh.attrs,
        coords=mesh.coords,
        attr_layout=mesh.layout,
        voxel_size=mesh.voxel_size,
        aabb=[[-0.5, -0.5, -0.5], [0.5, 0.5, 0.5]],
        decimation_target=TRELLIS_TRIANGLES,
        texture_size=TRELLIS_TEXTURE,
        remesh=True,
        remesh_band=1,
        remesh_project=0,
    )
    return glb.read(made.export(file_type="glb"))
