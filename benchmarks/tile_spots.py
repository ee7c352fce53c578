"""How even real tilesets' ground is when it is repeated: the low-frequency contrast of 8 x 8 maps.

    python benchmarks/tile_spots.py FOLDER

FOLDER holds square tiles as PNG; tiles that differ in the number at the end of their names alone
(`sand0.png`, `sand1.png` ...) are variants of one ground. Measured on Dungeon Crawl Stone Soup's
CC0 floors, this set `studio.tiles.fills.EVEN`.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studio import images
from studio.tiles.fills import spots

SIDE = 8  # tiles of the map


def grounds(folder: Path) -> dict[str, list[np.ndarray]]:
    """The opaque square tiles below a folder, variants of one ground together."""
    found = defaultdict(list)
    for file in sorted(folder.rglob("*.png")):
        pixels = np.asarray(images.open_picture(file))
        height, width = pixels.shape[:2]
        if height == width and (pixels[..., 3] == 255).all():
            found[re.sub(r"[_-]?\d+$", "", file.stem)].append(pixels)
    return found


def mapped(variants: list[np.ndarray], seed: int) -> np.ndarray:
    """A map of these variants at random."""
    chosen = np.random.default_rng(seed).integers(0, len(variants), (SIDE, SIDE))
    return np.concatenate([np.concatenate([variants[n] for n in row], 1) for row in chosen])


def main(folder: Path) -> None:
    """Print each ground's figure and their percentiles."""
    figures = []
    for name, variants in sorted(grounds(folder).items()):
        size = variants[0].shape[0]
        same = [one for one in variants if one.shape[0] == size]
        figure = float(np.mean([spots(mapped(same, seed), size) for seed in range(4)]))
        figures.append(figure)
        print(f"{figure:.4f}  {len(same):3}  {name}")
    for share in (10, 25, 50, 75, 90):
        print(f"{share} %: {np.percentile(figures, share):.4f}")
    print(f"of {len(figures)} grounds")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
