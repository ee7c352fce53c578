"""The quarter-tiles that everything is composed of, each drawn once for all tiles that have it.

A quarter of a cell ("nw", "ne", "se", "sw") sees three neighbours: the one beside it, the one above
or below it, and the one between those. That leaves five forms of upper terrain: `fill`,
`vertical` (its border runs up and down), `horizontal`, `convex` and `concave`; beside them the
lower terrain's `outer`. A border never leaves its cell, so the lower terrain's quarters are plain,
and sets by corners and by cells are made of the same pieces.

Where pieces meet, their outermost pixels are one of three lines that were drawn once: upper
terrain, the border as it crosses, lower terrain. These are put on every piece of every variant, and
on what people painted over: whatever may touch, meets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from studio import numbers
from studio.errors import StudioError
from studio.pixels.snapping import snapped
from studio.tiles.fills import varied
from studio.tiles.painting import Ground, painted, upper
from studio.tiles.settings import Settings
from studio.tiles.shapes import Mask

Pixels = NDArray[np.uint8]
T = TypeVar("T", np.uint8, np.bool_)
QUARTERS = ("nw", "ne", "se", "sw")
FORMS = ("fill", "vertical", "horizontal", "convex", "concave", "outer")
BESIDE = 2  # pixels beside a common line whose form is the line's, too
# Worlds of 3 x 3 cells whose middle one has all four quarters of a form.
_COLUMN, _ROW = np.zeros((3, 3), bool), np.zeros((3, 3), bool)
_COLUMN[:, 1], _ROW[1] = True, True
_ISLAND = _COLUMN & _ROW
WORLDS: dict[str, Mask] = {
    "fill": np.ones((3, 3), bool),
    "vertical": _COLUMN,
    "horizontal": _ROW,
    "convex": _ISLAND,
    "concave": _COLUMN | _ROW,
    "outer": np.zeros((3, 3), bool),
}


@dataclass(frozen=True, order=True)
class Piece:
    """Which quarter-tile: its place in the cell, form, and variant from 0."""

    quarter: str
    form: str
    variant: int

    @property
    def name(self) -> str:
        return f"{self.quarter}-{self.form}-{self.variant + 1}"


def named(name: str, variants: int) -> Piece:
    """The piece of that name ("ne-convex-1"), or StudioError."""
    quarter, form, number = (name.split("-") + ["", ""])[:3]
    known = quarter in QUARTERS and form in FORMS and name.count("-") == 2
    variant = numbers.counted(number)
    if not known or variant is None or not 1 <= variant <= variants:
        raise StudioError(
            f"There is no quarter-tile {name[:40]!r}.",
            f"Name one as {QUARTERS[0]}-{FORMS[3]}-1: {', '.join(QUARTERS)}; {', '.join(FORMS)}; "
            f"1 to {variants}.",
        )
    return Piece(quarter, form, variant - 1)


def form(own: bool, beside: bool, over: bool, between: bool) -> str:
    """The form of a quarter whose cell is upper terrain (`own`) or not, by its neighbours."""
    if not own:
        return "outer"
    if beside and over:
        return "fill" if between else "concave"
    if beside:
        return "horizontal"
    return "vertical" if over else "convex"


def drawn(ground: Ground, settings: Settings) -> dict[Piece, Pixels]:
    """Every piece [size / 2, size / 2, 4]."""
    size, raw = settings.size, {}
    first = {form: upper(world, settings, 0) for form, world in WORLDS.items()}
    for variant in range(settings.variants):
        own = Ground(
            varied(ground.inner, settings.seed, variant, settings.outline),
            varied(ground.outer, settings.seed + 1, variant, settings.outline),
            ground.shades,
            ground.outline,
        )
        for form, world in WORLDS.items():
            mask = _joined(upper(world, settings, variant), form, first, settings)
            cell = painted(mask, own, settings, variant)[size : 2 * size, size : 2 * size]
            for quarter in QUARTERS:
                raw[Piece(quarter, form, variant)] = quarter_of(cell, quarter)
    return {piece: met(raw[piece], piece, raw, settings) for piece in all_pieces(settings.variants)}


def _joined(mask: Mask, form: str, first: Mapping[str, Mask], settings: Settings) -> Mask:
    """The mask of a world, near the sides of its middle cell's quarters that of the common lines:
    so their outlines are drawn around both."""
    out, middle = mask.copy(), np.s_[settings.size : 2 * settings.size]
    for quarter in QUARTERS:
        part = quarter_of(out[middle, middle], quarter)
        for side, line in sides(Piece(quarter, form, 0), settings.kind).items():
            place = along(quarter, side, settings.outline + BESIDE)
            part[place] = quarter_of(first[line][middle, middle], quarter)[place]
    return out


def painted_over(
    pieces: Mapping[Piece, Pixels], fixes: Mapping[Piece, Pixels], settings: Settings
) -> dict[Piece, Pixels]:
    """The pieces with those that somebody painted over; these keep the common lines at their sides,
    so that they meet their neighbours as before. StudioError for one of another size, or with a
    hole where ground is to be."""
    out, half = dict(pieces), settings.size // 2
    for piece, pixels in fixes.items():
        height, width = pixels.shape[:2]
        if (width, height) != (half, half):
            raise StudioError(
                f"The quarter-tile {piece.name} is {width} x {height} pixels.",
                f"Keep it {half} x {half}, as it was downloaded.",
            )
        if settings.kind != "platform" and (pixels[..., 3] < 255).any():
            raise StudioError(
                f"The quarter-tile {piece.name} has transparent pixels.",
                "Paint them over: ground has no holes.",
            )
        fixed = snapped(pixels, settings.colours) if settings.colours else pixels
        out[piece] = met(fixed, piece, pieces, settings)
    return out


def all_pieces(variants: int) -> list[Piece]:
    """Every piece, by variant, form and place: one more variant moves none of them."""
    return [
        Piece(quarter, form, variant)
        for variant in range(variants)
        for form in FORMS
        for quarter in QUARTERS
    ]


def quarter_of(cell: NDArray[T], quarter: str) -> NDArray[T]:
    """A quarter of a cell's picture or mask, as a view of it."""
    half = cell.shape[0] // 2
    top, left = half * (quarter[0] == "s"), half * (quarter[1] == "e")
    return cell[top : top + half, left : left + half]


