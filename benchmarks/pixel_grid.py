"""Finding the pixel grid of damaged pixel art, beside rivals, and finding none in paintings:

    python benchmarks/pixel_grid.py SPRITES [--paintings FOLDER ...] [--count 24] [--more] [--json]

Takes sprites evenly from a folder of pixel art, lays each on white, enlarges and damages it in ways
that repeat exactly, and counts where the native size came back exactly, with at least 95 % of the
pixels within 8 levels. `perfect-pixel` and `proper-pixel-art` are measured too where they can be
imported: run this with the Python of an environment that has them (and numpy, scipy, Pillow).

Paintings are synthetic (fractal noise, gradients, brush strokes, discs; blurred, and as JPEG) and
what lies in the folders given, at their own size. `--more` has damages beyond the bars: parts that
are cut out, bicubic, edges softened, another filter, steps that differ. Exits with 1 where a bar is
missed.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from studio import images
from studio.images import formats
from studio.pixels import grid

NEAREST, BILINEAR, BICUBIC = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
)
Pixels = NDArray[np.uint8]
Damage = Callable[[Image.Image, int], Image.Image]
Restoring = Callable[[Image.Image], Pixels | None]
NEAR, ENOUGH = 8, 0.95  # levels, share of pixels
SIGMA = 6.0  # levels of noise
QUALITY = 80
PAINTED = 512  # pixels a side of synthetic paintings
MOST_S = 1.0  # for 512 px, of processor time


def enlarged(picture: Image.Image, factor: float, how: Image.Resampling) -> Image.Image:
    """Both sides times the factor, rounded."""
    size = round(picture.width * factor), round(picture.height * factor)
    return picture.resize(size, how)


def noisy(picture: Image.Image, seed: int) -> Image.Image:
    """With normal noise on each channel."""
    values = np.asarray(picture) + np.random.default_rng(seed).normal(
        0, SIGMA, (picture.height, picture.width, 3)
    )
    return Image.fromarray(np.rint(values).clip(0, 255).astype(np.uint8), "RGB")


def as_jpeg(picture: Image.Image, quality: int = QUALITY) -> Image.Image:
    """Saved as JPEG and read again, colours at half size as nearly all are."""
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return formats.opened(data, ("JPEG",)).convert("RGB")


def cut(picture: Image.Image, seed: int) -> Image.Image:
    """Without up to 20 pixels at each edge."""
    edges = np.random.default_rng(seed).integers(1, 21, 4).tolist()
    box = (edges[0], edges[1], picture.width - edges[2], picture.height - edges[3])
    return picture.crop(box)


# Each with how many of 24 are the bar.
BARS: dict[str, tuple[int, Damage]] = {
    "x8 clean": (24, lambda one, seed: enlarged(one, 8, NEAREST)),
    "x16 JPEG": (24, lambda one, seed: as_jpeg(enlarged(one, 16, NEAREST))),
    "x10.3 bilinear, noise": (20, lambda one, seed: noisy(enlarged(one, 10.3, BILINEAR), seed)),
    "x12.7 bilinear, JPEG": (16, lambda one, seed: as_jpeg(enlarged(one, 12.7, BILINEAR))),
    "x5.5 bilinear, JPEG": (12, lambda one, seed: as_jpeg(enlarged(one, 5.5, BILINEAR))),
}
MORE: dict[str, tuple[int, Damage]] = {
    "x10.3 nearest": (0, lambda one, seed: enlarged(one, 10.3, NEAREST)),
    "x10.3 bicubic, noise": (0, lambda one, seed: noisy(enlarged(one, 10.3, BICUBIC), seed)),
    "x16, then x12.7 bilinear, JPEG": (
        0,
        lambda one, seed: as_jpeg(enlarged(enlarged(one, 16, NEAREST), 12.7 / 16, BILINEAR)),
    ),
    "x8, blurred by 1.5": (
        0,
        lambda one, seed: enlarged(one, 8, NEAREST).filter(ImageFilter.GaussianBlur(1.5)),
    ),
    "x3 bilinear, JPEG": (0, lambda one, seed: as_jpeg(enlarged(one, 3, BILINEAR))),
    "x9 by x11.2 nearest": (
        0,
        lambda one, seed: one.resize((one.width * 9, round(one.height * 11.2)), NEAREST),
    ),
    "x7.4 Lanczos": (0, lambda one, seed: enlarged(one, 7.4, Image.Resampling.LANCZOS)),
}


@dataclass(frozen=True)
class Row:
    """How often a tool brought the sprites of one damage back, of how many; `sized`: at the exact
    size at least; the processor's seconds a picture."""

    damage: str
    tool: str
    found: int
    sized: int
    of: int
    bar: int
    seconds: float


