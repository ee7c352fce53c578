"""Manifests: one JSON file a version, written once; read whole, or only what a list needs.

A list of versions reads heads, since a manifest of 10,000 pictures has four megabytes; what was
read is kept for as long as the file stays the same.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.datasets.pictures import CONSENT, Cut, Picture, origin_by
from studio.errors import StudioError

SCHEMA = 1
STORE = "pictures"  # beside the datasets, hence no dataset's name


@dataclass(frozen=True)
class Look:
    """How the pictures are shown to a model: colour behind alpha, scaling filter, side in
    pixels (None: the base's own), what lies behind alpha (of BEHIND: the matte's colour, a random
    one, or the drawing's own edge colours spread outwards), whether a mirrored picture is as good
    as it is, and over which edges a picture goes on at its other side (of TILEABLE)."""

    matte: str = "#808080"
    filter: str = "nearest"
    size: int | None = None
    behind: str = "solid"
    mirror: bool = False
    tileable: str = ""


BEHIND = ("solid", "random", "edge-bleed")
TILEABLE = ("", "xy", "x", "y")  # as studio.training.rolling.WAYS


@dataclass(frozen=True)
class DatasetVersion:
    """A frozen dataset; `created` is ISO 8601 in UTC, `parent` the digest it followed, `says` a
    line of what changed by `actor`."""

    name: str
    digest: str
    created: str
    look: Look
    pictures: tuple[Picture, ...]
    parent: str | None
    actor: str = ""
    says: str = ""

    @property
    def version(self) -> str:
        """The short name: the digest's first 12 characters."""
        return self.digest[:12]


@dataclass(frozen=True)
class Head:
    """What a manifest says beside its pictures, and how many those are. A higher `sequence` is
    a newer version."""

    name: str
    digest: str
    created: str
    actor: str
    says: str
    parent: str | None
    pictures: int
    sequence: int

    @property
    def version(self) -> str:
        """The short name: the digest's first 12 characters."""
        return self.digest[:12]


def is_name(name: str) -> bool:
    """Whether a dataset may be called so."""
    return name != STORE and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name) is not None


def names(home: Path) -> list[str]:
    """The datasets that have a version, in order."""
    top = home / "datasets"
    if not top.is_dir():
        return []
    return sorted(p.name for p in top.iterdir() if is_name(p.name) and _files(home, p.name))


def path_of(home: Path, name: str, digest: str) -> Path:
    """Where a version's manifest lies."""
    return home / "datasets" / name / f"{digest[:12]}.json"


def heads(home: Path, name: str) -> list[Head]:
    """The heads of a dataset's manifests, newest first; none where there is no such dataset."""
    found = []
    for path in _files(home, name):
        stat = path.stat()
        found.append(_head(path, stat.st_mtime_ns, stat.st_size))
    return sorted(found, key=lambda h: (h.sequence, h.created), reverse=True)


def ordinal(home: Path, name: str, digest: str) -> int | None:
    """How many versions the dataset had when this one was frozen, itself among them: as people
    count them. None where it is gone; `digest` may be its first 12 letters."""
    known = [head.digest for head in reversed(heads(home, name))]
    return next((n for n, d in enumerate(known, start=1) if d.startswith(digest)), None)


def read(home: Path, name: str, digest: str) -> DatasetVersion:
    """The version of this digest (12 characters of it do); StudioError when it is not there."""
    return version(record(path_of(home, name, digest)))


def hashes(home: Path, name: str, digest: str, varied: bool = True) -> frozenset[str]:
    """The hashes of a version's pictures, with or without those varied from others; StudioError
    where its manifest is not there."""
    path = path_of(home, name, digest)
    try:
        stat = path.stat()
    except OSError:
        record(path)  # says what is wrong
        raise
    return _hashes(path, stat.st_mtime_ns, stat.st_size, varied)


@functools.lru_cache(maxsize=64)
def _hashes(path: Path, changed_ns: int, size: int, varied: bool) -> frozenset[str]:
    # Quotes inside texts are escaped, so neither mark can stand in a caption.
    records = path.read_bytes().split(b'"hash": "')[1:]
    mark = b'"origin": "augmented"'
    return frozenset(one[:64].decode() for one in records if varied or mark not in one)


