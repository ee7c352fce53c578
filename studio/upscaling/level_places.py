"""Where the levels of pictures lie, and for how long: cache/levels/<aa>/<hash>, by the hash that
tells what is in the picture's file. They can be made again from it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from studio.store.publish import remove_folder

MOST_BYTES = 4 * 1024**3  # of all levels together


def folder(home: Path, hash: str) -> Path:
    """Where the levels of a picture with this hash lie, or are to be."""
    return home / "cache" / "levels" / hash[:2] / hash


def there(home: Path, hash: str) -> bool:
    """Whether they are there: they are published as a whole."""
    return folder(home, hash).is_dir()


def bound(home: Path, most: int = MOST_BYTES) -> int:
    """Drops the levels that were made longest ago until `most` bytes hold; of how many pictures."""
    held = dropped = 0
    found = []
    for one in (home / "cache" / "levels").glob("*/*"):
        with suppress(OSError):  # it may be dropped, or published, at this moment
            size = sum(file.stat().st_size for file in one.rglob("*.webp"))
            found.append((one.stat().st_mtime_ns, size, one))
    for _, size, one in sorted(found, reverse=True):
        held += size
        if held > most:
            remove_folder(one)
            dropped += 1
    return dropped
