"""1,000 calls with failures of all kinds: what the studio counts is the provider's bill, to the
micro-unit."""

import random
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from studio.charges import calls as charge_calls
from studio.charges import settling
from studio.charges.charge import of_key
from studio.charges.money import Money
from studio.charges.tables import charges
from studio.errors import StudioError
from studio.props.providers import calls
from tests.props.providers.asking_studio import CREDIT, SECOND, job_of, looked, picture, posted
from tests.props.providers.service import CREDITS

CALLS = 1_000
MOODS = ["well"] * 12 + [429, 500, 422, "html", "drop", "deaf", "twice", "moderated", "no id"]
ENDS = ["done"] * 8 + ["failed", "moderated", "obj", "away", "lost"]


def owed(service) -> int:
    """The service's bill, in micro-units: each task that is done by its credits, each prediction
    that has ended by its time, whatever came of it."""
    total = 0
    for one in service.taken.values():
        if one.path == "/v1/predictions":
            total += -(-one.milliseconds * SECOND // 1_000)
        elif one.end not in ("failed", "moderated"):
            total += CREDITS * CREDIT
    return total


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_thousand_calls_are_counted_as_they_are_billed(studio, service):
    chosen = random.Random(2_000)
    service.moods = [chosen.choice(MOODS) for _ in range(CALLS)]
    service.ends = [chosen.choice(ENDS) for _ in range(CALLS)]
    for number in range(CALLS):
        provider = chosen.choice(["replicate", "meshy"])
        start = picture(studio, 16, f"#{number + 1:06x}")
        job = job_of(studio, provider, number)
        for _ in range(2):
            try:
                call = posted(studio, job, provider, start)
            except StudioError:
                call = calls.of_job(studio.engine, job.id)
        looked(studio, call, 3)
    assert len(service.posts) == CALLS and not service.moods
    _settled_by_a_person(studio, service)
    with studio.engine.connect() as connection:
        states = dict(
            connection.execute(sa.select(charges.c.state, sa.func.count()).group_by("state")).all()
        )
        counted = connection.execute(sa.select(sa.func.sum(charges.c.actual))).scalar()
    assert sum(states.values()) == CALLS and set(states) == {"done", "failed", "settled"}
    assert counted == owed(service)


def _settled_by_a_person(studio, service) -> None:
    """What nobody could tell is looked up on the provider's bill, by our token."""
    now = datetime.now(UTC)
    for one in settling.unconfirmed(studio.engine):
        taken = service.of_token(one.token)
        assert len(taken) <= 1
        billed = bool(taken) and taken[0].end not in ("failed", "moderated")
        amount = Money(CREDITS * CREDIT if billed else 0, "USD")
        settling.settle(studio.engine, one.id, amount, why="on their bill", by="ana", now=now)


def test_heard_twice_it_counts_once(studio, service, start):
    call = looked(studio, posted(studio, job_of(studio, "meshy"), "meshy", start))
    with studio.engine.connect() as connection:
        paid = of_key(connection, call.charge_key)
    again = charge_calls.finish(
        studio.engine, paid.id, Money(CREDITS * CREDIT, "USD"), now=datetime.now(UTC)
    )
    assert again.actual == paid.actual == owed(service)
