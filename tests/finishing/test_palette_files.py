"""Palettes as files: each format there and back, and what is wrong named by its line."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.finishing import palette_files
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.palette_files import FORMATS, read, write

WOOD = ColourTable(
    ("#2b1a0f", "#5c3a1c", "#a87848", "#0000ff"),
    ("bark", "", "pale wood", "Wässer"),
    (Ramp("wood", (0, 1, 2)), Ramp("cold: sea", (0, 3))),
)


def png(picture: Image.Image, **more) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", **more)
    return file.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_is_read_again(format):
    ending = FORMATS[format][0]
    found = read(write(WOOD, "Wood", format), f"wood{ending}")
    assert found.table.colours == WOOD.colours and found.remarks == ()
    assert found.format == ("picture" if format == "png" else format)
    if format in ("gpl", "ase"):
        assert found.table.names == WOOD.names
        names = ["wood", "cold  sea" if format == "gpl" else "cold: sea"]
        assert [one.name.replace("  ", " ") for one in found.table.ramps] == [
            " ".join(name.split()) for name in names
        ]
        assert [one.places for one in found.table.ramps] == [(0, 1, 2), (0, 3)]


def test_256_colours_go_through_every_format_and_257_through_none():
    many = ColourTable(tuple(f"#{n:02x}{255 - n:02x}00" for n in range(256)))
    for format, (ending, _) in FORMATS.items():
        assert read(write(many, "m", format), f"m{ending}").table.colours == many.colours
    text = "\n".join(f"{n:06x}" for n in range(257))
    with pytest.raises(StudioError, match="m.hex holds 257 colours.*--most"):
        read(text.encode(), "m.hex")


GPL = (
    "GIMP Palette\r\nName: Mine\r\nColumns: 4\r\n#\r\n  0   0   0\tInk\r\n255 128   0 warm sand\r\n"
)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_gpl_of_windows_is_read_in_every_unicode(codec):
    data = b"\xfe\xff" + GPL.encode(codec) if codec == "utf-16-be" else GPL.encode(codec)
    found = read(data, "mine.gpl").table
    assert (found.colours, found.names) == (("#000000", "#ff8000"), ("Ink", "warm sand"))


def test_alpha_is_obeyed_where_the_format_has_one():
    rgba = "GIMP Palette\nChannels: RGBA\n# x\n1 2 3 255\tdark ink\n9 9 9 0 glass\n4 5 6 255\n"
    found = read(rgba.encode(), "a.gpl")
    assert found.table.colours == ("#010203", "#040506") and found.table.names == ("dark ink", "")
    assert found.remarks == ("Transparent places are no colours: 1 left out.",)
    paint = b"; paint.net Palette File\nFF010203\nFF040506\n"
    assert read(paint, "p.txt").table.colours == ("#010203", "#040506")
    with pytest.raises(StudioError, match="a.hex, line 2: #010203 is half transparent.*128 of 255"):
        read(b"010101\n01020380\n", "a.hex")


def test_wrong_lines_are_all_named():
    with pytest.raises(StudioError) as refused:
        read(b"ff0000\nred\n\n00ff0\n// note\n0000ff\n", r"C:\palettes\new.hex")
    assert refused.value.message == (
        "new.hex, line 2: 'red' is no colour; line 4: '00ff0' is no colour."
    )
    with pytest.raises(StudioError, match="line 3: '300' is not from 0 to 255; line 4: 'x y'"):
        read(b"GIMP Palette\nName: a\n300 0 0 hot\nx y\n", "a.gpl")
    with pytest.raises(StudioError, match="line 3: it says 3 colours, and 2 follow"):
        read(b"JASC-PAL\r\n0100\r\n3\r\n0 0 0\r\n1 1 1\r\n", "a.pal")
    with pytest.raises(StudioError, match="names places that are not there"):
        read(b"GIMP Palette\n# Ramp skin: 1 3\n0 0 0\n1 1 1\n", "a.gpl")
    many = "\n".join(["zz"] * 30)
    with pytest.raises(StudioError, match="line 8: 'zz' is no colour; 22 more lines"):
        read(many.encode(), "a.hex")


def test_a_comment_that_begins_like_a_ramp_is_a_comment():
    text = b"GIMP Palette\n# Ramps of the sea: by Ana\n# Ramp up: soon\n0 0 0 sky: dark\n9 9 9\n"
    found = read(text, "a.gpl")
    assert found.table.ramps == () and found.table.names == ("sky: dark", "")


def test_duplicates_are_kept_once_and_told():
    found = read(b"GIMP Palette\n# Ramp a: 1 2 3\n0 0 0\n9 9 9\n0 0 0\n1 1 1\n", "a.gpl")
    assert found.table.colours == ("#000000", "#090909", "#010101")
    assert found.remarks == ("Kept once, though there again: #000000 (5).",)
    assert found.table.ramps == (Ramp("a", (0, 1)),)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.hex", "a.hex is empty"),
        (b" \r\n ", "a.gpl", "a.gpl is empty"),
        (b"# nothing but this\n", "a.hex", "holds no colour"),
        (b"0 0 0\n", "a.gpl", "does not begin with GIMP Palette"),
        (b"hello", "a.pal", "does not begin with JASC-PAL"),
        (b"%PDF-1.7 and so on", "a.pdf", "line 1: '%PDF-1.7 and so on' is no colour"),
        (b"ASEF\0\1\0\0\0\0\0\2\0\1\0\0\0\x09", "a.ase", "ends too early"),
        (b"\0\0\0\0\xe0\xa5" + bytes(99), "a.ase", "a picture of Aseprite"),
        (b"RIFF\0\0\0\0PAL data\x14\0\0\0\0\3\5\0" + bytes(8), "a.pal", "says 5 colours, and 2"),
        (bytes(700), "a.act", "has 700 bytes"),
        (b"ffffff\n" * 200_000, "a.hex", "1,400,000 bytes"),
        (b"\x89PNG broken", "a.png", "a.png"),
    ],
)
def test_what_is_no_palette_is_refused_by_name(data, name, says):
    with pytest.raises(StudioError) as refused:
        read(data, name)
    assert says in refused.value.message and refused.value.remedy


def test_a_swatch_in_print_colours_is_refused_by_its_name():
    entry = (
        struct.pack(">H", 3) + "ab\0".encode("utf-16-be") + b"CMYK" + struct.pack(">4f", *[0] * 4)
    )
    block = struct.pack(">HI", 1, len(entry) + 2) + entry + b"\0\0"
    with pytest.raises(StudioError, match=r"block 1 \('ab'\) is in CMYK"):
        read(b"ASEF" + struct.pack(">HHI", 1, 0, 1) + block, "a.ase")


def test_one_colour_is_taken_and_what_it_means_is_told():
    found = read(b"#102030", "one.hex")
    assert found.table.colours == ("#102030",) and "silhouette" in found.remarks[0]


def test_an_indexed_png_gives_its_own_table_and_another_its_colours_as_read():
    indexed = Image.new("P", (4, 2), 1)
    indexed.putpalette([9, 9, 9, 1, 1, 1, 200, 0, 0, 0, 0, 200])
    found = read(png(indexed, transparency=0, bits=8), "i.png")
    assert found.format == "png" and found.table.colours == ("#010101", "#c80000", "#0000c8")
    assert "1 left out" in found.remarks[0]

    strip = np.zeros((8, 24, 4), np.uint8)
    strip[:, :8], strip[:, 8:16], strip[:, 16:] = (3, 2, 1, 255), (1, 2, 3, 255), (5, 5, 5, 90)
    found = read(png(Image.fromarray(strip)), "s.png")
    assert found.table.colours == ("#030201", "#010203")
    assert found.remarks == ("64 half-transparent pixels were passed over.",)
    with pytest.raises(StudioError, match="no opaque pixel"):
        read(png(Image.new("RGBA", (2, 2))), "e.png")


def test_4000_colours_are_refused_by_number_or_made_fewer_as_told():
    rows = np.stack([np.arange(4000) >> 8, np.arange(4000) & 255, np.full(4000, 7)], -1)
    picture = Image.fromarray(rows.astype(np.uint8).reshape(40, 100, 3))
    with pytest.raises(StudioError, match="p.png holds 4,000 colours") as refused:
        read(png(picture), "p.png")
    assert "1 to 256" in refused.value.remedy
    found = read(png(picture), "p.png", 8)
    assert len(found.table.colours) == 8 and found.remarks == ("4,000 colours became 8.",)
    text = "\n".join(f"{n:06x}" for n in range(4000)).encode()
    assert read(text, "t.hex", 8).remarks == ("4,000 colours became 8.",)


def test_what_has_as_few_as_are_wanted_stays_as_it_is():
    text = b"ff0000\n0000ff\n00ff00\n"
    assert read(text, "t.hex", 3).table.colours == ("#ff0000", "#0000ff", "#00ff00")
    assert len(read(text, "t.hex", 2).table.colours) == 2
    strip = write(ColourTable(("#ff0000", "#0000ff", "#00ff00")), "s", "png")
    assert read(strip, "s.png", 3).table.colours == ("#ff0000", "#0000ff", "#00ff00")
    assert len(read(strip, "s.png", 2).table.colours) == 2


def test_a_format_that_is_none_is_refused():
    with pytest.raises(StudioError, match="'psd' is no format"):
        palette_files.write(WOOD, "Wood", "psd")
