"""Requests for production: asked once, decided once."""

from datetime import UTC, datetime

import pytest

from studio import notifications
from studio.accounts.rights import Actor, NotAllowed
from studio.errors import StudioError
from studio.registry import requests

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LEAD, PRODUCER = Actor("lea", "art lead"), Actor("pia", "producer")


@pytest.fixture
def request_(engine):
    return requests.ask(engine, style="items", number=2, actor=LEAD, why="better hands", now=NOW)


def test_a_request_is_asked_once_and_decided_once(engine, request_):
    again = requests.ask(engine, style="items", number=2, actor="bo", why="me too", now=NOW)
    assert again == request_ and request_.state == "open"
    done = requests.decide(engine, request_.id, True, actor=PRODUCER, answer="yes", now=NOW)
    assert (done.state, done.decided_by, done.answer) == ("accepted", "pia", "yes")
    assert requests.decide(engine, done.id, True, actor=PRODUCER, answer="yes", now=NOW) == done
    with pytest.raises(StudioError, match="accepted by pia meanwhile"):
        requests.decide(engine, done.id, False, actor=Actor("bo", "producer"), answer="no", now=NOW)
    with pytest.raises(StudioError, match="meanwhile"):
        requests.withdraw(engine, done.id, actor=LEAD, now=NOW)
    assert [n.event for n in notifications.newest(engine)] == ["accepted", "request"]


def test_who_may_decide_and_who_may_withdraw(engine, request_):
    with pytest.raises(NotAllowed):
        requests.decide(engine, request_.id, True, actor=LEAD, answer="yes", now=NOW)
    with pytest.raises(NotAllowed):
        requests.withdraw(engine, request_.id, actor=Actor("art", "artist"), now=NOW)
    assert requests.withdraw(engine, request_.id, actor=LEAD, now=NOW).state == "withdrawn"
    assert requests.listing(engine, "items", "open") == []


def test_comments_stand_once_and_as_they_were_said(engine, request_):
    for _ in range(2):
        requests.comment(engine, request_.id, "<b>why</b> now?", by=PRODUCER, now=NOW)
    said = requests.comments_of(engine, request_.id)
    assert [(c.by, c.text) for c in said] == [("pia", "<b>why</b> now?")]
    for text, words in ((" ", "needs a comment"), ("x" * 100_000, "100,000")):
        with pytest.raises(StudioError, match=words):
            requests.comment(engine, request_.id, text, by=PRODUCER, now=NOW)
    for id in (0, 99, 2**70):
        with pytest.raises(StudioError, match="no request"):
            requests.get(engine, id)
