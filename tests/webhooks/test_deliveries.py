"""What is told of a job's end: written with the job, sent again ever later, once by one sender."""

from datetime import timedelta

import pytest

from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import as_job, jobs
from studio.webhooks import deliveries, hooks
from studio.webhooks.sending import Answer
from tests.webhooks.conftest import NOW

URL, OTHER = "http://127.0.0.1:1/a", "http://127.0.0.1:1/b"
TAKEN, REFUSED = Answer(204, ""), Answer(500, "It answered 500.")


def _states(engine, **which):
    return [one.state for one in deliveries.listing(engine, **which)]


def test_it_is_written_with_the_job_and_due_at_its_end(either_database, engine, hook, ask, end):
    made, _ = hook(URL)
    asked = ask()
    assert _states(engine, job=asked.id) == ["waits for the job"]
    assert deliveries.due(engine, NOW) == [] and deliveries.take(engine, made.id, NOW) is None
    end(pictures=[1])
    assert deliveries.due(engine, NOW) == [made.id] and _states(engine) == ["due"]
    outgoing = deliveries.take(engine, made.id, NOW)
    assert (outgoing.job.id, outgoing.job.result) == (asked.id, {"pictures": [1]})
    deliveries.note(engine, outgoing, TAKEN, NOW)
    (told,) = deliveries.listing(engine)
    assert (told.state, told.status, told.attempts) == ("delivered", 204, 1)
    assert told.sent_at and deliveries.due(engine, NOW + timedelta(days=9)) == []


def test_a_cancelled_job_is_told_of_too(engine, hook, ask):
    made, _ = hook(URL)
    queue.cancel(engine, ask().id, "ana", NOW)
    assert deliveries.take(engine, made.id, NOW).job.state == "cancelled"


def test_without_the_job_there_is_no_message(engine, hook, ask):
    hook(URL)
    with pytest.raises(RuntimeError):
        with db.writing(engine):
            ask()
            raise RuntimeError("half way")
    assert queue.listing(engine) == [] and deliveries.listing(engine) == []


def test_an_address_of_the_jobs_own_needs_a_secret_and_is_told_once(engine, hook, ask):
    with pytest.raises(StudioError, match="No secret signs"):
        ask(url=OTHER)
    assert queue.listing(engine) == []  # nothing is sent unsigned, and nobody waits in vain
    every, _ = hook("")
    known, _ = hook(URL)
    by_job = {one.url: one.webhook for one in deliveries.listing(engine, job=ask(url=OTHER).id)}
    assert by_job == {URL: known.id, OTHER: every.id}
    (one,) = deliveries.listing(engine, job=ask(url=URL).id)
    assert one.webhook == known.id
    assert deliveries.listing(engine, job=ask(by="bo").id) == []


def test_sent_twice_the_job_is_told_of_once(engine, hook, ask):
    hook(URL)
    asked = ask()
    with db.writing(engine) as connection:
        row = connection.execute(jobs.select()).one()
        deliveries.expect(connection, as_job(row), "", None, NOW)
    assert len(deliveries.listing(engine, job=asked.id)) == 1


def test_what_is_refused_comes_again_ever_later_under_one_id_and_is_given_up(
    engine, hook, ask, end
):
    made, _ = hook(URL)
    ask()
    end()
    now, messages, waits = NOW, set(), []
    while (outgoing := deliveries.take(engine, made.id, now)) is not None:
        messages.add(outgoing.delivery.message)
        deliveries.note(engine, outgoing, REFUSED, now)
        (told,) = deliveries.listing(engine)
        if told.due is None:
            break
        assert deliveries.take(engine, made.id, now) is None and told.state == "tried again"
        due = now.fromisoformat(told.due)
        waits.append(due - now)
        now = due
    assert waits == list(deliveries.RETRIES) and len(messages) == 1
    assert sum(waits, timedelta()) > timedelta(days=3)
    assert (told.state, told.attempts, told.error) == ("given up", 10, "It answered 500.")


def test_what_a_killed_sender_had_is_sent_by_the_next(engine, hook, ask, end):
    made, _ = hook(URL)
    ask()
    end()
    first = deliveries.take(engine, made.id, NOW)
    assert deliveries.take(engine, made.id, NOW) is None  # of two at once one has it
    later = NOW + deliveries.TAKEN
    assert deliveries.due(engine, later - timedelta(seconds=1)) == []
    second = deliveries.take(engine, made.id, later)
    assert second.delivery.message == first.delivery.message
    deliveries.note(engine, second, TAKEN, later)
    deliveries.note(engine, first, REFUSED, later)  # it was only slow
    assert _states(engine) == ["delivered"]


def test_a_receiver_that_is_gone_ends_its_webhook(engine, hook, ask, end):
    made, _ = hook(URL)
    for _ in range(2):
        ask()
        end()
    gone = Answer(410, "It answered 410.")
    deliveries.note(engine, deliveries.take(engine, made.id, NOW), gone, NOW)
    assert hooks.listing(engine) == [] and deliveries.due(engine, NOW) == []
    assert _states(engine) == ["given up", "given up"]
    assert "gone for good" in deliveries.listing(engine)[0].error


def test_a_jobs_own_address_that_is_gone_ends_nothing_else(engine, hook, ask, end):
    every, _ = hook("")
    ask(url=OTHER)
    end()
    gone = Answer(410, "It answered 410.")
    deliveries.note(engine, deliveries.take(engine, every.id, NOW), gone, NOW)
    assert hooks.listing(engine) == [every] and _states(engine) == ["given up"]


def test_a_withdrawn_webhook_is_told_of_no_job_that_runs(engine, hook, ask, end):
    made, _ = hook(URL)
    ask()
    hooks.withdraw(engine, made.id, by="ana", now=NOW)
    end()
    assert deliveries.due(engine, NOW) == []
    (told,) = deliveries.listing(engine)
    assert (told.state, told.error) == ("given up", "It was withdrawn.")
    with pytest.raises(StudioError, match="told of nothing any more"):
        deliveries.send_again(engine, told.id, by="ana", now=NOW)


def test_what_was_given_up_can_be_sent_again_once_its_job_has_ended(engine, hook, ask, end):
    made, _ = hook(URL)
    ask()
    (told,) = deliveries.listing(engine)
    with pytest.raises(StudioError, match="has not ended"):
        deliveries.send_again(engine, told.id, by="ana", now=NOW)
    end()
    deliveries.note(engine, deliveries.take(engine, made.id, NOW), TAKEN, NOW)
    deliveries.send_again(engine, told.id, by="ana", now=NOW)
    assert _states(engine) == ["due"]
    again = deliveries.take(engine, made.id, NOW)
    assert again.delivery.message == told.message
    with pytest.raises(StudioError, match="no delivery 99"):
        deliveries.send_again(engine, 99, by="ana", now=NOW)


def test_old_ones_are_forgotten_and_those_that_wait_are_not(engine, hook, ask, end):
    made, _ = hook(URL)
    ask()
    end()
    deliveries.note(engine, deliveries.take(engine, made.id, NOW), TAKEN, NOW)
    waits = ask()
    season = NOW + timedelta(days=deliveries.KEPT_DAYS)
    assert deliveries.prune(engine, season) == 0
    assert deliveries.prune(engine, season + timedelta(seconds=1)) == 1
    assert [one.job for one in deliveries.listing(engine)] == [waits.id]
