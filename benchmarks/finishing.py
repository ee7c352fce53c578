"""Finished pictures: how long one takes, and how near its figures come to real art's.

    python benchmarks/finishing.py
    python benchmarks/finishing.py ART_FOLDER [--drawn FOLDER] [--size 32] [--sheet FILE.png]
    python benchmarks/finishing.py ICONS_FOLDER --nearest

Without a folder: a noisy sprite of 32 px with every pixel step, against Pillow's own quantisation
to as many colours, both in seconds of the processor, in pairs. The bar is LIMIT_MS a picture.

With a folder of real art (PNG): the recipe that every second picture asks for finishes drawn ones,
and each median has to lie within the 10th to 90th percentile of the other real ones. Drawn are the
pictures of --drawn, or else, so that it runs anywhere, the real ones as the practice base's
autoencoder gives them back: with the noise that a drawn picture has, but in better shape.

Art that is larger than --size counts as painted, is shown averaged down and asks for no pixel step;
with --nearest it is shown, and learned from, as pixel art of that size.

Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio import images
from studio.datasets import pixel_grid
from studio.finishing.finish import finished
from studio.finishing.recipe import Recipe
from studio.pixels.figures import PixelFigures, figures
from studio.settings import CHECKOUT
from studio.workflows import recipes

LIMIT_MS = 20.0
JUDGED = ("colours", "half_transparent", "orphans")
MOST_ART = 400  # of a folder, evenly among all
MOST = 120  # pictures that are drawn again
NOISE = 0.3  # of latents, whose deviation is 1
PALETTE = tuple(
    f"#{red:02x}{green:02x}{blue:02x}"
    for red in (20, 120, 220)
    for green in (20, 200)
    for blue in (30, 180)
)
EVERYTHING = Recipe(
    hard_alpha=True,
    colours=PALETTE,
    dither="bayer",
    strays=True,
    holes=True,
    outline="recolour",
    outline_width=2,
    canvas=(32, 32),
    ground=0,
    background=True,
)


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="real art; unset: the speed")
    parser.add_argument("--drawn", type=Path, metavar="FOLDER", help="pictures that a model drew")
    parser.add_argument("--size", type=int, default=32, help="at which art is shown (32)")
    parser.add_argument("--nearest", action="store_true", help="show large art as pixel art")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="raw above finished, to look at")
    parser.add_argument("--rounds", type=int, default=20, help="of the speed (20)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    record = of_art(asked) if asked.folder else speed(asked.rounds)
    if asked.json:
        print(json.dumps({"schema": 1, **record}, indent=1))
    return 0 if record["within"] else 1


def speed(rounds: int) -> dict[str, Any]:
    """Milliseconds of the processor, the median of rounds, and the ratio to Pillow's."""
    pictures = [_noisy(seed) for seed in range(8)]
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_milliseconds(lambda one: finished(one, EVERYTHING), pictures))
        theirs.append(_milliseconds(lambda one: one.quantize(len(PALETTE)), pictures))
    took, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"finished, every step, 32 px: {took:.1f} ms a picture (limit {LIMIT_MS:.0f}); "
        f"Pillow's quantize alone {other:.2f} ms, ratio {took / other:.0f}",
        file=sys.stderr,
    )
    return {"milliseconds": took, "limit": LIMIT_MS, "pillow": other, "within": took <= LIMIT_MS}


