"""A file's picture as a viewer shows it: RGBA in sRGB, upright, its first frame.

Pictures that came in before this was looked at are read as they were then, PLAIN, by the versions
that hold them: a frozen version means the same for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from studio.errors import StudioError
from studio.images import (
    alpha,
    colour_profiles,
    deep,
    described_colours,
    formats,
    frames,
    run_lengths,
)
from studio.images.described_colours import Colours
from studio.images.remarks import Remark

# PLAIN takes the file's numbers as they are; SEEN is what a viewer makes of them.
PLAIN, SEEN = 1, 2
DEEP = ("I", "F")  # how the modes of more than 8 bits begin


@dataclass(frozen=True)
class Seen:
    """A picture as RGBA, Pillow's name of its format, and what had to be done for it beyond taking
    the file's numbers; without a remark both readings are the same."""

    picture: Image.Image
    format: str
    remarks: tuple[Remark, ...]

    @property
    def reading(self) -> int:
        """The plainest reading that gives this picture."""
        return SEEN if any(remark.changes for remark in self.remarks) else PLAIN

    @property
    def empty(self) -> bool:
        """Whether it is transparent everywhere."""
        return any(remark.kind == "empty" for remark in self.remarks)


def open_picture(path: Path, max_pixels: int = formats.MAX_PIXELS) -> Image.Image:
    """The picture in a file as RGBA, upright; of an animation the first frame.

    StudioError names the file and the remedy when it can't be read, is not a picture,
    is truncated, or has more than `max_pixels` (seen in the header, before decoding).
    """
    return decode(formats.read_file(path), str(path), max_pixels)


def open_result(path: Path) -> Image.Image:
    """As `open_picture`, of a file in the studio's own folders, which it wrote or took in at one of
    its doors: a PNG may have up to formats.RESULT_PIXELS."""
    return open_picture(path, formats.RESULT_PIXELS)


def decode(
    data: bytes, name: str, max_pixels: int = formats.MAX_PIXELS, reading: int = SEEN
) -> Image.Image:
    """The picture in `data` as RGBA; `name` is what errors call it. Errors as `open_picture`."""
    return see(data, name, max_pixels, reading).picture


def see(
    data: bytes,
    name: str,
    max_pixels: int = formats.MAX_PIXELS,
    reading: int = SEEN,
    about: int | None = None,
) -> Seen:
    """As `decode`, with what was done. A JPEG of which `about` pixels a side are enough is decoded
    at a half, a quarter or an eighth of its size."""
    with formats.header(data, name, max_pixels) as picture:
        format = picture.format or ""
        try:
            if reading == PLAIN:
                picture.load()
                return Seen(_plain(ImageOps.exif_transpose(picture)), format, ())
            remarks = frames.choose(picture)
            formats.check_size(picture, name, max_pixels)
            colours = described_colours.described(picture, data, name)
            if about is not None:
                picture.draft(None, (about, about))
            picture.load()
            remarks += frames.miscalled(picture, data)
            shown, more = _first_seen(picture, data, colours)
            turned, turns = frames.upright(picture, shown)
            if any(remark.kind == "late" for remark in more):
                remarks = []  # that the first frame is learned
            return Seen(turned, format, (*remarks, *more, *turns))
        except Image.DecompressionBombError as error:  # frames larger than the header said
            raise StudioError(f"{name}: a frame is too large.", formats.TOO_LARGE) from error
        except formats.DAMAGED as error:
            raise StudioError(
                f"{name}: the picture is truncated or damaged ({error}).",
                "Export or copy it again.",
            ) from error


def pixel_digest(picture: Image.Image) -> str:
    """The SHA-256 of an RGBA picture's size and pixels: the same however the picture was saved."""
    size = f"{picture.width}x{picture.height}".encode()
    return hashlib.sha256(size + picture.tobytes()).hexdigest()


def _first_seen(
    picture: Image.Image, data: bytes, colours: Colours | None
) -> tuple[Image.Image, list[Remark]]:
    """What is shown of the frame that `picture` is at, or of the first later one that is not
    wholly transparent."""
    shown, remarks = first = _shown(picture, data, colours)
    later = frames.later(picture)
    while alpha.is_empty(shown):
        frame = next(later, None)
        if frame is None:
            return first
        shown, remarks = _shown(picture, data, colours)
        remarks = [*remarks, Remark("late", str(frame + 1))]
    return shown, remarks


def _shown(
    picture: Image.Image, data: bytes, colours: Colours | None
) -> tuple[Image.Image, list[Remark]]:
    if picture.mode in ("CMYK", "LAB"):
        return colour_profiles.printed(picture, colours)
    remarks: list[Remark] = []
    if picture.mode.startswith(DEEP):
        shown, remarks = deep.as_rgba(picture)
    else:
        keyed, through = alpha.keyed(picture, data), run_lengths.seen_through(picture, data)
        shown = keyed or through or _plain(picture)
        remarks += [Remark("key")] if keyed else []
        remarks += [Remark("passed over")] if through else []
        remarks += alpha.undone(picture, data, shown)
    if colours:
        remarks += colour_profiles.convert(shown, colours, grey=deep.is_grey(picture))
    if alpha.is_empty(shown):
        remarks.append(Remark("empty"))
    return shown, remarks


def _plain(picture: Image.Image) -> Image.Image:
    mode = picture.mode
    if mode.startswith(DEEP):
        return deep.as_rgba_before(picture)
    if mode in ("La", "RGBa"):
        return picture.convert("LA" if mode == "La" else "RGBA").convert("RGBA")
    if mode in ("CMYK", "YCbCr", "HSV"):
        return picture.convert("RGB").convert("RGBA")
    return picture.convert("RGBA")
