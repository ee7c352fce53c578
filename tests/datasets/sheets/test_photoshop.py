"""Photoshop's flattened picture: its planes, its transparency, and files that have none."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from studio.datasets.sheets import photoshop
from studio.errors import StudioError

GREY, INDEXED, RGB, CMYK, LAB = 1, 2, 3, 4, 9


def packed(row: np.ndarray) -> bytes:
    """A row in PackBits, all of it as it is."""
    return b"".join(
        bytes([len(part) - 1]) + bytes(part)
        for part in (row[k : k + 128] for k in range(0, len(row), 128))
    )


def document(
    planes: np.ndarray,
    mode: int = RGB,
    *,
    layers: int = 0,
    real: int | None = None,
    depth: int = 8,
    version: int = 1,
    rle: bool = False,
    palette: bytes = b"",
    resources: dict[int, bytes] | None = None,
) -> bytes:
    """Planes [channels, h, w] uint8; `layers` below 0 makes the first extra one transparency."""
    channels, height, width = planes.shape
    head = struct.pack(">4sH6xHIIHH", b"8BPS", version, channels, height, width, depth, mode)
    told = dict(resources or {})
    if real is not None:
        told[1057] = struct.pack(">IB", 1, real) + b"\0" * 5
    blocks = b"".join(
        struct.pack(">4sHHI", b"8BIM", number, 0, len(data)) + data + b"\0" * (len(data) % 2)
        for number, data in told.items()
    )
    layered = struct.pack(">Ih2x", 4, layers) if layers else b""
    rows = [[packed(row) for row in plane] for plane in planes]
    lengths = b"".join(struct.pack(">H", len(row)) for plane in rows for row in plane)
    pixels = (
        b"\0\1" + lengths + b"".join(map(b"".join, rows)) if rle else b"\0\0" + planes.tobytes()
    )
    parts = (palette, blocks, layered)
    return head + b"".join(struct.pack(">I", len(part)) + part for part in parts) + pixels


def noise(channels: int) -> np.ndarray:
    return np.random.default_rng(channels).integers(0, 256, (channels, 5, 7), np.uint8)


def shown(data: bytes) -> np.ndarray:
    return np.asarray(photoshop.flattened(data, "art.psd").picture)


@pytest.mark.parametrize("rle", [False, True])
def test_colours_are_read_whatever_else_is_kept_beside_them(rle: bool) -> None:
    planes = noise(5)
    found = shown(document(planes, rle=rle))
    assert (found[..., :3] == planes[:3].transpose(1, 2, 0)).all() and (found[..., 3] == 255).all()
    grey = noise(2)
    found = shown(document(grey, GREY, rle=rle))
    assert (found[..., 1] == grey[0]).all() and (found[..., 3] == 255).all()


def test_transparency_is_the_plane_after_the_colours_where_the_file_says_so() -> None:
    colour, alpha = np.array([200, 40, 90]), 128
    mixed = np.rint(colour * alpha / 255 + 255 * (1 - alpha / 255)).astype(np.uint8)
    planes = np.zeros((4, 1, 3), np.uint8)
    planes[:3, 0, 0], planes[3, 0, 0] = mixed, alpha
    planes[:, 0, 1] = [1, 2, 3, 255]
    planes[:3, 0, 2] = 255
    found = shown(document(planes, layers=-2))
    assert abs(found[0, 0, :3].astype(int) - colour).max() <= 1 and found[0, 0, 3] == alpha
    assert found[0, 1:].tolist() == [[1, 2, 3, 255], [0, 0, 0, 0]]
    # A saved selection is no transparency.
    assert (shown(document(planes, layers=2))[..., 3] == 255).all()


def test_indexed_and_cmyk() -> None:
    planes = np.uint8([[[0, 1], [2, 1]]])
    palette = np.zeros((3, 256), np.uint8)
    palette[:, 1] = [10, 20, 30]
    clear = {1047: b"\0\2"}
    found = shown(document(planes, INDEXED, palette=palette.tobytes(), resources=clear))
    assert found[0, 1].tolist() == [10, 20, 30, 255] and found[1, 0].tolist() == [0, 0, 0, 0]
    white = np.full((4, 1, 1), 255, np.uint8)  # kept as light: no ink
    assert shown(document(white, CMYK))[0, 0].tolist() == [255, 255, 255, 255]


def test_its_profile_goes_with_it() -> None:
    frame = photoshop.flattened(document(noise(3), resources={1039: b"icc!"}), "art.psd")
    assert frame.profile == b"icc!" and frame.picture.mode == "RGBA"
    assert isinstance(frame.picture, Image.Image)


def test_without_a_flattened_picture_the_remedy_is_named() -> None:
    with pytest.raises(StudioError, match="art.psd: it was saved without") as refused:
        shown(document(noise(3), layers=1, real=0))
    assert "Maximize compatibility" in refused.value.remedy
    assert shown(document(noise(3), layers=1, real=1)).shape == (5, 7, 4)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "damaged or cut off"),
        (b"GIF89a".ljust(99, b"\0"), "no file of Photoshop's"),
        (document(noise(3), version=2), "psb"),
        (document(noise(3), depth=16), "16 bits a channel"),
        (document(noise(3), LAB), "a colour mode of its own"),
        (document(noise(3))[:-4], "damaged or cut off"),
        (document(noise(3), rle=True)[:-4], "damaged or cut off"),
        (document(noise(2)), "damaged or cut off"),
        (document(noise(3))[:40], "damaged or cut off"),
        (
            struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 30_000, 30_000, 8, RGB).ljust(99, b"\0"),
            "more than 64,000,000 pixels",
        ),
    ],
)
def test_what_can_not_be_read_is_named(data: bytes, says: str) -> None:
    with pytest.raises(StudioError, match=says) as refused:
        shown(data)
    assert refused.value.message.startswith("art.psd: ") and refused.value.remedy
