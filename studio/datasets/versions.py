"""Datasets frozen as versions that are named by their content.

datasets/pictures/<aa>/<sha256>.<ext>  the files as they came, byte for byte
datasets/<name>/<digest12>.json        the manifest: a version exists once this does

The digest covers the look and the pictures' records, not the dataset's name, nor when, by whom
or after which version it was made. Going back to earlier content gives the earlier version;
only the manifest's `sequence`, which orders versions, is then written anew.
"""

import fcntl
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from studio import images
from studio.datasets import captions, checks, intake
from studio.datasets.checks import Picture, Refusal
from studio.errors import StudioError

SCHEMA = 1
STORE = "pictures"  # beside the datasets, hence no dataset's name


@dataclass(frozen=True)
class Look:
    """How the pictures are shown to a model: colour behind alpha, scaling filter, side in
    pixels (None: the base's own)."""

    matte: str = "#808080"
    filter: str = "nearest"
    size: int | None = None


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
class ImportResult:
    """A version and, as relative file names, how it differs from the newest before it."""

    version: DatasetVersion
    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


def import_folder(
    home: Path,
    name: str,
    folder: Path,
    *,
    look: Look | None = None,
    source: str = "",
    author: str = "",
    licence: str = "",
    now: datetime,
    actor: str,
) -> ImportResult:
    """Checks a folder's pictures and freezes them as the newest version of `name`.

    Without `look` the newest version's is kept, and for a first import it is `Look()`.
    Captions written by hand stay, found by file name or, after a renaming, by content. Equal
    content gives the version that is there. StudioError as `intake.take_in`, and for a bad
    name or look.
    """
    check_name(name)
    if look is not None:
        check_look(look)
    taken = intake.take_in(
        _store(home), folder, source=source.strip(), author=author.strip(), licence=licence.strip()
    )
    with _one_writer(home, name):
        before = _newest(home, name)
        old = {p.file_name: p for p in before.pictures} if before else {}
        by_hand = _by_hand(before)
        pictures = tuple(_with_hand_caption(p, by_hand) for p in taken.pictures)
        kept_look = look or (before.look if before else Look())
        version = _freeze(home, name, kept_look, pictures, before, now, actor)
    names = {p.file_name for p in pictures}
    return ImportResult(
        version=version,
        new=tuple(p.file_name for p in pictures if p.file_name not in old),
        changed=tuple(
            p.file_name
            for p in pictures
            if p.file_name in old and _told(p) != _told(old[p.file_name])
        ),
        gone=tuple(sorted(set(old) - names)),
        refused=taken.refused,
        warnings=(*taken.warnings, *checks.set_warnings(pictures)),
    )


def set_caption(
    home: Path,
    name: str,
    version: str | None,
    hash: str,
    caption: str,
    *,
    now: datetime,
    actor: str = "",
) -> DatasetVersion:
    """A new version in which one picture has a caption written by hand.

    `version` must be the newest (None stands for it), lest another person's captions get lost;
    StudioError when it is not, when it has no such picture, or when the caption is empty.
    """
    caption = captions.one_line(caption)
    if not caption:
        raise StudioError("The caption is empty.", "Write what the picture shows.")
    with _one_writer(home, name):
        newest = load(home, name)
        if version is not None and load(home, name, version).digest != newest.digest:
            raise StudioError(
                f"{name}@{version} is no longer the newest version, {newest.version} is.",
                "Look at the newest captions, then write this one again.",
            )
        if hash not in {p.hash for p in newest.pictures}:
            raise StudioError(
                f"{name}@{newest.version} has no picture {hash!r}.", "Take a hash of this version."
            )
        pictures = tuple(
            replace(p, caption=caption, caption_by="hand") if p.hash == hash else p
            for p in newest.pictures
        )
        return _freeze(home, name, newest.look, pictures, newest, now, actor)


def change(
    home: Path,
    name: str,
    make: Callable[[DatasetVersion | None], tuple[Look, Sequence[Picture]]],
    *,
    now: datetime,
    actor: str,
    says: str = "",
) -> DatasetVersion:
    """Freezes what `make` makes of the newest version (None: there is none yet) while nobody else
    can write; `says` is a line of what changed. StudioError when no picture would be left."""
    with _one_writer(home, name):
        before = _newest(home, name)
        look, pictures = make(before)
        check_look(look)
        if not pictures:
            raise StudioError("A version without pictures can't be made.", "Keep at least one.")
        return _freeze(
            home, name, look, tuple(pictures), before, now, actor, captions.one_line(says)
        )


def load(home: Path, name: str, version: str | None = None) -> DatasetVersion:
    """A version by its digest or the beginning of it; None gives the newest.

    StudioError, listing what there is, when nothing or more than one fits, and when a manifest
    was changed by hand.
    """
    check_name(name)
    there = list_versions(home, name)
    if not there:
        names = sorted({v.name for v in list_versions(home)})
        raise StudioError(
            f"There is no dataset {name!r}.",
            f"There is: {', '.join(names)}." if names else "Import a folder first.",
        )
    if version is None:
        return there[0]
    fits = [v for v in there if v.digest.startswith(version)] if version else []
    if len(fits) != 1:
        what = "more than one version" if fits else "no version"
        raise StudioError(
            f"Dataset {name!r} has {what} {version!r}.",
            f"There is: {checks.listed([v.version for v in there], most=10)}.",
        )
    return fits[0]


def list_versions(home: Path, name: str | None = None) -> list[DatasetVersion]:
    """All versions, or those of one dataset: names in order, of each the newest first."""
    if name is not None:
        return [_version(record) for record in reversed(_records(home, name))]
    top = home / "datasets"
    if not top.is_dir():
        return []
    names = sorted(p.name for p in top.iterdir() if p.is_dir() and _is_name(p.name))
    return [version for each in names for version in list_versions(home, each)]


