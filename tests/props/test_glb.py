"""What is written into a GLB is what is read from it, and Khronos' validator finds nothing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import glb
from studio.props.model import Material, Model, Part, Texture
from tests.props.file_models import box, boxes, inside, packed, picture, sharp
from tests.props.validated import Report, validator


@pytest.fixture(scope="module")
def report() -> Iterator[Callable[[bytes], Report]]:
    with validator() as found:
        yield found


def alike(one: Texture | None, other: Texture | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(getattr(one, f.name) == getattr(other, f.name) for f in fields(Texture))


def test_everything_survives() -> None:
    before = boxes()
    after = glb.read(glb.write(before))
    assert after.name == "boxes" and len(after.parts) == 3
    for old, new in zip(before.parts, after.parts, strict=True):
        for name in ("positions", "normals", "uv", "triangles"):
            assert np.array_equal(getattr(old, name), getattr(new, name)), name
            assert getattr(old, name).dtype == getattr(new, name).dtype
        for field in fields(Material):
            one, other = getattr(old.material, field.name), getattr(new.material, field.name)
            if isinstance(one, Texture) or isinstance(other, Texture):
                assert alike(one, other), field.name
            else:
                assert one == other, field.name
    first, _, third = after.parts
    assert first.material is third.material  # one material stays one


def test_the_same_model_has_the_same_bytes() -> None:
    extras = {"b": [1, 2.5], "a": {"wish": "größe"}}
    data = glb.write(boxes(), extras=extras)
    assert data == glb.write(boxes(), extras=dict(reversed(extras.items())))
    assert glb.write(glb.read(data), extras=extras) == data
    asset = inside(data)[0]["asset"]
    assert asset == {"version": "2.0", "generator": "Housestyle", "extras": extras}
    assert len(data) % 4 == 0


def test_equal_pictures_and_samplers_stand_in_it_once() -> None:
    parts = tuple(box(Material(str(k), sharp()), at=(2 * k, 0, 0)) for k in range(5))
    document, _ = inside(glb.write(Model(parts)))
    counts = {name: len(document[name]) for name in ("images", "samplers", "textures", "materials")}
    assert counts == {"images": 1, "samplers": 1, "textures": 1, "materials": 5}
    assert document["samplers"][0] == {
        **{"magFilter": 9728, "minFilter": 9728},
        **{"wrapS": 33071, "wrapT": 33071},
    }


def test_the_validator_finds_nothing(report: Callable[[bytes], Report]) -> None:
    many = np.arange(70_000, dtype=np.float32) / 70_000
    points = np.stack([many, many**2, np.zeros_like(many)], axis=1)
    large = Part(
        positions=points,
        normals=np.tile(np.array([0, 0, 1], np.float32), (len(points), 1)),
        uv=np.zeros((len(points), 2), np.float32),
        triangles=np.arange(69_999, dtype=np.uint32).reshape(-1, 3),
        material=Material(),
    )
    lit = replace(boxes(), parts=tuple(p for p in boxes().parts if p.material.normal is None))
    for model in (lit, Model((box(),), "box"), Model((large,))):
        said = report(glb.write(model, extras={"housestyle": {"seed": 1}}))
        assert said.errors == () and said.warnings == ()
        assert said.info["totalTriangleCount"] == model.triangle_count
    said = report(glb.write(boxes()))
    assert said.errors == ()
    # A normal map without tangents is what engines make these for.
    assert {one.split()[0] for one in said.warnings} <= {"MESH_PRIMITIVE_GENERATED_TANGENT_SPACE"}


def test_the_validator_finds_what_is_wrong(report: Callable[[bytes], Report]) -> None:
    document, binary = inside(glb.write(Model((box(),))))
    document["accessors"][0]["count"] = 1000
    assert any("ACCESSOR_TOO_LONG" in one for one in report(packed(document, binary)).errors)
    assert report(b"no GLB at all").errors


def test_a_large_part_keeps_its_corners() -> None:
    points = np.zeros((70_000, 3), np.float32)
    points[:, 0] = np.arange(70_000)
    corners = np.array([[0, 1, 69_999], [65_535, 65_536, 5]], np.uint32)
    normals = np.tile(np.array([0, 1, 0], np.float32), (70_000, 1))
    part = Part(points, normals, np.zeros((70_000, 2), np.float32), corners, Material())
    document, _ = inside(glb.write(Model((part,))))
    assert document["accessors"][-1]["componentType"] == 5125
    assert "TEXCOORD_0" not in document["meshes"][0]["primitives"][0]["attributes"]
    assert np.array_equal(glb.read(glb.write(Model((part,)))).parts[0].triangles, corners)


def test_what_no_reader_takes_is_not_written() -> None:
    part = box()
    with pytest.raises(StudioError, match="no triangle"):
        glb.write(Model(()))
    wrong = {
        "lie nowhere": replace(part, positions=part.positions * np.float32("nan")),
        "unit length": replace(part, normals=part.normals * 0),
        "as many as": replace(part, uv=part.uv[:5]),
        "that it lacks": replace(part, triangles=part.triangles + 20),
        "no PNG or JPEG": replace(part, material=Material("a", Texture(b"GIF89a", True))),
    }
    for said, one in wrong.items():
        with pytest.raises(StudioError, match=said):
            glb.write(Model((one,)))
    with pytest.raises(ValueError, match="JSON"):
        glb.write(Model((part,)), extras={"seed": float("nan")})


def test_bounds_and_triangles() -> None:
    low, high = boxes().bounds()
    assert low.tolist() == [-0.5, 0, -0.5] and high.tolist() == [6.5, 2, 0.5]
    assert boxes().triangle_count == 36
    with pytest.raises(StudioError, match="no points"):
        Model(()).bounds()


def test_a_name_that_is_none_is_left_out() -> None:
    document, _ = inside(glb.write(Model((box(Material(colour=Texture(picture(), False))),))))
    assert "name" not in document["materials"][0] and "name" not in document["nodes"][0]
    assert glb.read(glb.write(Model((box(),), "a\x00b\u202ec"))).name == "abc"
    assert json.dumps(document["samplers"]) == (
        '[{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}]'
    )