def ours(picture: Image.Image) -> Pixels | None:
    rgba = np.array(picture.convert("RGBA"))
    found = grid.find(rgba)
    return None if found is None else grid.native(rgba, found)[..., :3]


def rivals() -> Iterator[tuple[str, Restoring]]:
    """Those that can be imported, with their own defaults."""
    try:
        from perfect_pixel import get_perfect_pixel
    except ImportError:
        pass
    else:
        yield "perfect-pixel", lambda picture: get_perfect_pixel(np.asarray(picture))[2]
    try:
        from proper_pixel_art import pixelate
    except ImportError:
        return
    yield "proper-pixel-art", lambda picture: np.asarray(pixelate(picture).image.convert("RGB"))


def sprites(folder: Path, count: int) -> list[Image.Image]:
    """So many from all over a folder, on white."""
    files = sorted(folder.rglob("*.png"))
    chosen = [files[at] for at in np.linspace(0, len(files) - 1, count).astype(int)]
    return [_on_white(images.open_picture(file)) for file in chosen]


def _on_white(picture: Image.Image) -> Image.Image:
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def measured(
    name: str, bar: int, damage: Damage, tool: str, restore: Restoring, art: list[Image.Image]
) -> Row:
    """One damage on all sprites by one tool."""
    found = sized = 0
    spent = 0.0
    for seed, sprite in enumerate(art):
        damaged = damage(sprite, seed)
        begun = time.process_time()
        restored = restore(damaged)
        spent += time.process_time() - begun
        if restored is None or restored.shape[:2] != (sprite.height, sprite.width):
            continue
        sized += 1
        apart = np.abs(restored.astype(int) - np.asarray(sprite)).max(2)
        found += bool((apart <= NEAR).mean() >= ENOUGH)
    return Row(name, tool, found, sized, len(art), bar, spent / len(art))


def found_in_parts(art: list[Image.Image]) -> dict[str, int]:
    """How often step and offset are right, to a seventh of a cell, in a part that is cut out."""
    counts = {}
    for name, (_, damage) in (BARS | MORE).items():
        counts[name] = 0
        for seed, sprite in enumerate(art):
            damaged = damage(sprite, seed)
            edges = np.random.default_rng(seed).integers(1, 21, 4).tolist()
            found = grid.find(np.array(cut(damaged, seed).convert("RGBA")))
            steps = damaged.width / sprite.width, damaged.height / sprite.height
            counts[name] += found is not None and all(
                abs(step - truth) * 10 < truth / 7
                and abs((offset + edge + truth / 2) % truth - truth / 2) < truth / 7
                for step, offset, truth, edge in (
                    (found.step_x, found.offset_x, steps[0], edges[0]),
                    (found.step_y, found.offset_y, steps[1], edges[1]),
                )
            )
    return counts


