"""A version as a zip: the pictures as they came, and metadata.jsonl that an import reads again.

A name that an import would not take (of a folder that came before names were checked, say) gives
way to one that it takes; pictures, captions, categories and tags are the same again. What was
withdrawn is left out, and NOTICE.txt says so. The zip is made while it is sent, so that neither
memory nor disk holds a second copy.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from studio import images
from studio.datasets import archives, intake, manifests, mask_files, versions, withdrawals, words
from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import CONSENT, Picture, origin_by
from studio.errors import StudioError


def file_name(version: DatasetVersion) -> str:
    """What a download of this version is called."""
    return f"{version.name}-{version.version}.zip"


def zipped(home: Path, version: DatasetVersion) -> Iterator[bytes]:
    """The zip in pieces, about a picture each. StudioError when a picture is missing."""
    sink = _Sink()
    when = datetime.fromisoformat(version.created).timetuple()[:6]
    left = withdrawals.left(home, version.pictures)
    names = _names(home, left)
    masks = _mask_names(left, names)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as made:  # pictures are packed already
        made.writestr(zipfile.ZipInfo("metadata.jsonl", when), metadata(left, names))
        if gone := withdrawals.among(home, version.pictures):
            made.writestr(zipfile.ZipInfo("NOTICE.txt", when), _notice(version, gone))
        yield sink.taken()
        for picture in left:
            data = images.read_file(versions.picture_path(home, picture.hash))
            made.writestr(zipfile.ZipInfo(names[picture.hash], when), data)
            yield sink.taken()
            if picture.mask:
                data = images.read_file(versions.picture_path(home, picture.mask))
                made.writestr(zipfile.ZipInfo(masks[picture.hash], when), data)
    yield sink.taken()


def _notice(version: DatasetVersion, gone: Sequence[Picture]) -> str:
    names = "".join(f"{picture.file_name}\n" for picture in gone)
    return (
        f"{version.name}@{version.version} held {len(gone)} more, which were withdrawn and are "
        f"left out here:\n{names}"
    )


def metadata(pictures: Sequence[Picture], names: Mapping[str, str]) -> str:
    """A line of JSON for each picture, called as `names` has it by hash; words made from that name
    are left to the next import."""
    lines = []
    for p in pictures:
        name = names[p.hash]
        silent = not words.from_name(p.file_name)  # an older import made "u f" of u1f319.png
        by_name = p.caption_by == "name" and (silent or p.caption == words.from_name(name))
        told: dict[str, object] = {"text": "" if by_name else p.caption, "tags": list(p.tags)}
        told |= {"source": p.source, "author": p.author, "licence": p.licence}
        if p.origin != origin_by(p.tags):
            told["origin"] = p.origin
        told |= {field: getattr(p, field) for field in ("parent", *CONSENT)}
        told["cut"] = manifests.stored_cut(p.cut) if p.cut else None
        row: dict[str, object] = {"file_name": name}
        if p.category or words.category_of(name):
            row["category"] = p.category
        row |= {key: value for key, value in told.items() if value}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


def _names(home: Path, pictures: Sequence[Picture]) -> dict[str, str]:
    """By hash, the pictures' names as an import takes them."""
    found: dict[str, str] = {}
    given: set[str] = set()
    for picture in pictures:
        name = _taken(picture)
        if not name or name in given:
            suffix = versions.picture_path(home, picture.hash).suffix
            name = f"{picture.hash[:16]}{suffix if suffix in intake.PICTURES else '.png'}"
        given.add(name)
        found[picture.hash] = name
    return found


def _taken(picture: Picture) -> str:
    """The name in a zip that an import takes as the picture's, and one of its mask fits; "" where
    there is none."""
    try:
        name = str(archives.safe(picture.file_name))
        if picture.mask:
            archives.safe(mask_files.name_of(f"{name}.png"))
        mask = PurePosixPath(name).stem.lower().endswith(mask_files.ENDS)
        fits = archives.kind(name) == "picture" and not archives.junk(name) and not mask
    except StudioError:
        return ""
    return name if fits else ""


def _mask_names(pictures: Sequence[Picture], names: Mapping[str, str]) -> dict[str, str]:
    """By hash, what pictures' masks are called: by the whole name where only that tells the
    picture from another, as of potion.png and potion.jpg."""
    plain = {hash: mask_files.name_of(name) for hash, name in names.items()}
    count = Counter(plain.values())
    return {
        p.hash: plain[p.hash]
        if count[plain[p.hash]] == 1
        else mask_files.name_of(f"{names[p.hash]}.png")
        for p in pictures
    }


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
