"""What the studio writes as Blender has it, in an environment of its own: `make blender`."""

import hashlib
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.props import glb
from studio.props.limits import PNG, media_type
from studio.props.model import Material, Model
from studio.settings import CHECKOUT
from tests.props.file_models import box, boxes, sharp

PYTHON = CHECKOUT / ".blender" / "bin" / "python"
LOOK = Path(__file__).with_name("in_blender.py")


@pytest.mark.slow
def test_bounds_triangles_and_textures_are_the_same(tmp_path: Path) -> None:
    if not PYTHON.is_file():
        pytest.skip("Blender's bpy is not here: make blender")
    able = subprocess.run([PYTHON, "-c", "import bpy"], capture_output=True, text=True)
    if able.returncode:
        pytest.skip(f"Blender's bpy does not start here: {able.stderr.strip()[-200:]}")
    models = [boxes(), Model((box(Material("plain", sharp(seed=7))),), "one")]
    files = []
    for number, model in enumerate(models):
        files.append(tmp_path / f"{number}.glb")
        files[-1].write_bytes(glb.write(model))
    done = subprocess.run(
        [PYTHON, LOOK, *files], capture_output=True, text=True, timeout=200, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    lines = [line[5:] for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    for model, told in zip(models, map(json.loads, lines), strict=True):
        low, high = model.bounds()
        assert np.allclose(told["low"], low, atol=1e-4)
        assert np.allclose(told["high"], high, atol=1e-4)
        assert told["triangles"] == model.triangle_count
        for own in {part.material for part in model.parts}:
            seen = told["materials"][own.name]
            assert seen["culled"] != own.double_sided
            # Decoders of JPEG differ by a level.
            exact = [one.data for one in own.textures if media_type(one.data) == PNG]
            wanted = {digest(data) for data in exact}
            assert {one["pixels"] for one in seen["textures"]} >= wanted
            if own.colour is not None:
                (first, *_) = (
                    one for one in seen["textures"] if one["pixels"] == digest(own.colour.data)
                )
                assert (first["interpolation"], first["extension"]) == ("Closest", "EXTEND")


def digest(data: bytes) -> str:
    """The SHA-256 of a picture's RGBA bytes."""
    return hashlib.sha256(Image.open(io.BytesIO(data)).convert("RGBA").tobytes()).hexdigest()