def paintings(folders: list[Path]) -> Iterator[tuple[str, Image.Image]]:
    """Pictures without a grid: synthetic ones, then those of the folders at their own size."""
    random = np.random.default_rng(7)
    side = PAINTED
    made: dict[str, NDArray[np.float64]] = {}
    frequencies = np.fft.fftfreq(side)
    radius = np.hypot(frequencies[:, None], frequencies[None])
    radius[0, 0] = 1
    for power in (1.0, 1.5, 2.0, 2.5):
        layers = []
        for _ in range(3):
            spectrum = np.fft.fft2(random.normal(size=(side, side))) / radius**power
            layer = np.fft.ifft2(spectrum).real
            layers.append((layer - layer.min()) / np.ptp(layer) * 255)
        made[f"fractal noise {power}"] = np.stack(layers, -1)
    y, x = np.mgrid[:side, :side] / side
    made["gradient"] = np.stack([x, y, (x + y) / 2], -1) * 255
    made["radial gradient"] = np.stack([np.hypot(x - 0.5, y - 0.5)] * 3, -1) * 255
    discs = np.full((side, side, 3), 230.0)
    for _ in range(40):
        left, top, size = random.random(3)
        discs[np.hypot(x - left, y - top) < size * 0.2] = random.integers(0, 255, 3)
    made["discs"] = discs
    strokes = discs.copy()
    for _ in range(400):
        left, top, long, wide, turn = random.random(5)
        turn *= np.pi
        along = (x - left) * np.cos(turn) + (y - top) * np.sin(turn)
        beside = (y - top) * np.cos(turn) - (x - left) * np.sin(turn)
        inside = (abs(along) < 0.02 + long * 0.1) & (abs(beside) < 0.004 + wide * 0.02)
        strokes[inside] = 0.3 * strokes[inside] + 0.7 * random.integers(0, 255, 3)
    made["strokes"] = strokes
    for name in ("discs", "strokes"):
        made[f"soft {name}"] = ndimage.gaussian_filter(made[name], (2, 2, 0))
    for name, values in made.items():
        picture = Image.fromarray(values.clip(0, 255).astype(np.uint8), "RGB")
        yield name, picture
        yield f"{name}, JPEG", as_jpeg(picture)
    for folder in folders:
        files = sorted(folder.rglob("*.png"))
        for at in np.linspace(0, len(files) - 1, min(20, len(files))).astype(int):
            yield files[at].name, _on_white(images.open_picture(files[at]))


def large_seconds() -> float:
    """Processor time to find the grid of 8,192 pixels a side."""
    random = np.random.default_rng(3)
    cells = random.integers(0, 255, (64, 64, 4), np.uint8)
    cells[..., 3] = 255
    begun = time.process_time()
    found = grid.find(cells.repeat(128, 0).repeat(128, 1))
    assert found is not None and found.step_x == 128
    return time.process_time() - begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sprites", type=Path)
    parser.add_argument("--paintings", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--more", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    art = sprites(asked.sprites, asked.count)
    tools: list[tuple[str, Restoring]] = [("housestyle", ours), *rivals()]
    rows = [
        measured(name, bar, damage, tool, restore, art)
        for name, (bar, damage) in (BARS | (MORE if asked.more else {})).items()
        for tool, restore in tools
    ]
    seen = list(paintings(asked.paintings))
    begun = time.process_time()
    wrong = [name for name, picture in seen if ours(picture) is not None]
    seconds = (time.process_time() - begun) / len(seen)
    own = [sprite for sprite in art if ours(sprite) is not None]
    met = not wrong and seconds <= MOST_S
    for row in rows:
        met &= row.tool != "housestyle" or row.found * 24 >= row.bar * row.of
    told = {
        "schema": 1,
        "rows": [asdict(row) for row in rows],
        "paintings": len(seen),
        "grids_in_paintings": wrong,
        "grids_in_native_sprites": len(own),
        "seconds_a_painting": seconds,
        "seconds_8192": large_seconds(),
        "found_in_parts": found_in_parts(art) if asked.more else {},
        "met": met,
    }
    print(json.dumps(told) if asked.json else _text(told, rows))
    return 0 if met else 1


def _text(told: dict[str, object], rows: list[Row]) -> str:
    lines = [f"{'damage':32}{'tool':20}{'found':>7}{'sized':>7}{'bar':>5}{'CPU s':>8}"]
    for row in rows:
        bar = row.bar if row.tool == "housestyle" and row.bar else ""
        numbers = f"{row.found:>7}{row.sized:>7}{bar:>5}{row.seconds:>8.2f}"
        lines.append(f"{row.damage:32}{row.tool:20}{numbers}")
    lines.append(f"of {rows[0].of} sprites")
    lines += [f"{name}: {value}" for name, value in told.items() if name not in ("schema", "rows")]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
