"""The seam verdict on pictures of which it is known whether they fit at their edges.

    python benchmarks/seams.py
    python benchmarks/seams.py --first 1000    # others than those that the bars were set on
    python benchmarks/seams.py --colours 8     # in so few colours, as pixel art has

240 pictures that fit on both axes and 240 that were cut out of a larger one along one axis, where
they still fit on the other: noise at three scales, and brick walls. Exit code 0 when no cut edge
passes for whole and at most 2 % of the whole pictures are called cut.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studio.pixels import seams

SCALES = (1.0, 3.0, 8.0)  # pixels: the width of the noise's bumps
OF_EACH = 60
SIDES = (32, 48, 64, 96)
BRICKS = "bricks"
MOST = 0.02  # of whole pictures that may be called cut

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Control:
    """A picture, RGBA [h, w, 4]; `cut` is the axis on which it does not fit, "" for none."""

    kind: str
    number: int
    cut: str
    rgba: Pixels


def controls(of_each: int = OF_EACH, first: int = 0) -> Iterator[Control]:
    """`of_each` of every kind that fit, and as many that were cut, numbered from `first`: always
    the same ones."""
    for kind in (*(f"noise {scale:g}" for scale in SCALES), BRICKS):
        for number in range(first, first + of_each):
            for cut in ("", "xy"[number % 2]):
                yield Control(kind, number, cut, _picture(kind, number, cut))


def _picture(kind: str, number: int, cut: str) -> Pixels:
    random = np.random.default_rng([number, *kind.encode(), bool(cut)])
    side = SIDES[number % len(SIDES)]
    made = _bricks(random, side, cut) if kind == BRICKS else _noise(random, side, cut, kind)
    if cut == "y":
        made = made.swapaxes(0, 1)
    alpha = np.full((*made.shape[:2], 1), 255, np.uint8)
    return np.concatenate([made, alpha], -1)


def _noise(random: np.random.Generator, side: int, cut: str, kind: str) -> Pixels:
    """Noise [side, side, 3] of colour: between two or three colours, blurred on a torus, which is
    wider than the picture where that is cut out of it along x."""
    scale = float(kind.split()[1])
    wide = side + round(5 * scale) + 8 if cut else side
    far = [np.minimum(np.arange(n), n - np.arange(n)) for n in (side, wide)]
    blur = np.exp(-(far[0][:, None] ** 2 + far[1][None] ** 2) / (2 * scale**2))
    field = np.fft.ifft2(np.fft.fft2(random.normal(size=(3, side, wide))) * np.fft.fft2(blur)).real
    field = (field - field.mean((1, 2), keepdims=True)) / field.std((1, 2), keepdims=True)
    ends = random.uniform(40, 215, 3)
    spread = random.uniform(15, 45)
    colour = ends + spread * (field[0][..., None] + 0.35 * field.transpose(1, 2, 0))
    return np.rint(colour[:, :side]).clip(0, 255).astype(np.uint8)


def _bricks(random: np.random.Generator, side: int, cut: str) -> Pixels:
    """A wall [side, side, 3] in running bond, its mortar a pixel or two wide, its bricks of four
    shades and grained, seen from any place. On a cut one the bricks of all rows are cut through,
    none at a joint, and go on at another place, at least four pixels from where they should."""
    tall = int(random.choice([n for n in (4, 6, 8, 12) if side % (2 * n) == 0]))
    mortar = 1 if tall < 8 else 2
    brick, joint = random.uniform(70, 200, 3), random.uniform(20, 60, 3)
    long, across = random.choice(_cut_through(side, mortar) if cut else _fitting(side))
    first = np.array([random.integers(1000), across])
    y, x = np.mgrid[:side, :side] + first[:, None, None]
    y = y % side  # over top and bottom it always fits
    row = y // tall
    along = x + (row % 2) * (long // 2)
    column = along // long if cut else along // long % (side // long)
    shades = random.choice([-18, -6, 6, 18], (side // tall, 1000))
    grain = random.normal(0, 4, (side, side))
    wall = np.rint(brick + (shades[row, column % 1000] + grain)[..., None])
    gap = (y % tall < mortar) | (along % long < mortar)
    return np.where(gap[..., None], joint, wall).clip(0, 255).astype(np.uint8)


def _fitting(side: int) -> list[tuple[int, int]]:
    """Bricks so long that they fit, at least three in a row, and where the first begins."""
    longs = [long for long in (8, 12, 16, 24, 32) if side % long == 0 and 3 * long <= side]
    return [(long, at) for long in longs for at in range(long)]


def _cut_through(side: int, mortar: int) -> list[tuple[int, int]]:
    """The same for bricks that do not fit: both rows' first and last ones lie across the edge."""
    return [
        (long, at)
        for long in range(8, min(32, side // 3) + 1)
        if 4 <= side % long <= long - 4
        for at in range(long)
        if all(
            (at + end + half) % long >= mortar for end in (0, side - 1) for half in (0, long // 2)
        )
    ]


def main(words: list[str] | None = None) -> int:
    """Measure and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--of-each", type=int, default=OF_EACH)
    parser.add_argument("--first", type=int, default=0, help="the first one's number")
    parser.add_argument("--colours", type=int, default=0, help="how many each keeps; 0: all")
    asked = parser.parse_args(words)
    missed, wrong, whole, took = 0, 0, 0, 0.0
    for kind, of_kind in _by_kind(asked.of_each, asked.first):
        cuts, wholes = [], []
        for one in of_kind:
            rgba = _of_few(one.rgba, asked.colours) if asked.colours else one.rgba
            began = time.perf_counter()
            found = {axis: seams.seam(rgba, axis) for axis in "xy"}
            took += time.perf_counter() - began
            if one.cut:
                cuts.append(found[one.cut])
            else:
                wholes.append(max(found.values(), key=lambda seam: seam.figure))
        missed += sum(not seam.cut for seam in cuts)
        wrong += sum(seam.cut for seam in wholes)
        whole += len(wholes)
        print(
            f"{kind}: whole {_ends(wholes)}, {sum(s.cut for s in wholes)} called cut; "
            f"cut {_ends(cuts)}, {sum(not s.cut for s in cuts)} missed"
        )
    print(f"{missed} cut ones missed, {wrong} of {whole} whole ones called cut")
    print(f"{1000 * took / (4 * whole):.1f} ms an axis")
    return 1 if missed or wrong > MOST * whole else 0


def _of_few(rgba: Pixels, colours: int) -> Pixels:
    few = Image.fromarray(rgba[..., :3]).quantize(colours, dither=Image.Dither.NONE)
    return np.concatenate([np.asarray(few.convert("RGB")), rgba[..., 3:]], -1)


def _by_kind(of_each: int, first: int) -> Iterator[tuple[str, list[Control]]]:
    kinds: dict[str, list[Control]] = {}
    for one in controls(of_each, first):
        kinds.setdefault(one.kind, []).append(one)
    yield from kinds.items()


def _ends(found: list[seams.Seam]) -> str:
    figures = sorted(seam.figure for seam in found)
    return f"{figures[0]:.2f} to {figures[-1]:.2f} (median {figures[len(figures) // 2]:.2f})"


if __name__ == "__main__":
    raise SystemExit(main())
