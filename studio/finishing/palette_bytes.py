"""Palettes as bytes: Microsoft's RIFF .pal, Adobe's colour table .act and swatches .ase.

RIFF: Multimedia Programming Interface and Data Specifications 1.0 (1991), "Palette File Format".
ACT: Adobe Photoshop File Formats Specification, "Color Table". ASE has no published
specification; its blocks are as other programs read them (signature ASEF, blocks C001 and C002
around a group, 0001 a colour with a name in UTF-16, a model and floats).
"""

from __future__ import annotations

import struct

from studio.errors import StudioError
from studio.finishing.colour_table import ColourTable, Ramp, check_count, ramp_colours
from studio.finishing.palette_text import Found

ACT_COLOURS = 256
CUT_OFF = "The file is cut off or damaged. Export it again."
_COLOUR, _GROUP, _END = 0x0001, 0xC001, 0xC002


def is_riff(data: bytes) -> bool:
    """Whether it begins as Microsoft's palettes do."""
    return data[:4] == b"RIFF" and data[8:12] == b"PAL "


def is_ase(data: bytes) -> bool:
    """Whether it begins as Adobe's swatches do."""
    return data[:4] == b"ASEF"


def read_riff(data: bytes, name: str) -> Found:
    """Its first "data" chunk. The fourth byte of a colour is a flag there, not alpha."""
    found, at = Found(), 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"data":
            count = int.from_bytes(data[at + 10 : at + 12], "little")
            check_count(count, name)
            entries = data[at + 12 : at + 12 + 4 * count]
            if len(entries) < 4 * count:
                raise StudioError(
                    f"{name} says {count} colours, and {len(entries) // 4} follow.", CUT_OFF
                )
            for place in range(count):
                found.add(place + 1, "#" + entries[4 * place : 4 * place + 3].hex())
            return found
        at += 8 + size + size % 2
    raise StudioError(f"{name} holds no colours: it has no data chunk.", CUT_OFF)


def write_riff(table: ColourTable) -> bytes:
    """One "data" chunk of version 3.0."""
    entries = b"".join(bytes.fromhex(colour[1:]) + b"\0" for colour in table.colours)
    chunk = struct.pack("<HH", 0x0300, len(table.colours)) + entries
    return b"RIFF" + struct.pack("<I", len(chunk) + 12) + b"PAL data" + _sized(chunk, "<I")


def read_act(data: bytes, name: str) -> Found:
    """768 bytes; the count and the transparent place, where they follow, are obeyed."""
    if len(data) not in (3 * ACT_COLOURS, 3 * ACT_COLOURS + 4):
        raise StudioError(
            f"{name} has {len(data):,} bytes; an Adobe colour table (.act) has 768 or 772.",
            "Export it again, or take another format.",
        )
    count, transparent = ACT_COLOURS, -1
    if len(data) > 3 * ACT_COLOURS:
        count, transparent = struct.unpack_from(">Hh", data, 3 * ACT_COLOURS)
        count = count or ACT_COLOURS
    check_count(count, name)
    found = Found()
    for place in range(count):
        alpha = 0 if place == transparent else 255
        found.add(place + 1, "#" + data[3 * place : 3 * place + 3].hex(), alpha)
    return found


def write_act(table: ColourTable) -> bytes:
    """With the count, and no transparent place."""
    entries = b"".join(bytes.fromhex(colour[1:]) for colour in table.colours)
    return entries.ljust(3 * ACT_COLOURS, b"\0") + struct.pack(">Hh", len(table.colours), -1)


def read_ase(data: bytes, name: str) -> Found:
    """RGB and grey colours with their names; its groups become ramps, of colours that stand before
    them or in them."""
    found, at, group = Found(), 12, ""
    places: list[int] | None = None
    known: dict[str, int] = {}
    blocks = int.from_bytes(data[8:12], "big")
    for number in range(1, blocks + 1):
        if at + 6 > len(data):
            raise StudioError(f"{name} says {blocks} blocks, and {number - 1} follow.", CUT_OFF)
        kind, size = struct.unpack_from(">HI", data, at)
        block, at = data[at + 6 : at + 6 + size], at + 6 + size
        if len(block) < size:
            raise StudioError(f"{name}, block {number}: it ends too early.", CUT_OFF)
        if kind == _GROUP:
            group, places = _ase_name(block, name, number)[0], []
        elif kind == _END and places is not None:
            if len(places) > 1:
                found.ramps.append(Ramp(group, tuple(dict.fromkeys(places))))
            places = None
        elif kind == _COLOUR:
            called, rest = _ase_name(block, name, number)
            colour = _ase_colour(rest, f"{name}, block {number} ({called[:40]!r})")
            if places is None or colour not in known:
                known.setdefault(colour, len(found.colours))
                found.add(number, colour, 255, "" if called == colour else called)
            if places is not None:
                places.append(known[colour])
    check_count(len(found.colours), name)
    return found


def write_ase(table: ColourTable) -> bytes:
    """Colours in their order with their names; each ramp again as a group of its own after them,
    as the format has no other place for one that shares colours."""
    names = table.names or ("",) * len(table.colours)
    called = dict(zip(table.colours, names, strict=True))
    blocks = [_ase_entry(colour, called[colour]) for colour in table.colours]
    for ramp in table.ramps:
        blocks.append(_block(_GROUP, _ase_text(ramp.name)))
        blocks += [_ase_entry(colour, called[colour]) for colour in ramp_colours(table, ramp)]
        blocks.append(_block(_END, b""))
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def _ase_name(block: bytes, name: str, number: int) -> tuple[str, bytes]:
    """The name that a block begins with, and the rest of it."""
    length = 2 * int.from_bytes(block[:2], "big")
    text = block[2 : 2 + length]
    if len(block) < 2 or len(text) < length:
        raise StudioError(f"{name}, block {number}: it ends within its name.", CUT_OFF)
    return text.decode("utf-16-be", "replace").rstrip("\0"), block[2 + length :]


def _ase_colour(rest: bytes, where: str) -> str:
    model = rest[:4].decode("ascii", "replace").strip()
    size = {"RGB": 3, "Gray": 1}.get(model)
    if size is None:
        raise StudioError(
            f"{where} is in {model or 'no model'}, which has no exact sRGB.",
            "Convert its swatches to RGB and export it again.",
        )
    if len(rest) < 4 + 4 * size:
        raise StudioError(f"{where} ends too early.", CUT_OFF)
    values = struct.unpack_from(f">{size}f", rest, 4)
    if not all(0 <= value <= 1 for value in values):
        raise StudioError(f"{where} has the values {values}.", "They are from 0 to 1. " + CUT_OFF)
    return "#" + bytes(round(255 * value) for value in (values * 3)[:3]).hex()


def _ase_entry(colour: str, name: str) -> bytes:
    values = (byte / 255 for byte in bytes.fromhex(colour[1:]))
    text = _ase_text(name or colour)
    return _block(_COLOUR, text + b"RGB " + struct.pack(">3f", *values) + struct.pack(">H", 0))


def _ase_text(text: str) -> bytes:
    written = f"{text}\0".encode("utf-16-be")
    return struct.pack(">H", len(written) // 2) + written


def _block(kind: int, data: bytes) -> bytes:
    return struct.pack(">H", kind) + _sized(data, ">I")


def _sized(data: bytes, order: str) -> bytes:
    return struct.pack(order, len(data)) + data
