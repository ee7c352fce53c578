"""Files that a browser sends, written aside until somebody adds them to a dataset.

uploads/<token>/files/...       as they came, under the names they came with
uploads/<token>/refused.jsonl   what was not kept, and why
uploads/<token>/remarks.jsonl   how names in zips were read
uploads/<token>/by              who began it

A token is the only key to an upload; it names a folder and nothing else. What nobody adds is
swept after a day.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from studio.accounts.rights import check
from studio.datasets import archives, captions, intake
from studio.datasets.pictures import Refusal
from studio.errors import StudioError
from studio.images.formats import format_of
from studio.store import partial_files, reserved_room
from studio.store.reserved_room import Promise

MOST_FILES = archives.MOST_FILES
MOST_BYTES = 1024**3  # of one upload
MOST_HELD = 20 * 1024**3  # of all of one person's
MOST_BEGUN = 200  # uploads of one person
KEPT_S = 24 * 3600
GONE = StudioError("This upload is no longer there.", "Drop the files once more.")


@dataclass(frozen=True)
class Waiting:
    """An upload that nobody has added yet: names of its files by kind, texts among them that
    describe none of its pictures, their bytes together, and what was refused on the way. `layered`
    files become pictures when they are added, `tables` are JSON that may tell how a sheet is cut,
    and texts `passed_over` are no captions by their names; they are not among the `others`."""

    token: str
    pictures: tuple[str, ...]
    zips: tuple[str, ...]
    others: tuple[str, ...]
    without_picture: tuple[str, ...]
    bytes: int
    refused: tuple[Refusal, ...]
    layered: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


def begin(home: Path, now: float | None = None, *, by: str = "") -> str:
    """A token for a new upload; old ones are swept. `now` is in seconds, as time.time."""
    check(by, "edit datasets")
    folder = home / "uploads"
    with intake.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("[0-9a-f]*"):
            if (time.time() if now is None else now) - old.stat().st_mtime > KEPT_S:
                shutil.rmtree(old, ignore_errors=True)
                folder.joinpath(f".{old.name}.lock").unlink(missing_ok=True)
        partial_files.sweep(folder)  # of processes that were killed while they took a file
        if len(_begun(home, by)) >= MOST_BEGUN:
            raise StudioError(
                f"{MOST_BEGUN} of your uploads have not been added yet.",
                "Add them to a dataset or throw them away, then begin another.",
            )
        token = secrets.token_hex(16)
        (folder / token / "files").mkdir(parents=True)
        (folder / token / "by").write_text(str(by), "utf-8")
    return token


def folder_of(home: Path, token: str) -> Path:
    """Where an upload lies; StudioError when it is not there any more."""
    folder = home / "uploads" / token
    if not re.fullmatch(r"[0-9a-f]{32}", token) or not folder.is_dir():
        raise GONE
    return folder


@contextmanager
def receiving(
    home: Path,
    token: str,
    name: str,
    size: int,
    kind: Callable[[str], str] = archives.kind,
    *,
    most: int = MOST_HELD,
) -> Iterator[Callable[[bytes], None]]:
    """Hands out what takes a file's bytes; once left without an error, the file is there.

    `size` is what the sender says; it is counted. `kind` refuses names that are not wanted.
    StudioError, noted for the person, when the name or the kind can't be used, for too much
    (`most` is what all uploads of whoever began this one may hold together), and for a full disk,
    counting what others are sending. Files that say nothing about pictures (a README) are taken
    and dropped.
    """
    folder = folder_of(home, token)
    part = folder / f".{secrets.token_hex(8)}.{os.getpid()}.part"
    try:
        path = folder / "files" / archives.safe(name)
        drop = archives.junk(name) or kind(name) == "beside"
        _check_room(folder, size, name)
        _check_share(home, folder, size, most)
        with (
            reserved_room.reserving(home, folder, 0 if drop else size, archives.SPARE) as promise,
            intake.writing(Path(name)),
        ):
            yield from _written(part, path, size, drop, promise)
        os.utime(folder)
    except StudioError as error:
        note(home, token, Refusal(name[:300], error.message, error.remedy))
        raise
    finally:
        part.unlink(missing_ok=True)


def _written(
    part: Path, path: Path, size: int, drop: bool, promise: Promise
) -> Iterator[Callable[[bytes], None]]:
    done = 0
    with part.open("wb") as file:

        def write(data: bytes) -> None:
            nonlocal done
            done += len(data)
            if done > size:
                raise StudioError("more came than was said.", "Send it again.")
            if not drop:
                file.write(data)
                promise.written(len(data))

        yield write
    if done != size:
        raise StudioError("it did not come whole.", "Send it again.")
    if drop:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise FileExistsError
        if path.exists() and not filecmp.cmp(path, part, shallow=False):
            path = _unused(path)  # dropped from two folders; sent twice, it takes its own place
        # Not by `publishing`: its name depends on what came, and nothing half is in `files`.
        part.replace(path)
    except (FileExistsError, NotADirectoryError) as error:
        raise StudioError("a file and a folder of the same name.", "Rename one.") from error


def _check_room(folder: Path, size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise StudioError(
            f"it has {_big(size)}; one upload takes up to {_big(MOST_BYTES)}.",
            "Send it in parts. On the studio's own machine "
            "`python -m studio dataset import NAME FOLDER` takes any size.",
        )
    files, held = _tally(folder)
    if files >= MOST_FILES:
        raise StudioError(
            f"one upload takes up to {MOST_FILES:,} files.", "Add these, then send the rest."
        )
    if held + size > MOST_BYTES:
        raise StudioError(
            f"one upload takes up to {_big(MOST_BYTES)} together.", "Add these, then send the rest."
        )


def _check_share(home: Path, folder: Path, size: int, most: int) -> None:
    mine = _begun(home, _owner(folder))
    held = sum(_tally(one)[1] for one in mine)
    if held + size > most:
        raise StudioError(
            f"your uploads hold {_big(held)} already; all of one person's may hold {_big(most)}.",
            "Add them to a dataset or throw them away, then send it again. Whoever looks after "
            "the studio sets STUDIO_MOST_UPLOADS.",
        )


def _begun(home: Path, by: str) -> list[Path]:
    """The folders of a person's uploads."""
    folders = (home / "uploads").glob("[0-9a-f]*")
    return [folder for folder in folders if folder.is_dir() and _owner(folder) == str(by)]


