"""Files say how they came about: read back by Pillow, and nothing else of them changes."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from studio.export import iptc
from tests.export.drawn import sprite

FORMS = [("PNG", {}), ("WEBP", {"lossless": True}), ("WEBP", {"quality": 70}), ("JPEG", {})]


def saved(form, picture=None, **how):
    out = io.BytesIO()
    picture = picture or sprite(16)
    if form == "JPEG":
        picture = picture.convert("RGB")
    picture.save(out, format=form, **how)
    return out.getvalue()


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize(("form", "how"), FORMS)
@pytest.mark.parametrize("term", [iptc.DRAWN, iptc.PAINTED_OVER])
def test_a_file_says_it_once_and_keeps_every_pixel(form, how, term):
    data = saved(form, **how)
    assert iptc.read(data) == ""
    said = iptc.labelled(data, term)
    assert iptc.read(said) == term and np.array_equal(pixels(said), pixels(data))
    with Image.open(io.BytesIO(said)) as opened:
        xmp = opened.info.get("xmp") or opened.info.get("XML:com.adobe.xmp", "").encode()
        assert opened.mode == Image.open(io.BytesIO(data)).mode
    assert f"{iptc.TERMS}{term}".encode() in xmp
    again = iptc.labelled(said, iptc.PAINTED_OVER)
    assert iptc.read(again) == iptc.PAINTED_OVER
    assert again.count(b"DigitalSourceType>") == 2  # one element
    assert iptc.labelled(again, term) == said


def test_an_animated_webp_keeps_its_frames():
    frames = [sprite(16, seed) for seed in (1, 2, 3)]
    data = saved(
        "WEBP", frames[0], save_all=True, append_images=frames[1:], duration=83, lossless=True
    )
    said = iptc.labelled(data, iptc.DRAWN)
    with Image.open(io.BytesIO(said)) as opened:
        assert opened.n_frames == 3
    assert iptc.read(said) == iptc.DRAWN


def test_other_texts_of_a_png_stay():
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("housestyle", '{"seed": 7}')
    said = iptc.labelled(saved("PNG", pnginfo=texts), iptc.DRAWN)
    with Image.open(io.BytesIO(said)) as opened:
        opened.load()
        assert opened.text["housestyle"] == '{"seed": 7}'


def test_what_is_no_picture_or_damaged_is_as_it_was():
    for data in (b"", b"glTF123", b"RIFF", saved("PNG")[:60], b"RIFF\0\0\0\0WEBP"):
        assert iptc.labelled(data, iptc.DRAWN) == data


def test_a_gif_says_it_and_moves_as_before():
    frames = [sprite(16, seed).quantize(8) for seed in (1, 2, 3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    said = iptc.labelled(out.getvalue(), iptc.DRAWN)
    assert iptc.read(said) == iptc.DRAWN and said.endswith(b";")
    with Image.open(io.BytesIO(said)) as opened:
        assert (opened.n_frames, opened.info["loop"]) == (3, 0)
    again = iptc.labelled(said, iptc.PAINTED_OVER)
    assert iptc.read(again) == iptc.PAINTED_OVER and again.count(b"XMP DataXMP") == 1
    assert iptc.labelled(again, iptc.DRAWN) == said


def test_exif_stays_the_first_of_a_jpeg():
    exif = Image.Exif()
    exif[0x010E] = "a gem"
    said = iptc.labelled(saved("JPEG", exif=exif.tobytes()), iptc.DRAWN)
    assert 0 < said.index(b"Exif\0\0") < said.index(b"http://ns.adobe.com/xap/1.0/")
    assert iptc.read(said) == iptc.DRAWN
    assert iptc.labelled(iptc.labelled(said, iptc.PAINTED_OVER), iptc.DRAWN) == said


def test_a_webp_that_is_cut_off_or_holds_an_empty_head_is_as_it_was():
    whole = saved("WEBP", lossless=True)
    for data in (whole[:-9], b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0"):
        assert iptc.labelled(data, iptc.DRAWN) == data
