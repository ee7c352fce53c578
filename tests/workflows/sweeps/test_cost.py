"""What a sweep is said to take before it begins."""

import json
import subprocess
import sys

import pytest

from studio.settings import CHECKOUT, POCKET
from studio.training import estimate
from studio.training.config import TrainConfig
from studio.training.estimate import Measured
from studio.workflows.sweeps import cost, ranges

SHAPE = estimate.shape_of("pocket", POCKET)
CONFIG = TrainConfig(rank=16, alpha=16.0, max_train_steps=400)
HERE = [Measured("pocket", "cpu", 40.0)]


def _cost(trials: int, **tried: str) -> cost.Cost:
    return cost.cost(CONFIG, ranges.parse(tried), trials, SHAPE, "cpu", 50, None, HERE)


def test_a_sweep_begins_once_and_its_later_trials_may_be_cut_short() -> None:
    once = estimate.START_S + 50 / 40  # what is begun with, and the pictures encoded
    one = estimate.estimate(CONFIG, SHAPE, "cpu", 50, None, HERE).seconds - once
    again = cost.AGAIN_S + cost.BYTES * SHAPE.parameters / cost.LOADED
    three, twelve = (_cost(n, learning_rate="0.001..0.01") for n in (3, 12))
    assert three.seconds == three.most == pytest.approx(3 * (one + again) + once)
    assert twelve.most == pytest.approx(12 * (one + again) + once)
    assert 4 * one < twelve.seconds < twelve.most


def test_steps_that_are_tried_count_and_so_do_values_that_can_not_differ() -> None:
    short, long = (_cost(4, max_train_steps=s, rank="8, 16") for s in ("100, 300", "400, 1200"))
    assert short.seconds < 0.4 * long.seconds
    assert _cost(12, rank="8, 16").trials == 2


def test_disk_grows_with_the_ranks() -> None:
    small, large = _cost(4, rank="4, 8"), _cost(4, rank="32, 64")
    assert large.disk == pytest.approx(8 * small.disk)
    assert cost.room(small.disk).endswith(" MB") and cost.room(3.2e9) == "3.2 GB"


@pytest.mark.slow
def test_the_record_of_a_sweep_held_against_what_was_said() -> None:
    """The whole way; what is measured here is not judged: so few steps tell nothing."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.sweep",
        "--trials",
        "2",
        "--steps",
        "12",
        "--batch",
        "1",
        "--checks",
        "2",
        "--json",
    ]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=290)
    assert done.returncode in (0, 1), done.stderr
    record = json.loads(done.stdout)
    assert (record["schema"], record["trials"], record["cut_short"]) == (1, 2, 0)
    assert record["ratio"] == pytest.approx(record["expected"] / record["took"])
    assert 0 < record["room"] < record["room_expected"]
    parts = ("a_step", "a_first_check", "a_later_check", "between_trials", "speed")
    assert all(record[name] > 0 for name in parts)
