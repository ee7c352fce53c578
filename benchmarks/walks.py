"""How walk sheets of others meet the bars of `studio.sheets.checks`: what the bars are set by.

    .venv/bin/python benchmarks/walks.py FOLDER --cell 64x64 --from 1
    .venv/bin/python benchmarks/walks.py FOLDER --columns 9 --rows 4 --json

Each PNG of the folder, with those of folders in it, is cut by the grid, and each row of it is a
cycle; with `--from 1` the first cell of a row, which stands, is left out. An `.aseprite` file is
measured tag by tag, a GIF, APNG or WebP whole. Rows with fewer than four frames that show something
are passed over. Nothing is written, and nothing here is judged: the table says for each bar how
many meet it, and where the figures lie.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from studio import images, numbers
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.sheets import checks
from studio.sheets.checks import Figures
from studio.sheets.formats import aseprite, cut, moving
from studio.sheets.formats.cut import Grid
from studio.sheets.sheet import of_pictures, order

LEAST = 4  # frames of a cycle
SHARES = ("head", "torso", "limbs", "loop_step", "largest_step")
AT = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Cycle:
    """A row that was measured: where it is from, and its figures."""

    name: str
    figures: Figures


def cycles(folder: Path, grid: tuple[int, int] | None, by_number: bool, first: int) -> list[Cycle]:
    """All cycles of a folder. `grid` is a cell's width and height, `by_number` columns and rows.
    Files that can't be read are told on standard error, and passed over."""
    found = list[Cycle]()
    for file in sorted(folder.rglob("*")):
        try:
            rows = list(_rows(file, grid, by_number, first))
        except (StudioError, OSError) as error:
            print(f"{file}: {error}", file=sys.stderr)
            continue
        for name, pictures in rows:
            if len(pictures) >= LEAST:
                figures = checks.figures(of_pictures("cycle", pictures))
                found.append(Cycle(f"{file.relative_to(folder)} {name}".strip(), figures))
    return found


def bars(found: Sequence[Cycle]) -> dict[str, int]:
    """How many cycles meet each bar, and all of them."""
    met: dict[str, int] = {}
    whole = 0
    for one in found:
        told = checks.verdicts(one.figures)
        for verdict in told:
            met[verdict.name] = met.get(verdict.name, 0) + verdict.met
        whole += all(verdict.met for verdict in told)
    return {**met, "all": whole}


def spread(found: Sequence[Cycle]) -> dict[str, list[float]]:
    """The 10th, 50th and 90th of a hundred of each figure."""
    told = {}
    for name in (*SHARES, "ground_off"):
        values = sorted(float(getattr(one.figures, name)) for one in found)
        told[name] = [round(_at(values, share), 4) for share in AT]
    return told


def _rows(
    file: Path, grid: tuple[int, int] | None, by_number: bool, first: int
) -> Iterator[tuple[str, list[Image.Image]]]:
    suffix = file.suffix.lower()
    if suffix in aseprite.SUFFIXES:
        animation = aseprite.read(images.read_file(file), file.name).animation
        frames = [frame.image for frame in animation.frames]
        for tag in animation.tags:
            yield tag.name, _shown([frames[k] for k in order(tag)])
        if not animation.tags:
            yield "", _shown(frames)
    elif suffix in moving.SUFFIXES and suffix != ".png":
        animation, _ = moving.read(images.read_file(file), file.name)
        yield "", _shown([frame.image for frame in animation.frames])
    elif suffix == ".png" and grid is not None:
        yield from _cut(images.open_picture(file), grid, by_number, first)


def _cut(
    sheet: Image.Image, grid: tuple[int, int], by_number: bool, first: int
) -> Iterator[tuple[str, list[Image.Image]]]:
    """The rows of a sheet; empty cells are left out of them."""
    found = cut.by_number(sheet, *grid) if by_number else cut.by_cells(sheet, Grid(*grid))
    tops = sorted({box[1] for box in found.boxes})
    for number, top in enumerate(tops, 1):
        row = sorted(box for box in found.boxes if box[1] == top)
        row = [box for box in row if box[0] // box[2] >= first]
        yield f"row {number}", _shown(cut.frames(sheet, row))


def _shown(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Those in which something opaque is."""
    return [one for one in frames if one.getchannel("A").getextrema()[1] >= OPAQUE]


def _at(values: Sequence[float], share: float) -> float:
    if len(values) == 1:
        return values[0]
    hundredths = statistics.quantiles(values, n=100, method="inclusive")
    return hundredths[round(share * 100) - 1]


def main(words: Sequence[str] | None = None) -> int:
    """The table, or all of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cell", metavar="WxH", help="pixels of a cell")
    parser.add_argument("--columns", metavar="N", help="with --rows, in place of --cell")
    parser.add_argument("--rows", metavar="N")
    parser.add_argument("--from", dest="first", default="0", metavar="N", help="cells left out (0)")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    try:
        grid = _grid(asked)
        first = numbers.whole("--from", asked.first, 0, 1000)
        found = cycles(asked.folder, grid, not asked.cell, first)
    except StudioError as error:
        print(error, file=sys.stderr)
        return 2
    if not found:
        print(f"{asked.folder} holds no cycle of {LEAST} frames or more.", file=sys.stderr)
        return 2
    met, told = bars(found), spread(found)
    if asked.json:
        all_ = [{"name": one.name, **asdict(one.figures)} for one in found]
        print(json.dumps({"schema": 1, "cycles": all_, "met": met, "spread": told}))
        return 0
    print(f"{len(found)} cycles")
    for name, count in met.items():
        print(f"  {name:16} met by {count} ({count / len(found):.0%})")
    for name, values in told.items():
        print(f"  {name:16} " + "  ".join(f"{one:8.3f}" for one in values))
    print(f"  {'':16} " + "  ".join(f"{f'{share:.0%}':>8}" for share in AT))
    return 0


def _grid(asked: argparse.Namespace) -> tuple[int, int] | None:
    if asked.cell:
        width, _, height = asked.cell.partition("x")
        return numbers.whole("--cell", width, 1, 4096), numbers.whole("--cell", height, 1, 4096)
    if asked.columns or asked.rows:
        return (
            numbers.whole("--columns", asked.columns or "", 1, 4096),
            numbers.whole("--rows", asked.rows or "", 1, 4096),
        )
    return None


class _Plain(argparse.RawDescriptionHelpFormatter):
    """The module's docstring as it stands."""


if __name__ == "__main__":
    sys.exit(main())
