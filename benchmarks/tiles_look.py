"""A blind look at our tilesets beside a real one: maps for fresh eyes, and the count.

    python benchmarks/tiles_look.py draw DNGN_FOLDER OUT
    python benchmarks/tiles_look.py count OUT ANSWERS...

DNGN_FOLDER is `releases/Nov-2015/dngn` of Dungeon Crawl Stone Soup's tiles (CC0,
github.com/crawl/tiles), whose artists drew borders for dirt in grass, for waves at a shore and for
a step of stone. Each map is painted thrice of the same grounds: with their borders ("real"), with
those that `studio.tiles` draws ("ours"), and with none ("plain"); blurred real ones are controls.
The last look lies in docs/looks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image, ImageFilter

from benchmarks import looks
from studio import images
from studio.tiles import maps, tilesets
from studio.tiles.maps import Cells
from studio.tiles.settings import usual
from studio.tiles.terrains import terrain

NAME, SIZE, WIDE, HIGH, SEEDS = "tiles", 32, 10, 7, 4
SIDES = {"n": (-1, 0), "e": (0, 1), "s": (1, 0), "w": (0, -1)}
CORNERS = {a + b: (SIDES[a], SIDES[b]) for a in "ns" for b in "ew"}
Tiles = Callable[[str], Image.Image]


@dataclass(frozen=True)
class Theme:
    """Two grounds and the real set's borders: `border` puts them on a map of plain grounds.

    `upper` is where the map is painted.
    """

    upper: tuple[str, ...]
    lower: tuple[str, ...]
    edge: str
    border: Callable[[Image.Image, Cells, Tiles], None]
    form: Callable[[int], Cells]


def main() -> int:
    """Draw or count."""
    return looks.command(__doc__, NAME, ("dngn", "out"), draw, "ours", "plain")


def draw(dngn: Path, out: Path) -> None:
    """Write the sheets and the sealed key."""

    def tile(name: str) -> Image.Image:
        return images.open_picture(dngn / f"{name}.png")

    shown: list[looks.Shown] = []
    for number, theme in enumerate(THEMES):
        for seed in range(SEEDS):
            turn = number * SEEDS + seed
            painted = theme.form(seed)
            plain = _plain(theme, painted, seed, tile)
            real = plain.copy()
            theme.border(real, painted, tile)
            inner, outer = tile(theme.upper[0]), tile(theme.lower[0])
            ours = _ours(inner, outer, theme.edge, painted, seed)
            shown += [("real", turn, real), ("ours", turn, ours), ("plain", turn, plain)]
            if seed < 2:
                shown.append(("control", turn, real.filter(ImageFilter.GaussianBlur(5))))
    looks.sheets(shown, out, NAME, columns=3, rows=3, zoom=2, small=False)


def _ours(
    inner: Image.Image, outer: Image.Image, edge: str, painted: Cells, seed: int
) -> Image.Image:
    settings = usual(SIZE, kind="blob", edge=edge, seed=seed)
    made = tilesets.made(terrain(inner, SIZE, "upper"), terrain(outer, SIZE, "lower"), settings)
    numbers = maps.laid("blob", painted, settings.variants)
    return Image.fromarray(maps.picture(made, numbers)).convert("RGBA")


def _plain(theme: Theme, painted: Cells, seed: int, tile: Tiles) -> Image.Image:
    """Cells of both grounds, cut straight."""
    random = np.random.default_rng(seed)
    out = Image.new("RGBA", (WIDE * SIZE, HIGH * SIZE))
    for y, x in np.ndindex(painted.shape):
        names = theme.upper if painted[y, x] else theme.lower
        out.paste(tile(names[random.integers(len(names))]), (x * SIZE, y * SIZE))
    return out


def _coast(seed: int) -> Cells:
    return maps.island(WIDE, HIGH, seed)


def _patches(seed: int) -> Cells:
    """Rectangles apart from each other, since sets of nine tiles have no inner corners."""
    random = np.random.default_rng(seed)
    out = np.zeros((HIGH, WIDE), bool)
    for left in (0, WIDE // 2):
        wide, high = (int(n) for n in random.integers(2, (4, HIGH - 2)))
        x = left + int(random.integers(1, WIDE // 2 - wide))
        y = int(random.integers(1, HIGH - high))
        out[y : y + high, x : x + wide] = True
    return out


def _around(seed: int) -> Cells:
    return ~_patches(seed)


def _is(cells: Cells, y: int, x: int) -> bool:
    """Beyond the border the same goes on."""
    height, width = cells.shape
    return bool(cells[min(max(y, 0), height - 1), min(max(x, 0), width - 1)])


def _waves(picture: Image.Image, land: Cells, tile: Tiles) -> None:
    for y, x in np.argwhere(~land):
        beside = {name for name, (down, right) in SIDES.items() if _is(land, y + down, x + right)}
        found = [name.upper() for name in sorted(beside)]
        for name, ((down, _), (_, right)) in CORNERS.items():
            if not beside & set(name) and _is(land, y + down, x + right):
                found.append(f"corner_{name.upper()}")
        for name in found:
            over = tile(f"water/shallow_water_wave_{name}")
            picture.alpha_composite(over, (int(x) * SIZE, int(y) * SIZE))


def _nine(folder: str, below: str = "") -> Callable[[Image.Image, Cells, Tiles], None]:
    """Puts a set of nine tiles on rectangles: painted ones, or those between what is painted."""

    def border(picture: Image.Image, painted: Cells, tile: Tiles) -> None:
        inside = ~painted if folder.endswith("grass") else painted
        for y, x in np.argwhere(inside):
            sides = {
                name for name, (down, right) in SIDES.items() if not inside[y + down, x + right]
            }
            name = "".join(side for side in "nsew" if side in sides) or "full"
            if below:
                picture.paste(tile(below), (int(x) * SIZE, int(y) * SIZE))
            picture.alpha_composite(tile(f"{folder}_{name}"), (int(x) * SIZE, int(y) * SIZE))

    return border


THEMES = (
    Theme(
        tuple(f"floor/sand{n}" for n in range(1, 9)),
        ("water/shallow_water", "water/shallow_water2"),
        "smooth",
        _waves,
        _coast,
    ),
    Theme(
        tuple(f"floor/grass/grass{n}" for n in range(3)),
        ("floor/grass/grass_full",),
        "blades",
        _nine("floor/grass/grass"),
        _around,
    ),
    Theme(
        ("floor/pedestal_full",),
        tuple(f"floor/grass/grass{n}" for n in range(3)),
        "rounded",
        _nine("floor/pedestal", "floor/grass/grass1"),
        _patches,
    ),
)

if __name__ == "__main__":
    sys.exit(main())
