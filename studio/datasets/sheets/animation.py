"""The frames of GIF, APNG and animated WebP, each as a viewer shows it over those before."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from studio import images
from studio.datasets.sheets import frames
from studio.datasets.sheets.frames import DAMAGED, Frame
from studio.errors import StudioError

SUFFIXES = {".gif", ".png", ".apng", ".webp"}
FORMATS = ("GIF", "PNG", "WEBP")
FIRST = 64 * 1024  # bytes within which a PNG says that it moves, whatever stands before


def moves(path: Path) -> bool:
    """Whether a file has more than one frame, told by its first bytes; False for a damaged one."""
    try:
        with path.open("rb") as file:
            head = file.read(FIRST)
        if head.startswith(b"\x89PNG"):
            at = head.find(b"acTL")
            return 0 < at < (head.find(b"IDAT") % (len(head) + 1))
        if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X":
            return bool(head[20] & 2)
        if head.startswith(b"GIF8"):
            with images.opened(path, ("GIF",)) as picture:
                return bool(getattr(picture, "is_animated", False))
    except DAMAGED:
        pass
    return False


def cut(data: bytes, name: str) -> Iterator[Frame]:
    """All frames of an animation, one at a time; StudioError, naming it, for a damaged or a huge
    one. The default picture of an APNG that is no frame of it is left out."""
    damaged = StudioError(f"{name}: the animation is damaged or cut off.", "Export it again.")
    try:
        opened = images.opened(io.BytesIO(data), FORMATS)
        first = int(bool(getattr(opened, "default_image", False)))
        count = int(getattr(opened, "n_frames", 1))
        frames.check_size(name, *opened.size, count)
    except DAMAGED as error:
        raise damaged from error
    with opened:
        profile = opened.info.get("icc_profile") or b""
        for place in range(first, count):
            try:
                opened.seek(place)
                shown = opened.convert("RGBA")
            except DAMAGED as error:
                raise damaged from error
            yield Frame(shown, place - first + 1, profile=profile)