def _owner(folder: Path) -> str:
    try:
        return (folder / "by").read_text("utf-8")
    except FileNotFoundError:
        return ""  # begun before that was written down


_TALLIES: dict[Path, tuple[float, int, int]] = {}


def _tally(folder: Path) -> tuple[int, int]:
    """(files, bytes) of an upload; counted anew every second, lest 5,000 files take hours."""
    when, files, held = _TALLIES.get(folder, (0.0, 0, 0))
    if not when or time.monotonic() - when > 1.0:
        sizes = [p.stat().st_size for p in (folder / "files").rglob("*") if p.is_file()]
        files, held = len(sizes), sum(sizes)
        if len(_TALLIES) > 1000:
            _TALLIES.clear()
        _TALLIES[folder] = (time.monotonic(), files, held)
    return files, held


def note(home: Path, token: str, refusal: Refusal) -> None:
    """Remember what was refused, for whoever looks at the upload; it may be sent twice."""
    path = folder_of(home, token) / "refused.jsonl"
    if path.exists() and path.stat().st_size > 5_000_000:
        return
    with intake.writing(path), path.open("a", encoding="utf-8", errors="replace") as file:
        file.write(json.dumps(asdict(refusal)) + "\n")


def waiting(home: Path, token: str) -> Waiting:
    """What lies in an upload; StudioError when it is gone."""
    folder = folder_of(home, token)
    names: dict[str, list[str]] = {"picture": [], "zip": [], "layered": [], "table": []}
    total = 0
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            name = path.relative_to(folder / "files").as_posix()
            kind = archives.kind(name)
            if kind == "unnamed":
                kind = "picture" if format_of(path) else "beside"
            names.setdefault(kind, []).append(name)
            total += path.stat().st_size
    texts = names.get("text", [])
    lone = captions.without_picture(texts, names["picture"])
    passed = captions.passed_over(texts, names["picture"])
    return Waiting(
        token=token,
        without_picture=() if names["zip"] else tuple(lone),  # a zip's pictures are unknown
        pictures=tuple(names.pop("picture")),
        zips=tuple(names.pop("zip")),
        layered=tuple(names.pop("layered")),
        tables=tuple(names.pop("table")),
        passed_over=tuple(passed),
        others=(*(one for one in texts if one not in passed), *names.get("metadata", ())),
        bytes=total,
        refused=_refused(folder),
    )


