"""Pictures that were drawn before with the very same settings, and how they are handed on.

A picture is found by the mark in its file's name, which stands for all its settings, and counts
only where it is whole and tells the same of itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from studio.diffusion.sampling import Draw
from studio.generation import raw_pictures
from studio.generation.picture_files import read_made
from studio.generation.style_drawing import NOTHING, Besides, Loaded, Wish, file_name, made_of
from studio.store.publish import publishing


def drawn_before(
    folders: Iterable[Path],
    about: Loaded,
    wishes: Sequence[Wish],
    draw: Draw,
    strength: float,
    besides: Besides = NOTHING,
) -> list[Path | None]:
    """For each wish a picture of it in `folders` or below, the first that has one; None where
    there is none. `about` needs no pipeline, `besides` neither files nor pictures."""
    known: dict[str, list[Path]] = {}
    for folder in folders:
        for here, below, names in os.walk(folder):
            below[:] = sorted(name for name in below if name != raw_pictures.FOLDER)
            for name in names:
                if name.endswith(".png"):
                    known.setdefault(_mark(name), []).append(Path(here) / name)

    def found(wish: Wish) -> Path | None:
        # An unasked size is left out of the mark where it is the base's own, which only the
        # pipeline tells.
        for asked in dict.fromkeys((draw.sized(about.size), draw)):
            made = made_of(about, wish, asked, strength, besides)
            mark = _mark(file_name(made, about.trigger_word, asked, 0))
            for file in known.get(mark, ()):
                if read_made(file) == made:
                    return file
        return None

    return [found(wish) for wish in wishes]


def hand_on(files: Sequence[Path | None], folder: Path) -> list[Path | None]:
    """Copies in `folder`, each named for its place among all; what lies there already is not
    written again, and None stays None. Raises StudioError where a copy can't be written."""
    return [file and _copied(file, folder, place) for place, file in enumerate(files)]


def _copied(file: Path, folder: Path, place: int) -> Path:
    words, _, mark = file.name.rpartition("-")
    copy = folder / f"{words.rpartition('-')[0]}-{place:04d}-{mark}"
    there = read_made(copy)
    if file == copy or (there is not None and there == read_made(file)):
        return copy
    _copy(file, copy)
    if (raw := raw_pictures.beside(file)).is_file():
        _copy(raw, raw_pictures.beside(copy))
    return copy


def _mark(name: str) -> str:
    return name.removesuffix(".png").rpartition("-")[2]


def _copy(file: Path, copy: Path) -> None:
    with publishing(copy, flush=False) as aside:
        shutil.copyfile(file, aside)
