"""Pictures as the studio handles them: opened with care, alpha kept, scaled without inventing.

Everything here takes and gives Pillow images; nothing writes files. ICC profiles are not
applied: pictures are taken to be sRGB.
"""

import hashlib
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageOps
from scipy import ndimage

from studio.errors import StudioError

FILTERS = ("nearest", "box", "lanczos")
MAX_BYTES = 512 * 1024 * 1024
OPAQUE = 128  # an alpha from here on counts as drawn

# What Pillow's decoders raise on damaged files, by format; none of it is our mistake.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


def open_picture(path: Path, max_pixels: int = 64_000_000) -> Image.Image:
    """The picture in a file as RGBA, upright; of an animation the first frame.

    StudioError names the file and the remedy when it can't be read, is not a picture,
    is truncated, or has more than `max_pixels` (seen in the header, before decoding).
    """
    return decode(read_file(path), str(path), max_pixels)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES; StudioError otherwise."""
    try:
        if not path.is_file():
            raise StudioError(f"{path}: there is no such file to read.", "Check the path.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StudioError(
                f"{path}: the file has {size:,} bytes, more than {MAX_BYTES:,}.",
                "Save it smaller, for example as PNG.",
            )
        return path.read_bytes()
    except OSError as error:
        raise StudioError(
            f"{path}: the file can't be read ({error.strerror or error}).",
            "Check its permissions and the disk.",
        ) from error


def decode(data: bytes, name: str, max_pixels: int = 64_000_000) -> Image.Image:
    """The picture in `data` as RGBA; `name` is what errors call it. Errors as `open_picture`."""
    if not data:
        raise StudioError(f"{name}: the file is empty.", "Export the picture again.")
    too_large = "Make it smaller, or cut it into single pictures."
    try:
        picture = Image.open(io.BytesIO(data))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise StudioError(
            f"{name}: the picture has more than {max_pixels:,} pixels.", too_large
        ) from error
    except Image.UnidentifiedImageError as error:
        raise StudioError(
            f"{name}: this is not a picture in a known format.", "Export it as PNG or JPEG."
        ) from error
    except _DAMAGED as error:
        raise StudioError(
            f"{name}: the picture's header is damaged ({error}).", "Export it again."
        ) from error
    with picture:
        width, height = picture.size
        if width * height > max_pixels:
            raise StudioError(
                f"{name}: {width:,} x {height:,} is more than {max_pixels:,} pixels.", too_large
            )
        try:
            picture.load()
            return _as_rgba(ImageOps.exif_transpose(picture))
        except Image.DecompressionBombError as error:  # frames larger than the header said
            raise StudioError(f"{name}: a frame is too large.", too_large) from error
        except _DAMAGED as error:
            raise StudioError(
                f"{name}: the picture is truncated or damaged ({error}).",
                "Export or copy it again.",
            ) from error


def pixel_digest(picture: Image.Image) -> str:
    """The SHA-256 of an RGBA picture's size and pixels: the same however the picture was saved."""
    size = f"{picture.width}x{picture.height}".encode()
    return hashlib.sha256(size + picture.tobytes()).hexdigest()


def _as_rgba(picture: Image.Image) -> Image.Image:
    mode = picture.mode
    if mode.startswith("I") or mode == "F":
        return _deep_as_rgba(picture)
    if mode in ("La", "RGBa"):
        return picture.convert("LA" if mode == "La" else "RGBA").convert("RGBA")
    if mode in ("CMYK", "YCbCr", "HSV"):
        return picture.convert("RGB").convert("RGBA")
    return picture.convert("RGBA")


