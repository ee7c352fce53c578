"""What tiles cost beside what draws them: preparing, holding colours, keeping, blending, writing.

    python benchmarks/upscaling_overhead.py
    python benchmarks/upscaling_overhead.py --side 4096 --tile 1024 --rounds 3 --clock cpu

A stand-in for a pipeline draws grain into each tile, so that its colours have to be held, and takes
`--seconds` of a real one's time for the reckoning. The bar is a tenth of that and LIMIT_S more a
tile. Exits with 1 where it is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from benchmarks.upscaling_memory import picture
from studio.upscaling import passes
from studio.upscaling.engine import Block, Step
from studio.upscaling.settings import Settings

LIMIT_SHARE, LIMIT_S = 0.1, 0.2


class Grained:
    """Draws grain over each block, and counts its own seconds."""

    batch = 1

    def __init__(self, tile: int, clock: Callable[[], float]) -> None:
        self._grain = np.random.default_rng(0).integers(-20, 21, (tile, tile, 3), np.int16)
        self._clock = clock
        self.took = 0.0

    def draw(self, blocks: Sequence[Block], step: Step) -> list[Image.Image | None]:
        begun = self._clock()
        drawn: list[Image.Image | None] = []
        for block in blocks:
            levels = np.asarray(block.picture.convert("RGB")).astype(np.int16)
            levels += self._grain[: levels.shape[0], : levels.shape[1]]
            drawn.append(Image.fromarray(levels.clip(0, 255).astype(np.uint8), "RGB"))
        self.took += self._clock() - begun
        return drawn


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=4096, help="of the result (4096)")
    parser.add_argument("--from", type=int, dest="source", help="side of the source (a quarter)")
    parser.add_argument("--tile", type=int, default=1024)
    parser.add_argument("--overlap", type=int, default=128)
    parser.add_argument("--seam", action="store_true", help="with the seam pass")
    parser.add_argument("--seconds", type=float, default=0.0, help="that a pipeline takes a tile")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--folder", type=Path, help="where it works (a temporary one)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        record = _measured(asked, Path(place))
    if asked.json:
        print(json.dumps({"schema": 1, **record}, indent=1))
    else:
        print(
            f"{record['tiles']} tiles of {asked.tile}: {record['overhead_s'] * 1e3:.0f} ms a tile "
            f"beside what draws it (limit {record['limit_s'] * 1e3:.0f})"
        )
    return 0 if record["within"] else 1


def _measured(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    clock = time.process_time if asked.clock == "cpu" else time.perf_counter
    picture(folder / "picture.png", asked.source or asked.side // 4)
    settings = Settings(
        "diffusion",
        asked.side,
        asked.side,
        tile=asked.tile,
        overlap=asked.overlap,
        seam=asked.seam,
        base="none",
    )
    overhead, tiles = [], 0
    for turn in range(asked.rounds):
        engine = Grained(asked.tile, clock)
        begun = clock()
        found = passes.run(folder / "picture.png", settings, engine, folder / str(turn))
        tiles = found.tiles
        overhead.append((clock() - begun - engine.took) / tiles)
    limit = LIMIT_SHARE * asked.seconds + LIMIT_S
    return {
        "tiles": tiles,
        "rounds": overhead,
        "overhead_s": statistics.median(overhead),
        "limit_s": limit,
        "within": statistics.median(overhead) <= limit,
    }


if __name__ == "__main__":
    sys.exit(main())