def _files(home: Path, name: str) -> list[Path]:
    if not is_name(name):  # it could lead elsewhere, or be longer than a path can be
        return []
    found = (home / "datasets" / name).glob("*.json")
    return [path for path in found if re.fullmatch(r"[0-9a-f]{12}\.json", path.name)]


@functools.lru_cache(maxsize=4096)
def _head(path: Path, changed_ns: int, size: int) -> Head:
    try:
        data = path.read_bytes()
        # Quotes inside texts are escaped, so neither mark can stand in a caption.
        top, _, rest = data.partition(b'"pictures": [')
        said = json.loads(top.rstrip().rstrip(b",") + b"}")
        sequence = re.search(rb'"sequence": (\d+)\s*\}\s*$', rest[-80:])
        if said["schema"] == SCHEMA and sequence:
            return Head(
                name=said["name"],
                digest=said["digest"],
                created=said["created"],
                actor=said.get("actor", ""),
                says=said.get("says", ""),
                parent=said["parent"],
                pictures=rest.count(b'"hash": "'),
                sequence=int(sequence[1]),
            )
    except (OSError, ValueError, KeyError, TypeError):
        pass  # read whole below, it says what is wrong
    whole = record(path)
    made = version(whole)
    return Head(
        made.name,
        made.digest,
        made.created,
        made.actor,
        made.says,
        made.parent,
        len(made.pictures),
        whole["sequence"],
    )


def stored(picture: Picture) -> dict[str, Any]:
    """A picture as manifests hold it: what says nothing is left out, so that older digests stay
    true."""
    record = asdict(picture)
    for field in ("tags", "parent", "mask", "mask_by", "mask_of", "empty", "cut", *CONSENT):
        if not record[field]:
            del record[field]
    if picture.reading == Picture.reading:
        del record["reading"]
    if picture.cut is not None:
        record["cut"] = stored_cut(picture.cut)
    if picture.origin == origin_by(picture.tags):
        del record["origin"]
    return record


def stored_cut(cut: Cut) -> dict[str, Any]:
    """What a picture was cut from, as manifests and exports hold it."""
    return {key: value for key, value in asdict(cut).items() if value}


def stored_look(look: Look) -> dict[str, Any]:
    """A look as manifests hold it: what is as usual and came later is left out, as above."""
    record = asdict(look)
    for field in ("behind", "mirror", "tileable"):
        if record[field] == getattr(Look, field):
            del record[field]
    return record


def digest(look: Look, pictures: Sequence[Picture]) -> str:
    """What a version is named by: its look and its pictures' records, nothing else."""
    content = {"look": stored_look(look), "pictures": [stored(p) for p in pictures]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def record(path: Path) -> dict[str, Any]:
    """A manifest's content, checked against its digest; StudioError when it was changed."""
    damaged = StudioError(
        f"{path}: the manifest is damaged or was changed by hand.",
        "Put it back from a backup, or move it away and import the folder again.",
    )
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        schema = found["schema"]
        if schema != SCHEMA:
            raise StudioError(
                f"{path}: manifest schema {schema} is not {SCHEMA}.", "Update the studio."
            )
        made = version(found)
        if digest(made.look, made.pictures) != found["digest"]:
            raise damaged
        return found
    except OSError as error:
        raise StudioError(
            f"{path}: the manifest can't be read ({error.strerror}).", "Check its permissions."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged from error


def version(record: dict[str, Any]) -> DatasetVersion:
    """The version that a manifest tells of."""
    return DatasetVersion(
        name=record["name"],
        digest=record["digest"],
        created=record["created"],
        look=Look(**record["look"]),
        pictures=tuple(map(_picture, record["pictures"])),
        parent=record["parent"],
        actor=record.get("actor", ""),
        says=record.get("says", ""),
    )


def _picture(stored: dict[str, Any]) -> Picture:
    tags = tuple(stored.get("tags", ()))
    cut = {"cut": Cut(**stored["cut"])} if "cut" in stored else {}
    return Picture(**{"origin": origin_by(tags), **stored, "tags": tags, **cut})
