"""A zip that somebody sent, unpacked with distrust: no path out of the folder, no link, no bomb.

What can't be used is refused by name and the rest goes on; a zip that is a bomb, or no zip, is
refused whole before anything of it is written.
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from studio.datasets import captions, intake
from studio.datasets.pictures import Refusal
from studio.errors import StudioError

MOST_FILES = 20_000
MOST_BYTES = 4 * 1024**3  # unpacked
MOST_FOLD = 200  # unpacked to packed; plain pixel art as BMP comes near it
SMALL = 100 * 1024**2  # below this a high fold does no harm
SPARE = 512 * 1024**2  # what must stay free on the disk
ARCHIVES = {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".cbz"}
CHUNK = 1024 * 1024
_END = b"PK\x05\x06"
_END_SIZE, _LOCATOR_SIZE, _END64_SIZE = 22, 20, 56
_ENTRY = 46 + 300  # bytes of a directory entry with a longish name


def unpack(archive: Path, into: Path, name: str = "") -> list[Refusal]:
    """Unpacks pictures, captions and metadata of a zip into a folder; what was left out and why.

    `name` is what errors call the zip. StudioError for a bomb, a damaged zip or a full disk.
    """
    name = name or archive.name
    _check_directory(archive, name)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [e for e in opened.infolist() if not e.is_dir() and not junk(e.filename)]
            _check_size(entries, archive, into, name)
            refused, left = [], MOST_BYTES
            for entry in entries:
                try:
                    target = into / _place(entry)
                    if kind(entry.filename) != "beside":
                        left -= _write(opened, entry, target, left)
                except StudioError as error:
                    said = f"{name}: {_shown(entry.filename)}"
                    refused.append(Refusal(said, error.message, error.remedy))
            return refused
    except (zipfile.BadZipFile, ValueError, struct.error) as error:
        raise _damaged(name) from error
    except OSError as error:
        raise StudioError(
            f"{name} can't be unpacked ({error.strerror or error}).", "Make room on the disk."
        ) from error


def safe(name: str) -> PurePosixPath:
    """A file's name inside a folder; StudioError for one that leads out or can't be kept."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        raise StudioError("the name leads out of the folder.", "Pack it again with plain names.")
    long = len(path.parts) > 20 or len(str(path).encode("utf-8", "replace")) > 1000
    if long or any(len(part.encode("utf-8", "replace")) > 200 for part in path.parts):
        raise StudioError("the name is too long.", "Rename it.")
    if not path.parts or any(ord(sign) < 32 or "\ud800" <= sign <= "\udfff" for sign in name):
        raise StudioError("the name can't be read.", "Rename it.")
    return path


def junk(name: str) -> bool:
    """Hidden files and what systems leave in folders; nobody misses it."""
    return any(
        part.startswith(".") and part != ".." or part in ("__MACOSX", "Thumbs.db")
        for part in PurePosixPath(name.replace("\\", "/")).parts
    )


def kind(name: str) -> str:
    """ "picture", "layered", "table" (JSON), "text", "metadata", "zip", or "beside": no one's
    mistake. StudioError else."""
    path = PurePosixPath(name.replace("\\", "/"))
    suffix = path.suffix.lower()
    if path.name in captions.METADATA:
        return "metadata"
    if suffix == ".txt":
        return "text"
    if suffix in intake.PICTURES:
        return "picture"
    if suffix in intake.LAYERED:
        return "layered"
    if suffix == ".json":
        return "table"
    if suffix == ".zip":
        return "zip"
    if suffix in ARCHIVES:
        raise StudioError(f"{suffix} is not unpacked here.", "Send a zip or the folder itself.")
    if suffix not in intake.BESIDE:
        raise StudioError(f"{suffix} is no picture format of ours.", "Export it as PNG.")
    return "beside"


def _place(entry: zipfile.ZipInfo) -> PurePosixPath:
    path = safe(entry.filename)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise StudioError("a link is not followed.", "Put the file itself into the zip.")
    if entry.flag_bits & 1:
        raise StudioError("it is locked with a password.", "Pack it again without one.")
    if kind(entry.filename) == "zip":
        raise StudioError("a zip in a zip is not opened.", "Send it by itself.")
    return path


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Bytes written. The sizes that a zip tells are believed by nobody: they are counted."""
    done = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, target.open("xb") as file:
            while chunk := source.read(CHUNK):
                done += len(chunk)
                if done > left:
                    target.unlink()
                    raise _bomb(entry.filename)
                file.write(chunk)
    except (FileExistsError, NotADirectoryError) as error:
        raise StudioError("a second file of this name.", "Rename one of them.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        target.unlink(missing_ok=True)
        raise StudioError(f"it is damaged ({error}).", "Pack it again.") from error
    return done


def _check_size(entries: list[zipfile.ZipInfo], archive: Path, into: Path, name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    packed = archive.stat().st_size
    if len(entries) > MOST_FILES:
        raise _many(name)
    if total > MOST_BYTES or (total > SMALL and total > MOST_FOLD * packed):
        raise _bomb(name)
    into.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(into).free - SPARE
    if total > free:
        raise StudioError(
            f"{name} unpacks to {total / 1024**2:,.0f} MB; the disk has room for "
            f"{max(free, 0) / 1024**2:,.0f} MB.",
            "Make room on the disk of the studio, then send it again.",
        )


def _check_directory(archive: Path, name: str) -> None:
    """Refuses a zip whose directory alone would fill the memory; it is read before any entry."""
    room = 65_535 + _END_SIZE + _LOCATOR_SIZE + _END64_SIZE
    with archive.open("rb") as file:
        file.seek(max(0, archive.stat().st_size - room))
        tail = file.read(room)
    at = len(tail) - _END_SIZE
    if not (tail[at:].startswith(_END) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise _damaged(name)
    size = struct.unpack_from("<L", tail, at + 12)[0]
    end64 = at - _LOCATOR_SIZE - _END64_SIZE
    if end64 >= 0 and tail[at - _LOCATOR_SIZE :].startswith(b"PK\x06\x07"):
        size = struct.unpack_from("<Q", tail, end64 + 40)[0]
    if size > MOST_FILES * _ENTRY:
        raise _many(name)


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:200]


def _damaged(name: str) -> StudioError:
    return StudioError(f"{name} is damaged or no zip.", "Pack it again.")


def _many(name: str) -> StudioError:
    return StudioError(f"{name} holds more than {MOST_FILES:,} files.", "Send it in parts.")


def _bomb(name: str) -> StudioError:
    return StudioError(
        f"{name} would unpack to far more than a set of pictures "
        f"(over {MOST_BYTES / 1024**3:.0f} GB, or over {MOST_FOLD} times its size).",
        "Send it in parts, or as a folder.",
    )
