"""The sheet: all tiles of a set in one picture, each at a place that it keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import numbers
from studio.tiles.layouts import COLUMNS
from studio.tiles.pieces import FORMS, QUARTERS, Piece, all_pieces
from studio.tiles.tilesets import Tileset

Pixels = NDArray[np.uint8]
MOST_GAP = 32


@dataclass(frozen=True)
class Gaps:
    """Pixels between tiles, and around all of them."""

    spacing: int = 0
    margin: int = 0


def gaps(spacing: int, margin: int) -> Gaps:
    """Both, or StudioError."""
    return Gaps(
        numbers.whole("spacing", spacing, 0, MOST_GAP), numbers.whole("margin", margin, 0, MOST_GAP)
    )


def rows(tileset: Tileset) -> int:
    """How many rows a sheet of eight columns has."""
    return -(-len(tileset.tiles) // COLUMNS)


def rectangle(id: int, size: int, between: Gaps) -> tuple[int, int, int, int]:
    """Where tile `id` lies on the sheet: left, top, right, bottom."""
    step = size + between.spacing
    left = between.margin + id % COLUMNS * step
    top = between.margin + id // COLUMNS * step
    return left, top, left + size, top + size


def extent(tileset: Tileset, between: Gaps) -> tuple[int, int]:
    """Width and height of the sheet in pixels."""
    size, gap, edge = tileset.settings.size, between.spacing, 2 * between.margin
    width, height = COLUMNS, rows(tileset)
    return width * size + (width - 1) * gap + edge, height * size + (height - 1) * gap + edge


def sheet(tileset: Tileset, between: Gaps) -> Image.Image:
    """The sheet, transparent between the tiles."""
    out = Image.new("RGBA", extent(tileset, between))
    for tile in tileset.tiles:
        box = rectangle(tile.id, tileset.settings.size, between)
        out.paste(Image.fromarray(tileset.pictures[tile.id]), box)
    return out


def piece_sheet(tileset: Tileset) -> Image.Image:
    """All quarter-tiles: a row for each variant and place, a column for each form."""
    half = tileset.settings.size // 2
    out = Image.new("RGBA", (len(FORMS) * half, len(QUARTERS) * tileset.settings.variants * half))
    for piece in all_pieces(tileset.settings.variants):
        out.paste(Image.fromarray(tileset.pieces[piece]), piece_place(piece, half))
    return out


def piece_place(piece: Piece, half: int) -> tuple[int, int]:
    """Left and top of a quarter-tile on that sheet."""
    row = piece.variant * len(QUARTERS) + QUARTERS.index(piece.quarter)
    return FORMS.index(piece.form) * half, row * half


def pieces_on(sheet: Image.Image, variants: int, size: int) -> dict[Piece, Pixels]:
    """The quarter-tiles on such a sheet."""
    half, pixels = size // 2, np.asarray(sheet.convert("RGBA"))
    found = {}
    for piece in all_pieces(variants):
        left, top = piece_place(piece, half)
        found[piece] = pixels[top : top + half, left : left + half]
    return found
