"""GLB and OBJ files that want to do harm or are simply wrong, made anew each time."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from tests.props.file_models import Document, packed, picture, plain, put


@dataclass(frozen=True)
class Hostile:
    """What a file is called, how it is made, and what its error has to say (an expression)."""

    name: str
    make: Callable[[], bytes]
    said: str


def _spoilt(change: Callable[[Document], Any]) -> Callable[[], bytes]:
    """A box whose JSON is changed."""

    def made() -> bytes:
        document, binary = plain()
        change(document)
        return packed(document, binary)

    return made


def _at(value: Any, *path: str | int) -> Callable[[], bytes]:
    """A box of which one value of its JSON is another, or is there for the first time."""

    def change(document: Document) -> None:
        within: Any = document
        for step in path[:-1]:
            within = within.setdefault(step, {}) if isinstance(within, dict) else within[step]
        within[path[-1]] = value

    return _spoilt(change)


def _number(at: int, value: float) -> Callable[[], bytes]:
    """A box of whose float32 the one at a byte is another."""

    def made() -> bytes:
        document, binary = plain()
        told = np.float32(value).tobytes()
        return packed(document, binary[:at] + told + binary[at + 4 :])

    return made


def _sparse(at: list[int]) -> Callable[[], bytes]:
    def made() -> bytes:
        document, binary = plain()
        indices, binary = put(document, binary, np.array(at, "<u2").tobytes())
        values, binary = put(document, binary, bytes(12 * len(at)))
        document["accessors"][0]["sparse"] = {
            "count": len(at),
            "indices": {"bufferView": indices, "componentType": 5123},
            "values": {"bufferView": values},
        }
        return packed(document, binary)

    return made


def _texture(data: bytes) -> Callable[[], bytes]:
    def made() -> bytes:
        document, binary = plain()
        view, binary = put(document, binary, data)
        document["images"][0]["bufferView"] = view
        return packed(document, binary)

    return made


def _nodes(*nodes: dict[str, Any]) -> Callable[[], bytes]:
    return _at(list(nodes), "nodes")


def _deep(document: Document) -> None:
    document["nodes"] = [{"children": [k + 1]} for k in range(64)] + [{"mesh": 0}]


def _many_triangles() -> bytes:
    document, binary = plain()
    view, binary = put(document, binary, bytes(3_000_000))
    document["accessors"][3] |= {"bufferView": view, "componentType": 5121, "count": 3_000_000}
    document["nodes"] = [{"mesh": 0} for _ in range(6)]
    document["scenes"] = [{"nodes": [*range(6)]}]
    return packed(document, binary)


def _wide() -> bytes:
    made = io.BytesIO()
    Image.new("L", (8_193, 1)).save(made, "PNG")
    return made.getvalue()


def zipped(**files: bytes) -> bytes:
    """A zip of files, in whose names _DOT_ stands for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_DOT_", "."), data)
    return made.getvalue()


