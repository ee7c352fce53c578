"""The sheet of a version: every prompt with every seed, beside its base where it has one, kept as
files whose manifest is written last."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.store.publish import publishing, share

PICTURE = re.compile(r"(raw-)?(base|version)-[0-9]{3,9}\.png|sheet\.png|poses\.png")
RAW = "raw-"  # before the name of a picture: it, as the model drew it
POSES = "poses.png"  # beside a sheet, where one character was learned


@dataclass(frozen=True)
class Cell:
    """One prompt with one seed and its two files, relative to the sheet's folder; `base` is ""
    where the version has none.

    `nearest` is the content hash of the training picture most like the version's output, `alike`
    their cosine; "" and 0 on sheets that were drawn before this was kept.
    """

    prompt: str
    seed: int
    base: str
    version: str
    nearest: str = ""
    alike: float = 0.0


@dataclass(frozen=True)
class Sheet:
    """A drawn sheet. `prompts` names the version of the prompt set that it was drawn from,
    `finishing` what was done to its pictures as to a drawing's; "" where they are as the model gave
    them, as on all sheets that were drawn before this was kept."""

    style: str
    number: int
    prompts: str
    cells: tuple[Cell, ...]
    finishing: str = ""

    @property
    def has_base(self) -> bool:
        """Whether the base's pictures are beside the version's."""
        return all(cell.base for cell in self.cells)


def write_sheet(
    folder: Path,
    style: str,
    number: int,
    prompts: str,
    asked: Sequence[tuple[str, int]],
    base: Sequence[Image.Image],
    version: Sequence[Image.Image],
    nearest: Sequence[tuple[str, float]] = (),
    finishing: str = "",
    raw_base: Sequence[Image.Image] = (),
    raw_version: Sequence[Image.Image] = (),
) -> Sheet:
    """Keep the pictures, one overview `sheet.png` and `sheet.json` in `folder`, all or nothing.
    `base` is empty where the version has none.

    `nearest` is, for each of `version`, the hash of its nearest training picture and the cosine.
    `raw_base` and `raw_version` are the same pictures as the model drew them; empty where they were
    not finished.
    """
    cells = tuple(
        Cell(
            prompt,
            seed,
            f"base-{index:03d}.png" if base else "",
            f"version-{index:03d}.png",
            *(nearest[index] if nearest else ()),
        )
        for index, (prompt, seed) in enumerate(asked)
    )
    sheet = Sheet(style, number, prompts, cells, finishing)
    seeds = max(1, len({seed for _, seed in asked}))
    rows = [
        [*base[start : start + seeds], *version[start : start + seeds]]
        for start in range(0, len(asked), seeds)
    ]
    with publishing(folder, flush=False) as aside:
        aside.mkdir()
        for index, cell in enumerate(cells):
            if cell.base:
                base[index].save(aside / cell.base)
            version[index].save(aside / cell.version)
            for raw, name in ((raw_base, cell.base), (raw_version, cell.version)):
                if raw and name:
                    raw[index].save(aside / f"{RAW}{name}")
        images.grid(rows, cell=64).save(aside / "sheet.png")
        (aside / "sheet.json").write_text(json.dumps({"schema": 1, **asdict(sheet)}, indent=1))
    return sheet


def place(made: Path, folder: Path) -> None:
    """Put the sheet in the folder `made` in place of the one in `folder`, all or nothing."""
    with publishing(folder, flush=False) as aside:
        shutil.copytree(made, aside, copy_function=share)


def read_sheet(folder: Path) -> Sheet | None:
    """The sheet in `folder`, or None where none was finished."""
    file = folder / "sheet.json"
    if not file.is_file():
        return None
    read = json.loads(file.read_text())
    found = tuple(Cell(**cell) for cell in read["cells"])
    finishing = str(read.get("finishing", ""))
    return Sheet(read["style"], read["number"], read["prompts"], found, finishing)


def as_drawn(file: Path) -> Path:
    """Of a sheet's picture the file as the model drew it; the same one where nothing else is kept,
    as on all sheets of before."""
    raw = file.with_name(f"{RAW}{file.name}")
    return raw if raw.is_file() else file


def folder_of(home: Path, style: str, number: int) -> Path:
    """Where the sheet of a version lies, if one was drawn."""
    return home / "sheets" / style / str(number)


def picture_file(home: Path, style: str, number: int, name: str) -> Path:
    """Where a picture of a version's sheet lies; StudioError for one that is not there."""
    file = folder_of(home, style, number) / name
    if style in (".", "..") or not PICTURE.fullmatch(name) or not file.is_file():
        raise StudioError(
            f"Version {number} of {style!r} has no picture {name!r}.", "Evaluate it once more."
        )
    return file


def size(folder: Path) -> tuple[int, int]:
    """Width and height in pixels of the sheet's pictures, which are all alike."""
    with images.opened(folder / "version-000.png") as opened:
        return opened.size
