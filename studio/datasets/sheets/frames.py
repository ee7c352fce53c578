"""A frame of a sheet, of a layered file or of an animation, and how much of such a file is read."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from studio.errors import StudioError
from studio.images import formats

MOST_SIDE_PIXELS = 64_000_000  # of one frame, as of any picture
MOST_PIXELS = 1_000_000_000  # of all frames of a file
MOST_FRAMES = 10_000

# What decoders raise on damaged files; none of it is our mistake.
DAMAGED = (*formats.DAMAGED, Image.DecompressionBombError)


@dataclass(frozen=True)
class Frame:
    """One picture of a file. `number` counts the file's frames or a grid's cells from 1, left to
    right and down; `tag` is the animation that it belongs to, "" for none; `profile` its ICC
    profile, empty for sRGB; `label` a name of its own, "" where its number names it."""

    picture: Image.Image
    number: int
    tag: str = ""
    profile: bytes = b""
    label: str = ""


def check_size(name: str, width: int, height: int, count: int) -> None:
    """StudioError, before anything is decoded, for a file whose frames can't all be held."""
    if width < 1 or height < 1 or count < 1:
        raise StudioError(f"{name}: it has no pixels.", "Export it again.")
    if width * height > MOST_SIDE_PIXELS:
        raise StudioError(
            f"{name}: {width:,} x {height:,} is more than {MOST_SIDE_PIXELS:,} pixels.",
            "Make it smaller, or cut it into single pictures.",
        )
    if count > MOST_FRAMES or width * height * count > MOST_PIXELS:
        raise StudioError(
            f"{name}: {count:,} frames of {width:,} x {height:,} pixels are more than "
            f"{MOST_FRAMES:,} frames or {MOST_PIXELS:,} pixels together.",
            "Export it in parts.",
        )
