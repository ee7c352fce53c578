"""What a sweep is said to take before it begins, held against what it takes: seconds, room on the
disk. `python benchmarks/sweep.py --trials 8` runs one on the practice base in a folder of its own.

A training of the same length goes before it, as it usually does, so that the speed is known. What
is judged is the sweep alone: its own estimate from that speed against the clock on the wall. Where
other programs keep the processor busy, both grow, but not at the same moment: then the ratio says
little. The exit code is 1 where it is not within BAR.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studio import context
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT, POCKET, load_settings
from studio.training import checkpoint_choice, checkpoints, estimate, training_folders
from studio.training.config import load_config
from studio.workflows.sweeps import cost, disk_cleanup, ranges, study, sweep_run

BAR = (0.75, 1.33)  # the estimate over what it took
TRIED = {"rank": "4, 8, 16, 32", "learning_rate": "0.0003..0.01"}


def main(words: Sequence[str] | None = None) -> int:
    """Measure; 0: within the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--checks", type=int, default=3, help="of each trial, at least 2")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    settings = {
        "max_train_steps": asked.steps,
        "batch_size": asked.batch,
        "held_out": 0.1,
        "save_every_n_steps": max(1, asked.steps // asked.checks),
        "preview_every_n_steps": 0,
    }
    with tempfile.TemporaryDirectory() as home:
        told = measure(Path(home), settings, asked.trials)
    print(json.dumps({"schema": 1, **told}) if asked.json else table(told))
    return int(not BAR[0] <= told["ratio"] <= BAR[1])


def measure(home: Path, settings: dict[str, float], trials: int) -> dict[str, float]:
    """Train once, then sweep, each in a process of its own; what was expected and what it took."""
    config = load_config("fast", None, settings)
    studio = context.open_studio(load_settings({}, home=str(home)))
    data = import_folder(
        home, "sample", CHECKOUT / "sample" / "train", now=datetime.now(UTC), actor="bench"
    ).version

    studio.engine.dispose()
    words = ["--dataset", "sample", "--preset", "fast", "--home", str(home)]
    words += [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    alone = _run("train", "before", *words)
    shape = estimate.shape_of("pocket", POCKET)
    earlier = training_folders.speeds(home, "pocket")
    many = len(data.pictures)
    single = estimate.estimate(config, shape, "cpu", many, None, earlier).seconds
    tried = ranges.parse(TRIED)
    expected = cost.cost(config, tried, trials, shape, "cpu", many, None, earlier)
    words += [word for name, text in TRIED.items() for word in ("--try", f"{name}={text}")]
    took = _run("sweep", "run", "items", *words, "--trials", str(trials))
    (found,) = sweep_run.sweeps(home)
    ended = study.read(found.folder)
    steps = sum(max(one.losses) for one in ended if one.losses)
    room = disk_cleanup.size(found, ended)
    return {
        "trials": len(ended),
        "cut_short": sum(one.state == "stopped" for one in ended),
        "learned": steps / (len(ended) * config.max_train_steps),
        "later_learned": _later(ended, config.max_train_steps),
        "speed": earlier[0].speed if earlier else 0.0,
        "training_expected": single,
        "training_took": alone,
        "expected": expected.seconds,
        "most": expected.most,
        "took": took,
        **_parts([found.run_folder(one.run) for one in ended]),
        "room": room,
        "room_expected": expected.disk,
        "ratio": expected.seconds / took,
    }


def _run(*words: str) -> float:
    """Seconds that a command of the studio takes."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "studio", *words], cwd=CHECKOUT, check=True, stdout=sys.stderr
    )
    return time.monotonic() - began


def _parts(folders: Sequence[Path]) -> dict[str, float]:
    """Seconds of a step, of a trial's first check, of a later one, and from a trial's last check to
    the next one's first step."""
    rows = [checkpoints.read(folder / "losses.jsonl") for folder in folders]
    checks = [checkpoint_choice.read(folder) for folder in folders]
    took = [
        [(check.at - row[check.step - 1].at) / 1000 for check in known]
        for row, known in zip(rows, checks, strict=True)
    ]
    gaps = [(b.at - a.at) / 1000 for row in rows for a, b in zip(row, row[1:], strict=False)]
    between = [
        (row[0].at - known[-1].at) / 1000 for row, known in zip(rows[1:], checks, strict=False)
    ]
    return {
        "a_step": statistics.median(gaps),
        "a_first_check": statistics.mean(found[0] for found in took),
        "a_later_check": statistics.mean(s for found in took for s in found[1:]),
        "between_trials": statistics.mean(between),
    }


def _later(ended: Sequence[study.Tried], steps: int) -> float:
    """Of the trials that may be cut short, which share of their steps was made."""
    later = [max(one.losses) for one in ended[study.AT_FIRST :] if one.losses]
    return sum(later) / (len(later) * steps) if later else 1.0


def table(told: dict[str, float]) -> str:
    """What was measured, in lines."""
    return "\n".join(f"{name:18} {value:12.3f}" for name, value in told.items())


if __name__ == "__main__":
    sys.exit(main())
