"""Pictures to begin from (img2img), kept under the hash of their content."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from studio import images
from studio.accounts.rights import check
from studio.errors import StudioError
from studio.generation.picture_files import write_png


def keep(home: Path, data: bytes, name: str, *, by: str = "") -> str:
    """Keep a picture as a PNG with alpha and give its hash; StudioError where it is none."""
    check(by, "generate")
    return keep_picture(home, images.decode(data, name), by=by)


def keep_picture(home: Path, picture: Image.Image, *, by: str = "") -> str:
    """Keep an RGBA picture and give the hash of its size and pixels."""
    check(by, "generate")
    digest = images.pixel_digest(picture)
    file = home / "starts" / f"{digest}.png"
    if not file.is_file():
        write_png(file, picture)
    return digest


def path(home: Path, digest: str) -> Path:
    """Where it lies; StudioError where there is none."""
    file = home / "starts" / f"{digest}.png"
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or not file.is_file():
        raise StudioError(f"There is no picture {digest[:12]!r} to begin from.", "Drop it again.")
    return file
