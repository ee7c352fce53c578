"""A blind look at finished pictures beside raw ones and real art: sheets for fresh eyes, the count.

    python benchmarks/finished_look.py draw SHEET_FOLDER REAL_FOLDER OUT
    python benchmarks/finished_look.py count OUT ANSWERS...

SHEET_FOLDER holds a version's raw test pictures (`version-*.png`), of which every fourth, one of
each prompt, is finished by the recipe that REAL_FOLDER's pixel art asks for. Raw, finished and real
ones are shuffled with blurred real ones as controls, and the key is sealed. Each pair of eyes
writes lines `number TAB word TAB rating TAB flaw` before it is opened. The last look lies in
docs/looks: `count docs/looks docs/looks/finished-answers-1.tsv ...`.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import statistics
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image, ImageDraw, ImageFilter

from studio import images
from studio.finishing.finish import finished
from studio.workflows import recipes

EACH, CONTROLS, PROMPT = 12, 5, 4  # pictures of a side, spoiled ones, seeds of a prompt
EDGE, ZOOM, COLUMNS, ROWS = 32, 5, 6, 2
GROUND = (74, 88, 70)
KEY = "finished-key.sealed"


def draw(sheet: Path, real_folder: Path, out: Path) -> None:
    """Write the sheets and the sealed key."""
    real = [images.open_picture(file) for file in sorted(real_folder.rglob("*.png"))]
    recipe = recipes.made_of(real, EDGE)
    shown: list[tuple[str, int, Image.Image]] = []
    for turn, file in enumerate(sorted(sheet.glob("version-*.png"))[::PROMPT][:EACH]):
        raw = images.open_picture(file)
        shown += [("raw", turn, raw), ("finished", turn, finished(raw, recipe))]
    shown += [("real", 0, one) for one in real[:: len(real) // EACH][:EACH]]
    shown += [
        ("control", 0, one.filter(ImageFilter.GaussianBlur(3)))
        for one in real[3 :: len(real) // CONTROLS][:CONTROLS]
    ]
    random.Random(7).shuffle(shown)
    out.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(shown), COLUMNS * ROWS):
        page = _page([one for _, _, one in shown[first : first + COLUMNS * ROWS]], first + 1)
        page.save(out / f"finished-{first // (COLUMNS * ROWS) + 1}.png")
    key = json.dumps([(side, turn) for side, turn, _ in shown]).encode()
    (out / KEY).write_bytes(base64.b64encode(key))


def _page(pictures: list[Image.Image], number: int) -> Image.Image:
    """Each numbered, enlarged, and beside that as large as in the game."""
    wide, high = EDGE * ZOOM + 60, EDGE * ZOOM + 40
    page = Image.new("RGB", (COLUMNS * wide, -(-len(pictures) // COLUMNS) * high), GROUND)
    pen = ImageDraw.Draw(page)
    for place, one in enumerate(pictures):
        x, y = place % COLUMNS * wide + 10, place // COLUMNS * high + 24
        large = one.resize((one.width * ZOOM, one.height * ZOOM), Image.Resampling.NEAREST)
        page.paste(large, (x, y), large)
        page.paste(one, (x + EDGE * ZOOM + 8, y), one)
        pen.text((x, y - 16), str(number + place), fill="white")
    return page


def count(out: Path, answers: list[Path]) -> int:
    """Print each pair of eyes' medians, which of two they preferred, and the flaws; 1 where
    finished ones are not preferred, or the look itself does not count."""
    key = json.loads(base64.b64decode((out / KEY).read_bytes()))
    good = True
    for file in answers:
        lines = [line.split("\t") for line in file.read_text().splitlines() if line.strip()]
        said = {int(line[0]): (int(line[2]), line[3].strip()) for line in lines}
        by: dict[str, list[tuple[int, str]]] = {}
        turns: dict[str, dict[int, int]] = {"raw": {}, "finished": {}}
        for number, (side, turn) in enumerate(key, 1):
            by.setdefault(side, []).append(said[number])
            if side in turns:
                turns[side][turn] = said[number][0]
        medians = {side: statistics.median(rating for rating, _ in all) for side, all in by.items()}
        more = sum(turns["finished"][k] > turns["raw"][k] for k in turns["raw"])
        less = sum(turns["finished"][k] < turns["raw"][k] for k in turns["raw"])
        print(f"{file.name}: medians {medians}; finished preferred {more}, raw {less}")
        for side, all in by.items():
            print(f"  {side}: {Counter(flaw for _, flaw in all).most_common(3)}")
        good &= medians["real"] >= 4 and medians["control"] <= 2 and more > less
    return 0 if good else 1


def main() -> int:
    """Draw or count."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("draw")
    for name in ("sheet", "real", "out"):
        one.add_argument(name, type=Path)
    two = commands.add_parser("count")
    two.add_argument("out", type=Path)
    two.add_argument("answers", type=Path, nargs="+")
    asked = parser.parse_args()
    if asked.command == "count":
        return count(asked.out, asked.answers)
    draw(asked.sheet, asked.real, asked.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
