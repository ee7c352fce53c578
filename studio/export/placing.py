"""Files put into a game's folder: only those that changed, none of somebody else's, never outside.

What lies there and was not written by an export, or was changed since, is a person's: it is kept,
and told, unless somebody asks to have it overwritten. Files that several hands write, such as
Unity's `.meta` and the manifest, are merged instead: such a content is a function of what is there.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from studio.database.engine import file_lock
from studio.errors import StudioError
from studio.store import partial_files
from studio.store.publish import publish

Content = bytes | Callable[[bytes | None], bytes]
State = Literal["new", "changed", "same", "kept", "deleted"]
WRITTEN: tuple[State, ...] = ("new", "changed")
MOMENT = (1980, 1, 1, 0, 0, 0)  # so that the same export is the same zip
MODE = stat.S_IFREG | 0o644  # of a zip's files: those without one are their owner's alone
SPARE = 16 * 1024**2  # bytes that stay free on the disk
WAIT_S = 120.0  # for another export into the same folder


@dataclass(frozen=True)
class Change:
    """What becomes of one path: `data` is what belongs there, `before` what lies there now (None:
    nothing). "kept" is a person's own file, which stays."""

    path: str
    state: State
    data: bytes
    before: bytes | None = None

    @property
    def hash(self) -> str:
        """The SHA-256 of `data`."""
        return digest(self.data)


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def opened(name: str, folders: Mapping[str, Path]) -> Path:
    """The folder that the settings call so. StudioError where they name none, or it is gone."""
    if name not in folders:
        raise StudioError(
            f"The settings name no folder {name[:40]!r}.",
            f"STUDIO_EXPORT_FOLDERS names: {', '.join(folders) or 'none'}.",
        )
    if not os.path.isdir(folders[name]):  # raises nothing where one above it can't be entered
        raise StudioError(
            f"The folder {name} is not there: {folders[name]}.",
            "Check the game out there, or change STUDIO_EXPORT_FOLDERS.",
        )
    return folders[name].resolve()


@contextmanager
def alone(root: Path, locks: Path) -> Iterator[None]:
    """Hold a folder for one export of this studio, whichever process makes it; the lock lies in
    `locks`, so that nothing of it is in the game. StudioError where another goes on for long. A
    studio elsewhere that writes there, too, is noticed by `write`."""
    locks.mkdir(parents=True, exist_ok=True)
    with file_lock(locks / f"{digest(str(root).encode())[:16]}.lock", WAIT_S):
        yield


def plan(
    root: Path | None,
    contents: Mapping[str, Content],
    known: Mapping[str, str],
    *,
    overwrite: bool = False,
) -> list[Change]:
    """What would become of each path below `root` (None: of a new place, where nothing is).
    `known` is the SHA-256 of what exports wrote there last. StudioError for a path that leads out
    of the folder, through a link or not, and for one that differs from a file there by case
    alone."""
    found = []
    for path, content in contents.items():
        before = None if root is None else _there(target(root, path))
        if callable(content):
            data = content(before)
            mine = True
        else:
            data = content
            mine = overwrite or before is None or known.get(path) == digest(before)
        if before is None:
            if root is not None:
                _check_case(root, path)
            found.append(Change(path, "new", data))
        elif data == before:
            found.append(Change(path, "same", data, before))
        else:
            found.append(Change(path, "changed" if mine else "kept", data, before))
    return found


