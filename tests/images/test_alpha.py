"""Alpha that is true: keys in every depth, and none where a header says so."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from studio import images


def png(depth: int, colour: int, rows: list[bytes], width: int, key: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + crc

    head = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = ((b"IHDR", head), (b"tRNS", key), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize(
    ("depth", "row", "key", "wanted"),
    [
        (1, b"\x80", 1, [0, 255, 255, 255]),
        (2, b"\x1b", 2, [255, 255, 0, 255]),  # 0, 1, 2, 3
        (4, b"\x0f\x93", 9, [255, 255, 0, 255]),
        (8, b"\x00\x09\x90\xff", 9, [255, 0, 255, 255]),
        (16, b"\x00\x00\x00\x09\x09\x09\xff\xff", 0x0909, [255, 255, 0, 255]),
        (16, b"\x00\x00\x00\x09\x09\x09\xff\xff", 9, [255, 0, 255, 255]),
    ],
)
def test_one_grey_is_transparent(depth: int, row: bytes, key: int, wanted: list[int]) -> None:
    seen = images.decode(png(depth, 0, [row], 4, struct.pack(">H", key)), "a")
    assert np.asarray(seen)[0, :, 3].tolist() == wanted


def test_a_key_of_sixteen_bits_is_compared_in_all_of_them() -> None:
    colours = [(0x1234, 0x5678, 0x9ABC), (0x1235, 0x5678, 0x9ABC), (0x1234, 0x5678, 0x9A00)]
    row = struct.pack(">9H", *(value for colour in colours for value in colour))
    data = png(16, 2, [row, row], 3, struct.pack(">3H", *colours[0]))
    seen = images.see(data, "a")
    assert np.asarray(seen.picture)[1, :, 3].tolist() == [0, 255, 255]
    assert np.asarray(seen.picture)[0, 2, :3].tolist() == [0x12, 0x56, 0x9A]
    assert seen.reading == images.SEEN


def tga(alpha: list[int], bits: int, extension: int | None = None) -> bytes:
    """A row of TGA in 32 bits whose header tells so many bits of alpha."""
    head = struct.pack("<BBB5sHHHHBB", 0, 0, 2, bytes(5), 0, 0, len(alpha), 1, 32, 0x20 | bits)
    data = head + b"".join(bytes([10, 20, 200, value]) for value in alpha)
    if extension is not None:
        footer = struct.pack("<II", len(data), 0) + b"TRUEVISION-XFILE.\0"
        data += struct.pack("<H", 495) + bytes(492) + bytes([extension]) + footer
    return data


@pytest.mark.parametrize(
    ("alpha", "bits", "extension", "wanted", "kind"),
    [
        ([0, 0, 0], 0, None, [255, 255, 255], "no alpha"),
        ([7, 7, 7], 0, None, [255, 255, 255], "no alpha"),
        ([255, 255, 255], 0, None, [255, 255, 255], ""),
        ([0, 128, 255], 0, None, [0, 128, 255], "alpha against header"),
        ([0, 128, 255], 8, None, [0, 128, 255], ""),
        ([0, 0, 0], 8, None, [0, 0, 0], "empty"),
        ([0, 128, 255], 8, 1, [255, 255, 255], "no alpha"),
        ([0, 128, 255], 8, 3, [0, 128, 255], ""),
        ([0, 128, 255], 0, 3, [0, 128, 255], ""),
        ([0, 128, 255], 8, 4, [0, 128, 255], "multiplied"),
    ],
)
def test_a_tga_has_the_alpha_that_its_header_says(
    alpha: list[int], bits: int, extension: int | None, wanted: list[int], kind: str
) -> None:
    seen = images.see(tga(alpha, bits, extension), "a.tga")
    assert np.asarray(seen.picture)[0, :, 3].tolist() == wanted
    colour = {"multiplied": [255, 39, 19]}.get(kind, [200, 20, 10])
    assert np.asarray(seen.picture)[0, 1, :3].tolist() == colour
    assert [remark.kind for remark in seen.remarks] == ([kind] if kind else [])


def test_of_a_tga_of_sixteen_bits_one_bit_is_not_believed_alone() -> None:
    head = struct.pack("<BBB5sHHHHBB", 0, 0, 2, bytes(5), 0, 0, 2, 1, 16, 0x21)
    for pixels, wanted in (((0xFC00, 0xFC00), [255, 255]), ((0x7C00, 0xFC00), [255, 0])):
        seen = images.decode(head + struct.pack("<HH", *pixels), "a.tga")
        assert np.asarray(seen)[0, :, 3].tolist() == wanted
        assert np.asarray(seen)[0, 0, :3].tolist() == [255, 0, 0]


def test_a_bmp_whose_fourth_bytes_are_all_zero_is_opaque() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (2, 2), (200, 20, 10, 0)).save(written, "BMP")
    seen = images.see(written.getvalue(), "a.bmp")
    assert seen.picture.getpixel((0, 0)) == (200, 20, 10, 255) and not seen.empty


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "TGA", "GIF", "ICO"])
def test_what_is_transparent_everywhere_is_told(format: str) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (16, 16), (200, 10, 10, 0)).save(written, format)
    seen = images.see(written.getvalue(), "a")
    assert seen.empty and seen.picture.getextrema()[3] == (0, 0)
    some = Image.new("RGBA", (16, 16), (200, 10, 10, 0))
    some.putpixel((3, 3), (200, 10, 10, 255))
    written = io.BytesIO()
    some.save(written, format)
    assert not images.see(written.getvalue(), "a").empty


def test_an_alpha_that_no_screen_shows_is_none() -> None:
    for alpha, empty in ((3, True), (4, False)):
        written = io.BytesIO()
        Image.new("RGBA", (4, 4), (200, 10, 10, alpha)).save(written, "PNG")
        assert images.see(written.getvalue(), "a").empty == empty