def of_art(asked: argparse.Namespace) -> dict[str, Any]:
    """Medians of raw and finished pictures against the percentiles of real art."""
    files = sorted(asked.folder.rglob("*.png"))
    files = files[:: -(-len(files) // MOST_ART)]
    art = [images.open_picture(file) for file in files]
    if asked.nearest:
        art = [images.scaled(one, asked.size, "nearest") for one in art]
    recipe = _recipe(art[::2], asked.size)
    held = [_shown(one, asked.size) for one in art[1::2]]
    if asked.drawn:
        raw = [images.open_picture(file) for file in sorted(asked.drawn.rglob("*.png"))]
    else:
        raw = _drawn_again(held[:: max(1, len(held) // MOST)], asked.size)
    done = [finished(one, recipe) for one in raw]
    real = np.array([astuple(figures(np.asarray(one))) for one in held])
    low, middle, high = np.percentile(real, [10, 50, 90], axis=0)
    before, after = _medians(raw), _medians(done)
    print(f"{asked.folder.name}: {_said(recipe)}", file=sys.stderr)
    rows = {}
    for k, field in enumerate(fields(PixelFigures)):
        name = field.name
        within = bool(low[k] <= after[k] <= high[k])
        rows[name] = {"raw": before[k], "finished": after[k], "within": within}
        rows[name] |= {"p10": low[k], "p50": middle[k], "p90": high[k]}
        print(
            f"  {name:17} raw {before[k]:8.3f}  finished {after[k]:8.3f}  real {low[k]:.3f} "
            f"({middle[k]:.3f}) {high[k]:.3f}{'' if within else '  OUTSIDE'}",
            file=sys.stderr,
        )
    if asked.sheet:
        _sheet(raw, done, asked.sheet)
    return {
        "art": asked.folder.name,
        "pictures": len(raw),
        "figures": {name: {key: float(v) for key, v in row.items()} for name, row in rows.items()},
        "within": all(rows[name]["within"] for name in JUDGED),
    }


def _recipe(art: Sequence[Image.Image], size: int) -> Recipe:
    """What the art asks for; painted pictures, which are larger than their size and show no grid,
    ask for nothing."""
    if sum(_is_painted(one, size) for one in art) * 2 > len(art):
        return Recipe()
    return recipes.made_of(art, size)


def _is_painted(picture: Image.Image, size: int) -> bool:
    return max(picture.size) > size and pixel_grid.grain(picture).grid == 1


def _shown(picture: Image.Image, size: int) -> Image.Image:
    """As a dataset shows it to a model: pixel art by whole factors, else averaged down."""
    return images.scaled(picture, size, "box" if _is_painted(picture, size) else "nearest")


def _drawn_again(pictures: Sequence[Image.Image], size: int) -> list[Image.Image]:
    """Through the practice base's autoencoder and back, the latents as noisy as a UNet leaves
    them."""
    import torch

    from studio.pocket.autoencoder import AutoencoderTiny, to_unit

    model = AutoencoderTiny.from_pretrained(CHECKOUT / "pocket" / "vae").eval()
    pixels = torch.from_numpy(np.stack([np.asarray(one) for one in pictures]))
    random = torch.Generator().manual_seed(0)
    made: list[Image.Image] = []
    with torch.no_grad():
        for part in pixels.split(32):
            latents = model.encode(to_unit(part)).latents
            latents += NOISE * torch.randn(latents.shape, generator=random)
            drawn = model.decode(latents).sample.clamp(-1, 1).permute(0, 2, 3, 1)
            rgba = ((drawn + 1) * 127.5).round().to(torch.uint8).numpy()
            made += [Image.fromarray(np.ascontiguousarray(one), "RGBA") for one in rgba]
    return made


def _milliseconds(work: Callable[[Image.Image], Any], pictures: Sequence[Image.Image]) -> float:
    begun = time.process_time()
    for one in pictures:
        work(one)
    return (time.process_time() - begun) * 1000 / len(pictures)


def _noisy(seed: int) -> Image.Image:
    """A ball with a dark rim, as noisy as a drawn picture."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:32, :32]
    apart = np.hypot(y - 15.5, x - 15.5) + random.normal(0, 0.8, (32, 32))
    rgba = np.zeros((32, 32, 4))
    rgba[..., :3] = np.where((apart < 11)[..., None], (190, 60 + 10 * seed, 60), (30, 20, 40))
    rgba[..., :3] += random.normal(0, 28, (32, 32, 3))
    rgba[..., 3] = np.clip((13 - apart) * 128 + 128, 0, 255)
    return Image.fromarray(np.clip(rgba, 0, 255).astype(np.uint8), "RGBA")


def _medians(pictures: Sequence[Image.Image]) -> list[float]:
    found = np.array([astuple(figures(np.asarray(one))) for one in pictures])
    return [float(value) for value in np.median(found, axis=0)]


def _said(recipe: Recipe) -> str:
    steps = [f"{len(recipe.colours)} colours", f"dither {recipe.dither}"]
    steps += ["hard alpha"] * recipe.hard_alpha + ["strays"] * recipe.strays
    outline = f"{recipe.outline} {recipe.outline_colour} {recipe.outline_width} px"
    return ", ".join([*steps, *["holes"] * recipe.holes, *[outline] * bool(recipe.outline)])


def _sheet(raw: Sequence[Image.Image], done: Sequence[Image.Image], file: Path) -> None:
    """Up to 36 pictures, each finished one below its raw one, four times as large."""
    step = max(1, len(raw) // 36)
    rows = []
    for start in range(0, min(len(raw), 36 * step), 12 * step):
        part = slice(start, start + 12 * step, step)
        rows += [list(raw[part]), list(done[part])]
    images.grid(rows, 4 * max(max(one.size) for one in done[:1])).save(file)


if __name__ == "__main__":
    sys.exit(main())
