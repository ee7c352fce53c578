"""GLB files of other programs: their ways of saying the same, and what is told of the rest."""

import copy

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import checks, glb
from studio.props.model import Model, Part
from tests.props.file_models import Document, box, packed, picture, plain, put


def only(document: Document, binary: bytes) -> Part:
    """The one part of a file."""
    (part,) = glb.read(packed(document, binary)).parts
    return part


def test_transforms_are_baked_in_from_the_root_down() -> None:
    document, binary = plain()
    half = 0.5**0.5
    document["nodes"] = [
        {"translation": [10, 0, 0], "children": [1]},
        {"rotation": [0, half, 0, half], "children": [2]},
        {"scale": [2, 1, 1], "mesh": 0},
    ]
    part = only(document, binary)
    low, high = part.positions.min(axis=0), part.positions.max(axis=0)
    # Twice as wide, then turned about y by 90 degrees, so that x lies along -z, then moved.
    assert np.allclose(low, [9.75, 0, -1], atol=1e-6) and np.allclose(
        high, [10.25, 2, 1], atol=1e-6
    )
    assert np.allclose(np.linalg.norm(part.normals, axis=1), 1, atol=1e-6)
    assert checks.closed_of(Model((part,))).manifold


@pytest.mark.parametrize("scale", [(-1, 1, 1), (-2, -3, -1), (1, 1, 1), (-1, -1, 4)])
def test_fronts_stay_outside_when_a_node_mirrors(scale: tuple[float, float, float]) -> None:
    document, binary = plain()
    document["nodes"] = [{"scale": list(scale), "mesh": 0}]
    part = only(document, binary)
    corners = part.positions[part.triangles].astype(np.float64)
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", facing, part.normals[part.triangles[:, 0]]) > 0).all()
    middle = part.positions.mean(axis=0)
    assert (np.einsum("ij,ij->i", facing, corners.mean(axis=1) - middle) > 0).all()


