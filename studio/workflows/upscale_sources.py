"""What can be enlarged: a picture of the gallery, painted over where it is, a result of before, and
a picture that somebody brought (`generation.start_pictures`)."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio import images
from studio.assets import files, records
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import gallery_table, start_pictures
from studio.images import formats
from studio.pixels import pixel_art
from studio.text.decoding import cleaned

NAME = 60  # characters of what a picture from a file is called
MOST = 2_000  # pictures at once
LOOKED = 4_000_000  # pixels, the most of a picture that is opened to see what it is


@dataclass(frozen=True)
class Source:
    """A picture that is to be enlarged. `named` is what asked for it, an asset's id or the hash of
    a picture to begin from; `hash` tells its content; `asset` is None for one that nobody put into
    the gallery; `about` is what it is called."""

    named: str
    hash: str
    path: Path
    width: int
    height: int
    about: str
    asset: Asset | None = None

    @property
    def parents(self) -> tuple[str, ...]:
        """What an enlarged one is made from, by id."""
        return (self.asset.id,) if self.asset else ()

    @property
    def prompt(self) -> str:
        """What it was drawn by, "" where nobody knows."""
        return str(self.asset.recipe.get("prompt") or "") if self.asset else ""


def source(studio: Studio, named: str, about: str = "") -> Source:
    """The picture that an asset's id or a kept picture's hash names; one that an artist painted
    over as painted. `about` calls one that has no name of its own. StudioError where it is not
    there, or no picture."""
    if re.fullmatch(r"[0-9a-f]{64}", named):
        return _brought(studio, named, about)
    if not named:
        raise StudioError("No picture is named.", "Choose one of the gallery, or bring a file.")
    found = records.of_ids(studio.engine, [named])
    used = files.to_use(studio.engine, [named]) if found else {}
    if not found or named not in used:
        raise StudioError(
            f"There is no picture {named[:40]!r}.", "Choose one of the gallery, or bring a file."
        )
    asset, file = found[0], used[named]
    path = studio.home / file.path
    content = file.content or files.read(path)
    width, height = content.width or 0, content.height or 0
    called = asset.name or str(asset.recipe.get("prompt") or "") or about or "picture"
    return Source(named, content.hash, path, width, height, _called(called), asset)


def sources(studio: Studio, named: Sequence[str]) -> list[Source]:
    """Several, each once, in this order. StudioError for the first that is not there, and for more
    than MOST."""
    wanted = list(dict.fromkeys(named))
    if not wanted:
        raise StudioError("No picture is named.", "Choose one of the gallery, or bring a file.")
    if len(wanted) > MOST:
        raise StudioError(f"{len(wanted):,} pictures are named.", f"Name at most {MOST:,}.")
    return [source(studio, one) for one in wanted]


def bring(studio: Studio, path: Path) -> Source:
    """A file of this machine, kept as a picture to begin from. StudioError where it is none."""
    by = studio.settings.user
    hash = start_pictures.keep_picture(studio.home, images.open_picture(path), by=by)
    return source(studio, hash, path.stem)


def files_in(folder: Path) -> list[Path]:
    """The pictures of a folder, without those of folders in it, by name. StudioError where there
    is none."""
    try:
        listed = sorted(folder.iterdir(), key=lambda file: file.name)
    except OSError as error:
        raise StudioError(
            f"{folder} can't be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    found = [
        file
        for file in listed
        if file.is_file()
        and not file.name.startswith(".")
        and file.suffix.lower() in formats.SUFFIXES
    ]
    if not found:
        raise StudioError(f"{folder} holds no picture.", "Give a folder of PNG or JPEG files.")
    return found


def is_pixel_art(source: Source) -> bool:
    """Whether it is pixel art, at its own size or enlarged. A large one is not opened to find out
    and counts as none."""
    if source.width * source.height > LOOKED:
        return False
    return _judged(source.path, source.hash)


@functools.lru_cache(maxsize=1_000)
def _judged(path: Path, hash: str) -> bool:
    return pixel_art.judge(np.asarray(images.open_picture(path))).pixel_art


def _brought(studio: Studio, hash: str, about: str) -> Source:
    path = start_pictures.path(studio.home, hash)
    width, height = start_pictures.size_of(studio.home, hash)
    there = files.with_pixels(studio.engine, [hash])
    known = records.of_ids(studio.engine, list(there.values()))
    asset = known[0] if known and known[0].kind == gallery_table.KIND else None
    called = about or (asset.name if asset else "") or "picture"
    return Source(hash, hash, path, width, height, _called(called), asset)


def _called(name: str) -> str:
    return " ".join(cleaned(name).split())[:NAME] or "picture"
