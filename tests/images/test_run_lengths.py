"""BMPs in run lengths: what is passed over is transparent, all else is as Pillow reads it."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
NONE = (0, 0, 0, 0)


def bmp(codes: list[int], size: tuple[int, int] = (4, 3), four_bits: bool = False) -> bytes:
    """A BMP of the colours red, green and blue whose pixels are written by these codes."""
    palette = b"".join(bytes([b, g, r, 0]) for r, g, b, _ in (RED, GREEN, BLUE))
    start = 54 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", start + len(codes), 0, 0, start)
    depth, method = (4, 2) if four_bits else (8, 1)
    about = struct.pack("<IiiHHIIiiII", 40, *size, 1, depth, method, len(codes), 0, 0, 3, 0)
    return head + about + palette + bytes(codes)


def rows(seen: Image.Image) -> list[list[tuple[int, ...]]]:
    pixels = np.asarray(seen)
    return [[tuple(map(int, p)) if p[3] else NONE for p in row] for row in pixels]


def test_what_is_passed_over_is_transparent() -> None:
    # From below: a green row that ends early, two pixels right and one up, then blue ones.
    codes = [3, 1, 0, 0, 0, 2, 2, 0, 2, 2, 0, 0, 4, 0, 0, 1]
    seen = images.see(bmp(codes), "a.bmp")
    assert rows(seen.picture) == [
        [RED] * 4,
        [NONE, NONE, BLUE, BLUE],
        [GREEN, GREEN, GREEN, NONE],
    ]
    assert [remark.kind for remark in seen.remarks] == ["passed over"]
    assert seen.reading == images.SEEN


def test_a_whole_one_is_as_pillow_reads_it() -> None:
    codes = [4, 1, 0, 0, 0, 3, 0, 1, 2, 0, 1, 0, 0, 0, 4, 2, 0, 1]
    seen = images.see(bmp(codes), "a.bmp")
    assert seen.remarks == () and seen.reading == images.PLAIN
    assert rows(seen.picture)[1] == [RED, GREEN, BLUE, RED]
    with Image.open(io.BytesIO(bmp(codes))) as plain:
        assert (np.asarray(plain.convert("RGBA")) == np.asarray(seen.picture)).all()


def test_four_bits_and_a_height_that_counts_downwards() -> None:
    data = bmp([4, 0x12, 0, 0, 0, 3, 0x01, 0x20, 0, 0, 0, 2, 0, 1, 0, 1], (4, 3), four_bits=True)
    data = data[:22] + struct.pack("<i", -3) + data[26:]
    assert rows(images.decode(data, "a.bmp")) == [
        [GREEN, BLUE, GREEN, BLUE],
        [RED, GREEN, BLUE, NONE],
        [NONE] * 4,
    ]


def test_codes_that_lead_out_write_nothing() -> None:
    codes = [4, 1, 0, 0, 9, 2, 0, 0, 0, 2, 250, 0, 4, 1]
    assert rows(images.decode(bmp(codes), "a.bmp")) == [[NONE] * 4, [BLUE] * 4, [GREEN] * 4]


@pytest.mark.parametrize("codes", [[0, 2, 1], [9, 1, 0, 1], [0, 9, 1], [7]])
def test_codes_that_break_off_are_named(codes: list[int]) -> None:
    with pytest.raises(StudioError, match="a.bmp: the picture is truncated or damaged"):
        images.decode(bmp(codes), "a.bmp")
