"""How long props take to be drawn, and what memory that needs: posters, large models, sheets.

    python benchmarks/prop_posters.py [--rounds 5] [--large 100000] [--memory] [--json]

A figure of 1,700 triangles with a sharp texture is drawn as a poster of 256 and of 512 pixels, and
as a sheet of 8 directions of 64 pixels; a ball of --large triangles with a soft texture as a poster
of 256. Seconds are the processor's, the median of rounds. With --memory the large one alone is
drawn once, and what the process held at most above what it held before is told. Exits with 1 where
a limit is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio.props import directions, posters
from studio.props.directions import Directions
from studio.props.model import Material, Model, Part, Texture

SMALL = 1_700  # triangles of a prop made here
LIMITS = {"poster 256": 0.15, "poster 512": 0.6, "sheet": 2.0, "large": 5.0}  # seconds
MEMORY_MB = 400.0


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=100_000, help="triangles of the large one")
    parser.add_argument("--memory", action="store_true", help="of the large one, and no seconds")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    record = memory(asked.large) if asked.memory else seconds(asked.rounds, asked.large)
    if asked.json:
        print(json.dumps({"schema": 1, **record}, indent=1))
    return 0 if record["within"] else 1


def seconds(rounds: int, large: int) -> dict[str, Any]:
    """Seconds of the processor for each, and whether all are within their limits."""
    small, big = figure(SMALL, nearest=True), figure(large, nearest=False)
    sheet = Directions(palette=("#20283a", "#c04028", "#f0d8a0", "#305030"))
    works: dict[str, Callable[[], Any]] = {
        "poster 256": lambda: posters.poster(small, 256),
        "poster 512": lambda: posters.poster(small, 512),
        "sheet": lambda: directions.sheet(small, sheet),
        "large": lambda: posters.poster(big, 256),
    }
    took = {name: _median(work, rounds) for name, work in works.items()}
    for name, spent in took.items():
        print(f"{name}: {spent:.3f} s (limit {LIMITS[name]})", file=sys.stderr)
    return {
        "triangles": {"small": small.triangle_count, "large": big.triangle_count},
        "seconds": took,
        "limits": LIMITS,
        "within": all(took[name] <= LIMITS[name] for name in took),
    }


def memory(large: int) -> dict[str, Any]:
    """MB that drawing the large one took at most, beside the model itself."""
    shown = figure(large, nearest=False)
    posters.poster(figure(100, nearest=True), 64)  # what is loaded once
    before = _held_mb()
    posters.poster(shown, 256)
    held = _held_mb() - before
    print(f"{shown.triangle_count:,} triangles: {held:.0f} MB", file=sys.stderr)
    return {"triangles": shown.triangle_count, "memory_mb": held, "within": held <= MEMORY_MB}


def figure(triangles: int, *, nearest: bool) -> Model:
    """A lathe-turned figure of about so many triangles, closed, with a texture."""
    rings = max(3, round((triangles / 4) ** 0.5))
    around = 2 * rings
    down, about = np.meshgrid(
        np.linspace(0, np.pi, rings + 1), np.linspace(0, 2 * np.pi, around + 1), indexing="ij"
    )
    wide = np.sin(down) * (0.3 + 0.1 * np.cos(5 * down))
    places = np.stack([wide * np.sin(about), 1 - down / np.pi, wide * np.cos(about)], -1)
    outwards = np.stack([np.sin(about), np.zeros_like(about), np.cos(about)], -1)
    uv = np.stack([about / (2 * np.pi), down / np.pi], -1)
    row, column = (one.ravel() for one in np.indices((rings, around)))
    first = row * (around + 1) + column
    below = first + around + 1
    upper = np.stack([first, below, below + 1], -1)[row < rings - 1]
    lower = np.stack([first, below + 1, first + 1], -1)[row > 0]
    return Model(
        parts=(
            Part(
                positions=places.reshape(-1, 3).astype(np.float32),
                normals=outwards.reshape(-1, 3).astype(np.float32),
                uv=uv.reshape(-1, 2).astype(np.float32),
                triangles=np.concatenate([upper, lower]).astype(np.uint32),
                material=Material(name="figure", colour=_texture(32 if nearest else 1024, nearest)),
            ),
        ),
        name="figure",
    )


def _texture(side: int, nearest: bool) -> Texture:
    random = np.random.default_rng(side)
    rgba = random.integers(0, 256, (side, side, 4), np.uint8)
    rgba[..., 3] = 255
    written = io.BytesIO()
    Image.fromarray(rgba, "RGBA").save(written, format="PNG")
    return Texture(data=written.getvalue(), nearest=nearest)


def _median(work: Callable[[], Any], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def _held_mb() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most) * (1 if sys.platform == "darwin" else 1024) / 1024**2


if __name__ == "__main__":
    sys.exit(main())
