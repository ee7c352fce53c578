"""Which of several frames or pages a viewer shows first, and which way up."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from studio.images.formats import DAMAGED
from studio.images.remarks import Remark

ORIENTATION = 0x0112  # of EXIF and TIFF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SUBFILE = 254  # of TIFF; its lowest bit marks a smaller copy of another page
_MOVING = ("GIF", "PNG", "WEBP", "AVIF")
_LOOKED_AT = 100  # frames
_ONE = ("ICO", "MPO")  # sizes of one picture; a photograph with previews beside it


def count(picture: Image.Image) -> int:
    """How many frames or pages a picture has that are shown one after the other."""
    if picture.format in _ONE:
        return 1
    try:
        return int(getattr(picture, "n_frames", 1))
    except DAMAGED:  # of those behind the first, which is looked at when it is decoded
        return 1


def choose(picture: Image.Image) -> list[Remark]:
    """Goes to the frame that is shown first, before anything is decoded; what to tell of it."""
    frames = count(picture)
    if frames == 1:
        return []
    if picture.format == "PNG" and picture.info.get("default_image"):
        picture.seek(1)
        return [Remark("default", str(frames - 1))]
    if picture.format == "TIFF" and _is_copy(picture):
        for page in range(1, frames):
            picture.seek(page)
            if not _is_copy(picture):
                return [Remark("page")]
        picture.seek(0)
    return [Remark("frames", str(frames))]


def miscalled(picture: Image.Image, data: bytes) -> list[Remark]:
    """What to tell of an icon, decoded, whose list of sizes has not the size of its picture."""
    if picture.format != "ICO":
        return []
    entries = (data[at : at + 2] for at in range(6, 6 + 16 * data[4], 16))
    sizes = [(wide or 256, high or 256) for wide, high in (e for e in entries if len(e) == 2)]
    if not sizes or picture.size in sizes:
        return []
    wide, high = max(sizes)
    return [Remark("icon", f"{wide} x {high}")]


def later(picture: Image.Image) -> Iterator[int]:
    """Goes to and decodes the frames of an animation behind the one that it is at, each in turn;
    their numbers from 0."""
    if picture.format not in _MOVING:
        return
    for frame in range(picture.tell() + 1, min(count(picture), _LOOKED_AT)):
        picture.seek(frame)
        picture.load()
        yield frame


def orientation(picture: Image.Image) -> int:
    """How a decoded picture is to be turned, a key of TURNS or 1, by its EXIF alone, as viewers
    do: Pillow would believe XMP as well. EXIF that can't be read is passed over."""
    try:
        exif = Image.Exif()
        exif.load(picture.info.get("exif", b""))
        return int(exif.get(ORIENTATION, 1))
    except DAMAGED:
        return 1


def upright(picture: Image.Image, shown: Image.Image) -> tuple[Image.Image, list[Remark]]:
    """What is shown of a decoded picture, turned; a TIFF was turned when it was decoded."""
    if picture.format == "TIFF":
        return shown, []
    turn = orientation(picture)
    try:
        before = picture.getexif().get(ORIENTATION, 1)
    except DAMAGED:
        before = turn
    told = [] if TURNS.get(before) == TURNS.get(turn) else [Remark("turn")]
    return (shown.transpose(TURNS[turn]) if turn in TURNS else shown), told


def _is_copy(picture: Image.Image) -> bool:
    return bool(int(getattr(picture, "tag_v2", {}).get(_SUBFILE, 0)) & 1)
