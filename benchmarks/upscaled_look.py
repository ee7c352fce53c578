"""A blind look at pictures enlarged by the default model beside Real-ESRGAN x4plus-anime and the
originals: sheets for fresh eyes, and the count.

    python benchmarks/upscaled_look.py draw FOLDER OUT
    python benchmarks/upscaled_look.py count OUT ANSWERS...

Each PNG of the folder that is taken is brought to 128 pixels, reduced to 32, and enlarged four
times by the model that a painted picture is offered first ("ours") and by x4plus-anime ("rival").
They are shuffled with other originals ("real") and blurred ones as controls, and the key is sealed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image, ImageFilter

from benchmarks import looks
from benchmarks.edge_sharpness import FACTOR, ways
from studio import images
from studio.upscaling import bundled_models

EACH, CONTROLS = 12, 5  # pictures of a side, spoiled ones
SIDE, NAME = 128, "upscaled"
RIVAL = "x4plus-anime"


def draw(folder: Path, out: Path) -> None:
    """Write the sheets and the sealed key."""
    files = sorted(folder.rglob("*.png"))
    ours = bundled_models.BUNDLED[0].name
    enlarge = ways([ours, RIVAL])
    shown: list[looks.Shown] = []
    for turn, file in enumerate(files[:: len(files) // EACH][:EACH]):
        small = _square(file).resize((SIDE // FACTOR, SIDE // FACTOR), Image.Resampling.BOX)
        for side, name in (("ours", ours), ("rival", RIVAL)):
            large = Image.fromarray(enlarge[name](np.asarray(small)), "RGBA")
            shown.append((side, turn, large))
    shown += [("real", 0, _square(file)) for file in files[3 :: len(files) // EACH][:EACH]]
    shown += [
        ("control", 0, _square(file).filter(ImageFilter.GaussianBlur(6)))
        for file in files[5 :: len(files) // CONTROLS][:CONTROLS]
    ]
    looks.sheets(shown, out, NAME, columns=6, rows=3, zoom=2, small=True)


def _square(file: Path) -> Image.Image:
    return images.scaled(images.open_picture(file), SIDE, "lanczos")


def main() -> int:
    """Draw or count."""
    return looks.command(__doc__, NAME, ("folder", "out"), draw, "ours", "rival")


if __name__ == "__main__":
    sys.exit(main())