def unpacked(home: Path, token: str) -> tuple[Path, list[Refusal]]:
    """The folder to import, with every zip unpacked, and what was refused so far.

    A lone zip is the folder; of several, each is a folder of its name. StudioError as
    `archives.unpack`. Cut off half-way, the next call goes on.
    """
    folder = folder_of(home, token)
    files = folder / "files"
    found = waiting(home, token)
    beside = (found.pictures, found.others, found.layered, found.tables)
    lone = len(found.zips) == 1 and not any(beside)
    for name in found.zips:
        aside = folder / "aside"
        shutil.rmtree(aside, ignore_errors=True)
        size = archives.unpacked_size(files / name)
        with reserved_room.reserving(home, folder, size, archives.SPARE):
            for refusal in archives.unpack(files / name, aside, name, partial(_remark, folder)):
                note(home, token, refusal)
        # Moved, not published: the zip goes last, so that the next call does it all again.
        if lone:
            for path in aside.iterdir():
                path.replace(files / path.name)
        elif any(aside.iterdir()):
            aside.replace(_unused(files / name.removesuffix(Path(name).suffix)))
        (files / name).unlink()
    return _inner(files), list(_refused(folder))


def remarks(home: Path, token: str) -> tuple[str, ...]:
    """What was remarked while zips were unpacked."""
    return tuple(dict.fromkeys(_lines(folder_of(home, token) / "remarks.jsonl")))


def _remark(folder: Path, line: str) -> None:
    with (folder / "remarks.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def wrapped_in(home: Path, token: str, folder: Path) -> str:
    """The folder of `unpacked` as the names of `waiting` begin with it; "." where they do not."""
    return folder.relative_to(folder_of(home, token) / "files").as_posix()


def aside(home: Path, token: str) -> Path:
    """An empty folder of an upload for what is made of its files."""
    folder = folder_of(home, token) / "made"
    shutil.rmtree(folder, ignore_errors=True)
    with intake.writing(folder):
        folder.mkdir()
    return folder


def discard(home: Path, token: str, *, by: str = "") -> None:
    """Throw an upload away; one that is gone is no error."""
    check(by, "edit datasets")
    try:
        shutil.rmtree(folder_of(home, token), ignore_errors=True)
    except StudioError:
        return


def _inner(folder: Path) -> Path:
    """Past folders that only wrap others: `art/weapons`, `art/food` come as weapons and food. The
    last one's name stays, as a category."""
    while True:
        inside = list(folder.iterdir())
        if len(inside) != 1 or not inside[0].is_dir():
            return folder
        if not any(path.is_dir() for path in inside[0].iterdir()):
            return folder
        folder = inside[0]


def _unused(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free


def _refused(folder: Path) -> tuple[Refusal, ...]:
    return tuple(dict.fromkeys(Refusal(**one) for one in _lines(folder / "refused.jsonl")))


def _lines(file: Path) -> list[Any]:
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    except FileNotFoundError:
        return []


def _big(size: int) -> str:
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{size / 1024**2:.1f} MB"
