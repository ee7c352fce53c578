"""Pictures scaled without inventing, laid on a matte, cut out of it: RGBA in, RGBA or RGB out."""

import math

import numpy as np
import scipy
from PIL import Image, ImageColor

from studio.errors import StudioError

FILTERS = ("nearest", "box", "lanczos")
OPAQUE = 128  # an alpha from here on counts as drawn


def parse_colour(text: str) -> tuple[int, int, int]:
    """ "#rrggbb" or a CSS name as three numbers from 0 to 255; StudioError otherwise."""
    try:
        colour = ImageColor.getrgb(text.strip())
    except (ValueError, AttributeError) as error:
        raise StudioError(
            f"{text!r} is not a colour.", 'Write it as "#808080" or by name, such as "white".'
        ) from error
    if len(colour) != 3:
        raise StudioError(f"{text!r} has an alpha value.", 'A matte is opaque: "#rrggbb".')
    return colour[0], colour[1], colour[2]


def on_matte(picture: Image.Image, matte: tuple[int, int, int]) -> Image.Image:
    """The picture laid over one colour, as RGB."""
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*matte, 255)), picture).convert(
        "RGB"
    )


def as_grey(picture: Image.Image) -> Image.Image:
    """A mask's grey, "L": 255 where its picture teaches, 0 where not; transparent is 0 too."""
    return on_matte(picture, (0, 0, 0)).convert("L")


def scaled(picture: Image.Image, size: int, filter: str) -> Image.Image:
    """The picture fitted on a transparent square of `size`, centred, as RGBA; see `fitted`."""
    return fitted(picture, (size, size), filter)


def fitted(picture: Image.Image, size: tuple[int, int], filter: str) -> Image.Image:
    """The picture fitted on a transparent canvas of `size`, centred, as RGBA.

    "nearest" keeps pixel art whole: enlarged by the largest whole factor that fits, or
    subsampled by the smallest one; what remains is transparent border. "box" and "lanczos"
    fill the canvas one way and work on premultiplied colours, so hidden ones never bleed.
    """
    _check_canvas(size, filter)
    picture = picture.convert("RGBA")
    width, height = picture.size
    share = min(size[0] / width, size[1] / height)
    if share == 1:
        inside = picture
    elif filter != "nearest":
        inside = _resized(picture, _shrunk(picture.size, size), filter)
    elif share > 1:
        factor = min(size[0] // width, size[1] // height)
        inside = picture.resize((width * factor, height * factor), Image.Resampling.NEAREST)
    else:
        factor = max(math.ceil(width / size[0]), math.ceil(height / size[1]))
        # The middle of each block: enlarged pixel art is sampled where its pixels are pure.
        top, left = min(factor // 2, (height - 1) // 2), min(factor // 2, (width - 1) // 2)
        inside = Image.fromarray(
            np.ascontiguousarray(np.asarray(picture)[top::factor, left::factor]), "RGBA"
        )
    if inside.size == size:
        return inside.copy()
    canvas = Image.new("RGBA", size, (0, 0, 0, 0))
    canvas.paste(inside, ((size[0] - inside.width) // 2, (size[1] - inside.height) // 2))
    return canvas


def covering(
    picture: Image.Image, size: tuple[int, int], filter: str
) -> tuple[Image.Image, tuple[int, int]]:
    """The picture scaled until it covers `size` both ways, what stands over cut off evenly, as
    RGBA; and how many scaled pixels went at the left and at the top."""
    _check_canvas(size, filter)
    share = max(size[0] / picture.width, size[1] / picture.height)
    wide = max(size[0], round(picture.width * share))
    high = max(size[1], round(picture.height * share))
    picture = picture.convert("RGBA")
    if filter == "nearest":
        large = picture.resize((wide, high), Image.Resampling.NEAREST)
    else:
        large = picture if picture.size == (wide, high) else _resized(picture, (wide, high), filter)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    return large.crop((left, top, left + size[0], top + size[1])), (left, top)


def bled(picture: Image.Image) -> Image.Image:
    """RGB in which colours of drawn pixels spread outwards over all that is transparent, each
    place taking the nearest one's; what is half transparent lies over that. Black where nothing
    is drawn at all."""
    pixels = np.asarray(picture.convert("RGBA"))
    drawn = pixels[..., 3] >= OPAQUE
    if not drawn.any():
        return Image.new("RGB", picture.size)
    where = scipy.ndimage.distance_transform_edt(
        ~drawn, return_distances=False, return_indices=True
    )
    spread = pixels[where[0], where[1], :3].astype(np.float32)
    alpha = pixels[..., 3:].astype(np.float32) / 255
    laid = pixels[..., :3] * alpha + spread * (1 - alpha)
    return Image.fromarray(np.rint(laid).astype(np.uint8), "RGB")


def _check_canvas(size: tuple[int, int], filter: str) -> None:
    if filter not in FILTERS:
        raise StudioError(
            f"{filter!r} is not a scaling filter.", f"Use one of {', '.join(FILTERS)}."
        )
    if min(size) < 1:
        raise StudioError(f"A size of {min(size)} has no pixels.", "Give a size of at least 1.")


def _shrunk(picture: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The largest size of a picture's shape that fits into `size`."""
    (width, height), (wide, high) = picture, size
    if width * high >= height * wide:
        return wide, max(1, round(height * wide / width))
    return max(1, round(width * high / height)), high


def _resized(picture: Image.Image, target: tuple[int, int], filter: str) -> Image.Image:
    resampling = Image.Resampling.BOX if filter == "box" else Image.Resampling.LANCZOS
    return picture.convert("RGBa").resize(target, resampling).convert("RGBA")


def cut_out(
    picture_rgb: Image.Image, matte: tuple[int, int, int], tolerance: int = 24
) -> Image.Image:
    """RGBA with the matte removed from the border inwards; everything else untouched.

    A pixel is matte when each channel differs by at most `tolerance`; only matte that is
    joined to the border over edges (not corners) goes. Alpha is 0 or 255, never between.
    """
    pixels = np.asarray(picture_rgb.convert("RGB"))
    near = (np.abs(pixels.astype(np.int16) - np.array(matte, np.int16)) <= tolerance).all(axis=2)
    border = np.zeros_like(near)
    border[[0, -1], :] = border[:, [0, -1]] = True
    outside = scipy.ndimage.binary_propagation(border & near, mask=near)
    out = np.dstack([pixels, np.full(near.shape, 255, np.uint8)])
    out[outside] = 0
    return Image.fromarray(out, "RGBA")
