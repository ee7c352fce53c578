"""Colours brought to sRGB, however a file says what they are."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio import images
from studio.errors import StudioError
from studio.images import icc

P3 = icc.profile((*icc.D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060), icc.SRGB)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Measured in Debian's chromium, on a canvas in sRGB.
GAMMA = struct.pack(">I", 45455)
CHROMATICITIES = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SEEN_P3 = {(90, 160, 110): (61, 162, 105), (200, 40, 40): (218, 0, 26), (255, 255, 255): None}


def saved(mode: str, colour: tuple[int, ...] | int, format: str = "PNG", **more: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, (4, 2), colour).save(written, format, **more)
    return written.getvalue()


def with_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    """The PNG with a chunk behind its header."""
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return png[:33] + chunk + png[33:]


def pixel(data: bytes) -> tuple[int, ...]:
    value = images.decode(data, "a").getpixel((1, 1))
    assert isinstance(value, tuple)
    return value


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 1) -> bool:
    return bool(np.abs(np.array(one) - np.array(other)).max() <= by)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_is_read_in_every_format(format: str) -> None:
    more = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(format, {})
    for colour, wanted in SEEN_P3.items():
        got = pixel(saved("RGB", colour, format, icc_profile=P3, **more))
        by = 4 if format in ("JPEG", "AVIF") else 1
        assert near(got[:3], wanted or colour, by) and got[3] == 255


def test_alpha_stays_as_it_is() -> None:
    for alpha in (0, 1, 128, 255):
        got = pixel(saved("RGBA", (90, 160, 110, alpha), icc_profile=P3))
        assert near(got, (61, 162, 105, alpha)) and got[3] == alpha
    picture = Image.new("P", (4, 2), 1)
    picture.putpalette([0, 0, 0, 90, 160, 110])
    written = io.BytesIO()
    picture.save(written, "PNG", icc_profile=P3, transparency=bytes([255, 77]))
    assert near(pixel(written.getvalue()), (61, 162, 105, 77))


def test_srgb_under_any_name_keeps_every_number(tmp_path: Path) -> None:
    cube = np.stack(np.meshgrid(*[np.arange(0, 256, 5, np.uint8)] * 3), -1).reshape(1, -1, 3)
    for profile in (SRGB, icc.profile((*icc.D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06), icc.SRGB)):
        Image.fromarray(cube.copy(), "RGB").save(tmp_path / "a.png", icc_profile=profile)
        seen = images.see((tmp_path / "a.png").read_bytes(), "a.png")
        assert seen.remarks == () and (np.asarray(seen.picture)[..., :3] == cube).all()


def test_a_grey_profile_changes_grey() -> None:
    linear = ImageCms.ImageCmsProfile(io.BytesIO(icc_of_grey(1.0))).tobytes()
    assert near(pixel(saved("L", 90, icc_profile=linear)), (160, 160, 160, 255))
    assert near(pixel(saved("LA", (90, 7), icc_profile=linear)), (160, 160, 160, 7))
    said = images.see(saved("RGB", (1, 2, 3), icc_profile=linear), "a")  # of another kind
    assert [r.kind for r in said.remarks] == ["profile unread"] and said.reading == images.PLAIN
    assert near(pixel(saved("L", 90, icc_profile=P3)), (90, 90, 90, 255))


def icc_of_grey(gamma: float) -> bytes:
    """A profile of one channel, made from one of three."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in icc.D50))
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", 156, 20, b"kTRC", 176, 16)
    head = bytearray(P3[:128])
    head[0:4], head[16:20] = struct.pack(">I", 192), b"GRAY"
    return bytes(head) + tags + white + curve


def test_a_damaged_profile_is_passed_over_and_told() -> None:
    for profile in (b"x", P3[:200], P3[:128] + b"\xff" * 300):
        seen = images.see(saved("RGB", (90, 160, 110), icc_profile=profile), "a")
        assert [r.kind for r in seen.remarks] == ["profile unread"]
        assert seen.picture.getpixel((0, 0)) == (90, 160, 110, 255)
        assert seen.reading == images.PLAIN


