"""What a seamless picture costs against a plain one, drawn in turn by one warm pipeline.

    python benchmarks/seamless.py
    python benchmarks/seamless.py --base FOLDER --size 512 --count 1 --device cuda

Medians of CPU seconds (of a clock where the device is none) over the rounds; exit code 0 when the
seamless one takes at most 1.3 times the plain one's. With holes filled a base that draws alpha
decodes and encodes at each of the first steps, which is told apart.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studio.diffusion.opaque_fill import OPAQUE
from studio.diffusion.sampling import Draw, draw_pictures

MOST = 1.3
WAYS = {
    "plain": ("", ""),
    "seamless x": ("x", ""),
    "seamless both": ("both", ""),
    "both, holes filled": ("both", OPAQUE),
}


def main(words: list[str] | None = None) -> int:
    """Measure and print; 1 where a seamless picture costs too much."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--base", default="pocket")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, help="pixels a side; unset: the base's own")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--count", type=int, default=6, help="pictures of a batch")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(words)

    import torch

    from studio.diffusion import bases

    torch.set_num_threads(1)
    device = bases.pick_device(asked.device)
    pipeline = bases.load_pipeline(bases.find_base(asked.base), device)
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for turn in range(asked.rounds + 1):
        for name, (way, fill) in WAYS.items():
            draw = Draw(asked.steps, 4.0, "", asked.size, asked.size, way, fill)
            began = clock()
            draw_pictures(pipeline, ["a grey stone"] * asked.count, [*range(asked.count)], draw)
            if turn:  # the first warms up
                took[name].append(clock() - began)
    plain = statistics.median(took["plain"])
    ratios = {name: statistics.median(times) / plain for name, times in took.items()}
    for name, ratio in ratios.items():
        print(f"{name}: {ratio * plain:.2f} s, {ratio:.2f} of plain")
    return 1 if max(ratios["seamless x"], ratios["seamless both"]) > MOST else 0


if __name__ == "__main__":
    raise SystemExit(main())
