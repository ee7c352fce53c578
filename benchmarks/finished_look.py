"""A blind look at finished pictures beside raw ones and real art: sheets for fresh eyes, the count.

    python benchmarks/finished_look.py draw SHEET_FOLDER REAL_FOLDER OUT
    python benchmarks/finished_look.py count OUT ANSWERS...

SHEET_FOLDER holds a version's raw test pictures (`version-*.png`), of which every fourth, one of
each prompt, is finished by the recipe that REAL_FOLDER's pixel art asks for. Raw, finished and real
ones are shuffled with blurred real ones as controls, and the key is sealed. The last look lies in
docs/looks: `count docs/looks docs/looks/finished-answers-1.tsv ...`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import ImageFilter

from benchmarks import looks
from studio import images
from studio.finishing.finish import finished
from studio.workflows import recipes

EACH, CONTROLS, PROMPT = 12, 5, 4  # pictures of a side, spoiled ones, seeds of a prompt
EDGE, NAME = 32, "finished"


def draw(sheet: Path, real_folder: Path, out: Path) -> None:
    """Write the sheets and the sealed key."""
    real = [images.open_picture(file) for file in sorted(real_folder.rglob("*.png"))]
    recipe = recipes.made_of(real, EDGE)
    shown: list[looks.Shown] = []
    for turn, file in enumerate(sorted(sheet.glob("version-*.png"))[::PROMPT][:EACH]):
        raw = images.open_picture(file)
        shown += [("raw", turn, raw), ("finished", turn, finished(raw, recipe))]
    shown += [("real", 0, one) for one in real[:: len(real) // EACH][:EACH]]
    shown += [
        ("control", 0, one.filter(ImageFilter.GaussianBlur(3)))
        for one in real[3 :: len(real) // CONTROLS][:CONTROLS]
    ]
    looks.sheets(shown, out, NAME, columns=6, rows=2, zoom=5, small=True)


def main() -> int:
    """Draw or count."""
    return looks.command(__doc__, NAME, ("sheet", "real", "out"), draw, "finished", "raw")


if __name__ == "__main__":
    sys.exit(main())
