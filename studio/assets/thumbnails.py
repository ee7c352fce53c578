"""Copies of pictures for pages, each made once and kept by the picture's content.

cache/thumbnails/<edition>/<aa>/<sha256>-<side>.webp  at most so many pixels a side
cache/thumbnails/<edition>/<aa>/<sha256>-whole.webp   whole, where a browser can't show the file

A picture that is too large to be decoded for each of them has a smaller copy beside it, made
together with it: NAME.smaller.webp, of at most SIDE pixels a side. Such a picture is a PNG that
every browser shows as it is.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
from pathlib import Path

from studio.errors import StudioError
from studio.images import shown
from studio.store import local
from studio.store.publish import publish

logger = logging.getLogger(__name__)
EDITION = 1  # counts up where pictures are read otherwise than before
MOST_BYTES = 2 * 1024**3  # of all copies together
WHOLE = "whole"
SMALLER = "smaller"  # the role of the file that is a large picture's smaller copy
SIDE = 2048  # pixels that it has at most
LARGE = 8_000_000  # pixels from which on a picture is to have one
SUFFIX = {shown.WEBP: ".webp", shown.PNG: ".png"}


def kept(home: Path, file: Path, side: int | None) -> Path | None:
    """The copy of a picture's file that is there already, of at most `side` pixels a side or None
    for the whole one. OSError where the file is gone."""
    place = _place(home, file, side)
    return next((p for end in SUFFIX.values() if (p := place.with_suffix(end)).is_file()), None)


def make(home: Path, file: Path, side: int | None) -> tuple[bytes, str]:
    """Makes the copy unless it is there, keeps it where the disk has room, and gives its bytes and
    media type. StudioError as `images.open_picture`, OSError where the file is gone."""
    there = kept(home, file, side)
    if there is not None:
        return there.read_bytes(), f"image/{there.suffix[1:]}"
    data, kind = shown.copy(seen_by(file, side), side)
    try:
        publish(_place(home, file, side).with_suffix(SUFFIX[kind]), data, flush=False)
    except StudioError as error:
        logger.warning("a copy of a picture was not kept: %s", error)
    return data, kind


def beside(file: Path) -> Path:
    """Where the smaller copy of a large picture lies, if there is one."""
    return file.with_name(f"{file.stem}.{SMALLER}.webp")


def has_smaller(file: Path) -> bool:
    """Whether a picture has a smaller copy beside it, be it in the bucket alone."""
    copy = beside(file)
    return copy.is_file() or (not file.is_file() and local.hash_of(copy) is not None)


def seen_by(file: Path, side: int | None) -> Path:
    """The file that a copy of at most `side` pixels is made from: a large picture's smaller copy,
    unless the whole one is wanted."""
    return beside(file) if side is not None and side <= SIDE and has_smaller(file) else file


def bound(home: Path, most: int = MOST_BYTES) -> int:
    """Drops the copies that were made longest ago until `most` bytes hold, and those of other
    editions; how many."""
    top, dropped, held = home / "cache" / "thumbnails", 0, 0
    found = [(path, path.stat()) for path in top.glob("*/*/*") if path.is_file()]
    for path, about in sorted(found, key=lambda one: -one[1].st_mtime_ns):
        ours = path.relative_to(top).parts[0] == str(EDITION)
        held += about.st_size * ours
        if held > most or not ours:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def key(home: Path, file: Path, side: int | None) -> str:
    """What tells one copy from all others."""
    return _place(home, file, side).name


def _place(home: Path, file: Path, side: int | None) -> Path:
    digest = _digest(file)
    name = f"{digest}-{WHOLE if side is None else side}"
    return home / "cache" / "thumbnails" / str(EDITION) / digest[:2] / name


def _digest(file: Path) -> str:
    """The SHA-256 of the file's bytes; a file of the stores is named by it."""
    if re.fullmatch(r"[0-9a-f]{64}", file.stem):
        return file.stem
    try:
        about = file.stat()
    except FileNotFoundError:  # it may be in the bucket alone
        if known := local.hash_of(file):
            return known
        raise
    return _read(file, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=10_000)
def _read(file: Path, changed_ns: int, size: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
