"""OBJ as zips of three kinds of files, written and read."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import checks, obj
from studio.props.model import Material, Model, Texture
from tests.props.file_models import box, boxes, picture, sharp


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_places_uv_normals_and_textures_survive() -> None:
    before = Model((box(), box(Material("plain", factor=(0.5, 0.25, 1, 1)), at=(4, 0, 0))), "a box")
    after = obj.read(obj.write_zip(before))
    assert after.name == "a_box" and len(after.parts) == 2
    for old, new in zip(before.parts, after.parts, strict=True):
        corners, others = old.triangles.ravel(), new.triangles.ravel()
        assert np.array_equal(old.positions[corners], new.positions[others])
        assert np.array_equal(old.normals[corners], new.normals[others])
        assert np.allclose(old.uv[corners], new.uv[others], atol=1e-7)
    first, second = (part.material for part in after.parts)
    assert first.colour is not None and first.colour.data == picture() and first.colour.nearest
    assert second.colour is None and second.factor == (0.5, 0.25, 1, 1)
    assert checks.closed_of(after) == checks.closed_of(before)


def test_the_zip_holds_no_paths_and_is_the_same_each_time() -> None:
    data = obj.write_zip(boxes())
    assert data == obj.write_zip(boxes())
    found = files(data)
    assert list(found) == [
        *("boxes.obj", "boxes.mtl", "boxes.png", "boxes_2.jpg", "boxes_3.png"),
        *("boxes_4.png", "boxes_5.png"),
    ]
    text = found["boxes.obj"].decode() + found["boxes.mtl"].decode()
    assert "/" not in found["boxes.mtl"].decode() and "\\" not in text
    assert "mtllib boxes.mtl\n" in text and "usemtl skin\n" in text and "usemtl glass\n" in text
    assert text.count("newmtl") == 2 and "map_d boxes.png\n" in text
    assert set(found.values()) >= {picture(), picture(8, 8, seed=2)}


def test_names_are_such_that_every_system_takes_them() -> None:
    parts = (box(Material("../a b")), box(Material("../a b")), box(Material("größe/..")))
    found = files(obj.write_zip(Model(parts, "../../etc/größe: 1")))
    assert list(found) == ["etc_gr_e_1.obj", "etc_gr_e_1.mtl"]
    names = [
        line.split()[1]
        for line in found["etc_gr_e_1.mtl"].decode().splitlines()
        if line.startswith("newmtl")
    ]
    assert names == ["a_b", "a_b_2", "gr_e"]
    assert list(files(obj.write_zip(Model(parts, "…")))) == ["model.obj", "model.mtl"]


def test_alpha_comes_back_as_far_as_obj_says_it() -> None:
    masked = Material("a", sharp(), alpha="mask")
    glass = Material("b", factor=(1, 1, 1, 0.5), alpha="blend")
    wide = Material("c", Texture(picture(200, 2), True))
    model = Model(tuple(box(one, at=(3 * k, 0, 0)) for k, one in enumerate((masked, glass, wide))))
    found = [part.material for part in obj.read(obj.write_zip(model)).parts]
    assert [one.alpha for one in found] == ["mask", "blend", "opaque"]
    assert found[1].factor == (1, 1, 1, 0.5)
    assert found[2].colour is not None and not found[2].colour.nearest


def test_other_programs_ways() -> None:
    text = (
        b"\xef\xbb\xbf# made elsewhere\r\no thing\r\nv 0 0 0 1 0 0\r\nv 1 0 0 1 0 0\r\n"
        b"v 1 1 0 1 0 0\r\nv 0 1 0 1 0 0\r\nvt 0\r\nvt 0.25 1 0\r\ns off\r\ng side\r\n"
        b"f -4/1 -3/1 \\\r\n -2/2 -1/2\r\nl 1 2\r\n"
    )
    (part,) = obj.read(text).parts
    assert part.triangles.shape == (2, 3)
    corners = part.positions[part.triangles]
    assert corners[0].tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert corners[1].tolist() == [[0, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert part.normals.tolist() == [[0, 0, 1]] * 6
    assert sorted(set(map(tuple, part.uv.tolist()))) == [(0, 1), (0.25, 0)]


def test_points_that_say_the_same_are_one() -> None:
    text = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 2\nf 1//1 2//1 3//1\nf 1//1 3//1 4//1\n"
    (part,) = obj.read(text).parts
    assert len(part.positions) == 4
    assert part.normals.tolist() == [[0, 0, 1]] * 4


def test_what_macos_puts_into_a_zip_is_no_second_model() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("folder/thing.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
        archive.writestr("__MACOSX/folder/._thing.obj", b"\0\5\26\7")
    assert obj.read(made.getvalue()).name == "thing"


def test_a_model_without_a_triangle_is_not_written() -> None:
    empty = replace(box(), triangles=np.zeros((0, 3), np.uint32))
    with pytest.raises(StudioError, match="no triangle"):
        obj.write_zip(Model((empty,)))
