"""An 8K picture with alpha through an engine that changes nothing: memory and processor time.

    python benchmarks/upscaling_memory.py
    python benchmarks/upscaling_memory.py --side 4096 --seam
    python benchmarks/upscaling_memory.py --from 1024      # enlarged eightfold, not redrawn

A process of its own opens the picture, draws its tiles and writes the result; what it held at its
fullest above its imports, and what it computed beside the engine, are held to the bars. Its levels
for the page are made in one more process, within the same memory.

Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio.images import reading  # noqa: F401  what any picture is read with
from studio.settings import CHECKOUT
from studio.upscaling import levels, passes
from studio.upscaling.engine import Block, Step
from studio.upscaling.png_stream import PngStream
from studio.upscaling.settings import Settings

LIMIT_MB, LIMIT_S = 700.0, 25.0
SIDE = 8192
ROWS = 128


class Same:
    """Gives back what it is given, and counts the seconds of the processor that this takes."""

    batch = 1

    def __init__(self) -> None:
        self.took = 0.0
        self.tiles = 0

    def draw(self, blocks: Sequence[Block], step: Step) -> list[Image.Image | None]:
        begun = time.process_time()
        drawn: list[Image.Image | None] = [block.picture.convert("RGB") for block in blocks]
        self.took += time.process_time() - begun
        self.tiles += len(blocks)
        return drawn


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=SIDE, help=f"of the result ({SIDE})")
    parser.add_argument("--from", type=int, dest="source", help="side of the source (the same)")
    parser.add_argument("--tile", type=int, default=1024)
    parser.add_argument("--overlap", type=int, default=128)
    parser.add_argument("--seam", action="store_true", help="with the seam pass")
    parser.add_argument("--folder", type=Path, help="where it works (a temporary one)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    parser.add_argument("--part", choices=["run", "levels"], help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.part:
        print(json.dumps(_run(asked) if asked.part == "run" else _levels(asked.folder)))
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        record = _measured(asked, Path(place))
    if asked.json:
        print(json.dumps({"schema": 1, **record}, indent=1))
    else:
        print(
            f"{record['side']:,} x {record['side']:,}, {record['tiles']} tiles: "
            f"{record['memory_mb']:.0f} MB above imports (limit {LIMIT_MB:.0f}), "
            f"{record['cpu_s']:.1f} s beside the engine (limit {LIMIT_S:.0f}); "
            f"{'the same' if record['same'] else 'OTHER'} pixels; levels "
            f"{record['levels_mb']:.0f} MB and {record['levels_s']:.1f} s"
        )
    return 0 if record["within"] else 1


def picture(file: Path, side: int) -> None:
    """Shades and grain with holes and soft edges, written in strips."""
    random = np.random.default_rng(0)
    grain = random.integers(-8, 9, (ROWS, side, 3), np.int16)
    x = np.arange(side)
    with PngStream(file, side, side) as stream:
        for top in range(0, side, ROWS):
            y = np.arange(top, min(top + ROWS, side))[:, None]
            strip = np.empty((len(y), side, 4), np.uint8)
            for channel, far in enumerate((700, 1100, 1700)):
                shade = 128 + 90 * np.sin(x / far + channel) * np.cos(y / far)
                strip[..., channel] = shade + grain[: len(y), :, channel]
            ball = np.hypot(x % 900 - 450, y % 900 - 450)
            strip[..., 3] = np.clip((430 - ball) * 16, 0, 255)
            strip[strip[..., 3] == 0] = 0
            stream.write(strip)


def _measured(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    picture(folder / "picture.png", asked.source or asked.side)
    words = ["--side", str(asked.side), "--tile", str(asked.tile), "--overlap", str(asked.overlap)]
    words += ["--seam"] if asked.seam else []
    run = _child([*words, "--part", "run", "--folder", str(folder)])
    cut = _child(["--part", "levels", "--folder", str(folder)])
    return {
        "side": asked.side,
        "seam": asked.seam,
        **run,
        "levels_mb": cut["memory_mb"],
        "levels_s": cut["cpu_s"],
        "within": max(run["memory_mb"], cut["memory_mb"]) <= LIMIT_MB
        and run["cpu_s"] <= LIMIT_S
        and run["same"],
    }


def _child(words: list[str]) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).resolve()), *words]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _run(asked: argparse.Namespace) -> dict[str, Any]:
    before, begun = _fullest(), time.process_time()
    settings = Settings(
        "diffusion",
        asked.side,
        asked.side,
        tile=asked.tile,
        overlap=asked.overlap,
        seam=asked.seam,
        base="none",
    )
    engine = Same()
    found = passes.run(asked.folder / "picture.png", settings, engine, asked.folder / "work")
    spent = time.process_time() - begun - engine.took
    memory = (_fullest() - before) / 1e6
    return {
        "tiles": found.tiles,
        "drawn": engine.tiles,
        "memory_mb": memory,
        "cpu_s": spent,
        "bytes": found.bytes,
        "same": _is_same(asked.folder / "picture.png", found.file),
    }


def _is_same(source: Path, result: Path) -> bool:
    """Whether both have the same pixels; True where they are of two sizes, which is not asked."""
    from studio import images

    first, second = images.open_result(source), images.open_result(result)
    if first.size != second.size:
        return True
    return images.pixel_digest(first) == images.pixel_digest(second)


def _levels(folder: Path) -> dict[str, Any]:
    before, begun = _fullest(), time.process_time()
    levels.write(folder / "work" / passes.RESULT, folder / "levels", lossless=False)
    return {"memory_mb": (_fullest() - before) / 1e6, "cpu_s": time.process_time() - begun}


def _fullest() -> int:
    """Bytes that this process held at its fullest, since it began."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("The kernel does not tell how much memory a process held.")


if __name__ == "__main__":
    sys.exit(main())
