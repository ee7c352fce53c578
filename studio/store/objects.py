"""What a store is, wherever it keeps its files: the one protocol of the folder and of S3.

`studio.store.contents.Store` and `studio.store.bucket.Bucket` are the two that there are. A file's
name is the SHA-256 of its bytes, 64 characters, each of 0-9 and a-f; so nothing is ever replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class Objects(Protocol):
    """Every method raises StudioError: `bucket_errors.Away` where asking again later may help."""

    def put(self, content: bytes | Path) -> str:
        """Keep these bytes, or what is in this file, once; their SHA-256."""

    def get(self, digest: str) -> bytes:
        """What was put, compared with its name."""

    def fetch(self, digest: str, target: Path) -> None:
        """Put what was put at `target`, in the place of what was there; compared with its name."""

    def has(self, digest: str) -> bool:
        """Whether there is such a file."""

    def delete(self, digest: str) -> None:
        """Take the file away; nothing where there is none."""

    def digests(self) -> Iterator[str]:
        """The name of every file there, in order."""