def picture_path(home: Path, hash: str) -> Path:
    """Where a picture's untouched file lies; StudioError when it is not in the store."""
    path = intake.stored(_store(home), hash)
    if path is None:
        raise StudioError(f"Picture {hash} is not in the store.", "Import its folder again.")
    return path


def open_version_pictures(
    home: Path, version: DatasetVersion
) -> Iterator[tuple[Picture, Image.Image]]:
    """Each picture's record and the picture as RGBA in its own size, in file name order.

    Checks the bytes against the hash; StudioError when a stored file was damaged.
    """
    for record in version.pictures:
        path = picture_path(home, record.hash)
        data = images.read_file(path)
        if hashlib.sha256(data).hexdigest() != record.hash:
            raise StudioError(
                f"{path}: the stored picture is damaged.", "Delete it and import its folder again."
            )
        yield record, images.decode(data, record.file_name)


def check_name(name: str) -> None:
    """StudioError unless `name` can name a dataset."""
    if not _is_name(name):
        raise StudioError(
            f"{name!r} can't name a dataset.",
            f"Use 1 to 63 of a-z, 0-9, - and _, beginning with a letter or number; not {STORE!r}.",
        )


def check_look(look: Look) -> None:
    """StudioError unless matte, filter and size can be used."""
    images.parse_colour(look.matte)
    if look.filter not in images.FILTERS:
        raise StudioError(
            f"{look.filter!r} is not a scaling filter.", f"Use one of {', '.join(images.FILTERS)}."
        )
    if look.size is not None and not 8 <= look.size <= 4096:
        raise StudioError(f"A size of {look.size} can't be used.", "Give 8 to 4096 pixels.")


def _is_name(name: str) -> bool:
    return name != STORE and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name) is not None


def _store(home: Path) -> Path:
    return home / "datasets" / STORE


def _told(picture: Picture) -> Picture:
    """What counts as a change: the bytes, the caption, category and provenance, not who wrote."""
    return replace(picture, caption_by="")


def _by_hand(version: DatasetVersion | None) -> dict[str, str]:
    written = [p for p in version.pictures if p.caption_by == "hand"] if version else []
    return {p.hash: p.caption for p in written} | {p.file_name: p.caption for p in written}


def _with_hand_caption(picture: Picture, by_hand: dict[str, str]) -> Picture:
    caption = by_hand.get(picture.file_name) or by_hand.get(picture.hash)
    return replace(picture, caption=caption, caption_by="hand") if caption else picture


@contextmanager
def _one_writer(home: Path, name: str) -> Iterator[None]:
    """One writer at a time for each dataset; the lock goes with the process, also by kill -9."""
    check_name(name)
    path = home / "datasets" / f".{name}.lock"
    with intake.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stored(picture: Picture) -> dict[str, Any]:
    """A picture as manifests hold it: no tags, no mention, so that older digests stay true."""
    record = asdict(picture)
    if not picture.tags:
        del record["tags"]
    return record


def _digest(look: Look, pictures: tuple[Picture, ...]) -> str:
    content = {"look": asdict(look), "pictures": [_stored(p) for p in pictures]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _freeze(
    home: Path,
    name: str,
    look: Look,
    pictures: tuple[Picture, ...],
    before: DatasetVersion | None,
    now: datetime,
    actor: str,
    says: str = "",
) -> DatasetVersion:
    pictures = tuple(sorted(pictures, key=lambda p: p.file_name))
    digest = _digest(look, pictures)
    if before is not None and before.digest == digest:
        return before
    records = _records(home, name)
    sequence = max((r["sequence"] for r in records), default=0) + 1
    record = next((r for r in records if r["digest"] == digest), None) or {
        "schema": SCHEMA,
        "name": name,
        "digest": digest,
        "created": now.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "parent": before.digest if before else None,
        "says": says,
        "look": asdict(look),
        "pictures": [_stored(p) for p in pictures],
    }
    text = json.dumps({**record, "sequence": sequence}, indent=1)
    intake.write_aside(home / "datasets" / name / f"{digest[:12]}.json", text.encode())
    return _version(record)


def _newest(home: Path, name: str) -> DatasetVersion | None:
    records = _records(home, name)
    return _version(records[-1]) if records else None


def _records(home: Path, name: str) -> list[dict[str, Any]]:
    """The manifests of a dataset, oldest first."""
    records = [
        _record(path)
        for path in (home / "datasets" / name).glob("*.json")
        if re.fullmatch(r"[0-9a-f]{12}\.json", path.name)
    ]
    return sorted(records, key=lambda r: (r["sequence"], r["created"]))


def _record(path: Path) -> dict[str, Any]:
    damaged = StudioError(
        f"{path}: the manifest is damaged or was changed by hand.",
        "Put it back from a backup, or move it away and import the folder again.",
    )
    try:
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        schema = record["schema"]
        if schema != SCHEMA:
            raise StudioError(
                f"{path}: manifest schema {schema} is not {SCHEMA}.", "Update the studio."
            )
        if _digest(_version(record).look, _version(record).pictures) != record["digest"]:
            raise damaged
        return record
    except OSError as error:
        raise StudioError(
            f"{path}: the manifest can't be read ({error.strerror}).", "Check its permissions."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged from error


def _version(record: dict[str, Any]) -> DatasetVersion:
    return DatasetVersion(
        name=record["name"],
        digest=record["digest"],
        created=record["created"],
        look=Look(**record["look"]),
        pictures=tuple(
            Picture(**{**p, "tags": tuple(p.get("tags", ()))}) for p in record["pictures"]
        ),
        parent=record["parent"],
        actor=record.get("actor", ""),
        says=record.get("says", ""),
    )
