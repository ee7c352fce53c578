"""Where versions stand in words: one source for every page and command."""

from dataclasses import replace

from studio.registry.places import as_of
from studio.registry.rollout_records import Rollout
from studio.registry.stage_state import Standing

STATE = Standing({1: "archived", 2: "production", 3: "staging"}, (1, 2))
GOING = Rollout(7, "props", "r1", 1, 2, 10, ("ana",), "running", "bo", "2026-01-01", None)


def test_a_version_stands_where_the_ledger_and_the_rollout_have_it():
    where = as_of(STATE, GOING)
    assert [where.of(n) for n in (1, 2, 3, 4)] == [
        "in rollout to 10 % of the people and ana",
        "in production",
        "in staging",
        "candidate",
    ]
    paused = as_of(STATE, replace(GOING, state="paused"))
    assert paused.of(1) == "in rollout to 10 % of the people and ana, paused"


def test_a_rollout_that_another_promotion_overtook_gives_nobody_its_version():
    assert as_of(STATE, replace(GOING, against=3)).of(1) == "archived"


def test_each_version_has_one_that_it_is_compared_with():
    where = as_of(STATE, None)
    assert (where.beside(3), where.beside(2)) == (2, 1)
    assert as_of(Standing({}, ()), None).beside(1) is None
