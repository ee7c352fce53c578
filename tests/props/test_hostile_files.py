"""Files that want to do harm are named errors: no traceback, nothing fetched, nothing opened."""

import builtins
import socket
from collections.abc import Callable

import pytest

from studio.errors import StudioError
from studio.props import glb, limits, obj
from studio.props.model import Model
from tests.props.file_models import boxes, packed, picture, plain, put
from tests.props.hostile_files import GLB, OBJ, Hostile, data_uri, zipped

ALL = [(glb.read, one) for one in GLB] + [(obj.read, one) for one in OBJ]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reaches for a network or a file fails."""

    def reached(*given: object, **named: object) -> None:
        raise AssertionError(f"reached for {given}")

    glb.read(glb.write(boxes()))  # what reading imports is there before
    monkeypatch.setattr(socket, "socket", reached)
    monkeypatch.setattr(socket, "getaddrinfo", reached)
    monkeypatch.setattr(builtins, "open", reached)


@pytest.mark.parametrize(
    ("read", "one"), ALL, ids=[f"{read.__module__[-3:]} {one.name}" for read, one in ALL]
)
def test_each_is_an_error_that_names_it(
    alone: None, read: Callable[[bytes], Model], one: Hostile
) -> None:
    with pytest.raises(StudioError, match=f"(?s){one.said}") as told:
        read(one.make())
    assert told.value.remedy and len(str(told.value)) < 400


def test_there_are_at_least_forty_of_them() -> None:
    assert len(ALL) >= 40 and len({one.name for one in GLB}) == len(GLB)
    assert glb.read(packed(*plain())).triangle_count == 12  # what they are made from is sound


def test_a_file_is_no_larger_than_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = glb.write(boxes())
    monkeypatch.setattr(limits, "MOST_BYTES", len(data) - 1)
    for read in (glb.read, obj.read):
        with pytest.raises(StudioError, match=f"{len(data):,} bytes, more than"):
            read(data)


def test_textures_that_share_their_bytes_are_counted_each(monkeypatch: pytest.MonkeyPatch) -> None:
    document, binary = plain()
    file = picture(64, 64)
    view, binary = put(document, binary, file)
    document["images"] = [{"bufferView": view, "mimeType": "image/png"} for _ in range(40)]
    document["textures"] = [{"source": k} for k in range(40)]
    first = document["materials"][0]
    document["materials"] = [
        {**first, "pbrMetallicRoughness": {"baseColorTexture": {"index": k}}} for k in range(40)
    ]
    (primitive,) = document["meshes"][0]["primitives"]
    document["meshes"][0]["primitives"] = [{**primitive, "material": k} for k in range(40)]
    data = packed(document, binary)
    assert len(glb.read(data).parts) == 40
    monkeypatch.setattr(limits, "MOST_BYTES", max(len(data), 39 * len(file)))
    with pytest.raises(StudioError, match="textures together have more than"):
        glb.read(data)


def test_pictures_of_an_obj_are_looked_for_in_its_zip_alone(alone: None) -> None:
    library = b"newmtl a\nmap_Kd /etc/passwd\nmap_Ke ../../b.png\nnorm -bm 1 C:\\art\\c.png\n"
    data = zipped(
        a_DOT_obj=b"mtllib /tmp/a.mtl\nusemtl a\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
        a_DOT_mtl=library,
        c_DOT_png=picture(),
    )
    (part,) = obj.read(data).parts
    assert part.material.name == "a"
    assert part.material.colour is None and part.material.emissive is None
    assert part.material.normal is not None and part.material.normal.data == picture()


def test_data_within_the_file_are_read(alone: None) -> None:
    document, binary = plain()
    document["buffers"][0]["uri"] = data_uri(binary, "application/octet-stream")
    document["images"][0] = {"uri": data_uri(picture(seed=9), "image/png")}
    (part,) = glb.read(packed(document)).parts
    assert part.material.colour is not None and part.material.colour.data == picture(seed=9)
    assert len(part.positions) == 24