@pytest.mark.parametrize(
    ("name", "body", "wanted"),
    [
        (b"gAMA", struct.pack(">I", 45455), (90, 160, 110)),  # the usual one is sRGB
        (b"gAMA", struct.pack(">I", 100_000), (160, 208, 176)),  # linear light
        (b"gAMA", struct.pack(">I", 0), (90, 160, 110)),  # says nothing
        (b"sRGB", b"\0", (90, 160, 110)),
        (b"cICP", bytes([1, 13, 0, 1]), (90, 160, 110)),
        (b"cICP", bytes([12, 13, 0, 1]), (61, 162, 105)),  # Display P3
        (b"cICP", bytes([1, 8, 0, 1]), (160, 208, 176)),
        (b"cHRM", CHROMATICITIES, (90, 160, 110)),  # alone it is passed over, as by browsers
    ],
)
def test_a_png_says_it_without_a_profile(name: bytes, body: bytes, wanted: tuple[int, ...]) -> None:
    data = with_chunk(saved("RGB", (90, 160, 110)), name, body)
    seen = images.see(data, "a")
    assert near(pixel(data), (*wanted, 255))
    assert bool(seen.remarks) == (wanted != (90, 160, 110))


def test_what_is_said_more_surely_counts() -> None:
    linear = with_chunk(saved("RGB", (90, 160, 110)), b"gAMA", struct.pack(">I", 100_000))
    assert pixel(with_chunk(linear, b"sRGB", b"\0")) == (90, 160, 110, 255)
    with_profile = saved("RGB", (90, 160, 110), icc_profile=SRGB)
    assert pixel(with_chunk(with_profile, b"gAMA", struct.pack(">I", 100_000)))[0] == 90
    assert near(
        pixel(with_chunk(with_profile, b"cICP", bytes([12, 13, 0, 1]))), (61, 162, 105, 255)
    )


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_refused_by_name(transfer: int, name: str) -> None:
    data = with_chunk(saved("RGB", (90, 160, 110)), b"cICP", bytes([9, transfer, 0, 1]))
    with pytest.raises(StudioError, match=f"a.png.*HDR .{name}"):
        images.decode(data, "a.png")


def test_gamma_and_primaries_together() -> None:
    data = with_chunk(saved("RGB", (90, 160, 110)), b"cHRM", CHROMATICITIES)
    assert near(pixel(with_chunk(data, b"gAMA", GAMMA)), (61, 162, 105, 255))


def test_nonsense_chromaticities_are_told() -> None:
    for body in (bytes(32), struct.pack(">8I", *[33333] * 8)):
        data = with_chunk(saved("RGB", (90, 160, 110)), b"cHRM", body)
        data = with_chunk(data, b"gAMA", GAMMA)
        seen = images.see(data, "a")
        assert [r.kind for r in seen.remarks] == ["profile unread"]
        assert seen.picture.getpixel((0, 0)) == (90, 160, 110, 255)


def test_a_bmp_may_hold_a_profile() -> None:
    plain = saved("RGB", (90, 160, 110), "BMP")
    pixels = plain[54:]
    head = bytearray(plain[:54]) + bytes(124 - 40)
    head[14:18] = struct.pack("<I", 124)
    head[10:14] = struct.pack("<I", 138)
    head[14 + 56 : 14 + 60] = b"DEBM"
    head[14 + 112 : 14 + 120] = struct.pack("<II", 124 + len(pixels), len(P3))
    assert near(pixel(bytes(head) + pixels + P3), (61, 162, 105, 255))


def test_ink_is_shown_by_its_profile_or_as_it_takes_light_away() -> None:
    for format in ("TIFF", "JPEG"):
        got = pixel(saved("CMYK", (0, 255, 255, 0), format))
        assert near(got, (255, 0, 0, 255), 3)
    seen = images.see(saved("CMYK", (0, 255, 255, 0), "TIFF", icc_profile=P3), "a")
    assert [r.kind for r in seen.remarks] == ["profile unread"]


def test_lab_is_shown() -> None:
    got = pixel(saved("LAB", (137, 208, 195), "TIFF"))  # L 53.7, a 80, b 67: nearly red
    assert near(got, (250, 5, 11, 255), 2)
