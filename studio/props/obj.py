"""Wavefront OBJ with its MTL and textures, as Unity, Blender and most tools read it without a
package: written as one zip, read from a zip or from the one file.

Metres and +Y up, as a GLB has them. OBJ says nothing of samplers, of alpha modes or of two sides:
what is written says these in a comment, and what is read gets the usual (`obj_materials`). No file
is looked for beside those in the zip.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np

from studio.errors import StudioError
from studio.props import limits, obj_materials, obj_text
from studio.props.model import Model

MOMENT = (1980, 1, 1, 0, 0, 0)  # so that the same model is the same zip
MOST_FILES = 1_000
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
AT_ONCE = 50_000  # lines
AGAIN = "Export it again as OBJ, with its MTL and textures in one zip."


def write_zip(model: Model) -> bytes:
    """A zip of NAME.obj, NAME.mtl and the textures, all named by the model, without folders. The
    same model has the same bytes. StudioError for a model without a triangle."""
    if not model.triangle_count:
        raise StudioError("The model has no triangle.", "Make or bring another one.")
    name = obj_materials.file_name(model.name) or "model"
    library, pictures = obj_materials.written(model, name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo(f"{name}.obj", MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(entry, "w") as file:
            _write(model, name, file)
        archive.writestr(zipfile.ZipInfo(f"{name}.mtl", MOMENT), library, zipfile.ZIP_DEFLATED)
        for picture, data in pictures.items():
            archive.writestr(zipfile.ZipInfo(picture, MOMENT), data, zipfile.ZIP_STORED)
    return out.getvalue()


def read(data: bytes) -> Model:
    """The model in an OBJ file, or in a zip of one with its MTL and textures. StudioError where it
    is damaged, too large, of another kind or without a triangle."""
    limits.check_bytes(len(data), "The model's file")
    if not data:
        raise StudioError("The model's file is empty.", AGAIN)
    files = _unpacked(data) if data.startswith(b"PK\x03\x04") else {"model.obj": data}
    # What macOS puts beside each file begins with a dot.
    names = [name for name in files if re.search(r"(?i)(^|/)[^./][^/]*\.obj$", name)]
    if len(names) != 1:
        raise StudioError(f"The zip holds {len(names)} OBJ files, not one.", AGAIN)
    told = obj_text.parsed(files[names[0]])
    parts = obj_text.parts(told, obj_materials.read(told.libraries, files))
    if not parts:
        raise StudioError("The model has no triangle.", AGAIN)
    return Model(parts, names[0].rpartition("/")[2][: -len(".obj")])


def _write(model: Model, name: str, file: IO[bytes]) -> None:
    file.write(f"# metres, +Y up, front +Z\nmtllib {name}.mtl\no {name}\n".encode())
    start = 1
    for part, material in zip(model.parts, obj_materials.names(model), strict=True):
        count = len(part.positions)
        _lines(file, "v %.9g %.9g %.9g\n", part.positions)
        # Texture coordinates of OBJ begin at the bottom.
        uv = np.stack([part.uv[:, 0], 1 - part.uv[:, 1].astype(np.float64)], axis=1)
        _lines(file, "vt %.9g %.9g\n", uv)
        _lines(file, "vn %.9g %.9g %.9g\n", part.normals)
        file.write(f"usemtl {material}\n".encode())
        corners = np.repeat(part.triangles.astype(np.int64) + start, 3, axis=1)
        _lines(file, "f %d/%d/%d %d/%d/%d %d/%d/%d\n", corners)
        start += count


def _lines(file: IO[bytes], line: str, values: np.ndarray) -> None:
    """A line for each row of values, so many at once that memory stays small."""
    for begin in range(0, len(values), AT_ONCE):
        rows = values[begin : begin + AT_ONCE]
        file.write(((line * len(rows)) % tuple(rows.ravel().tolist())).encode())


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a zip by their names, together no more than is read of a model."""
    if data.count(b"PK\1\2") > MOST_FILES:
        raise StudioError(f"The zip holds more than {MOST_FILES:,} files.", AGAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            if any(one.flag_bits & 1 for one in entries):
                raise StudioError("The zip is locked by a password.", AGAIN)
            if any(one.compress_type not in PACKED for one in entries):
                raise zipfile.BadZipFile
            limits.check_bytes(sum(one.file_size for one in entries), "What the zip holds")
            return dict(_each(archive, entries))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as error:
        raise StudioError(
            "The zip is damaged, or packed in a way that is not read.", AGAIN
        ) from error


def _each(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    room = limits.MOST_BYTES
    for entry in entries:
        with archive.open(entry) as file:
            found = file.read(room + 1)  # what an entry says of its size is not believed
        room -= len(found)
        limits.check_bytes(limits.MOST_BYTES - room, "What the zip holds")
        yield entry.filename.replace("\\", "/"), found
