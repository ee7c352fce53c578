"""The sheet of a version: every prompt with every seed, base and LoRA side by side, kept as files
whose manifest is written last."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from studio import images


@dataclass(frozen=True)
class Cell:
    """One prompt with one seed and its two files, relative to the sheet's folder."""

    prompt: str
    seed: int
    base: str
    version: str


@dataclass(frozen=True)
class Sheet:
    """A drawn sheet. `prompts` names the version of the prompt set that it was drawn from."""

    style: str
    number: int
    prompts: str
    cells: tuple[Cell, ...]


def write_sheet(
    folder: Path,
    style: str,
    number: int,
    prompts: str,
    asked: Sequence[tuple[str, int]],
    base: Sequence[Image.Image],
    version: Sequence[Image.Image],
) -> Sheet:
    """Keep the pictures, one overview `sheet.png` and `sheet.json` in `folder`, all or nothing."""
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    kept = []
    for index, (prompt, seed) in enumerate(asked):
        before, after = f"base-{index:03d}.png", f"version-{index:03d}.png"
        base[index].save(aside / before)
        version[index].save(aside / after)
        kept.append(Cell(prompt, seed, before, after))
    seeds = max(1, len({seed for _, seed in asked}))
    rows = [
        [*base[start : start + seeds], *version[start : start + seeds]]
        for start in range(0, len(asked), seeds)
    ]
    images.grid(rows, cell=64).save(aside / "sheet.png")
    sheet = Sheet(style, number, prompts, tuple(kept))
    (aside / "sheet.json").write_text(json.dumps({"schema": 1, **asdict(sheet)}, indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(aside, folder)
    return sheet


def read_sheet(folder: Path) -> Sheet | None:
    """The sheet in `folder`, or None where none was finished."""
    file = folder / "sheet.json"
    if not file.is_file():
        return None
    read = json.loads(file.read_text())
    found = tuple(Cell(**cell) for cell in read["cells"])
    return Sheet(read["style"], read["number"], read["prompts"], found)