def leftovers(root: Path, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Of these paths those that are still there: as an export wrote them, by the SHA-256 of
    `known`, and those that somebody changed since."""
    own, changed = list[str](), list[str]()
    for path, hash in sorted(known.items()):
        if (before := _there(target(root, path))) is not None:
            (own if digest(before) == hash else changed).append(path)
    return own, changed


def write(root: Path, changes: Sequence[Change], delete: Collection[str] = ()) -> None:
    """Write what is new or changed, each file aside and then renamed, and delete these paths.

    StudioError before anything is written where the disk has no room for all of it, or a folder or
    a file is read-only; where a file changed since `changes` were planned; and naming the file
    where the system refuses: what was written till then stays, and the same export again writes
    the rest. What a killed export left aside in these folders goes.
    """
    todo = [one for one in changes if one.state in WRITTEN]
    needed, free = sum(len(one.data) for one in todo), shutil.disk_usage(root).free
    if todo and needed + SPARE > free:
        raise StudioError(
            f"The export needs {needed / 1e6:.1f} MB, and {root} has {free / 1e6:.1f} MB free.",
            "Make room there, then export again.",
        )
    for path in (*(one.path for one in todo), *delete):
        _check_writable(target(root, path))
    files = (target(root, one.path) for one in todo)
    for file in {file.parent: file for file in files}.values():
        partial_files.sweep_beside(file)
    for one in todo:
        file = target(root, one.path)
        if _there(file) != one.before:
            raise StudioError(
                f"{one.path} was changed while the export was under way.", "Export again."
            )
        publish(file, one.data, flush=False)
    for path in delete:
        try:
            target(root, path).unlink(missing_ok=True)
        except OSError as error:
            raise StudioError(
                f"{path} could not be deleted: {error.strerror or error}.",
                "Check the folder's permissions.",
            ) from error


def target(root: Path, path: str) -> Path:
    """Where a path below `root` lies. StudioError where that is outside of it: by `..`, or by a
    link on the way; and where links lead in a circle."""
    try:
        real, top = (root / path).resolve(), root.resolve()
    except (OSError, RuntimeError) as error:  # a circle is a RuntimeError up to Python 3.12
        raise StudioError(
            f"The links on the way to {path} below {root} lead nowhere ({error}).",
            "Take them away.",
        ) from error
    if not real.is_relative_to(top):
        raise StudioError(
            f"{path} leads out of {root}: to {real}.",
            "Take the link away, or name the folder that it leads to in STUDIO_EXPORT_FOLDERS.",
        )
    return real


def existing(root: Path, path: str) -> bytes | None:
    """What lies at a path below `root`; None where there is no file. StudioError as `target`, and
    where it can't be read."""
    return _there(target(root, path))


def zipped(changes: Sequence[Change]) -> bytes:
    """Files as a zip, the same for the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(changes, key=lambda one: one.path):
            entry = zipfile.ZipInfo(one.path, MOMENT)
            entry.external_attr = MODE << 16
            archive.writestr(entry, one.data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _there(file: Path) -> bytes | None:
    """What is in a file; None where there is none. StudioError where it can't be read."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise StudioError(
            f"{file} can't be read: {error.strerror or error}.", "Check its permissions."
        ) from error


def _check_writable(file: Path) -> None:
    """StudioError where a file, or the folder that it will be in, is read-only. A rename asks for
    the folder alone; but a version control such as Perforce marks by the file what nobody has
    checked out."""
    if os.path.isfile(file) and not os.access(file, os.W_OK):
        raise StudioError(
            f"{file} is read-only.",
            "Check it out there, or give the studio's user the right to write it.",
        )
    folder = file.parent
    while not os.path.isdir(folder):
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StudioError(
            f"{folder} is read-only.", "Give the studio's user the right to write there."
        )


def _check_case(root: Path, path: str) -> None:
    """StudioError where a file or a folder of another case lies on the way: Windows takes both for
    one."""
    folder = root
    for part in PurePosixPath(path).parts:
        if not os.path.isdir(folder):
            return
        wanted = part.casefold()
        for other in _listed(folder) if not os.path.lexists(folder / part) else ():
            if other.casefold() == wanted:
                raise StudioError(
                    f"{path} differs from {other}, which is there already, by case alone.",
                    "Give the asset another name or category, or take that away.",
                )
        folder /= part


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise StudioError(
            f"{folder} can't be read: {error.strerror or error}.", "Check its permissions."
        ) from error
