"""What is exported: pictures and sheets, the fields that their files are named by, and where the
frames lie. Lengths are in pixels, from the upper left corner."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from PIL import Image

from studio.errors import StudioError

Borders = tuple[int, int, int, int]  # left, top, right, bottom of what is stretched in nine parts
Files = Callable[["Piece", str, str], Mapping[str, bytes]]
Colour = tuple[int, int, int, int]
CLEAR: Colour = (0, 0, 0, 0)
FLAT: Colour = (128, 128, 255, 0)  # of a normal map where nothing is drawn


@dataclass(frozen=True)
class Fields:
    """What a file is named by, each "" where it has none; they are stored, and nothing reads them
    out of a file's name."""

    category: str = ""
    name: str = ""
    variant: str = ""
    direction: str = ""
    frame: str = ""


FIELDS = tuple(one.name for one in fields(Fields))


@dataclass(frozen=True)
class Region:
    """A frame: its rectangle on the sheet, where its upper left corner is in the canvas, and how
    long it is shown."""

    name: str
    x: int
    y: int
    width: int
    height: int
    left: int = 0
    top: int = 0
    duration_ms: int = 100


@dataclass(frozen=True)
class Run:
    """An animation: its frames by number, in the order in which they are shown, and how often all
    of it is (0: without end)."""

    name: str
    frames: tuple[int, ...]
    repeat: int = 0


@dataclass(frozen=True)
class Layout:
    """A sheet's frames, all of one canvas, and its animations. With `directions` each frame is a
    direction, by its name; others are known by their numbers."""

    width: int
    height: int
    regions: tuple[Region, ...]
    runs: tuple[Run, ...] = ()
    directions: bool = False

    @property
    def played(self) -> tuple[Run, ...]:
        """The animations; where none is named, all frames as one."""
        return self.runs or (Run("default", tuple(range(len(self.regions)))),)

    @property
    def words(self) -> tuple[str, ...]:
        """What tells each frame from the others in a file's name."""
        if self.directions:
            return tuple(one.name for one in self.regions)
        return tuple(f"{number:02d}" for number in range(len(self.regions)))


@dataclass(frozen=True, eq=False)
class Piece:
    """One asset, or one frame of it. `image` is the picture or the sheet, `normals` has its size;
    `pivot` is a place in the canvas (None: as the profile says). `files` makes what is not made
    here, by the name of its file: of this piece as the profile has it, from a stem and a folder as
    an engine names it. `told` is what the manifest says of it, `term` how it came about (`iptc`),
    "" where no model had a hand in it."""

    asset: str
    kind: str
    fields: Fields
    image: Image.Image | None = None
    normals: Image.Image | None = None
    layout: Layout | None = None
    pivot: tuple[float, float] | None = None
    borders: Borders | None = None
    files: Files | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    term: str = ""

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height of what is shown at once; StudioError for a piece without a picture."""
        if self.layout is not None:
            return self.layout.width, self.layout.height
        if self.image is None:
            raise StudioError(f"The {self.kind} {self.asset} has no picture.", "Leave it out.")
        return self.image.size


def unit(run: Run, layout: Layout) -> int:
    """The longest time in ms of which each frame of an animation lasts a whole multiple."""
    return math.gcd(*(layout.regions[number].duration_ms for number in run.frames)) or 1


def enlarged(layout: Layout, factor: int) -> Layout:
    """The same on a sheet that is a whole factor larger."""
    regions = tuple(
        replace(
            one,
            **{
                name: getattr(one, name) * factor
                for name in ("x", "y", "width", "height", "left", "top")
            },
        )
        for one in layout.regions
    )
    return replace(
        layout, width=layout.width * factor, height=layout.height * factor, regions=regions
    )


def singly(piece: Piece) -> list[Piece]:
    """Each frame of a sheet as a piece of its own, on its whole canvas, by its number in the field
    `frame`, or its name in `direction`; a picture as it is."""
    if piece.layout is None or piece.image is None:
        return [piece]
    frames = shown(piece.image, piece.layout)
    maps = shown(piece.normals, piece.layout, FLAT) if piece.normals else [None] * len(frames)
    name = "direction" if piece.layout.directions else "frame"
    return [
        replace(
            piece,
            fields=replace(piece.fields, **{name: word}),
            image=image,
            normals=normals,
            layout=None,
            files=None,
        )
        for word, image, normals in zip(piece.layout.words, frames, maps, strict=True)
    ]


def shown(sheet: Image.Image, layout: Layout, empty: Colour = CLEAR) -> list[Image.Image]:
    """Each frame of a sheet, RGBA, on its whole canvas, `empty` where the frame was trimmed: FLAT
    for normal maps."""
    return [_cut(sheet, layout, region, empty) for region in layout.regions]


def _cut(sheet: Image.Image, layout: Layout, region: Region, empty: Colour) -> Image.Image:
    box = (region.x, region.y, region.x + region.width, region.y + region.height)
    canvas = Image.new("RGBA", (layout.width, layout.height), empty)
    canvas.paste(sheet.crop(box), (region.left, region.top))
    return canvas
