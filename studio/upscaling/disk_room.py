"""How much of the disk an enlarging fills on its way, held against what is free before it begins:
a disk that is full at tile 60 has cost an hour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio import context
from studio.assets import thumbnails
from studio.errors import StudioError
from studio.upscaling.grid import Tile
from studio.upscaling.settings import Settings

RGBA, RGB = 4, 3  # bytes of a pixel


def needed(settings: Settings, width: int, height: int, tiles: Sequence[Tile]) -> int:
    """Bytes that are written for a source of `width` x `height` and these tiles, at most about: the
    source laid open, each tile, the result as if nothing of it could be packed, and of a large one
    its rows once more and the levels that are cut of them."""
    pixels = settings.width * settings.height
    drawn = sum(tile.box.width * tile.box.height for tile in tiles)
    found = width * height * RGBA + drawn * (RGBA if settings.alpha == "drawn" else RGB)
    found += pixels * RGBA
    if pixels > thumbnails.LARGE:
        found += pixels * RGBA * 3 // 2
    return found


def check(home: Path, needed: int) -> None:
    """StudioError where fewer bytes are free where the studio keeps its things."""
    free = context.free_room(home)
    if needed > free:
        raise StudioError(
            f"Enlarging needs about {_room(needed)} of the disk, and {_room(free)} are free.",
            "Make room on the disk, or take a smaller size; docs/upscaling.md says what is kept.",
        )


def _room(bytes: int) -> str:
    return f"{bytes / 1024**3:.1f} GB" if bytes >= 1024**3 else f"{bytes / 1024**2:,.0f} MB"