def _deep_as_rgba(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, or float, to 8 bits by its whole range: Pillow itself would clip."""
    values = np.nan_to_num(np.asarray(picture).astype(np.float64))
    peak = float(values.max(initial=0.0))
    if picture.mode == "F":
        top = 1.0 if peak <= 1 else 255.0 if peak <= 255 else peak
    else:
        top = 65535.0 if peak <= 65535 else 2147483647.0
    grey = np.clip(np.rint(values * (255.0 / top)), 0, 255).astype(np.uint8)
    hidden = picture.info.get("transparency")
    alpha = np.full_like(grey, 255)
    if isinstance(hidden, int):
        alpha[values == hidden] = 0
    return Image.fromarray(np.dstack([grey, grey, grey, alpha]), "RGBA")


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
    where = ndimage.distance_transform_edt(~drawn, return_distances=False, return_indices=True)
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
    outside = ndimage.binary_propagation(border & near, mask=near)
    out = np.dstack([pixels, np.full(near.shape, 255, np.uint8)])
    out[outside] = 0
    return Image.fromarray(out, "RGBA")


def grid(
    pictures: list[list[Image.Image]],
    cell: int,
    gap: int = 2,
    matte: tuple[int, int, int] = (32, 32, 32),
) -> Image.Image:
    """A contact sheet as RGB: rows of pictures in cells of `cell` pixels on a checkerboard.

    Small pictures are enlarged by whole factors, larger ones averaged down; `matte` is the
    colour of the gaps and of cells without a picture in short rows.
    """
    rows, columns = len(pictures), max((len(row) for row in pictures), default=0)
    if not rows or not columns:
        raise StudioError("A contact sheet needs a picture.", "Give at least one.")
    step = cell + gap
    sheet = Image.new("RGB", (columns * step + gap, rows * step + gap), matte)
    board = _checkerboard(cell)
    for y, row in enumerate(pictures):
        for x, picture in enumerate(row):
            fitted = scaled(picture, cell, "nearest" if max(picture.size) <= cell else "box")
            drawn = Image.alpha_composite(board, fitted).convert("RGB")
            sheet.paste(drawn, (gap + x * step, gap + y * step))
    return sheet


def _checkerboard(size: int) -> Image.Image:
    square = max(1, size // 8)
    steps = np.arange(size) // square
    grey = np.where((steps[:, None] + steps[None, :]) % 2, 204, 232).astype(np.uint8)
    return Image.fromarray(grey, "L").convert("RGBA")


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB from 0 to 255, `[..., 3]`, as CIE L*a*b* (D65, 2 degrees), float64, same shape."""
    # sRGB: IEC 61966-2-1; its matrix for D65 as Lindbloom lists it. L*a*b*: CIE 1976.
    value = np.asarray(rgb, dtype=np.float64) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    # The white is the matrix's own row sums, so that white is exactly L 100, a 0, b 0.
    xyz = (linear @ to_xyz.T) / to_xyz.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


def palette(picture: Image.Image, colours: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """The leading colours over opaque pixels: Lab `[k, 3]` and weights `[k]` that sum to 1.

    k is `colours`, or fewer where the picture has fewer; 0 without an opaque pixel. Weighted
    k-means from the most frequent colour outwards, so the same picture gives the same answer.
    Pictures over 256 pixels a side are subsampled. Heaviest colour first.
    """
    pixels = np.asarray(picture.convert("RGBA"))
    stride = max(1, math.ceil(max(pixels.shape[:2]) / 256))
    pixels = pixels[::stride, ::stride].reshape(-1, 4)
    opaque = pixels[pixels[:, 3] >= OPAQUE][:, :3]
    if not len(opaque) or colours < 1:
        return np.zeros((0, 3)), np.zeros(0)
    seen, counts = np.unique(opaque, axis=0, return_counts=True)
    points, weight = lab(seen), counts / counts.sum()
    centres = points[[int(weight.argmax())]]
    while len(centres) < min(colours, len(points)):
        away = _squared(points, centres).min(axis=1)
        if away.max() <= 0:
            break
        centres = np.vstack([centres, points[int((away * weight).argmax())]])
    for _ in range(25):
        nearest = _squared(points, centres).argmin(axis=1)
        total = np.bincount(nearest, weight, len(centres))
        sums = np.stack(
            [np.bincount(nearest, weight * points[:, c], len(centres)) for c in (0, 1, 2)], 1
        )
        moved = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-12)[:, None], centres)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    total = np.bincount(_squared(points, centres).argmin(axis=1), weight, len(centres))
    order = np.argsort(-total, kind="stable")
    order = order[total[order] > 0]
    return centres[order], total[order] / total.sum()


def _squared(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def thumbnail(path: Path, side: int) -> bytes:
    """The picture as lossless WebP, scaled down to at most `side` pixels where it is larger."""
    picture = open_picture(path)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    picture.save(written, format="WEBP", lossless=True)
    return written.getvalue()
