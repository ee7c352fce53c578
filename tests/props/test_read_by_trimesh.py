"""What the studio writes as another reader has it: trimesh, of GLB and of OBJ."""

import io
import zipfile
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

from studio.props import glb, obj
from studio.props.model import Material, Model, Texture
from tests.props.file_models import box, boxes, picture, sharp


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def test_a_glb_has_the_same_bounds_triangles_and_textures() -> None:
    model = boxes()
    scene = trimesh.load_scene(io.BytesIO(glb.write(model)), file_type="glb")
    assert np.allclose(scene.bounds, model.bounds(), atol=1e-6)
    meshes = list(scene.geometry.values())
    assert sum(len(mesh.faces) for mesh in meshes) == model.triangle_count
    for mesh, part in zip(meshes, model.parts, strict=True):
        material, own = mesh.visual.material, part.material
        assert np.array_equal(mesh.vertices[mesh.faces], part.positions[part.triangles])
        assert material.alphaMode == own.alpha.upper()
        assert bool(material.doubleSided) == own.double_sided
        if own.colour is not None:
            shown = np.asarray(material.baseColorTexture.convert("RGBA"))
            assert np.array_equal(shown, pixels(own.colour.data))
            # trimesh counts v from below.
            uv = mesh.visual.uv * (1, -1) + (0, 1)
            assert np.allclose(uv, part.uv, atol=1e-7)
            assert material.alphaCutoff == own.cutoff


def test_welded_it_is_a_volume_with_its_fronts_outside() -> None:
    mesh = trimesh.load_mesh(io.BytesIO(glb.write(Model((box(),)))), file_type="glb")
    plain = trimesh.Trimesh(mesh.vertices, mesh.faces)  # welded by places alone
    assert plain.is_watertight and plain.is_winding_consistent
    assert np.isclose(plain.volume, 1.0)  # 1 x 2 x 0.5 m, and not negative


def test_an_obj_has_the_same_bounds_and_textures(tmp_path: Path) -> None:
    first, second = Material("a", sharp()), Material("b", Texture(picture(8, 8, seed=3), False))
    model = Model((box(first), box(second, at=(3, 0, 0))), "pair")
    with zipfile.ZipFile(io.BytesIO(obj.write_zip(model))) as archive:
        archive.extractall(tmp_path)
    scene = trimesh.load_scene(tmp_path / "pair.obj")
    assert np.allclose(scene.bounds, model.bounds(), atol=1e-6)
    meshes = list(scene.geometry.values())
    assert sum(len(mesh.faces) for mesh in meshes) == 24
    found = [pixels_of(mesh) for mesh in meshes]
    for own in (first, second):
        assert own.colour is not None
        wanted = pixels(own.colour.data)
        assert any(np.array_equal(wanted, one) for one in found)


def pixels_of(mesh: trimesh.Trimesh) -> np.ndarray:
    return np.asarray(mesh.visual.material.image.convert("RGBA"))
