"""A tileset: its pieces, its tiles composed of them, and what of a map each tile is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.pixels.snapping import snapped
from studio.tiles import layouts
from studio.tiles.fills import evened, spots
from studio.tiles.layouts import Tile
from studio.tiles.painting import Ground
from studio.tiles.pieces import QUARTERS, Piece, drawn
from studio.tiles.settings import Settings, checked
from studio.tiles.shades import line_colour, ramp, shades
from studio.tiles.terrains import Terrain

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Tileset:
    """Everything of one set. `pictures` are the tiles [size, size, 4] by number."""

    settings: Settings
    pieces: Mapping[Piece, Pixels]
    tiles: tuple[Tile, ...]
    pictures: tuple[Pixels, ...]
    notes: tuple[str, ...] = ()


def made(inner: Terrain, outer: Terrain, settings: Settings) -> Tileset:
    """The tileset of two terrains: the same for the same terrains and settings."""
    settings = checked(settings)
    notes = [f"{one.name}: {note}" for one in (inner, outer) for note in one.notes]
    if (inner.pixels == outer.pixels).all():
        notes.append("Both terrains are the same picture: only the border tells them apart.")
    ground, said = _ground(inner, outer, settings)
    return of_pieces(settings, drawn(ground, settings), (*notes, *said))


def of_pieces(
    settings: Settings, pieces: Mapping[Piece, Pixels], notes: tuple[str, ...] = ()
) -> Tileset:
    """The tileset that is composed of these quarter-tiles."""
    tiles = tuple(layouts.tiles(settings.kind, settings.variants))
    return Tileset(settings, pieces, tiles, tuple(composed(one, pieces) for one in tiles), notes)


def composed(tile: Tile, pieces: Mapping[Piece, Pixels]) -> Pixels:
    """The tile's picture, its four quarters beside each other."""
    parts = tile.pieces()
    nw, ne, se, sw = (pieces[parts[quarter]] for quarter in QUARTERS)
    return np.concatenate([np.concatenate([nw, ne], 1), np.concatenate([sw, se], 1)])


def _ground(inner: Terrain, outer: Terrain, settings: Settings) -> tuple[Ground, list[str]]:
    """Both terrains evened and in the palette, with what was done."""
    colours = settings.colours or ramp(inner.pixels, outer.pixels)
    known = shades(colours, settings.outline_colour)
    pair, notes = [], []
    for one in (inner, outer):
        even = evened(one.pixels)
        if even is not one.pixels:
            size = settings.size
            notes.append(
                f"{one.name}: repeated it showed hot spots ({spots(one.pixels, size):.3f}); "
                f"evened to {spots(even, size):.3f}."
            )
        pair.append(snapped(even, colours, settings.dither) if colours else even)
    line = line_colour(known, inner.pixels, outer.pixels)
    if settings.outline_colour:
        line = np.frombuffer(bytes.fromhex(settings.outline_colour.lstrip("#")), np.uint8)
    return Ground(pair[0], pair[1], known, line), notes
