"""One door to the decoders, and only those formats behind it that the docs name."""

import ast
import io
from pathlib import Path

import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images import formats
from studio.settings import CHECKOUT

DOOR = CHECKOUT / "studio" / "images" / "formats.py"
CODE = sorted(
    file
    for top in ("studio", "pages", "benchmarks", "migrations", "Home.py")
    for file in ([CHECKOUT / top] if top.endswith(".py") else (CHECKOUT / top).rglob("*.py"))
)
READERS = {"open", "imread", "read_image", "decode_image", "Parser"}
LIBRARIES = {"Image", "PIL", "PIL.Image", "ImageFile", "cv2", "imageio", "iio", "torchvision.io"}


def bare(source: str) -> list[int]:
    """The lines that open a picture by a library's own means."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in READERS:
            if ast.unparse(node.value) in LIBRARIES:
                found.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module in LIBRARIES:
            if {alias.name for alias in node.names} & READERS:
                found.append(node.lineno)
    return sorted(found)


def test_a_bare_open_is_seen() -> None:
    lines = "from PIL import Image\nImage.open('a.png')\nfrom PIL.Image import open as o\n"
    assert bare(lines + "import cv2\ncv2.imread('a')\nfrom PIL import ImageFile\n") == [2, 3, 5]
    assert bare("path.open()\nimages.opened(path)\nfrom PIL import Image\n") == []


def test_the_code_opens_pictures_through_one_door() -> None:
    assert len(CODE) > 300
    texts = {str(file.relative_to(CHECKOUT)): file.read_text("utf-8") for file in CODE}
    words = {name.partition(".")[0] for name in LIBRARIES}
    found = {
        file: bare(text) for file, text in texts.items() if any(word in text for word in words)
    }
    opening = {file: lines for file, lines in found.items() if lines}
    assert list(opening) == [str(DOOR.relative_to(CHECKOUT))] and len(opening.popitem()[1]) == 1


@pytest.mark.parametrize("format", ["EPS", "PCX", "SGI", "DDS", "ICNS", "IM", "MSP", "XBM", "QOI"])
def test_no_other_decoder_is_reached(tmp_path: Path, format: str) -> None:
    written = io.BytesIO()
    mode = "1" if format in ("MSP", "XBM") else "RGB"
    side = 32 if format == "ICNS" else 16
    Image.new(mode, (side, side)).save(written, format)
    Image.open(io.BytesIO(written.getvalue()))  # Pillow itself would
    with pytest.raises(StudioError, match="art.png.*not a picture in a known format"):
        images.decode(written.getvalue(), "art.png")
    (tmp_path / "art.png").write_bytes(written.getvalue())
    with pytest.raises(OSError):
        images.opened(tmp_path / "art.png")


@pytest.mark.parametrize("format", [f for f in formats.FORMATS if f != "DIB"])
def test_every_format_that_is_named_is_read(tmp_path: Path, format: str) -> None:
    file = tmp_path / "art"
    Image.new("RGB", (16, 8), "red").save(file, format)
    seen = images.see(file.read_bytes(), "art")
    assert seen.format == format and seen.picture.size in ((16, 8), (16, 16))
    red = seen.picture.getpixel((8, seen.picture.height // 2))
    assert isinstance(red, tuple) and red[0] > 240 and max(red[1:3]) < 12
    assert formats.SUFFIX[format] in formats.SUFFIXES
    assert formats.format_of(file) == ("" if format == "TGA" else format)


def test_the_docs_name_what_is_read() -> None:
    told = (CHECKOUT / "docs" / "files.md").read_text("utf-8")
    section = told.partition("## Pictures")[2].partition("\n## ")[0]
    for suffix in formats.SUFFIXES:
        assert f"`{suffix}`" in section, suffix


@pytest.mark.parametrize("data", [b"", b"art", b"%PDF-1.7", b"\0\0\2\0"])
def test_a_file_that_is_no_picture_has_no_format(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "LICENSE").write_bytes(data)
    assert formats.format_of(tmp_path / "LICENSE") == ""
    assert formats.format_of(tmp_path / "gone") == ""