def test_a_matrix_is_read_by_columns() -> None:
    document, binary = plain()
    document["nodes"] = [{"matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1], "mesh": 0}]
    assert only(document, binary).positions.min(axis=0).tolist() == [4.5, 6, 6.75]


def test_a_scale_of_nothing_leaves_normals_with_a_length() -> None:
    document, binary = plain()
    document["nodes"] = [{"scale": [1, 0, 1], "mesh": 0}]
    part = only(document, binary)
    assert np.allclose(np.linalg.norm(part.normals, axis=1), 1)


def test_a_mesh_that_stands_twice_is_two_parts_of_one_material() -> None:
    document, binary = plain()
    document["nodes"] = [{"mesh": 0}, {"mesh": 0, "translation": [3, 0, 0]}, {"mesh": 0}]
    document["scenes"] = [{"nodes": [2]}, {"nodes": [1, 0]}]
    document["scene"] = 1
    first, second = glb.read(packed(document, binary)).parts
    assert first.material is second.material
    assert (first.positions[0, 0], second.positions[0, 0]) == (3.5, 0.5)
    del document["scene"], document["scenes"]
    assert len(glb.read(packed(document, binary)).parts) == 3


def test_strips_fans_and_no_corners_at_all() -> None:
    document, binary = plain()
    (primitive,) = document["meshes"][0]["primitives"]
    view, binary = put(document, binary, bytes([0, 1, 2, 3, 4]))
    document["accessors"].append(
        {"bufferView": view, "componentType": 5121, "count": 5, "type": "SCALAR"}
    )
    primitive["indices"] = len(document["accessors"]) - 1
    primitive["mode"] = 5
    assert only(document, binary).triangles.tolist() == [[0, 1, 2], [1, 3, 2], [2, 3, 4]]
    primitive["mode"] = 6
    assert only(document, binary).triangles.tolist() == [[1, 2, 0], [2, 3, 0], [3, 4, 0]]
    del primitive["indices"]
    primitive["mode"] = 4
    assert only(document, binary).triangles.tolist() == np.arange(24).reshape(-1, 3).tolist()


def test_whole_numbers_as_shares_and_values_that_lie_apart() -> None:
    document, binary = plain()
    part = box()
    wide = np.zeros((24, 8), "<i2")
    wide[:, :3] = np.rint(part.positions * 32767 / 2)
    wide[:, 4:6] = np.rint(part.uv * 1000)
    view, binary = put(document, binary, wide.tobytes(), byteStride=16)
    document["accessors"][0] = {
        **{"bufferView": view, "componentType": 5122, "normalized": True},
        **{"count": 24, "type": "VEC3"},
    }
    document["accessors"][2] = {
        **{"bufferView": view, "byteOffset": 8, "componentType": 5122},
        **{"count": 24, "type": "VEC2"},
    }
    document["extensionsUsed"] = document["extensionsRequired"] = ["KHR_mesh_quantization"]
    document["nodes"] = [{"mesh": 0, "scale": [2, 2, 2]}]
    found = only(document, binary)
    assert np.allclose(found.positions, part.positions, atol=1e-4)
    assert np.array_equal(found.uv, part.uv * 1000)


def test_sparse_values_lie_over_the_others() -> None:
    document, binary = plain()
    at, binary = put(document, binary, np.array([1, 5], "<u2").tobytes())
    values, binary = put(document, binary, np.full((2, 3), 9, "<f4").tobytes())
    sparse = {
        "count": 2,
        "indices": {"bufferView": at, "componentType": 5123},
        "values": {"bufferView": values},
    }
    document["accessors"][0]["sparse"] = sparse
    found = only(document, binary).positions
    assert (found[[1, 5]] == 9).all()
    assert np.array_equal(np.delete(found, [1, 5], 0), np.delete(box().positions, [1, 5], 0))
    del document["accessors"][0]["bufferView"]
    found = only(document, binary).positions
    assert (found[[1, 5]] == 9).all() and not np.delete(found, [1, 5], 0).any()


def test_without_normals_each_triangle_faces_as_it_lies() -> None:
    document, binary = plain()
    del document["meshes"][0]["primitives"][0]["attributes"]["NORMAL"]
    part = only(document, binary)
    assert len(part.positions) == 36 and part.uv.shape == (36, 2)
    assert np.array_equal(part.normals, box().normals[box().triangles.ravel()])


def test_normals_without_length_are_mended() -> None:
    document, binary = plain()
    normals = box().normals * 3
    normals[4] = 0
    view, binary = put(document, binary, normals.tobytes())
    document["accessors"][1]["bufferView"] = view
    assert np.allclose(only(document, binary).normals, box().normals, atol=1e-6)


def test_a_texture_that_is_moved_moves_its_uv() -> None:
    document, binary = plain()
    metal = document["materials"][0]["pbrMetallicRoughness"]
    moved = {"offset": [0.5, 0], "scale": [2, 4], "rotation": np.pi / 2}
    metal["baseColorTexture"]["extensions"] = {"KHR_texture_transform": moved}
    document["extensionsUsed"] = ["KHR_texture_transform"]
    uv = box().uv
    # Against the clock as one sees it, v growing downwards: what lay right lies above.
    wanted = np.stack([0.5 + 4 * uv[:, 1], -2 * uv[:, 0]], axis=1)
    assert np.allclose(only(document, binary).uv, wanted, atol=1e-6)


def test_textures_that_lie_otherwise_are_left_out_and_told_of() -> None:
    document, binary = plain()
    view, binary = put(document, binary, (box().uv / 2).tobytes())
    document["accessors"].append({**document["accessors"][2], "bufferView": view})
    (primitive,) = document["meshes"][0]["primitives"]
    primitive["attributes"]["TEXCOORD_1"] = len(document["accessors"]) - 1
    material = document["materials"][0]
    material["emissiveTexture"] = {"index": 0, "texCoord": 1}
    material["occlusionTexture"] = {"index": 0}
    seen = glb.see(packed(document, binary))
    found = seen.model.parts[0].material
    assert found.emissive is None and found.occlusion is found.colour is not None
    assert seen.remarks == (
        "The emissive texture of materials[0] lies by other UV than the material's first, and is "
        "left out.",
    )
    material["pbrMetallicRoughness"]["baseColorTexture"]["texCoord"] = 1
    assert np.array_equal(only(document, binary).uv, box().uv / 2)


def test_samplers_that_say_nothing_repeat_and_filter() -> None:
    document, binary = plain()
    document["samplers"], document["textures"][0] = [], {"source": 0}
    colour = only(document, binary).material.colour
    assert (colour.nearest, colour.wrap_s, colour.wrap_t) == (False, "repeat", "repeat")
    assert colour.data == picture()


def test_without_a_material_it_is_what_the_standard_says() -> None:
    document, binary = plain()
    del document["meshes"][0]["primitives"][0]["material"]
    found = only(document, binary).material
    assert found.colour is None and found.factor == (1, 1, 1, 1)
    assert (found.metallic, found.roughness, found.alpha) == (1, 1, "opaque")


def test_what_is_left_out_is_told() -> None:
    document, binary = plain()
    (primitive,) = document["meshes"][0]["primitives"]
    primitive["attributes"]["COLOR_0"] = 1
    primitive["targets"] = [{"POSITION": 0}]
    points = {**copy.deepcopy(primitive), "mode": 0}
    document["meshes"][0]["primitives"].append(points)
    document["nodes"][0] |= {"skin": 0, "translation": [50, 0, 0]}
    document["skins"] = [{"joints": [0]}]
    document["animations"] = [{"channels": [], "samplers": []}]
    document["extensionsUsed"] = ["KHR_materials_clearcoat", "EXT_texture_webp"]
    document["textures"][0].pop("source")
    seen = glb.see(packed(document, binary))
    assert set(seen.remarks) == {
        "Its animations are left out.",
        "Its skeleton is left out: it stands as it was modelled.",
        "Other shapes that it could take (morph targets) are left out.",
        "Colours of single points are left out.",
        "Points and lines are left out.",
        "What 'EXT_texture_webp' adds is left out.",
        "What 'KHR_materials_clearcoat' adds is left out.",
        "textures[0] has no PNG or JPEG, and is left out.",
    }
    assert np.array_equal(seen.model.parts[0].positions, box().positions)
    document["extensionsUsed"] = [f"EXT_{k}" for k in range(500)]
    assert len(glb.see(packed(document, binary)).remarks) == glb.MOST_REMARKS


def test_more_behind_the_file_and_other_chunks_are_passed_over() -> None:
    document, binary = plain()
    data = packed(document, binary) + b"more"
    assert glb.read(data).triangle_count == 12
    with pytest.raises(StudioError, match="has no bytes in the file"):
        glb.read(packed(document))
