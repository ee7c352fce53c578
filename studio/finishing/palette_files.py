"""Palettes as files, by what they hold and not by how they are called: .hex, GIMP's .gpl, .pal of
JASC and of Microsoft (RIFF), Paint.NET's .txt, Adobe's .act and .ase, and pictures.

Nothing is guessed silently: what is wrong is named by its line, what was left out is told.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.finishing import colour_table, palette_bytes, palette_text
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.palette_text import Found
from studio.pixels.counted_colours import palette_of
from studio.pixels.snapping import packed
from studio.text.decoding import decode

FILE_BYTES = 32 * 1024 * 1024  # of a picture
TEXT_BYTES = 1024 * 1024  # of any other: 256 colours take 20 KB at most
PICTURE_PIXELS = 16_000_000
NAMED = "A palette is a .hex, .gpl, .pal, .txt (Paint.NET), .act or .ase (Adobe), or a PNG."
# What each is called on pages and by commands: its file's ending, and what opens it.
FORMATS = {
    "hex": (".hex", "Lospec, most editors"),
    "gpl": (".gpl", "GIMP, Krita, Aseprite, Inkscape, Pixelorama"),
    "pal": (".pal", "JASC: Aseprite, Paint Shop Pro, GraphicsGale"),
    "riff": (".pal", "RIFF: Microsoft, Pro Motion"),
    "png": (".png", "a strip of one pixel a colour"),
    "ase": (".ase", "Adobe swatches"),
    "act": (".act", "Adobe colour table"),
}
_ASEPRITE = (b"\xe0\xa5", b"\xfa\xf1")  # at byte 4 of its file, and of a frame
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")


@dataclass(frozen=True)
class Read:
    """What a file holds, its format (of FORMATS, or "txt", "picture"), and a sentence for each
    thing that was left out or is odd."""

    table: ColourTable
    format: str
    remarks: tuple[str, ...]


def read(data: bytes, name: str, most: int | None = None) -> Read:
    """The palette in a file. Of more than `most` colours the most alike ones become one; without it
    more than 256 are refused by their number. StudioError names the file, the line and the
    remedy."""
    name = PurePath(name.replace("\\", "/")).name or "The file"
    if not data.strip():
        raise StudioError(f"{name} is empty.", NAMED)
    if len(data) > FILE_BYTES:
        raise StudioError(f"{name} has {len(data) / 1e6:.0f} MB.", f"{NAMED} They are small.")
    ending = PurePath(name).suffix.casefold()
    if data[4:6] in _ASEPRITE:
        raise StudioError(
            f"{name} is a picture of Aseprite, not Adobe's swatches.",
            "In Aseprite choose Save palette and take .gpl or .hex, or export a PNG.",
        )
    if palette_bytes.is_riff(data):
        return _taken(palette_bytes.read_riff(data, name), name, "riff", most)
    if palette_bytes.is_ase(data):
        return _taken(palette_bytes.read_ase(data, name), name, "ase", most)
    if ending == ".act":
        return _taken(palette_bytes.read_act(data, name), name, "act", most)
    if data.startswith(_PICTURES) or ending in (".webp", ".png", ".gif"):
        return _of_picture(data, name, most)
    if len(data) > TEXT_BYTES:
        raise StudioError(f"{name} has {len(data):,} bytes and is no picture.", NAMED)
    text = decode(data, name).text
    if palette_text.is_gpl(text):
        return _taken(palette_text.read_gpl(text, name), name, "gpl", most)
    if palette_text.is_jasc(text):
        return _taken(palette_text.read_jasc(text, name), name, "pal", most)
    if ending in (".gpl", ".pal"):
        begins = {".gpl": "GIMP Palette", ".pal": "JASC-PAL, or is RIFF"}[ending]
        raise StudioError(
            f"{name}, line 1: it does not begin with {begins}.",
            "Export it again, or call it .hex where it holds a colour a line.",
        )
    if ending == ".txt":
        return _taken(palette_text.read_hex(text, name, alpha_first=True), name, "txt", most)
    return _taken(palette_text.read_hex(text, name), name, "hex", most)


def of_picture(picture: Image.Image, what: str) -> Read:
    """The colours of a picture's opaque pixels as one reads them: from left to right, line by
    line. StudioError where there are more than 256."""
    pixels = np.asarray(picture.convert("RGBA")).reshape(-1, 4)
    opaque, half = pixels[pixels[:, 3] == 255][:, :3], (pixels[:, 3] % 255 > 0).sum()
    found, first = np.unique(packed(opaque), return_index=True)
    if len(found) == 0:
        raise StudioError(f"{what} has no opaque pixel.", "Take one with colours.")
    colour_table.check_count(len(found), what)
    colours = tuple(f"#{one:06x}" for one in found[np.argsort(first)])
    remarks = [f"{half:,} half-transparent pixels were passed over."] if half else []
    return Read(ColourTable(colours, ("",) * len(colours)), "picture", tuple(remarks))


def write(table: ColourTable, name: str, format: str) -> bytes:
    """The file of a palette called `name`. StudioError for a format that is none of FORMATS."""
    if format not in FORMATS:
        raise StudioError(f"{format[:20]!r} is no format.", f"Use one of {', '.join(FORMATS)}.")
    if format in ("hex", "gpl", "pal"):
        text = {
            "hex": lambda: palette_text.write_hex(table),
            "gpl": lambda: palette_text.write_gpl(table, name),
            "pal": lambda: palette_text.write_jasc(table),
        }[format]()
        return text.encode()
    if format == "png":
        strip = np.array([[*bytes.fromhex(one[1:])] for one in table.colours], np.uint8)
        file = io.BytesIO()
        Image.fromarray(strip[None]).save(file, "PNG")
        return file.getvalue()
    writers = {
        "riff": palette_bytes.write_riff,
        "ase": palette_bytes.write_ase,
        "act": palette_bytes.write_act,
    }
    return writers[format](table)


def _of_picture(data: bytes, name: str, most: int | None) -> Read:
    """An indexed PNG's own table, else the picture's colours."""
    picture = images.decode(data, name, PICTURE_PIXELS)
    if data.startswith(b"\x89PNG"):
        with images.opened(io.BytesIO(data)) as opened:
            if opened.mode == "P" and opened.palette is not None:
                return _taken(_own_table(opened), name, "png", most)
    if most is not None and _count(picture) > most:
        return _merged(picture, name, "picture", most)
    return of_picture(picture, name)


def _own_table(picture: Image.Image) -> Found:
    """The table of an indexed PNG in its order, with the alpha that it gives each place."""
    assert picture.palette is not None
    raw, alpha = bytes(picture.palette.palette), picture.info.get("transparency", b"")
    found = Found()
    for place in range(len(raw) // 3):
        if isinstance(alpha, int):
            seen = 0 if place == alpha else 255
        else:
            seen = alpha[place] if place < len(alpha) else 255
        found.add(place + 1, "#" + raw[3 * place : 3 * place + 3].hex(), seen)
    return found


def _taken(found: Found, name: str, format: str, most: int | None) -> Read:
    """Each opaque colour once, and what was left out. Ramps keep the colours that they had."""
    half = [
        f"{'line' if format in ('hex', 'gpl', 'pal', 'txt') else 'colour'} {line}: "
        f"{colour} is half transparent (alpha {alpha} of 255)"
        for (colour, alpha), line in zip(found.colours, found.lines, strict=True)
        if 0 < alpha < 255
    ]
    if half:
        more = f"; {len(half) - 8:,} more" if len(half) > 8 else ""
        raise StudioError(
            f"{name}, {'; '.join(half[:8])}{more}.",
            "A palette's colours are opaque: write six digits, or alpha 255.",
        )
    first: dict[str, int] = {}
    to: dict[int, int] = {}
    names: list[str] = []
    again: list[str] = []
    clear = 0
    for place, ((colour, alpha), called) in enumerate(zip(found.colours, found.names, strict=True)):
        if not alpha:
            clear += 1
        elif colour in first:
            to[place] = first[colour]
            again.append(f"{colour} ({found.lines[place]})")
        else:
            to[place] = first[colour] = len(names)
            names.append(called)
    remarks = [f"Transparent places are no colours: {clear:,} left out."] if clear else []
    if again:
        more = f" and {len(again) - 6:,} more" if len(again) > 6 else ""
        remarks.append(f"Kept once, though there again: {', '.join(again[:6])}{more}.")
    if most is not None and len(first) > most:
        rows = np.array([[*bytes.fromhex(one[1:])] for one in first], np.uint8)
        merged = _merged(Image.fromarray(rows[None]).convert("RGBA"), name, format, most)
        return Read(merged.table, format, (*remarks, *merged.remarks))
    ramps = tuple(
        Ramp(one.name, tuple(dict.fromkeys(to[place] for place in one.places if place in to)))
        for one in found.ramps
    )
    if len(first) == 1:
        remarks.append("It is one colour: a picture snapped to it is a silhouette.")
    whole = ColourTable(tuple(first), tuple(names), tuple(r for r in ramps if len(r.places) > 1))
    return Read(colour_table.checked(whole, name), format, tuple(remarks))


def _merged(picture: Image.Image, name: str, format: str, most: int) -> Read:
    colours = palette_of([np.asarray(picture)], most)
    remark = f"{_count(picture):,} colours became {len(colours)}."
    return Read(colour_table.checked(ColourTable(colours), name), format, (remark,))


def _count(picture: Image.Image) -> int:
    """How many colours the opaque pixels of an RGBA picture have."""
    pixels = np.asarray(picture)
    return len(np.unique(packed(pixels[pixels[..., 3] == 255])))
