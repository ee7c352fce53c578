from datetime import UTC, datetime

import pytest

from studio.database import engine as db
from studio.jobs import idempotency, queue

NOW = datetime.now(UTC)


@pytest.fixture
def engine(tmp_path):
    opened = db.open_database(tmp_path)
    yield opened
    opened.dispose()


def _send(engine, payload, who="ana"):
    return queue.submit(
        engine,
        kind="train",
        lane="work",
        payload={**payload, "filled": "in"},
        asked_by=who,
        now=NOW,
        key=idempotency.key(engine, "train", payload, who),
    ).id


def test_the_same_wish_is_one_job_until_it_has_ended_and_then_a_new_one(engine):
    wish = {"style": "items", "settings": {"rank": 4}}
    first = _send(engine, wish)
    assert _send(engine, dict(reversed(wish.items()))) == first
    queue.cancel(engine, first, "ana", NOW)
    second = _send(engine, wish)
    assert second != first and _send(engine, wish) == second
    queue.cancel(engine, second, "ana", NOW)
    assert _send(engine, wish) not in (first, second)


def test_another_wish_and_another_person_get_a_job_of_their_own(engine):
    wish = {"style": "items", "settings": {"rank": 4}}
    ids = [
        _send(engine, wish),
        _send(engine, {**wish, "settings": {"rank": 8}}),
        _send(engine, wish, who="bo"),
    ]
    assert len(set(ids)) == 3
