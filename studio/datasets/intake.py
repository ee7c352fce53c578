"""From a folder to checked pictures in the store, which is addressed by content.

A picture in the store belongs to no dataset until a manifest names it, so that an import
interrupted half-way shows nothing.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from PIL import Image

from studio import images
from studio.datasets import captions, mask_files, metadata_files, picture_room, words
from studio.datasets.manifests import STORE
from studio.datasets.near_duplicates import Fingerprint, fingerprint, near_duplicates
from studio.datasets.pictures import CONSENT, Picture, Refusal, origin_by
from studio.datasets.sheets.cut_files import UNCUT, CutFiles
from studio.errors import StudioError
from studio.images import formats, remarks
from studio.images.remarks import Remark
from studio.store import local
from studio.store.publish import publish

LAYERED = {".aseprite", ".ase", ".psd"}
PICTURES = formats.SUFFIXES
REMEDY = "Make room on the disk or check its permissions, then import again."
# What lies beside pictures in any folder and is nobody's mistake.
BESIDE = {"", ".md", ".yaml", ".yml", ".html", ".pdf", ".ini", ".db"}
# What macOS, Windows and a Synology leave in folders.
JUNK = {"__MACOSX", "Icon\r", "Thumbs.db", "@eaDir"}


@dataclass(frozen=True)
class Found:
    """Relative posix names in a folder, sorted; `layered` files become pictures once they are cut,
    and `tables` are JSON that may tell how."""

    pictures: tuple[str, ...]
    texts: tuple[str, ...]
    metadata: tuple[str, ...]
    refused: tuple[Refusal, ...]
    layered: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """The pictures of a folder, sorted by name and stored; what was left out; what to know."""

    pictures: tuple[Picture, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


def find(folder: Path) -> Found:
    """What lies in a folder and below; hidden files are passed over, links out of it refused.

    Linked folders are never entered. StudioError when the folder is missing or unreadable.
    """
    if not folder.is_dir():
        raise StudioError(f"{folder}: there is no such folder.", "Check the path.")
    root = folder.resolve()
    pictures, texts, metadata, layered, tables = [], [], [], [], []
    refused: list[Refusal] = []

    def unreadable(error: OSError) -> None:
        name = Path(error.filename or folder)
        if name == folder:
            raise StudioError(
                f"{folder}: the folder can't be read ({error.strerror}).", "Check its permissions."
            ) from error
        refused.append(
            Refusal(
                name.relative_to(folder).as_posix(),
                f"the folder can't be read ({error.strerror}).",
                "Check its permissions.",
            )
        )

    for here, below, names in os.walk(folder, onerror=unreadable):
        at = Path(here)
        for name in [n for n in below if n.startswith(".") or n in JUNK or (at / n).is_symlink()]:
            below.remove(name)
            if not (name.startswith(".") or name in JUNK):
                refused.append(
                    Refusal(
                        (at / name).relative_to(folder).as_posix(),
                        "a link to a folder is not followed.",
                        "Copy the pictures into the folder.",
                    )
                )
        for name in names:
            path = at / name
            relative = path.relative_to(folder).as_posix()
            suffix = path.suffix.lower()
            if name.startswith(".") or name in JUNK:
                continue
            if not _is_text(relative):
                refused.append(
                    Refusal(
                        relative.encode("utf-8", "replace").decode(),
                        "the file's name is not UTF-8.",
                        "Rename the file.",
                    )
                )
            elif path.is_symlink() and not _stays(path, root):
                refused.append(
                    Refusal(
                        relative,
                        "the link leads out of the folder, or nowhere.",
                        "Copy the file itself into the folder.",
                    )
                )
            elif metadata_files.is_metadata(name):
                metadata.append(relative)
            elif suffix in captions.TEXTS:
                texts.append(relative)
            elif suffix in PICTURES or (not suffix and formats.format_of(path)):
                pictures.append(relative)
            elif suffix in LAYERED:
                layered.append(relative)
            elif suffix == ".json":
                tables.append(relative)
            elif (error := unread(name)) is not None:
                refused.append(Refusal(relative, error.message, error.remedy))
    return Found(
        tuple(sorted(pictures)),
        tuple(sorted(texts)),
        tuple(sorted(metadata)),
        tuple(refused),
        tuple(sorted(layered)),
        tuple(sorted(tables)),
    )


def _tables(found: Found, cut: CutFiles) -> list[Refusal]:
    """JSON that tells neither of pictures nor how a sheet is cut."""
    known = cut.sources | {one.file for one in cut.refused}
    left = [(name, unread(name)) for name in found.tables if name not in known]
    return [Refusal(name, error.message, error.remedy) for name, error in left if error]


def unread(name: str) -> StudioError | None:
    """Why a file of this name, which is read as nothing, is named as left out; None for what lies
    beside pictures in any folder."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in metadata_files.TABLES:
        return StudioError(
            f"{suffix} describes pictures only under the name of metadata.jsonl or metadata.csv.",
            "Call it so, if it describes them.",
        )
    if not suffix and path.name.lower() not in captions.NOT_CAPTIONS:
        return StudioError("the file has no suffix.", "Add .png, .jpg or what it is, or .txt.")
    if suffix not in BESIDE:
        return StudioError(f"{suffix} is no picture format of ours.", "Export it as PNG.")
    return None


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _stays(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # broken, or a circle
        return False


def take_in(
    home: Path,
    folder: Path,
    *,
    source: str,
    author: str,
    licence: str,
    report: Callable[[int, int], None] | None = None,
    found: Found | None = None,
    cut: CutFiles = UNCUT,
) -> Intake:
    """Reads, checks and stores the pictures of a folder; tells `report` how many of how many.

    `source`, `author` and `licence` hold where the folder's metadata says nothing. A picture
    that can't be used is refused and the others go on. `found` is what lies in the folder, where
    somebody has looked already; `cut` are frames that sheets and layered files of it became, and
    stand in their place. StudioError when none can be used, when metadata is malformed, when the
    disk has no room for them, or when the store can't be written.
    """
    store = home / "datasets" / STORE
    found = found or find(folder)
    found = replace(
        found,
        pictures=cut.in_place(found.pictures),
        refused=(*cut.refused, *found.refused),
    )
    if not found.pictures:
        hint = f" {found.refused[0].file}: {found.refused[0].reason}" if found.refused else ""
        raise StudioError(
            f"{folder}: there are no pictures in this folder.{hint}",
            "Put pictures (PNG, JPEG, WebP, ...) into it or into its sub-folders.",
        )
    names, mask_of, orphans = mask_files.split(found.pictures)
    notes = captions.read_notes(folder, names, found.texts, found.metadata)
    refused = [*found.refused, *_tables(found, cut), *cut.left(notes.refused), *orphans]
    pictures: list[Picture] = []
    prints: list[Fingerprint] = []
    told: list[tuple[str, Sequence[Remark]]] = []
    first_with: dict[str, str] = {}
    as_named: set[str] = set()  # on some systems two names differ in how accents are stored
    files = {name: cut.at.get(name, folder / name) for name in found.pictures}

    def there(digest: str) -> bool:
        return stored(store, digest) is not None

    with picture_room.held(home, store, folder, files.values(), there) as promise:
        for number, name in enumerate(names):
            if report is not None:
                report(number, len(names))
            try:
                data = images.read_file(files[name])
                digest = hashlib.sha256(data).hexdigest()
                if digest in first_with:
                    raise StudioError(
                        f"the same picture as {first_with[digest]}.", "Nothing to do; one is kept."
                    )
                if words.plain(name) in as_named:
                    raise StudioError("a second file of this name.", "Rename one of them.")
                seen = images.see(data, name)
            except StudioError as error:
                reason = error.message.removeprefix(f"{folder / name}: ").removeprefix(f"{name}: ")
                refused.append(Refusal(name, reason, error.remedy))
                continue
            picture, called = seen.picture, _called(name, seen.format, names)
            keep(store, digest, data, Path(called).suffix)
            promise.written(len(data))
            first_with[digest] = name
            as_named.add(words.plain(name))
            told.append((called, seen.remarks))
            mask = ""
            if name in mask_of:
                try:
                    mask = _kept_mask(store, folder, mask_of[name], picture)
                except StudioError as error:
                    reason = error.message.removeprefix(f"{folder / mask_of[name]}: ")
                    refused.append(Refusal(mask_of[name], reason, error.remedy))
            prints.append(fingerprint(picture))
            note = notes.by_picture.get(name, metadata_files.Note())
            note = captions.filled(note, cut.notes.get(name))
            pictures.append(
                Picture(
                    hash=digest,
                    file_name=words.plain(called),
                    caption=note.text or words.from_name(name),
                    category=words.category_of(name) if note.category is None else note.category,
                    width=picture.width,
                    height=picture.height,
                    has_alpha=has_alpha(picture),
                    source=note.source or source,
                    author=note.author or author,
                    licence=note.licence or licence,
                    caption_by="file" if note.text else "name",
                    tags=note.tags,
                    origin=note.origin or origin_by(note.tags),
                    parent=note.parent,
                    mask=mask,
                    reading=seen.reading,
                    empty=seen.empty,
                    cut=note.cut,
                    **{field: getattr(note, field) for field in CONSENT},
                )
            )
    if not pictures:
        some = "; ".join(f"{r.file}: {r.reason}" for r in refused[:3])
        raise StudioError(
            f"{folder}: none of its {len(found.pictures)} pictures can be used. {some}",
            refused[0].remedy,
        )
    os.sync()  # all pictures are on the disk before a manifest can name them
    alike = [
        f"{pictures[later].file_name} looks nearly like {pictures[earlier].file_name}."
        for later, earlier in near_duplicates(prints)
    ]
    numbered = words.told_repeats(p.file_name for p in pictures)
    warnings = (
        *cut.warnings,
        *notes.warnings,
        *remarks.sentences(told),
        *numbered,
        *alike,
    )
    return Intake(tuple(pictures), tuple(refused), warnings)


def _called(name: str, format: str, names: Sequence[str]) -> str:
    """The picture's name in the set: one without a suffix gets that of its format."""
    if Path(name).suffix:
        return name
    called = name + formats.SUFFIX[format]
    return called if called not in names else f"{name}-2{formats.SUFFIX[format]}"


def _kept_mask(store: Path, folder: Path, name: str, picture: Image.Image) -> str:
    """Stores a picture's mask and gives its hash; StudioError where it can't be used."""
    data = images.read_file(folder / name)
    seen = images.see(data, name, reading=images.PLAIN)
    mask_files.check_size(seen.picture.size, picture.size)
    mask_files.check_shows(images.as_grey(seen.picture))
    digest = hashlib.sha256(data).hexdigest()
    keep(store, digest, data, Path(name).suffix or formats.SUFFIX[seen.format])
    return digest


def has_alpha(picture: Image.Image) -> bool:
    """Whether any pixel of an RGBA picture is not fully opaque."""
    lowest = picture.getchannel("A").getextrema()[0]
    return isinstance(lowest, (int, float)) and lowest < 255


def keep(store: Path, digest: str, data: bytes, suffix: str, flush: bool = False) -> Path:
    """Stores the bytes under their sha256 and gives the path; once stored, never written again.

    With `flush` they are on the disk when this returns; `take_in` flushes once for all.
    """
    there = stored(store, digest)
    if there is not None and there.exists() and there.stat().st_size == len(data):
        return there
    suffix = suffix.lower().replace(".jpeg", ".jpg")
    path = there or store / digest[:2] / f"{digest}{suffix}"
    publish(path, data, flush=flush, remedy=REMEDY)
    return path


def stored(store: Path, digest: str) -> Path | None:
    """Where the picture with this sha256 lies, or is brought back to from the bucket when it is
    read; or None."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise StudioError(f"{digest!r} is no picture's hash.", "It has 64 characters, 0-9 and a-f.")
    there = next((store / digest[:2]).glob(f"{digest}.*"), None)
    return there or local.path_of(store / digest[:2], digest)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the system's refusal to write into a StudioError that names the file."""
    try:
        yield
    except OSError as error:
        raise StudioError(
            f"{path}: the file can't be written ({error.strerror or error}).",
            REMEDY,
        ) from error
