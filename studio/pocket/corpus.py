"""Folders of captioned pictures, read, checked and split for a practice base."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import images
from studio.captioning.subjects import COLOUR_NAMES, Subject, subject_of
from studio.errors import StudioError
from studio.pocket.heroes import called_plainly
from studio.pocket.holdout import group_things, held_out_things, thing_name
from studio.pocket.pixelisation import as_sprite
from studio.pocket.shadows import cut_shadow

Pixels = NDArray[np.uint8]

SIZE = 32  # native edge in pixels
ONE_IN = 10  # things held out of a folder of sprites
# Of a folder in another style a quarter: enough to measure a style by.
ONE_IN_STYLED = 4
RULE = (
    "variants of one thing together; a thing is held out if the first 8 hex digits of the smallest "
    f"sha256 of its files, modulo {ONE_IN} ({ONE_IN_STYLED} in another style), are 0; never a "
    "thing with over a third of its kind's pictures"
)


@dataclass(frozen=True)
class Source:
    """A folder to teach. `style`: words for its way of drawing; "" for the base's own."""

    folder: Path
    style: str = ""


@dataclass(frozen=True)
class Sprite:
    """One picture: RGBA bytes [32, 32, 4], what it shows, whether training may see it.

    `thing` numbers the things of its folder: variants of one thing share the number. `plain` is
    a picture of another style redrawn as a sprite.
    """

    file_name: str
    digest: str
    pixels: Pixels
    subject: Subject
    held_out: bool
    style: str = ""
    folder: str = ""
    author: str = ""
    thing: int = -1
    plain: Pixels | None = None


def parse_source(text: str) -> Source:
    """`FOLDER`, or `FOLDER=WORDS` for a folder drawn in another style, as in `art/noto=emoji`."""
    folder, _, style = text.partition("=")
    return Source(Path(folder), " ".join(style.lower().split()))


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


def read_sources(sources: Sequence[Source]) -> list[Sprite]:
    """All folders' pictures, without their shadows. Raises StudioError as `read_corpus` does."""
    sprites: list[Sprite] = []
    for source in sources:
        found = read_corpus(source.folder, source.style)
        first = 1 + max((sprite.thing for sprite in sprites), default=-1)
        sprites += [replace(sprite, thing=first + sprite.thing) for sprite in found]
    return sprites


def read_corpus(dataset: Path, style: str = "", *, shadows: bool = False) -> list[Sprite]:
    """Reads `dataset`/metadata.jsonl (file_name, text, category) and its pictures.

    `shadows` keeps those that are painted into the pictures. A tenth of the things is held out, of
    another `style` a quarter. Raises StudioError where the list or a picture is missing or broken,
    or nothing is left.
    """
    rows = _rows(dataset)
    sprites = [_read(dataset, row, number, style, shadows) for number, row in rows]
    said = [(str(row.get("text", "")), str(row.get("category", ""))) for _, row in rows]
    if sprites:
        names = [thing_name(text, category, COLOUR_NAMES) for text, category in said]
        things = group_things(names, np.stack([sprite.pixels for sprite in sprites]))
        # In another style nearly every thing is a kind of its own, so none is always needed.
        kinds = ["" if style else sprite.subject.kind for sprite in sprites]
        held = held_out_things(
            things,
            [sprite.digest for sprite in sprites],
            kinds,
            ONE_IN_STYLED if style else ONE_IN,
        )
        sprites = [
            replace(sprite, thing=thing, held_out=out)
            for sprite, thing, out in zip(sprites, things, held, strict=True)
        ]
    if not any(not sprite.held_out for sprite in sprites):
        raise StudioError(
            f"{dataset} holds no picture to train on ({len(sprites)} in all).",
            "Add pictures: about a tenth is held back, so give at least a handful.",
        )
    return sprites


def _rows(dataset: Path) -> list[tuple[int, dict[str, Any]]]:
    """Line number and record of each line of the list."""
    listing = dataset / "metadata.jsonl"
    if not listing.is_file():
        raise StudioError(
            f"{listing} does not exist.",
            "Give a folder with metadata.jsonl: a line per picture with file_name, text, category.",
        )
    found: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(listing.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = dict(json.loads(line))
            row["file_name"] = str(row["file_name"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudioError(
                f"Line {number} of {listing} is no record with a file_name ({error}).",
                "Write one JSON object a line with file_name, text and category.",
            ) from error
        found.append((number, row))
    return found


def _read(dataset: Path, row: dict[str, Any], number: int, style: str, shadows: bool) -> Sprite:
    """The picture of one record, not yet grouped with its like."""
    path = dataset / row["file_name"]
    plain: Pixels | None = None
    try:
        content = path.read_bytes()
        with images.opened(path) as picture:
            pixels = to_native(picture)
            if style:
                plain = as_sprite(picture)
            elif not shadows and max(picture.size) <= SIZE:
                pixels = cut_shadow(pixels)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise StudioError(
            f"{path} can't be read as a picture ({error}).",
            f"Replace it or remove line {number} of metadata.jsonl.",
        ) from error
    text, category = str(row.get("text", "")), str(row.get("category", ""))
    text = called_plainly(text) if category.endswith("/unique") else text
    return Sprite(
        file_name=row["file_name"],
        digest=hashlib.sha256(content).hexdigest(),
        pixels=pixels,
        subject=subject_of(text, "" if style else category),
        held_out=False,
        style=style,
        folder=dataset.name,
        author=str(row.get("author", "")),
        plain=plain,
    )
