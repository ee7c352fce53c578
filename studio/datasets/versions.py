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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image

from studio import images
from studio.accounts.rights import check
from studio.datasets import captions, checks, intake, manifests, masks, shares, withdrawals
from studio.datasets.checks import Picture, Refusal
from studio.datasets.manifests import STORE, DatasetVersion, Look
from studio.errors import StudioError
from studio.store import partial_files


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
    So are a picture's source, author and licence where neither the folder nor the caller says
    any; a new picture gets what all pictures of the newest version have in common. Captions
    written by hand stay, found by file name or, after a renaming, by content. Equal content gives
    the version that is there. StudioError as `intake.take_in`, and for a bad name or look.
    """
    check(actor, "edit datasets")
    check_name(name)
    if look is not None:
        check_look(look)
    partial_files.sweep(home / "datasets")
    taken = intake.take_in(
        _store(home), folder, source=source.strip(), author=author.strip(), licence=licence.strip()
    )
    with _one_writer(home, name):
        before = newest(home, name)
        old = {p.file_name: p for p in before.pictures} if before else {}
        by_hand = _by_hand(before)
        pictures = _with_provenance(
            [_with_hand_caption(p, by_hand) for p in taken.pictures],
            before.pictures if before else (),
        )
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
        refused=(*taken.refused, *withdrawals.refusals(home, taken.pictures)),
        warnings=(
            *taken.warnings,
            *checks.set_warnings(pictures),
            *masks.remarks(before.pictures if before else (), taken.pictures, pictures),
        ),
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
    check(actor, "edit datasets")
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
    says: str | Callable[[], str] = "",
) -> DatasetVersion:
    """Freezes what `make` makes of the newest version (None: there is none yet) while nobody else
    can write; `says` is a line of what changed, or gives it afterwards. StudioError when no
    picture would be left."""
    check(actor, "edit datasets")
    with _one_writer(home, name):
        before = newest(home, name)
        look, pictures = make(before)
        check_look(look)
        if not pictures:
            raise StudioError("A version without pictures can't be made.", "Keep at least one.")
        said = captions.one_line(says if isinstance(says, str) else says())
        return _freeze(home, name, look, tuple(pictures), before, now, actor, said)


def load(home: Path, name: str, version: str | None = None) -> DatasetVersion:
    """A version by its digest or the beginning of it; None gives the newest.

    StudioError, listing what there is, when nothing or more than one fits, and when a manifest
    was changed by hand.
    """
    check_name(name)
    there = manifests.heads(home, name)
    if not there:
        names = manifests.names(home)
        raise StudioError(
            f"There is no dataset {name!r}.",
            f"There is: {', '.join(names)}." if names else "Import a folder first.",
        )
    if version is None:
        return manifests.read(home, name, there[0].digest)
    fits = [head for head in there if head.digest.startswith(version)] if version else []
    if len(fits) != 1:
        what = "more than one version" if fits else "no version"
        raise StudioError(
            f"Dataset {name!r} has {what} {version!r}.",
            f"There is: {checks.listed([head.version for head in there], most=10)}.",
        )
    return manifests.read(home, name, fits[0].digest)


def newest(home: Path, name: str) -> DatasetVersion | None:
    """The newest version, or None where there is no such dataset yet."""
    there = manifests.heads(home, name)
    return manifests.read(home, name, there[0].digest) if there else None


def list_versions(home: Path, name: str | None = None) -> list[DatasetVersion]:
    """All versions, or those of one dataset: names in order, of each the newest first."""
    if name is not None:
        return [manifests.read(home, name, head.digest) for head in manifests.heads(home, name)]
    return [version for each in manifests.names(home) for version in list_versions(home, each)]


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
        yield record, open_picture(home, record.hash, record.file_name)


def open_picture(home: Path, hash: str, name: str) -> Image.Image:
    """A stored picture as RGBA, its bytes checked against its hash; errors call it `name`.

    StudioError where it was deleted or changed since it was frozen.
    """
    path = intake.stored(_store(home), hash)
    if path is None:
        raise StudioError(
            f"{name}: the picture is not in the store any more ({hash[:12]}).",
            "Import its folder again, or put the store back from a backup.",
        )
    data = images.read_file(path)
    if hashlib.sha256(data).hexdigest() != hash:
        raise StudioError(
            f"{name}: the stored picture was changed or is damaged ({path}).",
            "Delete that file and import the picture's folder again.",
        )
    return images.decode(data, name)


def check_name(name: str) -> None:
    """StudioError unless `name` can name a dataset."""
    if not manifests.is_name(name):
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
    if look.behind not in manifests.BEHIND:
        raise StudioError(
            f"{look.behind!r} can't lie behind a picture.",
            f"Use one of {', '.join(manifests.BEHIND)}.",
        )
    if look.size is not None and not 8 <= look.size <= 4096:
        raise StudioError(f"A size of {look.size} can't be used.", "Give 8 to 4096 pixels.")


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


def _with_provenance(pictures: Sequence[Picture], before: Sequence[Picture]) -> tuple[Picture, ...]:
    """The pictures with source, author, licence and tags of before where they are not said anew,
    and with the category of before where only the folder's name says another."""
    known = {p.hash: p for p in before} | {p.file_name: p for p in before}
    all_have: dict[str, str] = {}
    for field in ("source", "author", "licence", *checks.CONSENT):
        values = {getattr(p, field) for p in before}
        all_have[field] = values.pop() if len(values) == 1 else ""

    def filled(picture: Picture, field: str) -> str:
        there = known.get(picture.file_name) or known.get(picture.hash)
        return getattr(picture, field) or (getattr(there, field) if there else all_have[field])

    def category(picture: Picture) -> str:
        there = known.get(picture.file_name) or known.get(picture.hash)
        parent = PurePosixPath(picture.file_name).parent.as_posix()
        by_folder = picture.category in ("", parent)
        return there.category if there and there.category and by_folder else picture.category

    def tags(picture: Picture) -> tuple[str, ...]:
        there = known.get(picture.file_name) or known.get(picture.hash)
        return picture.tags or (there.tags if there else ())

    def consent(picture: Picture) -> dict[str, Any]:
        return {field: filled(picture, field) for field in checks.CONSENT}

    def origin(picture: Picture) -> dict[str, Any]:
        there = known.get(picture.hash)
        if there is None or picture.added:  # other bytes under a name: somebody drew it anew
            there = picture
        return {"origin": there.origin, "parent": there.parent}

    def mask(picture: Picture) -> dict[str, Any]:
        there = known.get(picture.hash)
        if there is not None:
            return masks.same_drawing(there, picture)
        there = known.get(picture.file_name)
        return masks.redrawn(there, picture) if there else {}

    return tuple(
        replace(
            picture,
            category=category(picture),
            tags=tags(picture),
            source=filled(picture, "source"),
            author=filled(picture, "author"),
            licence=filled(picture, "licence"),
            **origin(picture),
            **mask(picture),
            **consent(picture),
        )
        for picture in pictures
    )


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
    pictures = withdrawals.left(home, sorted(pictures, key=lambda p: p.file_name))
    if not pictures:
        raise StudioError(
            "Every picture of it was withdrawn.", "Bring in others, or take a withdrawal back."
        )
    shares.check(home, name, pictures, before.pictures if before else ())
    digest = manifests.digest(look, pictures)
    if before is not None and before.digest == digest:
        return before
    sequence = max((h.sequence for h in manifests.heads(home, name)), default=0) + 1
    path = manifests.path_of(home, name, digest)
    record = (
        manifests.record(path)
        if path.exists()
        else {
            "schema": manifests.SCHEMA,
            "name": name,
            "digest": digest,
            "created": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "parent": before.digest if before else None,
            "says": says,
            "look": manifests.stored_look(look),
            "pictures": [manifests.stored(p) for p in pictures],
        }
    )
    text = json.dumps({**record, "sequence": sequence}, indent=1)
    intake.write_aside(path, text.encode())
    return manifests.version(record)
