"""How sharp each method draws edges: real pictures made small, enlarged again, and compared.

    python benchmarks/edge_sharpness.py FOLDER [--most 40] [--side 128] [--models a,b]

Each PNG of the folder is brought to --side pixels, reduced to a quarter of that and enlarged four
times. Around each of the original's edges the steepest step is divided by the contrast there: 1 for
an edge of no width, less the softer it is. A method's figure is the median of all edges, as a share
of the original's own; sharpness elsewhere does not help, nor does noise between edges.

The upscaling models have to come within NEAR of the original. Nearest and Lanczos stand beside:
blocks are as sharp as can be, and Lanczos is as soft as the small picture was. Exits with 1 where a
model misses.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from studio import images
from studio.pixels.hex_colours import Pixels
from studio.upscaling import bundled_models, model_engine, models, networks
from studio.upscaling.methods import InMemory, lanczos, nearest
from studio.upscaling.sizes import Target

NEAR = 0.1
FACTOR = 4
CONTRAST = 48  # levels that an edge has at least, within WIDE pixels
WIDE = 9
FAR = 3  # pixels within which an edge may lie elsewhere
GREY = (128, 128, 128)  # that what is transparent is seen on
Floats = NDArray[np.floating[Any]]


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="pictures, as PNG")
    parser.add_argument("--most", type=int, default=40, help="pictures, evenly among all (40)")
    parser.add_argument("--side", type=int, default=128, help="of originals in pixels (128)")
    parser.add_argument("--models", default=",".join(one.name for one in bundled_models.BUNDLED))
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="all of them, to look at")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    files = sorted(asked.folder.rglob("*.png"))
    files = files[:: max(1, -(-len(files) // asked.most))]
    if not files:
        print(f"No PNG lies in {asked.folder}.", file=sys.stderr)
        return 2
    names = [one for one in asked.models.split(",") if one]
    enlargers = ways(names)
    figures: dict[str, list[Floats]] = {name: [] for name in ("original", *enlargers)}
    sheet = []
    for file in files:
        original = images.scaled(images.open_picture(file), asked.side, "lanczos")
        side = asked.side // FACTOR
        small = original.resize((side, side), Image.Resampling.BOX)
        large = {name: enlarge(np.asarray(small)) for name, enlarge in enlargers.items()}
        where = edges(_seen(np.asarray(original)))
        for name, picture in {"original": np.asarray(original), **large}.items():
            figures[name].append(sharpness(_seen(picture))[where])
        sheet.append([original, *(Image.fromarray(one, "RGBA") for one in large.values())])
    medians = {name: float(np.median(np.concatenate(f))) for name, f in figures.items()}
    shares = {name: medians[name] / medians["original"] for name in enlargers}
    within = all(abs(shares[name] - 1) <= NEAR for name in names)
    for name, share in shares.items():
        judged = f"  {'within' if abs(share - 1) <= NEAR else 'OUTSIDE'}" * (name in names)
        print(f"{name:14} {share:.3f} of the original's sharpness{judged}", file=sys.stderr)
    if asked.sheet:
        images.grid(sheet, asked.side).save(asked.sheet)
    if asked.json:
        record = {"pictures": len(files), "near": NEAR, "shares": shares, "within": within}
        print(json.dumps({"schema": 1, **record}, indent=1))
    return 0 if within else 1


def sharpness(grey: Floats) -> Floats:
    """For each pixel of a grey picture [h, w] the steepest step between neighbours within FAR
    pixels, as a share of the contrast within WIDE; 0 where there is none."""
    step = np.maximum(
        np.abs(np.diff(grey, axis=0, append=grey[-1:])),
        np.abs(np.diff(grey, axis=1, append=grey[:, -1:])),
    )
    steepest = ndimage.maximum_filter(step, 2 * FAR + 1)
    range_ = ndimage.maximum_filter(grey, WIDE) - ndimage.minimum_filter(grey, WIDE)
    return np.where(range_ > 0, steepest / np.maximum(range_, 1), 0.0)


def edges(grey: Floats) -> NDArray[np.bool_]:
    """Where an original has edges: its steepest steps, of enough contrast."""
    range_ = ndimage.maximum_filter(grey, WIDE) - ndimage.minimum_filter(grey, WIDE)
    step = np.hypot(ndimage.sobel(grey, 0), ndimage.sobel(grey, 1)) / 8
    ridge = step >= ndimage.maximum_filter(step, 3) - 1e-9
    found: NDArray[np.bool_] = ridge & (range_ >= CONTRAST) & (step > range_ / 8)
    return found


def _seen(rgba: Pixels) -> Floats:
    shown = images.on_matte(Image.fromarray(rgba, "RGBA"), GREY).convert("L")
    return np.asarray(shown, np.float64)


def ways(names: list[str]) -> dict[str, Callable[[Pixels], Pixels]]:
    """Each method as what makes one picture of another, FACTOR times as large."""
    found: dict[str, Callable[[Pixels], Pixels]] = {
        "nearest": lambda one: _whole(nearest.enlarge, one),
        "lanczos": lambda one: _whole(lanczos.enlarge, one),
    }
    with TemporaryDirectory() as home:
        for name in names:
            found[name] = _by_model(networks.load(models.named(Path(home), name)))
    return found


def _by_model(network: networks.Network) -> Callable[[Pixels], Pixels]:
    return lambda one: _whole(model_engine.enlarge, one, network)


def _whole(enlarge: Callable[..., None], source: Pixels, *more: Any) -> Pixels:
    strips: list[Pixels] = []
    size = Target(source.shape[1] * FACTOR, source.shape[0] * FACTOR)
    enlarge(InMemory(source), size, strips.append, *more)
    return np.concatenate(strips)


if __name__ == "__main__":
    sys.exit(main())
