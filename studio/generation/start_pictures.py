"""Pictures to begin from (img2img), and masks of what is drawn anew of one (inpainting), kept under
the hash of their content."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from PIL import Image

from studio import images
from studio.accounts.rights import check
from studio.diffusion.sizes import LEAST, MOST, Size
from studio.errors import StudioError
from studio.generation import start_room
from studio.generation.picture_files import write_png


def keep(home: Path, data: bytes, name: str, *, by: str = "") -> str:
    """Keep a picture as a PNG with alpha and give its hash; StudioError where it is none."""
    check(by, "generate")
    return keep_picture(home, images.decode(data, name), by=by)


def keep_picture(home: Path, picture: Image.Image, *, by: str = "") -> str:
    """Keep an RGBA picture and give the hash of its size and pixels."""
    check(by, "generate")
    digest = images.pixel_digest(picture)
    _keep(home, digest, picture, by)
    return digest


def is_black(mask: Image.Image) -> bool:
    """Whether a mask leaves all as it is."""
    return images.as_grey(mask).getbbox() is None


def keep_mask(home: Path, mask: Image.Image, start: str, *, by: str = "") -> str:
    """Keep a mask of the kept picture `start` and give its hash: grey, not black where that one is
    drawn anew; what is transparent is black. StudioError where it is empty or of another size."""
    check(by, "generate")
    grey = images.as_grey(mask)
    size = size_of(home, start)
    if grey.size != size:
        raise StudioError(
            f"The mask is {grey.width} x {grey.height} pixels, its picture {size[0]} x {size[1]}.",
            "Paint it on the picture in its own size.",
        )
    if grey.getbbox() is None:
        raise StudioError("The mask is empty.", "Paint white what is to be drawn anew.")
    digest = hashlib.sha256(f"mask {size[0]}x{size[1]}".encode() + grey.tobytes()).hexdigest()
    _keep(home, digest, grey, by)
    return digest


def check_mask(home: Path, digest: str, start: str) -> None:
    """StudioError unless the kept mask `digest` is of the size of the kept picture `start`."""
    if size_of(home, digest) != size_of(home, start):
        raise StudioError("The mask is of another picture.", "Paint it on this one.")


def drawn_at(home: Path, digest: str) -> Size | None:
    """The size at which a part of the kept picture is drawn anew, its own; None where no picture
    is drawn so large or small, and it is fitted into another."""
    size = Size(*size_of(home, digest))
    sides = (size.width, size.height)
    return size if LEAST <= min(sides) <= max(sides) <= MOST else None


def size_of(home: Path, digest: str) -> tuple[int, int]:
    """Width and height of a kept picture or mask."""
    with images.result(path(home, digest)) as opened:
        return opened.size


def path(home: Path, digest: str) -> Path:
    """Where it lies; StudioError where there is none."""
    file = home / "starts" / f"{digest}.png"
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or not file.is_file():
        raise StudioError(f"There is no picture {digest[:12]!r} to begin from.", "Drop it again.")
    return file


def _keep(home: Path, digest: str, picture: Image.Image, by: str) -> None:
    file = home / "starts" / f"{digest}.png"
    if not file.is_file():
        write_png(file, picture)
        start_room.note(home, by, file)
