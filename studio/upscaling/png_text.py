"""Texts written into a PNG that is there already, as a stream: its pixels are never decoded."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from studio.errors import StudioError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = len(SIGNATURE) + 25  # bytes: the signature, and the chunk IHDR
COPIED = 1024 * 1024  # bytes at a time


def write(source: Path, target: Path, texts: Mapping[str, str]) -> None:
    """Write the PNG `source` at `target` with each of these texts in an iTXt chunk of its own, by
    keyword (1 to 79 Latin characters), behind IHDR. PNG specification, third edition, 11.3.3.4.
    StudioError where `source` is no PNG; OSError where a file can't be read or written."""
    with source.open("rb") as read, target.open("wb") as written:
        head = read.read(HEAD)
        if not head.startswith(SIGNATURE) or head[12:16] != b"IHDR":
            raise StudioError(f"{source} is no PNG.", "Draw it again.")
        written.write(head)
        for keyword, text in texts.items():
            written.write(_chunk(keyword, text))
        shutil.copyfileobj(read, written, COPIED)


def _chunk(keyword: str, text: str) -> bytes:
    """An iTXt chunk: keyword, not compressed, no language, no translated keyword, the text."""
    body = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")
    name = b"iTXt"
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
