"""Rollouts: who gets the new version, and what each step leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from studio import notifications
from studio.accounts.rights import Actor
from studio.errors import StudioError
from studio.registry import models, rollout, stages, version_pins
from studio.registry.rollout_alias import reconcile
from studio.registry.rollout_records import current
from studio.registry.tables import rollouts
from studio.registry.version_choice import bucket, choose

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
USERS = [f"user{k}" for k in range(10_000)]


@pytest.fixture
def style(engine, client, new_style):
    """Three versions, the first in production."""
    name = new_style(3)
    stages.promote(
        engine,
        client,
        style=name,
        number=1,
        to="production",
        actor="ana",
        why="the first",
        now=START,
    )
    return name


@pytest.fixture
def begin(engine, client, style):
    def call(number=2, percent=10.0, **given):
        given = {"actor": "ana", "why": "try it", "now": START + timedelta(hours=1), **given}
        return rollout.begin(engine, client, style=style, number=number, percent=percent, **given)

    return call


@pytest.fixture
def change(engine, client, style):
    def call(**given):
        given = {"actor": "ana", "why": "looks well", "now": START + timedelta(hours=2), **given}
        return rollout.change(engine, client, style=style, **given)

    return call


def test_the_bucket_is_the_one_that_was_agreed_on():
    assert bucket("ana", "sample", "r1") == 8435


def test_ten_percent_are_ten_percent_and_nobody_moves_back(engine, client, style, begin, change):
    begin(percent=10)
    with_it = {u for u in USERS if bucket(u, style, "r1") < 1000}
    assert 900 <= len(with_it) <= 1100
    some = [*list(with_it)[:20], *[u for u in USERS if u not in with_it][:20]]
    assert {u for u in some if choose(engine, style, u).version == 2} == with_it & set(some)
    change(percent=20)
    more = {u for u in USERS if bucket(u, style, "r1") < 2000}
    assert with_it <= more and 1900 <= len(more) <= 2100
    assert all(choose(engine, style, u).version == 2 for u in some if u in more)
    assert stages.production(engine, style) == 1
    assert models.aliases(client, style) == {"production": 1, "rollout": 2}


def test_named_people_and_roles_get_it_whatever_the_share(engine, style, begin):
    begin(percent=0, people=["ana", "@art lead"])
    assert choose(engine, style, "ana").version == 2
    assert choose(engine, style, Actor("cleo", "art lead")).version == 2
    assert choose(engine, style, Actor("dan", "artist")).version == 1
    assert "in production" in choose(engine, style, "bo").why


def test_pause_go_on_abort_and_the_whole_way(engine, client, style, begin, change):
    begin(percent=99)
    user = next(u for u in USERS if bucket(u, style, "r1") < 9900)
    change(paused=True)
    assert choose(engine, style, user).version == 1
    change(paused=False)
    assert choose(engine, style, user).version == 2
    rollout.abort(engine, client, style=style, actor="bo", why="hands again", now=START)
    assert choose(engine, style, user).version == 1
    assert models.aliases(client, style) == {"production": 1}
    begin(number=3, percent=50)
    ended = change(percent=100)
    assert (ended.name, ended.state) == ("r2", "completed")
    assert stages.production(engine, style) == 3 and current(engine, style) is None
    assert models.aliases(client, style) == {"production": 3}
    said = [n.event for n in notifications.newest(engine, style=style)]
    assert said == ["promote", "rollout", "rollout", "rollout", "rollout", "rollout", "promote"]
    actions = [row.action for row in stages.history(engine, style)]
    assert actions == ["promote", *["rollout"] * 3, "abort", "rollout", "promote"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"percent": 0}, "reaches nobody"),
        ({"percent": 100}, "reaches nobody or everybody"),
        ({"percent": float("nan")}, "nan"),
        ({"number": 1}, "is in production"),
        ({"number": 9}, "no version 9"),
        ({"why": " "}, "needs a reason"),
        ({"people": ["x"] * 1, "percent": 5, "why": "x" * 100_000}, "100,000"),
    ],
)
def test_what_can_not_be_rolled_out(engine, style, begin, given, words):
    with pytest.raises(StudioError, match=words):
        begin(**given)
    assert current(engine, style) is None


def test_two_rollouts_of_one_style_are_refused(style, begin):
    begin()
    with pytest.raises(StudioError, match="being rolled out already"):
        begin(number=3)


def test_of_two_who_change_a_rollout_at_once_one_is_told(engine, style, begin, change):
    seen = begin(percent=10)
    now = change(percent=50, seen=seen)
    with pytest.raises(StudioError, match=r"goes to 50 % .* by now"):
        change(percent=20, seen=seen)
    with pytest.raises(StudioError, match="by now"):
        change(paused=True, seen=seen)
    assert change(percent=50, seen=seen) == now  # sent twice
    assert change(paused=True, seen=now).state == "paused"


def test_another_promotion_overtakes_a_rollout(engine, client, style, begin):
    begin(percent=99)
    user = next(u for u in USERS if bucket(u, style, "r1") < 9900)
    stages.promote(
        engine,
        client,
        style=style,
        number=3,
        to="production",
        actor="bo",
        why="better",
        now=START + timedelta(days=1),
    )
    assert choose(engine, style, user).version == 3
    begin(percent=5)
    with engine.connect() as connection:
        states = connection.scalars(sa.select(rollouts.c.state).order_by(rollouts.c.id)).all()
    assert states == ["aborted", "running"]


def test_a_pin_comes_before_all(engine, style, begin):
    begin(percent=0, people=["ana"])
    version_pins.pin(engine, style, "ana", "boss", 3, why="the boss began with it", now=START)
    assert choose(engine, style, "ana", "boss").version == 3
    assert choose(engine, style, "ana", "trees").version == 2
    assert choose(engine, style, "bo", "boss").version == 1
    assert "the boss began with it" in choose(engine, style, "ana", "boss").why
    version_pins.pin(engine, style, "ana", "boss", None, why="", now=START)
    assert choose(engine, style, "ana", "boss").version == 2


def test_an_alias_moved_by_hand_is_told_and_set_again(engine, client, style, begin):
    begin()
    client.set_registered_model_alias(style, "rollout", "3")
    assert "names version 3" in reconcile(engine, client, style, mend=False)[0]
    reconcile(engine, client, style, mend=True)
    assert models.aliases(client, style)["rollout"] == 2
    assert reconcile(engine, client, style, mend=False) == []


def test_sent_twice_is_written_once_and_a_newer_rollout_is_left_alone(
    engine, client, style, begin, change
):
    first = begin(percent=10, people=["ana"])
    assert begin(percent=10, people=["ana "]) == first
    assert change(paused=True, expect=first.id) == change(paused=True, expect=first.id)
    said = {"style": style, "actor": "bo", "why": "hands", "now": START}
    ended = rollout.abort(engine, client, **said, expect=first.id)
    assert rollout.abort(engine, client, **said, expect=first.id) == ended
    assert len(stages.history(engine, style)) == 4
    second = begin(number=3)
    for call in (
        lambda: change(percent=60, expect=first.id),
        lambda: change(percent=100, expect=first.id),
    ):
        with pytest.raises(StudioError, match="version 3 is rolled out now"):
            call()
    assert rollout.abort(engine, client, **said, expect=first.id) == ended
    assert current(engine, style) == second
    with pytest.raises(StudioError, match="no role '@artists'"):
        change(people=["@artists"])


def test_a_completion_that_was_cut_off_is_ended_by_the_next(engine, client, style, begin, change):
    going = begin(percent=50)
    stages.promote(
        engine,
        client,
        style=style,
        number=2,
        to="production",
        actor="ana",
        why="looks well",
        now=START + timedelta(hours=2),
    )
    ended = change(percent=100, expect=going.id)
    assert ended.state == "completed" == change(percent=100, expect=going.id).state
    assert [row.version for row in stages.history(engine, style) if row.to_stage] == [1, 2]
