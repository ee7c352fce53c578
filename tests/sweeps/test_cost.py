"""What a sweep is said to take before it begins."""

import pytest

from studio.settings import POCKET
from studio.sweeps import cost, ranges
from studio.training import estimate
from studio.training.config import TrainConfig
from studio.training.estimate import Measured

SHAPE = estimate.shape_of("pocket", POCKET)
CONFIG = TrainConfig(rank=16, alpha=16.0, max_train_steps=400)
HERE = [Measured("pocket", "cpu", 40.0)]


def _cost(trials: int, **tried: str) -> cost.Cost:
    return cost.cost(CONFIG, ranges.parse(tried), trials, SHAPE, "cpu", 50, None, HERE)


def test_a_sweep_begins_once_and_its_later_trials_may_be_cut_short() -> None:
    one = estimate.estimate(CONFIG, SHAPE, "cpu", 50, None, HERE).seconds - estimate.START_S
    three, twelve = (_cost(n, learning_rate="0.001..0.01") for n in (3, 12))
    assert three.seconds == three.most == pytest.approx(3 * one + 9 + estimate.START_S)
    assert twelve.most == pytest.approx(12 * one + 36 + estimate.START_S)
    assert 4 * one < twelve.seconds < twelve.most


def test_steps_that_are_tried_count_and_so_do_values_that_can_not_differ() -> None:
    short, long = (_cost(4, max_train_steps=s, rank="8, 16") for s in ("100, 300", "400, 1200"))
    assert short.seconds < 0.4 * long.seconds
    assert _cost(12, rank="8, 16").trials == 2


def test_disk_grows_with_the_ranks() -> None:
    small, large = _cost(4, rank="4, 8"), _cost(4, rank="32, 64")
    assert large.disk == pytest.approx(8 * small.disk)
    assert cost.room(small.disk).endswith(" MB") and cost.room(3.2e9) == "3.2 GB"
