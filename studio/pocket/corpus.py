"""A folder of captioned pictures, read, checked and split for the pocket base."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.captioning.subjects import Subject, subject_of
from studio.errors import StudioError

SIZE = 32  # native edge in pixels


@dataclass(frozen=True)
class Sprite:
    """One picture: RGBA bytes [32, 32, 4], what it shows, whether training may see it."""

    file_name: str
    digest: str
    pixels: NDArray[np.uint8]
    subject: Subject
    held_out: bool


def is_held_out(digest: str) -> bool:
    """True for the fixed tenth of pictures (by sha256 of the file) that training never sees."""
    return int(digest[:8], 16) % 10 == 0


def to_native(picture: Image.Image) -> NDArray[np.uint8]:
    """The picture as RGBA bytes [32, 32, 4]: centred, larger ones scaled down; grey under alpha 0.

    Whole-number ratios take every n-th pixel, which keeps pixel art crisp.
    """
    rgba = picture.convert("RGBA")
    longest = max(rgba.size)
    if longest > SIZE:
        sampling = Image.Resampling.NEAREST if longest % SIZE == 0 else Image.Resampling.BOX
        scale = SIZE / longest
        size = (max(1, round(rgba.width * scale)), max(1, round(rgba.height * scale)))
        rgba = rgba.resize(size, sampling)
    sheet = np.zeros((SIZE, SIZE, 4), dtype=np.uint8)
    top, left = (SIZE - rgba.height) // 2, (SIZE - rgba.width) // 2
    sheet[top : top + rgba.height, left : left + rgba.width] = np.asarray(rgba)
    sheet[sheet[..., 3] == 0] = (128, 128, 128, 0)
    return sheet


def read_corpus(dataset: Path) -> list[Sprite]:
    """Reads `dataset`/metadata.jsonl (file_name, text, category) and its pictures.

    Raises StudioError where the list or a picture is missing or broken, or nothing is left.
    """
    listing = dataset / "metadata.jsonl"
    if not listing.is_file():
        raise StudioError(
            f"{listing} does not exist.",
            "Give a folder with metadata.jsonl: a line per picture with file_name, text, category.",
        )
    sprites: list[Sprite] = []
    for number, line in enumerate(listing.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            name, text = str(row["file_name"]), str(row.get("text", ""))
            category = str(row.get("category", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudioError(
                f"Line {number} of {listing} is no record with a file_name ({error}).",
                "Write one JSON object a line with file_name, text and category.",
            ) from error
        path = dataset / name
        try:
            content = path.read_bytes()
            with Image.open(path) as picture:
                pixels = to_native(picture)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise StudioError(
                f"{path} can't be read as a picture ({error}).",
                f"Replace it or remove line {number} of metadata.jsonl.",
            ) from error
        digest = hashlib.sha256(content).hexdigest()
        sprites.append(
            Sprite(name, digest, pixels, subject_of(text, category), is_held_out(digest))
        )
    if not any(not sprite.held_out for sprite in sprites):
        raise StudioError(
            f"{dataset} holds no picture to train on ({len(sprites)} in all).",
            "Add pictures: about a tenth is held back, so give at least a handful.",
        )
    return sprites
