"""Which tiles a set has, by number, and what pieces each is composed of.

A corner set's tile is numbered by its corners (NE 1, SE 2, SW 4, NW 8), as Wang tiles are. A blob
tile's mask has its neighbours (N 1, NE 2, E 4, SE 8, S 16, SW 32, W 64, NW 128), a corner only
where both sides beside it are there, which leaves 47. Both numberings are cr31's (Guy Walker).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from studio.tiles.pieces import QUARTERS, Piece, form

COLUMNS = 8
CORNERS = {"ne": 1, "se": 2, "sw": 4, "nw": 8}
NEIGHBOURS = {"n": 1, "ne": 2, "e": 4, "se": 8, "s": 16, "sw": 32, "w": 64, "nw": 128}
# Around a tile from the top, as Tiled and Godot count.
AROUND = tuple(NEIGHBOURS)


@dataclass(frozen=True)
class Tile:
    """One tile: its number in the set for ever, whether its cell is upper terrain (a set by corners
    has none: None), the mask of corners or neighbours that are, and its variant from 0."""

    id: int
    own: bool | None
    mask: int
    variant: int

    @property
    def place(self) -> tuple[int, int]:
        """Column and row on the sheet."""
        return self.id % COLUMNS, self.id // COLUMNS

    def corner(self, name: str) -> bool:
        """Whether upper terrain lies around this corner point ("ne")."""
        if self.own is None:
            return bool(self.mask & CORNERS[name])
        return self.own and bool(self.mask & NEIGHBOURS[name])

    def side(self, name: str) -> bool:
        """Whether upper terrain goes on over this side ("n") of a set by cells."""
        return bool(self.own) and bool(self.mask & NEIGHBOURS[name])

    def pieces(self) -> dict[str, Piece]:
        """The piece in each quarter of the tile."""
        if self.own is None:
            return {quarter: self._by_corners(quarter) for quarter in QUARTERS}
        return {quarter: self._by_cells(quarter) for quarter in QUARTERS}

    def _by_corners(self, quarter: str) -> Piece:
        """A corner is a cell's middle: a tile's north-west quarter is a cell's south-east one."""
        over = opposite(quarter[0]) + quarter[1]
        beside = quarter[0] + opposite(quarter[1])
        across = opposite(quarter[0]) + opposite(quarter[1])
        seen = form(*(self.corner(name) for name in (quarter, beside, over, across)))
        return Piece(across, seen, self.variant)

    def _by_cells(self, quarter: str) -> Piece:
        seen = [bool(self.mask & NEIGHBOURS[n]) for n in (quarter[1], quarter[0], quarter)]
        return Piece(quarter, form(bool(self.own), *seen), self.variant)


def opposite(side: str) -> str:
    """The side across."""
    return {"n": "s", "s": "n", "e": "w", "w": "e"}[side]


@cache
def blob_masks() -> tuple[int, ...]:
    """The 47 masks, the smallest first."""
    return tuple(sorted({reduced(mask) for mask in range(256)}))


def reduced(mask: int) -> int:
    """A mask without those corners that no tile shows: beside them a side is missing."""
    for corner in CORNERS:
        sides = NEIGHBOURS[corner[0]] | NEIGHBOURS[corner[1]]
        if mask & sides != sides:
            mask &= ~NEIGHBOURS[corner]
    return mask


def tiles(kind: str, variants: int) -> list[Tile]:
    """All tiles of a set, by number. Variants are whole blocks of it: another one, and what a later
    revision adds, comes after all that are there."""
    one: list[tuple[bool | None, int]]
    if kind == "wang":
        one = [(None, mask) for mask in range(16)]
    else:
        one = [(False, 0), *((True, mask) for mask in blob_masks())]
    return [
        Tile(variant * len(one) + place, own, mask, variant)
        for variant in range(variants)
        for place, (own, mask) in enumerate(one)
    ]


def block(kind: str) -> int:
    """How many tiles a variant has."""
    return 16 if kind == "wang" else 48


def label(tile: Tile, kind: str) -> str:
    """What a tile is, in words: "south-east corner", "single"."""
    if tile.own is None:
        return _by_corners(tile.mask)
    if not tile.own:
        return "air" if kind == "platform" else "lower terrain"
    missing = [side for side in "nesw" if not tile.side(side)]
    notches = [c for c in CORNERS if not tile.corner(c) and not set(c) & set(missing)]
    words = {"n": "top", "e": "right", "s": "underside", "w": "left"}
    if len(missing) == 4:
        return "single"
    if not missing:
        return f"inner corner {', '.join(notches)}" if notches else "inside"
    said = " ".join(words[side] for side in missing)
    return f"{said}, inner corner {', '.join(notches)}" if notches else said


def _by_corners(mask: int) -> str:
    there = [name for name, bit in CORNERS.items() if mask & bit]
    if len(there) in (0, 4):
        return "upper terrain" if there else "lower terrain"
    return f"upper at {', '.join(there)}"
