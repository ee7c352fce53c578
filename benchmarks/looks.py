"""Blind looks: numbered sheets of shuffled pictures with a sealed key, and the count of answers.

Each pair of eyes writes lines `number TAB word TAB rating TAB flaw` before the key is opened.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

GROUND = (74, 88, 70)
HEAD, GAP = 24, 10  # pixels for a number, and between pictures
Shown = tuple[str, int, Image.Image]  # whose it is, its pair's number, the picture


def sheets(
    shown: Sequence[Shown], out: Path, name: str, *, columns: int, rows: int, zoom: int, small: bool
) -> None:
    """Write the shuffled sheets `NAME-1.png` ... and the key. Pictures are of one size; `small`
    shows each as large as in the game beside itself."""
    shuffled = list(shown)
    random.Random(7).shuffle(shuffled)
    out.mkdir(parents=True, exist_ok=True)
    page = columns * rows
    for first in range(0, len(shuffled), page):
        pictures = [one for _, _, one in shuffled[first : first + page]]
        sheet = _sheet(pictures, first + 1, columns, zoom, small)
        sheet.save(out / f"{name}-{first // page + 1}.png", optimize=True)
    key = json.dumps([(side, turn) for side, turn, _ in shuffled]).encode()
    (out / f"{name}-key.sealed").write_bytes(base64.b64encode(key))


def _sheet(
    pictures: Sequence[Image.Image], number: int, columns: int, zoom: int, small: bool
) -> Image.Image:
    width, height = pictures[0].size
    wide = width * zoom + GAP + (width + GAP) * small
    high = height * zoom + HEAD + GAP
    sheet = Image.new("RGB", (columns * wide + GAP, -(-len(pictures) // columns) * high), GROUND)
    pen = ImageDraw.Draw(sheet)
    for place, one in enumerate(pictures):
        x, y = place % columns * wide + GAP, place // columns * high + HEAD
        picture = one.convert("RGBA")
        large = picture.resize((width * zoom, height * zoom), Image.Resampling.NEAREST)
        sheet.paste(large, (x, y), large)
        if small:
            sheet.paste(picture, (x + width * zoom + GAP - 2, y), picture)
        pen.text((x, y - 16), str(number + place), fill="white")
    return sheet


def count(out: Path, name: str, answers: Sequence[Path], ours: str, rival: str) -> int:
    """Print each pair of eyes' medians, which of two they preferred, and the flaws; 1 where
    `ours` is not preferred to `rival`, or the look itself does not count."""
    key = json.loads(base64.b64decode((out / f"{name}-key.sealed").read_bytes()))
    good = True
    for file in answers:
        lines = [line.split("\t") for line in file.read_text().splitlines() if line.strip()]
        said = {int(line[0]): (int(line[2]), line[3].strip()) for line in lines}
        by: dict[str, list[tuple[int, str]]] = {}
        turns: dict[str, dict[int, int]] = {}
        for number, (side, turn) in enumerate(key, 1):
            by.setdefault(side, []).append(said[number])
            turns.setdefault(side, {})[turn] = said[number][0]
        medians = {side: statistics.median(rating for rating, _ in all) for side, all in by.items()}
        more = sum(turns[ours][turn] > turns[rival][turn] for turn in turns[rival])
        less = sum(turns[ours][turn] < turns[rival][turn] for turn in turns[rival])
        print(f"{file.name}: medians {medians}; {ours} preferred {more}, {rival} {less}")
        for side, all in by.items():
            print(f"  {side}: {Counter(flaw for _, flaw in all).most_common(3)}")
        good &= medians["real"] >= 4 and medians["control"] <= 2 and more > less
    return 0 if good else 1


def command(
    about: str, name: str, places: Sequence[str], draw: Callable[..., None], ours: str, rival: str
) -> int:
    """`draw` with the paths that are called `places`, or `count OUT ANSWERS...`; the exit code."""
    parser = argparse.ArgumentParser(description=about.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("draw")
    for place in places:
        one.add_argument(place, type=Path)
    two = commands.add_parser("count")
    two.add_argument("out", type=Path)
    two.add_argument("answers", type=Path, nargs="+")
    asked = parser.parse_args()
    if asked.command == "count":
        return count(asked.out, name, asked.answers, ours, rival)
    draw(*(getattr(asked, place) for place in places))
    return 0