def met(pixels: Pixels, piece: Piece, pieces: Mapping[Piece, Pixels], settings: Settings) -> Pixels:
    """A piece with the common lines at its four sides, as wide as the outline: those that the
    pieces of variant 0 have there."""
    out = pixels.copy()
    for side, form in sides(piece, settings.kind).items():
        place = along(piece.quarter, side, settings.outline)
        out[place] = pieces[Piece(piece.quarter, form, 0)][place]
    return out


def along(quarter: str, side: str, width: int) -> tuple[slice, slice]:
    """Rows and columns of a quarter that lie along one of its `sides`, so many pixels wide."""
    south, east = quarter[0] == "s", quarter[1] == "e"
    # The outer side is where the cell ends, the inner one where its other quarter begins.
    last = {"beside": east, "within beside": not east, "over": south, "within over": not south}
    part = slice(-width, None) if last[side] else slice(0, width)
    return (slice(None), part) if side.endswith("beside") else (part, slice(None))


def sides(piece: Piece, kind: str) -> dict[str, str]:
    """Which drawn line stands at each side of a piece, as the form it is cut from: at the cell's
    end beside and over it, and within the cell towards the other quarters. Where a cell ends
    against lower terrain that is plain, but against air it is the piece's own outline."""
    if piece.form == "outer":
        return dict.fromkeys(("within beside", "within over", "beside", "over"), "outer")
    vertical = piece.form in ("vertical", "convex")
    horizontal = piece.form in ("horizontal", "convex")
    crossed = piece.form == "concave"
    end = piece.form if kind == "platform" else "outer"
    return {
        "within over": "vertical" if vertical else "fill",
        "within beside": "horizontal" if horizontal else "fill",
        "beside": end if vertical else "horizontal" if horizontal or crossed else "fill",
        "over": end if horizontal else "vertical" if vertical or crossed else "fill",
    }
