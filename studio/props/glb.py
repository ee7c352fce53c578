"""GLB files, the binary form of glTF 2.0 (Khronos; ISO 12113): read strictly, written alike.

What is read comes from anywhere: sizes are bounded (`limits`), every offset is measured, nothing is
fetched, and what a file says wrongly or too much of is a StudioError that names it. Nodes'
transforms are baked into the points; animations, skins, morph targets, lights and cameras are left
out, and told of in remarks. What is written has one mesh, whose primitives are the parts, and the
same model has the same bytes.

Not covered: glTF in several files, compressed meshes (Draco, meshopt), textures in WebP or KTX2.
Pictures' pixels are not decoded here; who draws them finds out whether they are whole.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio import numbers
from studio.errors import StudioError
from studio.props import gltf_buffers, gltf_fields, gltf_materials, gltf_scene, gltf_writing, limits
from studio.props.gltf_fields import AGAIN, Entry, wrong
from studio.props.model import Model

MAGIC, VERSION = b"glTF", 2
JSON_CHUNK, BINARY_CHUNK = b"JSON", b"BIN\0"
GENERATOR = "Housestyle"
MOST_VALUES = 1_000_000  # objects and lists in the JSON, and as many times ten commas
MOST_REMARKS = 20
# What a file may be instead, by how it begins.
OTHERS = (
    (b"PK\x03\x04", "a zip file"),
    (b"\x1f\x8b", "a file packed by gzip"),
    (b"Kaydara FBX", "an FBX file"),
    (b"ply", "a PLY file"),
    (b"solid", "an STL file"),
    (b"{", "JSON, perhaps glTF in several files"),
    (b"<", "a page of HTML or XML"),
    (b"mtllib", "an OBJ file"),
    (b"v ", "an OBJ file"),
    (b"o ", "an OBJ file"),
    (b"g ", "an OBJ file"),
    (b"#", "a text, perhaps an OBJ file"),
)


@dataclass(frozen=True, eq=False)
class Seen:
    """A model, and sentences on what its file has that was left out."""

    model: Model
    remarks: tuple[str, ...]


def read(data: bytes) -> Model:
    """The model in a GLB file. Errors as `see`."""
    return see(data).model


def see(data: bytes) -> Seen:
    """As `read`, with what was left out. StudioError where the file is damaged, wrong, too large,
    of another kind, without a triangle, or can't be shown without what is not read here."""
    limits.check_bytes(len(data), "The model's file")
    told, binary = _chunks(data)
    document = _document(told)
    remarks: dict[str, None] = {}
    _check_asset(document, remarks)
    buffers = gltf_buffers.read(document, binary)
    surfaces = gltf_materials.Surfaces(document, buffers, remarks)
    parts = gltf_scene.parts(document, buffers, surfaces, remarks)
    if not parts:
        raise StudioError("The model has no triangle.", "Export it with its meshes, as GLB.")
    return Seen(Model(parts, _name(document)), tuple(remarks)[:MOST_REMARKS])


def write(
    model: Model, generator: str = GENERATOR, extras: Mapping[str, Any] | None = None
) -> bytes:
    """A model as the bytes of a GLB; `extras`, plain JSON, stand in its asset. StudioError where
    the model has no triangle or is damaged."""
    document, binary = gltf_writing.document(model, generator, extras or {})
    told = json.dumps(document, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
    chunks = (
        (JSON_CHUNK, told + b" " * (-len(told) % 4)),
        (BINARY_CHUNK, binary + b"\0" * (-len(binary) % 4)),
    )
    body = b"".join(struct.pack("<I4s", len(chunk), kind) + chunk for kind, chunk in chunks)
    return struct.pack("<4sII", MAGIC, VERSION, 12 + len(body)) + body


def _chunks(data: bytes) -> tuple[memoryview, memoryview | None]:
    """The JSON of a GLB and its binary chunk (glTF 2.0, section 4.4)."""
    if not data.startswith(MAGIC):
        begins = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        other = next((said for mark, said in OTHERS if begins.startswith(mark.lower())), "")
        what = "is empty" if not data else f"is no GLB, but {other}" if other else "is no GLB"
        raise StudioError(f"The model's file {what}.", AGAIN)
    if len(data) < 20:
        raise wrong(f"it ends after {len(data)} bytes")
    _, version, length = struct.unpack_from("<4sII", data)
    if version != VERSION:
        raise wrong(f"it is of version {version} of the format, not {VERSION}")
    if not 20 <= length <= len(data):
        raise wrong(f"it says that it has {length:,} bytes, and has {len(data):,}")
    whole, at = memoryview(data)[:length], 12
    found: list[tuple[bytes, memoryview]] = []
    while at + 8 <= length and len(found) < 2:  # others may follow, and are passed over
        size, kind = struct.unpack_from("<I4s", whole, at)
        if at + 8 + size > length:
            raise wrong(f"its chunk at byte {at:,} has {size:,} bytes, beyond the file's end")
        found.append((kind, whole[at + 8 : at + 8 + size]))
        at += 8 + size
    if found[0][0] != JSON_CHUNK:
        raise wrong("it does not begin with a chunk of JSON")
    binary = found[1][1] if len(found) > 1 and found[1][0] == BINARY_CHUNK else None
    return found[0][1], binary


def _document(told: memoryview) -> Entry:
    text = bytes(told).rstrip(b"\0 ")  # what it is filled up with
    if text.count(b"{") + text.count(b"[") > MOST_VALUES or text.count(b",") > 10 * MOST_VALUES:
        raise wrong("its JSON has more values than any model's")
    try:
        found = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except RecursionError as error:
        raise wrong("its JSON lies within itself too deeply") from error
    except ValueError as error:  # JSON's, UTF-8's, and that of numbers too long
        raise wrong("its JSON is damaged") from error
    if not isinstance(found, dict):
        raise wrong("its JSON is not an object")
    return Entry(found, "")


def _no_number(said: str) -> float:
    raise ValueError(said)


def _check_asset(document: Entry, remarks: dict[str, None]) -> None:
    """StudioError for a glTF of another version, and for what can't be shown without an extension
    that is not read."""
    asset = gltf_fields.entry(document, "asset")
    for key in ("version", "minVersion"):
        said = gltf_fields.text(asset, key)
        if said.partition(".")[0] != "2" and (said or key == "version"):
            raise wrong(f"asset.{key} is {numbers.shown(said)}, not 2.0")
    for name in gltf_fields.texts(document, "extensionsRequired"):
        if name not in gltf_materials.KNOWN:
            raise StudioError(
                f"The model needs {numbers.shown(name)}, which is not read here.",
                "Export it without compression, and with textures as PNG or JPEG.",
            )
    for name in sorted(set(gltf_fields.texts(document, "extensionsUsed"))):
        if name not in gltf_materials.KNOWN:
            remarks[f"What {numbers.shown(name)} adds is left out."] = None
    if gltf_fields.entries(document, "animations"):
        remarks["Its animations are left out."] = None


def _name(document: Entry) -> str:
    """What the model is called: its scene, else its first node or mesh with a name."""
    for kind in ("scenes", "nodes", "meshes"):
        for one in gltf_fields.entries(document, kind):
            if found := gltf_fields.name(one):
                return found
    return ""
