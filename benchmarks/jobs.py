"""What the frame of jobs costs: `python -m benchmarks.jobs [--rounds N] [--json]`.

1. A training step: `loop.train` inside of a job, with all that the job tells on its way written
   into its journal, MLflow and the table, against `loop.train` alone. At most 1.02.
2. A picture: a job that an interactive process does with its pipeline loaded, from taking it to
   its end in the table, against drawing the same alone. At most 1.05.

Both take turns in one process, each first in every other round, and the median of the rounds'
ratios counts. The base is the practice base. Exits with 1 where a limit is exceeded.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from benchmarks.measured import Comparison, hooks
from studio import context
from studio.datasets.folder_import import import_folder
from studio.diffusion import bases, sampling
from studio.jobs import leases, queue
from studio.operations.first_run import sample_folder
from studio.settings import load_settings
from studio.training import loop
from studio.worker import process, submit
from studio.worker.context import Warm

STEPS, STEP_LIMIT, PICTURE_LIMIT = 60, 1.02, 1.05
LEASE = timedelta(hours=1)
Pair = tuple[float, float]
Clock = Callable[[], float]


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=6, help="trainings, and pictures (6)")
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: only the time that this process computes, where others keep it busy (wall)",
    )
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; 0: all (1)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    if asked.rounds < 1:
        print(f"--rounds is {asked.rounds}. Give at least one.", file=sys.stderr)
        return 2
    clock = time.process_time if asked.clock == "cpu" else time.perf_counter
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings({"STUDIO_THREADS": str(asked.threads)}, home=place)
        studio = context.open_studio(settings)
        context.set_threads(settings)
        with redirect_stdout(sys.stderr):
            found = [measure(studio, asked.rounds, clock) for measure in (_training, _drawing)]
    records = [one.record() for one in found]
    load = os.getloadavg()[0]
    if asked.json:
        print(
            json.dumps(
                {"schema": 1, "clock": asked.clock, "load": load, "comparisons": records}, indent=1
            )
        )
    else:
        for one in records:
            low, high = one["spread"]
            print(
                f"{one['against']:22} {one['ours_s'] * 1e3:8.1f} ms, alone "
                f"{one['theirs_s'] * 1e3:8.1f} ms, ratio {one['ratio']:.3f} "
                f"({low:.2f}-{high:.2f}, limit {one['limit']:.2f})"
            )
        print(f"{asked.clock} clock, load {load:.1f} on {os.cpu_count()} cores")
    return 0 if all(one["within"] for one in records) else 1


def _training(studio: context.Studio, rounds: int, clock: Clock) -> Comparison:
    """Seconds a step, in a job and alone; a first pair, which warms up, is dropped."""
    sample = sample_folder("train")
    import_folder(studio.home, "sample", sample, now=context.now(), actor="benchmark")
    settings = {"max_train_steps": STEPS, "preview_every_n_steps": 0, "held_out": 0.0}
    payload = {"style": "sample", "dataset": "sample", "preset": "fast", "settings": settings}
    pairs = list[Pair]()
    config: Any = None
    train = loop.train

    def both(pipeline: Any, encoded: Any, asked: Any, folder: Path, told: Any, **more: Any) -> Any:
        nonlocal config
        config, tensors = asked, None
        other = bases.load_pipeline(bases.find_base(asked.base), pipeline.device)

        def ours() -> None:
            nonlocal tensors
            tensors = train(pipeline, encoded, asked, folder, told, **more)

        def alone() -> None:
            train(other, encoded, asked, folder.with_suffix(".alone"), hooks(lambda at: None))

        mine, bare = _in_turns(ours, alone, len(pairs) % 2 == 1, clock)
        pairs.append((mine / STEPS, bare / STEPS))
        return tensors

    with patch.object(loop, "train", both):
        for _ in range(rounds + 1):
            _do(studio, "train", payload, Warm())
    mine, bare = zip(*pairs[1:], strict=True)
    batch, rank = config.batch_size, config.rank
    return Comparison("a step in a job", STEP_LIMIT, mine, bare, batch, 32, rank)


def _drawing(studio: context.Studio, rounds: int, clock: Clock) -> Comparison:
    """Seconds a picture, in a job with a pipeline that stays loaded and alone."""
    warm, draw = Warm(), sampling.Draw(20, 4.0, "", None)
    pairs = list[Pair]()
    for turn in range(3 * rounds + 1):
        payload = {"prompt": "a red gem", "seed": turn}
        if not warm.loaded:
            _do(studio, "generate", payload, warm)
        [loaded] = warm.loaded.values()

        def ours(payload: dict[str, Any] = payload) -> None:
            _do(studio, "generate", payload, warm)

        def alone(seed: int = turn, pipeline: Any = loaded.pipeline) -> None:
            sampling.draw_pictures(pipeline, ["a red gem"], [seed], draw)

        pairs.append(_in_turns(ours, alone, turn % 2 == 1, clock))
    mine, bare = zip(*pairs[1:], strict=True)
    return Comparison("a picture in a job", PICTURE_LIMIT, mine, bare, 1, 32, 0)


def _in_turns(
    ours: Callable[[], None], other: Callable[[], None], other_first: bool, clock: Clock
) -> Pair:
    """Seconds of each."""
    spent = {}
    for call in (other, ours) if other_first else (ours, other):
        began = clock()
        call()
        spent[call] = clock() - began
    return spent[ours], spent[other]


def _do(studio: context.Studio, kind: str, payload: dict[str, Any], warm: Warm) -> None:
    """Ask for a job and do it here, as its process would."""
    opened = process.Opened(studio.settings)
    opened.studio = studio
    asked = submit.ask(studio, kind, payload, asked_by="benchmark", now=context.now())
    job = leases.take(studio.engine, "benchmark", asked.lane, context.now(), LEASE)
    assert job is not None
    process.do(studio.engine, job.id, job.attempt, opened, warm)
    done = queue.get(studio.engine, job.id)
    assert done.state == "done", done.error


if __name__ == "__main__":
    sys.exit(main())
