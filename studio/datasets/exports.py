"""A version as a zip: the pictures as they came, and metadata.jsonl that an import reads again.

It is made while it is sent, so that neither memory nor disk holds a second copy.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from studio import images
from studio.datasets import manifests, mask_files, versions
from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import CONSENT, origin_by


def file_name(version: DatasetVersion) -> str:
    """What a download of this version is called."""
    return f"{version.name}-{version.version}.zip"


def zipped(home: Path, version: DatasetVersion) -> Iterator[bytes]:
    """The zip in pieces, about a picture each. StudioError when a picture is missing."""
    sink = _Sink()
    when = datetime.fromisoformat(version.created).timetuple()[:6]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as made:  # pictures are packed already
        made.writestr(zipfile.ZipInfo("metadata.jsonl", when), metadata(version))
        yield sink.taken()
        for picture in version.pictures:
            data = images.read_file(versions.picture_path(home, picture.hash))
            made.writestr(zipfile.ZipInfo(picture.file_name, when), data)
            yield sink.taken()
            if picture.mask:
                data = images.read_file(versions.picture_path(home, picture.mask))
                made.writestr(zipfile.ZipInfo(mask_files.name_of(picture.file_name), when), data)
    yield sink.taken()


def metadata(version: DatasetVersion) -> str:
    """A line of JSON for each picture; words made from its name are left to the next import."""
    lines = []
    for p in version.pictures:
        told: dict[str, object] = {"file_name": p.file_name}
        told["text"] = p.caption if p.caption_by != "name" else ""
        told |= {"category": p.category, "tags": list(p.tags)}
        told |= {"source": p.source, "author": p.author, "licence": p.licence}
        if p.origin != origin_by(p.tags):
            told["origin"] = p.origin
        told |= {field: getattr(p, field) for field in ("parent", *CONSENT)}
        told["cut"] = manifests.stored_cut(p.cut) if p.cut else None
        row = {key: value for key, value in told.items() if value or key == "file_name"}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


class _Sink(io.RawIOBase):
    """Takes what the zip writes, forwards only, and hands it on."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found
