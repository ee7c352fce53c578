"""8-bit indexed PNG whose table is the palette in its order, so that an engine may swap it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.finishing.colour_table import MOST
from studio.pixels.hex_colours import Pixels, hex_of, rgb_of
from studio.pixels.snapping import hard_alpha, packed, snapped


@dataclass(frozen=True)
class Indexed:
    """What an indexed PNG says: each pixel's place [h, w], the table's colours "#rrggbb" with the
    transparent one, and that one's place, None where nothing is transparent."""

    places: Pixels
    table: tuple[str, ...]
    transparent: int | None

    @property
    def rgba(self) -> Pixels:
        """The picture [h, w, 4]; transparent pixels are black."""
        rgba = np.insert(rgb_of(self.table)[self.places], 3, 255, axis=-1)
        if self.transparent is not None:
            rgba[self.places == self.transparent] = 0
        return rgba


def encoded(rgba: Pixels, colours: Sequence[str], transparent: int | None = 0) -> bytes:
    """The picture [h, w, 4] as indexed PNG. `transparent` is the place in the table at which the
    transparent entry stands, with the palette's colours around it in their order; None: there is
    none, for opaque pictures.

    StudioError for a pixel whose colour is not in the palette, a half-transparent one, a
    transparent one without a place for it, and a table of more than 256.
    """
    table = list(colours)
    if transparent is not None:
        if not 0 <= transparent <= len(table):
            raise StudioError(
                f"The transparent place is {transparent}.", f"Give one from 0 to {len(table)}."
            )
        table.insert(transparent, "#000000")
    if len(table) > MOST:
        raise StudioError(
            f"The table would hold {len(table)} entries, of which one is transparent.",
            f"An indexed PNG holds {MOST}: take a colour out, or let no place be transparent.",
        )
    clear = rgba[..., 3] == 0
    if half := int(((rgba[..., 3] % 255) > 0).sum()):
        raise StudioError(
            f"{half:,} pixels are half transparent.", "Give the picture hard alpha first."
        )
    if transparent is None and clear.any():
        raise StudioError(
            f"{int(clear.sum()):,} pixels are transparent, and the table has no place for them.",
            "Name the transparent place, such as 0.",
        )
    place = {colour: k for k, colour in enumerate(table) if k != transparent}
    values, back = np.unique(packed(rgba[~clear]), return_inverse=True)
    seen = [f"#{value:06x}" for value in values.tolist()]
    missing = [colour for colour in seen if colour not in place]
    if missing:
        raise StudioError(
            f"{len(missing):,} of the picture's colours are not in the palette: "
            f"{', '.join(missing[:4])}{', ...' if len(missing) > 4 else ''}.",
            "Snap the picture to the palette first.",
        )
    places = np.full(rgba.shape[:2], transparent or 0, np.uint8)
    places[~clear] = np.array([place[colour] for colour in seen] or [0], np.uint8)[back]
    return _png(places, rgb_of(table).tobytes(), transparent)


def snapped_and_encoded(
    picture: Image.Image, colours: Sequence[str], transparent: int | None = 0
) -> bytes:
    """Any picture as indexed PNG: hard alpha, each pixel in the nearest colour. One that was
    finished in this palette stays as it is, pixel by pixel. Without a transparent place its
    transparent pixels are refused."""
    rgba = np.asarray(picture.convert("RGBA"))
    return encoded(snapped(hard_alpha(rgba), colours), colours, transparent)


def read(data: bytes, name: str) -> Indexed:
    """An indexed PNG as it stands in its file. StudioError where it is none."""
    images.decode(data, name)  # whether it is whole
    with images.opened(io.BytesIO(data), ("PNG",)) as opened:
        if opened.mode != "P" or opened.palette is None:
            raise StudioError(f"{name} is no indexed PNG.", "Export it with a palette.")
        opened.load()
        raw, alpha = bytes(opened.palette.palette), opened.info.get("transparency")
        places = np.asarray(opened, np.uint8)
    table = hex_of(np.frombuffer(raw, np.uint8).reshape(-1, 3))
    if isinstance(alpha, bytes):  # one alpha for each entry
        alpha = next((k for k, value in enumerate(alpha) if value == 0), None)
    return Indexed(places, table, alpha)


def _png(places: Pixels, table: bytes, transparent: int | None) -> bytes:
    """By W3C's PNG specification: colour type 3 with 8 bits a pixel. Pillow takes fewer bits where
    the table is short, which engines that swap palettes don't read."""
    height, width = places.shape
    rows = np.insert(places, 0, 0, axis=1).tobytes()  # each begins with its filter, none
    alpha = b"" if transparent is None else b"\xff" * transparent + b"\0"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", table),
            *(((b"tRNS", alpha),) if alpha else ()),
            (b"IDAT", zlib.compress(rows, 9)),
            (b"IEND", b""),
        )
    )
