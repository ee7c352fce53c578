"""How large a picture is drawn: its width and height, and the grid that every base draws on.

Nothing here needs torch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PIL import Image

from studio.errors import StudioError

LEAST, MOST = 8, 2048  # pixels a side
GRID = 8  # pixels: diffusers' pipelines take sides that are multiples of it, whatever the base
DOWN = (8, 4, 2)  # by which pictures can be downloaded smaller
_WRITTEN = re.compile(r"\s*([0-9]{1,6})\s*(?:[x×*]\s*([0-9]{1,6})\s*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width} x {self.height}"


def check_side(name: str, pixels: int) -> int:
    """The same number, or StudioError that calls it by `name`."""
    if not LEAST <= pixels <= MOST:
        raise StudioError(f"{name} is {pixels:,}.", f"Give {LEAST} to {MOST:,} pixels.")
    return pixels


def read(text: str) -> Size | None:
    """A size as people write it, "48" for both sides or "32x48"; None where it is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    width, height = found.groups()
    return Size(check_side("width", int(width)), check_side("height", int(height or width)))


def on_grid(size: Size) -> Size:
    """The next larger size that a base can draw."""
    return Size(-(-size.width // GRID) * GRID, -(-size.height // GRID) * GRID)


def cropped(picture: Image.Image, size: Size) -> Image.Image:
    """The middle of a picture that was drawn on the grid."""
    if picture.size == (size.width, size.height):
        return picture
    left, top = (picture.width - size.width) // 2, (picture.height - size.height) // 2
    return picture.crop((left, top, left + size.width, top + size.height))


def remarks(size: Size, usual: int) -> list[str]:
    """Sentences about a size that is not drawn as it stands, or badly by a version that draws best
    at `usual` pixels a side."""
    said, drawn = [], on_grid(size)
    if drawn != size:
        said.append(f"{size} is drawn as {drawn} and its middle cut out.")
    share = size.width * size.height / usual**2
    if share < 1 / 4:
        larger = next((k for k in DOWN if k**2 * share <= 1.5), DOWN[-1])
        wide, high = size.width * larger, size.height * larger
        said.append(
            f"{size} is far smaller than the {usual} px a side that this draws best. "
            f"Draw {wide} x {high} and download it at 1/{larger}."
        )
    elif share > 4:
        said.append(
            f"{size} is far larger than the {usual} px a side that this draws best: things may "
            "come twice. Draw it smaller and enlarge it."
        )
    return said
