"""Time, memory and cost by what was measured before; nothing is told that nobody measured."""

import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor
from studio.charges import prices
from studio.charges.prices import OWN, Price
from studio.database import engine as db
from studio.jobs import workers
from studio.upscaling import estimates
from studio.upscaling.estimates import Sort
from studio.upscaling.settings import Settings

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
HERE = socket.gethostname()
TILED = Settings(
    "diffusion", 256, 256, tile=64, overlap=8, strength=0.5, steps=8, base="pocket", style=""
)


@pytest.fixture
def engine(tmp_path):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def test_without_a_measurement_no_time_is_told(engine):
    found = estimates.estimate(engine, TILED, 25, NOW, "pocket")
    assert (found.tiles, found.seconds, found.cost, found.measured) == (25, None, None, False)
    assert found.memory_gb > 0.5 and found.machine == HERE
    assert f"not measured on {HERE} yet" in estimates.said(found.as_json())


def test_the_time_is_that_of_what_was_measured(engine):
    sort = estimates.sort_of(TILED, "pocket")
    assert sort == Sort("diffusion", "pocket", 64) and estimates.units(TILED, 25) == 100
    estimates.note(engine, HERE, sort, 20.0, 100, NOW, memory_gb=1.5)
    found = estimates.estimate(engine, TILED, 25, NOW, "pocket")
    assert found.seconds == pytest.approx(20.0) and found.memory_gb == 1.5
    estimates.note(engine, HERE, sort, 40.0, 100, NOW, memory_gb=1.0)
    again = estimates.estimate(engine, TILED, 25, NOW, "pocket")
    assert again.seconds == pytest.approx(30.0) and again.memory_gb == 1.5


def test_another_side_is_told_by_its_pixels_and_another_base_not_at_all(engine):
    estimates.note(engine, HERE, Sort("diffusion", "pocket", 64), 1.0, 1, NOW)
    larger = replace(TILED, tile=128, overlap=16)
    found = estimates.speed(engine, HERE, estimates.sort_of(larger, "pocket"))
    assert found is not None and found.seconds == pytest.approx(4.0)
    assert estimates.speed(engine, HERE, estimates.sort_of(TILED, "other")) is None
    assert estimates.speed(engine, "elsewhere", estimates.sort_of(TILED, "pocket")) is None


def test_what_needs_no_tiles_is_counted_in_pixels(engine):
    plain = Settings("lanczos", 4000, 1000)
    assert estimates.sort_of(plain) == Sort("lanczos") and estimates.units(plain, 0) == 4
    estimates.note(engine, HERE, Sort("lanczos"), 0.5, 1, NOW)
    assert estimates.estimate(engine, plain, 0, NOW).seconds == pytest.approx(2.0)


@pytest.mark.parametrize(("seconds", "count"), [(0.0, 5), (-1.0, 5), (float("inf"), 5), (1.0, 0)])
def test_what_is_no_measurement_is_not_kept(engine, seconds, count):
    estimates.note(engine, HERE, Sort("lanczos"), seconds, count, NOW)
    assert estimates.speed(engine, HERE, Sort("lanczos")) is None


def test_the_machine_is_the_one_whose_worker_takes_such_jobs(engine):
    assert estimates.machine_for(engine, NOW, "work") == HERE
    workers.arrive(engine, "gpu-box:7", "work", "cuda", NOW)
    workers.arrive(engine, f"{HERE}:8", "short", "cpu", NOW)
    assert estimates.machine_for(engine, NOW, "work") == "gpu-box"
    assert estimates.machine_for(engine, NOW, "short") == HERE


def test_a_machine_that_has_a_price_costs(engine):
    lea = Actor("lea", "producer")
    hour = Price(HERE, "hour", 3_600_000)
    prices.save(engine, OWN, "EUR", [hour], after=0, why="power", by=lea, now=NOW)
    estimates.note(engine, HERE, Sort("diffusion", "pocket", 64), 1.0, 1, NOW)
    found = estimates.estimate(engine, TILED, 25, NOW, "pocket")
    assert found.cost is not None and found.cost.micros == 100_000  # 100 s
    assert "0.10 EUR" in estimates.said(found.as_json())
