"""What a person asks to be cut, in the words of page and command: `tiles*.png=16x16,margin=1`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from PIL import Image

from studio.datasets.sheets import grid
from studio.datasets.sheets.grid import Grid
from studio.datasets.sheets.grid_guess import guess
from studio.errors import StudioError

AUTO, WHOLE = "auto", "whole"  # by the grid that it seems to have; not at all
_HOW = rf"{AUTO}|{WHOLE}|{grid.SIZE.pattern}(?:\s*,.*)?"
_ASKED = re.compile(rf"(?:(?P<files>.+)=)?(?P<how>{_HOW})", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """How the files of an import are cut: each of `cuts` as `read` has it, the last that fits a
    file holds; `animations`: all frames of GIF, APNG and WebP, not the first alone."""

    cuts: tuple[str, ...] = ()
    animations: bool = False

    def within(self, folder: str) -> Asked:
        """The same, of files that are named from inside a folder; "." is where they were."""
        inside = tuple(text.removeprefix(f"{folder}/") for text in self.cuts)
        return Asked(inside, self.animations)


PLAIN = Asked()


@dataclass(frozen=True)
class Wanted:
    """Files by a pattern of their names ("" for every picture), and how they are cut: a grid in
    words, AUTO or WHOLE."""

    files: str
    how: str

    def fits(self, name: str) -> bool:
        """Whether a file of this relative name is meant."""
        if not self.files or name == self.files:
            return True
        return any(fnmatchcase(one, self.files) for one in (name, PurePosixPath(name).name))


def read(text: str) -> Wanted:
    """What `[FILES=]GRID` asks; StudioError for what can't be understood."""
    found = _ASKED.fullmatch(text.strip())
    if found is None:
        raise StudioError(
            f"{text!r} does not say how to cut.",
            f"{grid.EXAMPLE} {AUTO} looks for a grid, {WHOLE} cuts nothing; before it may stand "
            "which files are meant: tiles*.png=16x16.",
        )
    if found["how"] not in (AUTO, WHOLE):
        grid.words(found["how"])
    return Wanted((found["files"] or "").strip(), found["how"])


def grid_of(wanted: Wanted, sheet: Image.Image, name: str) -> Grid:
    """The grid to cut an RGBA sheet by; StudioError where it can't be, naming the sheet."""
    if wanted.how == AUTO:
        found = guess(sheet, name)
        if found is None:
            raise StudioError(f"{name}: no grid was found in it.", "Give the size of a cell.")
        return found
    try:
        return grid.parse(wanted.how, sheet.size)
    except StudioError as error:
        raise StudioError(f"{name}: {error.message}", error.remedy) from error
