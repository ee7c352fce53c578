"""The example maps of tiles.md: `python docs/tile_examples.py FOLDER [INNER OUTER]`.

Two styles' terrains are drawn here, each in a palette of its own; INNER and OUTER are files that a
style drew, for the third.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studio.tiles import maps, tilesets
from studio.tiles.settings import usual
from studio.tiles.terrains import terrain

SIZE, SCALE = 32, 2
MEADOW = {
    "grass": ("#355f2c", "#467e35", "#5b9c40", "#83bd52"),
    "water": ("#234a80", "#2f66a6", "#4084c4", "#7cbbe4"),
    "earth": ("#4f3324", "#6a4630", "#845d3d", "#a17c52"),
}
DUSK = {
    "moss": ("#2c3a4c", "#3b5261", "#52737a", "#7fa093"),
    "lava": ("#5c1f2d", "#91302f", "#c9532e", "#f0a03c"),
    "slate": ("#2b2533", "#3a3344", "#4f475b", "#6d6478"),
}


def noise(seed: int, wide: float, high: float) -> NDArray[np.float64]:
    """Blotches that go on over the edges, of deviation 1."""
    random = np.random.default_rng(seed)
    out = ndimage.gaussian_filter(random.normal(size=(SIZE, SIZE)), (high, wide), mode="wrap")
    return np.asarray(out / out.std())


def ground(colours: tuple[str, ...], levels: NDArray[np.float64]) -> Image.Image:
    """Four colours by level."""
    rgb = np.array([tuple(bytes.fromhex(one[1:])) for one in colours], np.uint8)
    out = np.full((SIZE, SIZE, 4), 255, np.uint8)
    out[..., :3] = rgb[np.digitize(levels, (-1.1, 0.35, 1.35))]
    return Image.fromarray(out)


def blades(seed: int) -> NDArray[np.float64]:
    """Short strokes upwards, lit at their tips, on even ground."""
    random = np.random.default_rng(seed)
    out = np.full((SIZE, SIZE), 0.0)
    for _ in range(SIZE * SIZE // 26):
        x, y = random.integers(0, SIZE, 2)
        long = int(random.integers(2, 5))
        for step in range(long):
            out[(y - step) % SIZE, x] = 1.6 if step == long - 1 and random.random() < 0.4 else 0.6
        out[(y + 1) % SIZE, x] = -1.5
    return out


def stones(seed: int) -> NDArray[np.float64]:
    """Cobbles: each lit above and dark in its joints."""
    random = np.random.default_rng(seed)
    points = random.uniform(0, SIZE, (18, 2))
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    half = SIZE / 2
    away = np.stack(
        [np.hypot((x - a + half) % SIZE - half, (y - b + half) % SIZE - half) for a, b in points]
    )
    near = np.sort(away, 0)
    joint, own = near[1] - near[0], away.argmin(0)
    above = (y - points[own, 1] + half) % SIZE - half
    level = random.uniform(-0.5, 0.8, len(points))[own] - above * 0.12
    return np.where(joint < 1.3, -2.0, level)


def shown(kind: str, inner: Image.Image, outer: Image.Image, edge: str, **more: int) -> Image.Image:
    """A sample map, twice as large."""
    settings = usual(SIZE, kind=kind, edge=edge, seed=3, **more)
    made = tilesets.made(terrain(inner, SIZE, "upper"), terrain(outer, SIZE, "lower"), settings)
    for note in made.notes:
        print(note)
    numbers = maps.sample(made, 12, 9)
    picture = Image.fromarray(maps.picture(made, numbers))
    if kind == "platform":
        sky = Image.new("RGBA", picture.size, "#a8cfe6")
        picture = Image.alpha_composite(sky, picture)
    size = (picture.width * SCALE, picture.height * SCALE)
    return picture.convert("RGB").resize(size, Image.Resampling.NEAREST)


def main(folder: Path, drawn: list[str]) -> None:
    """Write the maps."""
    grass, water = ground(MEADOW["grass"], blades(1)), ground(MEADOW["water"], noise(2, 2.4, 0.8))
    earth = ground(MEADOW["earth"], noise(4, 0.8, 0.8))
    moss, lava = ground(DUSK["moss"], noise(5, 0.9, 0.9)), ground(DUSK["lava"], noise(6, 2.0, 1.6))
    slate = ground(DUSK["slate"], stones(7))
    made = {
        "meadow-corners": shown("wang", grass, water, "blades", shore=1),
        "meadow-side": shown("platform", grass, earth, "blades"),
        "dusk-blob": shown("blob", slate, lava, "ragged"),
        "dusk-corners": shown("wang", moss, slate, "rounded"),
    }
    if drawn:
        inner, outer = (Image.open(file).convert("RGBA") for file in drawn)
        made["sample-corners"] = shown("wang", inner, outer, "smooth", shore=1)
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in made.items():
        picture.quantize(64).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