def _locked() -> bytes:
    data = bytearray(zipped(a_DOT_obj=TRIANGLE))
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def _cut() -> bytes:
    data = zipped(a_DOT_obj=TRIANGLE * 50)
    return data[: len(data) // 2]


TRIANGLE = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvn 0 0 1\nf 1 2 3\n"
PRIMITIVE = ("meshes", 0, "primitives", 0)
ACCESSOR = ("accessors", 0)
IMAGE = ("images", 0)
OUTSIDE = "lies outside the model's file.*nothing is fetched"

GLB = (
    Hostile("empty", lambda: b"", "is empty"),
    Hostile("a page", lambda: b"<!DOCTYPE html><p>Not found", "a page of HTML"),
    Hostile("an OBJ", lambda: b"# made by hand\n" + TRIANGLE, "perhaps an OBJ file"),
    Hostile("an OBJ without a comment", lambda: TRIANGLE, "an OBJ file"),
    Hostile("a zip", lambda: zipped(a_DOT_obj=TRIANGLE), "a zip file"),
    Hostile("several files", lambda: b'{"asset": {"version": "2.0"}}', "in several files"),
    Hostile("ends early", lambda: b"glTF\2\0\0\0", "ends after 8 bytes"),
    Hostile("version 1", lambda: packed(*plain(), version=1), "version 1"),
    Hostile("too long", lambda: packed(*plain(), length=10**6), "says that it has 1,000,000"),
    Hostile("no length", lambda: packed(*plain(), length=12), "says that it has 12"),
    Hostile("a long chunk", lambda: b"glTF\2\0\0\0\x18\0\0\0\xff\xff\xff\x7fJSON{}  ", "chunk"),
    Hostile("no JSON", lambda: packed(*plain()).replace(b"JSON", b"BIN\0", 1), "a chunk of JSON"),
    Hostile("damaged JSON", lambda: packed(b'{"asset": '), "JSON is damaged"),
    Hostile("another encoding", lambda: packed(b'{"a": "\xff\xfe"}'), "JSON is damaged"),
    Hostile("deep JSON", lambda: packed(b"[" * 200_000), "too deeply"),
    Hostile("many values", lambda: packed(b"[" + b"{}," * 1_100_000 + b"{}]"), "more values"),
    Hostile("a long number", lambda: packed(b"[" + b"9" * 100_000 + b"]"), "JSON is damaged"),
    Hostile("a list", lambda: packed(b"[1, 2]"), "not an object"),
    Hostile("NaN in JSON", lambda: packed(b'{"asset": NaN}'), "JSON is damaged"),
    Hostile("no version", _at({}, "asset"), "asset.version is ''"),
    Hostile("glTF 1.0", _at("1.0", "asset", "version"), "asset.version is '1.0'"),
    Hostile("Draco", _at(["KHR_draco_mesh_compression"], "extensionsRequired"), "KHR_draco"),
    Hostile("fetches", _at("http://10.0.0.1/a.bin", "buffers", 0, "uri"), OUTSIDE),
    Hostile("reads a file", _at("file:///etc/passwd", "buffers", 0, "uri"), OUTSIDE),
    Hostile("reads beside", _at("../../secrets.bin", "buffers", 0, "uri"), OUTSIDE),
    Hostile("fetches a picture", _at("https://a.example/a.png", *IMAGE, "uri"), OUTSIDE),
    Hostile("no base64", _at("data:text/plain,abc", *IMAGE, "uri"), "not in base64"),
    Hostile("bad base64", _at("data:image/png;base64,@@@", *IMAGE, "uri"), "base64 is damaged"),
    Hostile("short buffer", _at(10**6, "buffers", 0, "byteLength"), "and says 1,000,000"),
    Hostile("view beyond", _at(10**6, "bufferViews", 0, "byteLength"), "ends at byte 1,000,000"),
    Hostile("view before", _at(-4, "bufferViews", 0, "byteOffset"), "byteOffset is -4"),
    Hostile("values beyond", _at(25, *ACCESSOR, "count"), "wants 25 values of 12 bytes"),
    Hostile("endless", _at(2**40, *ACCESSOR, "count"), "count is 1099511627776"),
    Hostile("none", _at(0, *ACCESSOR, "count"), "count is 0"),
    Hostile("a word", _at("24", *ACCESSOR, "count"), "count is '24'"),
    Hostile("overlapping", _at(4, "bufferViews", 0, "byteStride"), "overlaps itself"),
    Hostile("no such type", _at(5124, *ACCESSOR, "componentType"), "is 5124, which is none"),
    Hostile("flat points", _at("VEC2", *ACCESSOR, "type"), "where VEC3 belongs"),
    Hostile("huge places", _at("MAT4", *ACCESSOR, "type"), "where VEC3 belongs"),
    Hostile("no bytes", _spoilt(lambda d: d["accessors"][0].pop("bufferView")), "no bytes"),
    Hostile("corners beyond", _at(0, "bufferViews", 3, "byteOffset"), "names point"),
    Hostile("float corners", _at(5126, "accessors", 3, "componentType"), "numbers no points"),
    Hostile("NaN", _number(0, float("nan")), "infinite or none"),
    Hostile("infinity", _number(4, float("inf")), "infinite or none"),
    Hostile("far away", _number(8, 1e30), "more than 1,000,000 m away"),
    Hostile("sparse falls", _sparse([3, 2]), "does not rise"),
    Hostile("sparse beyond", _sparse([2, 24]), "beyond the 24 values"),
    Hostile("a loop", _nodes({"children": [1]}, {"children": [0], "mesh": 0}), "within itself"),
    Hostile("itself", _nodes({"children": [0], "mesh": 0}), "within itself"),
    Hostile("two parents", _nodes({"children": [1, 1]}, {"mesh": 0}), "twice"),
    Hostile("no child", _nodes({"children": [7]}), "names 7"),
    Hostile("too deep", _spoilt(_deep), "within more than 64 nodes"),
    Hostile(
        "beyond numbers",
        _nodes({"scale": [1e308] * 3, "children": [1]}, {"scale": [1e308] * 3, "mesh": 0}),
        "beyond all numbers",
    ),
    Hostile("scaled away", _nodes({"scale": [1e30] * 3, "mesh": 0}), "1,000,000 m away"),
    Hostile("no turn", _nodes({"rotation": [0, 0, 0, 0], "mesh": 0}), "unit length"),
    Hostile("perspective", _nodes({"matrix": [1.0] * 16, "mesh": 0}), "no movement"),
    Hostile("short matrix", _nodes({"matrix": [1.0] * 15, "mesh": 0}), "has 15 numbers"),
    Hostile("no mesh", _nodes({"mesh": 3}), "is 3, and there are 1"),
    Hostile("no scene", _at(5, "scene"), "scene is 5"),
    Hostile("six million", _many_triangles, "at most 5,000,000"),
    Hostile("no picture", _texture(b"GIF89a" + bytes(40)), "no PNG or JPEG"),
    Hostile("half a picture", _texture(picture()[:20]), "no PNG or JPEG"),
    Hostile("a wide picture", lambda: _texture(_wide())(), "8,193 x 1"),
    Hostile("no texture", _at([], "textures"), "there are 0"),
    Hostile("no image", _at([], "images"), "there are 0"),
    Hostile("uneven", _at(35, "accessors", 3, "count"), "35 corners"),
    Hostile("few normals", _at(23, "accessors", 1, "count"), "24 points and 23 values"),
    Hostile("no points", _at({"NORMAL": 1}, *PRIMITIVE, "attributes"), "no POSITION"),
    Hostile("lines alone", _at(1, *PRIMITIVE, "mode"), "no triangle"),
    Hostile("mode 9", _at(9, *PRIMITIVE, "mode"), "mode is 9"),
    Hostile("no such alpha", _at("GLOW", "materials", 0, "alphaMode"), "'GLOW', which is none"),
    Hostile("no such wrap", _at(1, "samplers", 0, "wrapS"), "wrapS is 1"),
    Hostile("a name of numbers", _at({"a": 1}, "nodes", 0, "name"), "not a text"),
)

OBJ = (
    Hostile("empty", lambda: b"", "is empty"),
    Hostile("a page", lambda: b"<!DOCTYPE html>\n<p>Not found", "neither points nor faces"),
    Hostile("a GLB", lambda: packed(*plain()), "OBJ"),
    Hostile("no faces", lambda: b"v 0 0 0\n", "no triangle"),
    Hostile("corner 0", lambda: TRIANGLE + b"f 0 1 2\n", "Line 7 .*0 numbers nothing"),
    Hostile("corner beyond", lambda: TRIANGLE + b"f 1 2 4\n", "name point 4, and there are 3"),
    Hostile("UV beyond", lambda: TRIANGLE + b"f 1/2 2/1 3/1\n", "name UV 2"),
    Hostile("corner before", lambda: TRIANGLE + b"f -4 1 2\n", "-4 numbers nothing"),
    Hostile("a long corner", lambda: TRIANGLE + b"f 1 2 " + b"9" * 5000 + b"\n", "nothing"),
    Hostile("a corner of words", lambda: TRIANGLE + b"f a b c\n", "Line 7"),
    Hostile("NaN", lambda: b"v nan 0 0\n" + TRIANGLE, "Line 1 .*can't be used"),
    Hostile("infinity", lambda: b"v 1e999 0 0\n" + TRIANGLE, "can't be used"),
    Hostile("far away", lambda: b"v 1e20 0 0\n" + TRIANGLE, "1,000,000 m away"),
    Hostile("words", lambda: b"v one two three\n", "is no number"),
    Hostile("two numbers", lambda: b"v 1 2\n", "2 numbers, not 3"),
    Hostile("two corners", lambda: TRIANGLE + b"f 1 2\n", "2 corners"),
    Hostile("many corners", lambda: TRIANGLE + b"f" + b" 1" * 1001 + b"\n", "1,001 corners"),
    Hostile("a long line", lambda: b"v " + b"1" * 200_000, "more than 100,000 bytes"),
    Hostile("joined lines", lambda: b"v \\\n" * 1000, "goes on over more than 100"),
    Hostile("libraries", lambda: b"mtllib a.mtl\n" * 200, "more than 100 libraries"),
    Hostile("a cut zip", _cut, "zip is damaged"),
    Hostile("an empty zip", lambda: zipped(a_DOT_txt=b"a"), "0 OBJ files"),
    Hostile("two in a zip", lambda: zipped(a_DOT_obj=b"a", b_DOT_obj=b"b"), "2 OBJ files"),
    Hostile("a locked zip", _locked, "locked by a password"),
    Hostile("a bomb", lambda: zipped(a_DOT_obj=bytes(101 * 1024**2)), "more than 104,857,600"),
    Hostile(
        "no picture",
        lambda: zipped(
            a_DOT_obj=b"mtllib a.mtl\nusemtl a\n" + TRIANGLE,
            a_DOT_mtl=b"newmtl a\nmap_Kd a.png\n",
            a_DOT_png=b"GIF89a",
        ),
        "no PNG or JPEG",
    ),
)


def data_uri(data: bytes, kind: str) -> str:
    """Bytes as a data: URI."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
