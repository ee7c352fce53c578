"""Pictures scaled, laid on a matte and cut out of it."""

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError

RED = (255, 0, 0, 255)


def noise(width: int, height: int, mode: str = "RGBA", seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), np.uint8)
    return Image.fromarray(pixels, mode)


def test_on_matte_blends() -> None:
    half = Image.new("RGBA", (1, 1), (255, 0, 0, 128))
    assert images.on_matte(half, (0, 0, 255)).getpixel((0, 0)) == (128, 0, 127)


def test_nearest_enlarges_by_whole_numbers_and_centres() -> None:
    picture = noise(10, 6)
    out = np.asarray(images.scaled(picture, 32, "nearest"))
    inner = out[7:25, 1:31]  # three times 10 x 6
    assert (inner == np.asarray(picture).repeat(3, 0).repeat(3, 1)).all()
    assert out.sum() == inner.sum()


def test_nearest_takes_enlarged_pixel_art_back() -> None:
    art = noise(16, 16)
    large = images.scaled(art, 64, "nearest")
    assert images.scaled(large, 16, "nearest").tobytes() == art.tobytes()
    odd = images.scaled(noise(50, 3), 16, "nearest")
    assert odd.size == (16, 16) and set(odd.getdata()) <= {*noise(50, 3).getdata(), (0, 0, 0, 0)}
    assert images.scaled(noise(1, 90), 8, "nearest").getbbox() is not None


@pytest.mark.parametrize("filter", ["box", "lanczos"])
def test_hidden_colours_never_bleed(filter: str) -> None:
    picture = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    picture.paste(RED, (16, 16, 49, 49))
    out = np.asarray(images.scaled(picture, 20, filter))
    assert out.shape == (20, 20, 4)
    assert out[out[..., 3] > 0][:, 1].max() == 0


def test_scaled_refuses_what_it_does_not_know() -> None:
    with pytest.raises(StudioError, match="bicubic"):
        images.scaled(noise(4, 4), 8, "bicubic")
    with pytest.raises(StudioError):
        images.scaled(noise(4, 4), 0, "box")


def test_cut_out_works_from_the_border_inwards() -> None:
    picture = Image.new("RGB", (9, 9), (128, 128, 128))
    picture.paste((200, 0, 0), (2, 2, 7, 7))
    picture.putpixel((4, 4), (128, 128, 128))  # matte inside the figure stays
    picture.putpixel((0, 0), (140, 120, 128))  # within the tolerance
    out = images.cut_out(picture, (128, 128, 128))
    alpha = np.asarray(out)[..., 3]
    assert (alpha[2:7, 2:7] == 255).all() and (alpha == 255).sum() == 25
    assert out.getpixel((4, 4)) == (128, 128, 128, 255)
    again = images.cut_out(images.on_matte(out, (128, 128, 128)), (128, 128, 128))
    assert again.tobytes() == out.tobytes()


def test_parse_colour() -> None:
    assert images.parse_colour("#80ff00") == (128, 255, 0)
    assert images.parse_colour("white") == (255, 255, 255)
    for bad in ("", "#12", "mauvest", "#80808080"):
        with pytest.raises(StudioError):
            images.parse_colour(bad)
