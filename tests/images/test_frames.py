"""Of several frames or pages the one that is seen first, and the right way up."""

import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from studio import images

RED, GREEN, YELLOW = (255, 0, 0, 255), (0, 255, 0, 255), (255, 255, 0, 255)


def of(colour: tuple[int, ...], side: int = 8) -> Image.Image:
    return Image.new("RGBA", (side, side), colour)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_the_first_frame_is_read_and_told(format: str) -> None:
    written = io.BytesIO()
    more = {"WEBP": {"lossless": True}}.get(format, {})
    frames = [of(GREEN), of(YELLOW)]
    of(RED).save(written, format, save_all=True, append_images=frames, **more)
    seen = images.see(written.getvalue(), "a")
    red = seen.picture.getpixel((4, 4))
    assert isinstance(red, tuple) and red[0] > 240 and red[1] < 12
    assert [(r.kind, r.detail) for r in seen.remarks] == [("frames", "3")]
    assert seen.reading == images.PLAIN


def test_a_hidden_default_picture_is_passed_over() -> None:
    written = io.BytesIO()
    frames = [of(RED), of(GREEN)]
    of(YELLOW).save(written, "PNG", save_all=True, append_images=frames, default_image=True)
    seen = images.see(written.getvalue(), "a")
    assert seen.picture.getpixel((4, 4)) == RED
    assert [(r.kind, r.detail) for r in seen.remarks] == [("default", "2")]
    assert images.decode(written.getvalue(), "a", reading=images.PLAIN).getpixel((4, 4)) == YELLOW


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_frames_on_which_nothing_is_seen_are_passed_over(format: str) -> None:
    written = io.BytesIO()
    clear, clear_too = of((9, 9, 9, 0)), of((9, 9, 8, 0))
    more = {"WEBP": {"lossless": True, "exact": True}}.get(format, {})
    frames = [clear_too, of(RED), of(GREEN)]
    clear.save(written, format, save_all=True, append_images=frames, duration=50, **more)
    seen = images.see(written.getvalue(), "a")
    assert seen.picture.getpixel((4, 4)) == RED and not seen.empty
    assert [r.kind for r in seen.remarks] == ["late"] and seen.reading == images.SEEN
    written = io.BytesIO()
    clear.save(written, format, save_all=True, append_images=[clear_too], duration=50, **more)
    assert images.see(written.getvalue(), "a").empty


def test_a_small_copy_before_the_picture_is_passed_over(tmp_path: Path) -> None:
    small = of(GREEN, 4)
    small.encoderinfo = {"tiffinfo": {254: 1}}
    large = of(RED, 16)
    large.encoderinfo = {"tiffinfo": {254: 0}}
    small.save(tmp_path / "a.tif", save_all=True, append_images=[large], tiffinfo={254: 1})
    seen = images.see((tmp_path / "a.tif").read_bytes(), "a.tif")
    assert [r.kind for r in seen.remarks] == ["page"]
    assert seen.picture.size == (16, 16) and seen.picture.getpixel((3, 3)) == RED


def test_sizes_of_an_icon_are_no_frames() -> None:
    written = io.BytesIO()
    of(RED, 64).save(written, "ICO", sizes=[(16, 16), (64, 64)])
    seen = images.see(written.getvalue(), "a.ico")
    assert seen.picture.size == (64, 64) and seen.remarks == ()


def test_an_icon_that_calls_itself_larger_is_told() -> None:
    written = io.BytesIO()
    of(RED, 16).save(written, "ICO", sizes=[(16, 16)], bitmap_format="bmp")
    data = bytearray(written.getvalue())
    data[7] = 32  # the height in its list of sizes
    seen = images.see(bytes(data), "a.ico")
    assert [(r.kind, r.detail) for r in seen.remarks] == [("icon", "16 x 32")]
    assert seen.picture.size == (16, 16) and seen.reading == images.PLAIN


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_it_is_turned_by_exif(format: str, turn: int) -> None:
    art = Image.new("RGB", (24, 16), "blue")
    art.paste("red", (0, 0, 8, 8))  # the corner that ends up elsewhere
    exif = Image.Exif()
    exif[0x0112] = turn
    written = io.BytesIO()
    more = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(format, {})
    art.save(written, format, exif=exif, **more)
    seen = images.decode(written.getvalue(), "a")
    assert seen.size == ((24, 16) if turn < 5 else (16, 24))
    right, low = turn in (2, 3, 6, 7), turn in (3, 4, 7, 8)
    corner = seen.getpixel(((seen.width - 4) if right else 4, (seen.height - 4) if low else 4))
    assert isinstance(corner, tuple) and corner[0] > 200 and corner[2] < 60


def test_what_no_viewer_reads_turns_nothing() -> None:
    xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><tiff:Orientation>6</tiff:Orientation></x:xmpmeta>'
    about = PngInfo()
    about.add_itxt("XML:com.adobe.xmp", xmp)
    written = io.BytesIO()
    Image.new("RGB", (8, 4), "red").save(written, "PNG", pnginfo=about)
    seen = images.see(written.getvalue(), "a")
    assert seen.picture.size == (8, 4) and [r.kind for r in seen.remarks] == ["turn"]
    assert images.decode(written.getvalue(), "a", reading=images.PLAIN).size == (4, 8)


def test_damaged_exif_is_passed_over() -> None:
    written = io.BytesIO()
    Image.new("RGB", (8, 4), "red").save(written, "PNG", exif=b"Exif\0\0MM\0*\0\0\xff")
    assert images.decode(written.getvalue(), "a").size == (8, 4)
