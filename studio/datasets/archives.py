"""A zip that somebody sent, unpacked with distrust: no path out of the folder, no link, no bomb.

What can't be used is refused by name and the rest goes on; a zip that is a bomb, or no zip, is
refused whole before anything of it is written.
"""

from __future__ import annotations

import errno
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from studio.datasets import captions, intake, metadata_files, words
from studio.datasets.pictures import Refusal, listed
from studio.errors import StudioError
from studio.store import reserved_room
from studio.text import decoding

MOST_FILES = 20_000
MOST_BYTES = 4 * 1024**3  # unpacked
MOST_FOLD = 200  # unpacked to packed; plain pixel art as BMP comes near it
SMALL = 100 * 1024**2  # below this a high fold does no harm
SPARE = reserved_room.SPARE
ARCHIVES = {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".cbz"}
CHUNK = 1024 * 1024
LONGEST, LONGEST_PART, DEEPEST = 2_000, 255, 100  # bytes of a name, of a part of it, and parts
UTF8 = 0x800  # a zip's mark on a name that is UTF-8
_END = b"PK\x05\x06"
_END_SIZE, _LOCATOR_SIZE, _END64_SIZE = 22, 20, 56
_ENTRY = 46 + 1_000  # bytes of a directory entry with a long name


def unpack(
    archive: Path, into: Path, name: str = "", remark: Callable[[str], None] = lambda line: None
) -> list[Refusal]:
    """Unpacks pictures, captions and metadata of a zip into a folder; what was left out and why.

    `name` is what errors call the zip. Where its names are in no declared encoding, `remark` is
    told as what they were read. StudioError for a bomb, a damaged zip or a full disk.
    """
    name = name or archive.name
    _check_directory(archive, name)
    try:
        with zipfile.ZipFile(archive) as opened:
            named, read_as = _named(opened.infolist())
            entries = [(e, n) for e, n in named if not n.endswith(("/", "\\")) and not junk(n)]
            _check_size([entry for entry, _ in entries], archive, into, name)
            refused, left = [], MOST_BYTES
            for entry, own in entries:
                try:
                    target = into / _place(entry, own)
                    if kind(own) != "beside":
                        left -= _write(opened, entry, target, left)
                except StudioError as error:
                    refused.append(Refusal(f"{name}: {_shown(own)}", error.message, error.remedy))
            if read_as:
                shown = listed([_shown(own) for e, own in entries if not e.flag_bits & UTF8], 3)
                remark(f"The names in {name} are read as {read_as}: {shown}.")
            return refused
    except (zipfile.BadZipFile, ValueError, struct.error) as error:
        raise _damaged(name) from error
    except OSError as error:
        raise StudioError(
            f"{name} can't be unpacked ({error.strerror or error}).", "Make room on the disk."
        ) from error


def _named(entries: Sequence[zipfile.ZipInfo]) -> tuple[list[tuple[zipfile.ZipInfo, str]], str]:
    """The entries with their names, and in which encoding those were that declare none."""
    undeclared = [entry for entry in entries if not entry.flag_bits & UTF8]
    names = {id(entry): words.plain(entry.orig_filename) for entry in entries}
    # zipfile reads them in the code page of the first PCs, which has a character for every byte.
    raw = {id(entry): entry.orig_filename.encode("cp437") for entry in undeclared}
    told = {key: said for e in undeclared if (said := _unicode_path(e, raw[key := id(e)]))}
    unsure = [key for key in raw if key not in told]
    found, read_as = decoding.decode_names([raw[key] for key in unsure])
    names |= {key: words.plain(said) for key, said in told.items()}
    names |= dict(zip(unsure, found, strict=True))
    return [(entry, names[id(entry)]) for entry in entries], read_as


def _unicode_path(entry: zipfile.ZipInfo, raw: bytes) -> str:
    """The name that Info-ZIP puts beside one in another encoding; "" where there is none, or it
    is of an earlier name."""
    rest = entry.extra
    while len(rest) >= 4:
        mark, size = struct.unpack_from("<HH", rest)
        field, rest = rest[4 : 4 + size], rest[4 + size :]
        if mark == 0x7075 and size > 5 and field[1:5] == struct.pack("<L", zlib.crc32(raw)):
            return field[5:].decode("utf-8", "ignore")
    return ""


def safe(name: str) -> PurePosixPath:
    """A file's name inside a folder, in NFC; StudioError for one that leads out or can't be
    kept."""
    path = PurePosixPath(words.plain(name).replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:[\\/]", name):
        raise StudioError("the name leads out of the folder.", "Pack it again with plain names.")
    long = len(path.parts) > DEEPEST or len(str(path).encode("utf-8", "replace")) > LONGEST
    if long or any(len(part.encode("utf-8", "replace")) > LONGEST_PART for part in path.parts):
        raise StudioError("the name is too long.", "Rename it.")
    unreadable = any(ord(s) < 32 or "\ud800" <= s <= "\udfff" or s == "\ufffd" for s in name)
    if not path.parts or unreadable:
        raise StudioError("the name can't be read.", "Rename it.")
    return path


def junk(name: str) -> bool:
    """Hidden files and what systems leave in folders; nobody misses it."""
    return any(
        part.startswith(".") and part != ".." or part in intake.JUNK
        for part in PurePosixPath(name.replace("\\", "/")).parts
    )


def kind(name: str) -> str:
    """ "picture", "layered", "table" (JSON), "text", "metadata", "zip", "unnamed" where only the
    content can tell, or "beside": no one's mistake. StudioError else."""
    path = PurePosixPath(name.replace("\\", "/"))
    suffix = path.suffix.lower()
    if metadata_files.is_metadata(name):
        return "metadata"
    if suffix in captions.TEXTS:
        return "text"
    if suffix in intake.PICTURES:
        return "picture"
    if suffix in intake.LAYERED:
        return "layered"
    if suffix == ".json":
        return "table"
    if suffix == ".zip":
        return "zip"
    if not suffix and path.name.lower() not in captions.NOT_CAPTIONS:
        return "unnamed"
    if suffix in ARCHIVES:
        raise StudioError(f"{suffix} is not unpacked here.", "Send a zip or the folder itself.")
    if (error := intake.unread(path.name)) is not None:
        raise error
    return "beside"


def _place(entry: zipfile.ZipInfo, own: str) -> PurePosixPath:
    path = safe(own)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise StudioError("a link is not followed.", "Put the file itself into the zip.")
    if entry.flag_bits & 1:
        raise StudioError("it is locked with a password.", "Pack it again without one.")
    if kind(own) == "zip":
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
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:  # some file systems take less than LONGEST_PART
            raise
        raise StudioError("the name is too long.", "Rename it.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        target.unlink(missing_ok=True)
        raise StudioError(f"it is damaged ({error}).", "Pack it again.") from error
    return done


def unpacked_size(archive: Path) -> int:
    """Bytes that a zip says its files have together, at most what is unpacked at all; 0 where it
    can't be read, which `unpack` then says."""
    try:
        _check_directory(archive, archive.name)
        with zipfile.ZipFile(archive) as opened:
            return min(sum(entry.file_size for entry in opened.infolist()), MOST_BYTES)
    except (zipfile.BadZipFile, OSError, StudioError, ValueError, NotImplementedError):
        return 0


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
