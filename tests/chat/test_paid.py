"""Each call is sent once and paid once, whatever becomes of it; the charges are the server's bill
to the micro-unit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from studio.charges import charge, limits, prices
from studio.charges.calling import Unconfirmed
from studio.charges.calls import Meant
from studio.charges.limits import LimitReached
from studio.charges.money import Money
from studio.charges.prices import Price
from studio.chat import endpoint, paid
from studio.chat.endpoint import Away, Lost, Question, Refused
from studio.chat.paid import Till
from studio.database import engine as db
from studio.errors import StudioError
from tests.chat.server import Chat, Reply, completion, refusal

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUESTION = Question((("user", "a potion"),), {"type": "object"}, 100)
USED = {"prompt_tokens": 20, "completion_tokens": 80}
TOKENS = [
    Price("a-model input", "1M tokens", 3_000_000),
    Price("a-model output", "1M tokens", 15_000_000),
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "home").mkdir()
    opened = db.open_database(tmp_path / "home")
    how = {"after": 0, "by": "ana", "now": NOW}
    prices.save(opened, "chat", "USD", TOKENS, why="their page", **how)
    limits.save(opened, "studio", "", "USD", 10**9, why="as agreed", **how)
    yield opened
    opened.dispose()


@pytest.fixture
def ask(engine: Engine, chat: Chat, tmp_path: Path):
    """Asks under a key, paid or not."""

    def asked(key: str = "job 1, wish 1, call 1", free: bool = False) -> paid.Answered:
        meant = Meant(key, "expand_wishes", "a potion", "a chat", "bo", "items", job=1)
        till = None if free else Till(engine, "chat")
        file = tmp_path / f"{key}.json"
        return paid.ask(chat.as_set(), QUESTION, file, till, meant, lambda: NOW)

    return asked


def of(engine: Engine, key: str = "job 1, wish 1, call 1") -> charge.Charge:
    with engine.connect() as connection:
        found = charge.of_key(connection, key)
    assert found is not None
    return found


def test_it_costs_what_the_server_counts_and_is_asked_once(engine, chat, ask):
    chat.replies = [completion("{}", usage=USED)]
    first, second = ask(), ask()
    assert first == second and len(chat.asked) == 1
    held = of(engine)
    assert (held.state, held.actual, held.reference) == ("done", 60 + 1_200, "chat-1")
    assert (held.person, held.style, held.job, held.prices) == ("bo", "items", 1, "chat@1")
    assert held.estimate > held.actual and first.charge == held.id
    assert chat.asked[0][1]["X-Client-Request-Id"] == held.token


def test_without_a_count_it_costs_the_most_that_it_may(engine, chat, ask):
    chat.replies = [completion("{}")]
    ask()
    held = of(engine)
    assert held.state == "done" and held.actual == held.estimate > 0


def test_a_refusal_costs_nothing_and_is_the_same_again(engine, chat, ask):
    chat.replies = [refusal(422, "no schema here")]
    for _ in range(2):
        with pytest.raises(Refused, match="no schema here") as told:
            ask()
        assert told.value.status == 422
    assert (of(engine).state, of(engine).actual, len(chat.asked)) == ("failed", 0, 1)


def test_who_is_not_there_costs_nothing(engine, ask, chat, monkeypatch):
    def away(*_: object) -> None:
        raise Away("The model is not reached.", "Start it.")

    monkeypatch.setattr(endpoint, "ask", away)
    with pytest.raises(Away):
        ask()
    assert (of(engine).state, of(engine).actual) == ("failed", 0)
    monkeypatch.undo()
    with pytest.raises(Away, match="not taken"):
        ask()
    assert chat.asked == []


@pytest.mark.parametrize(
    "reply", [Reply(b"", drops=True), Reply(b"<html>"), refusal(500, "x"), Reply(b" " * 2_000_000)]
)
def test_a_lost_answer_is_unconfirmed_and_never_asked_for_again(engine, chat, ask, reply):
    chat.replies = [reply]
    for _ in range(3):
        with pytest.raises(Unconfirmed, match="not sent again by itself"):
            ask()
    held = of(engine)
    assert (held.state, len(chat.asked)) == ("unconfirmed", 1)
    assert held.amount == Money(held.estimate, "USD")


def test_an_answer_that_was_kept_before_a_kill_is_found_again(engine, chat, ask, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    chat.replies = [completion("{}", usage=USED)]
    with monkeypatch.context() as patch:
        patch.setattr("studio.charges.calls.finish", die)
        with pytest.raises(Killed):
            ask()
    assert of(engine).state == "sent"
    assert ask().said.text == "{}"
    assert (of(engine).state, of(engine).actual, len(chat.asked)) == ("done", 1_260, 1)
    chat.replies = [refusal(400, "not so")]
    with monkeypatch.context() as patch:
        patch.setattr("studio.charges.calls.fail", die)
        with pytest.raises(Killed):
            ask("second")
    with pytest.raises(Refused, match="not so"):
        ask("second")
    assert (of(engine, "second").state, of(engine, "second").actual) == ("done", 0)
    assert len(chat.asked) == 2


def test_an_answer_whose_file_is_gone_is_not_paid_again(engine, chat, ask, tmp_path):
    chat.replies = [completion("{}", usage=USED)]
    ask()
    (tmp_path / "job 1, wish 1, call 1.json").unlink()
    with pytest.raises(Lost, match="is gone"):
        ask()
    assert len(chat.asked) == 1


def test_what_is_free_makes_no_charge_and_is_asked_once(engine, chat, ask):
    chat.replies = [completion("{}")]
    assert ask(free=True) == ask(free=True)
    assert ask(free=True).charge is None and len(chat.asked) == 1
    with engine.connect() as connection:
        assert charge.of_key(connection, "job 1, wish 1, call 1") is None


def test_a_limit_refuses_before_anything_is_sent(engine, chat, ask):
    held = limits.current(engine, "studio", "", "USD")
    limits.save(
        engine, "studio", "", "USD", 10, after=held.revision, why="enough", by="ana", now=NOW
    )
    with pytest.raises(LimitReached):
        ask()
    assert chat.asked == []


@pytest.mark.parametrize(
    ("price", "micros"),
    [
        (Price("a-model", "call", 2_000), 2_000),
        (Price("a-model", "1k tokens", 1_000), 100),
        (Price("*", "1M tokens", 10_000_000), 1_000),
    ],
)
def test_a_list_may_price_by_the_call_or_all_tokens_alike(engine, chat, ask, price, micros):
    prices.save(engine, "chat", "USD", [price], after=1, why="new", by="ana", now=NOW)
    chat.replies = [completion("{}", usage=USED)]
    ask()
    assert of(engine).actual == micros


def test_a_model_without_a_price_and_one_by_the_hour_are_named(engine, ask):
    for price, says in (
        (Price("other", "call", 1), "no price of 'a-model'"),
        (Price("a-model", "hour", 1), "by the hour"),
    ):
        after = len(prices.versions(engine, "chat"))
        prices.save(engine, "chat", "USD", [price], after=after, why="new", by="ana", now=NOW)
        with pytest.raises(StudioError, match=says):
            ask()


def test_a_hundred_calls_come_to_the_bill(engine, chat, ask):
    """Every fourth is refused; what each took is another number of tokens."""
    billed = 0

    def choose(body: dict) -> Reply:
        nonlocal billed
        number = len(chat.asked)
        if number % 4 == 0:
            return refusal(400, "no")
        read, written = number, 3 * number
        billed += -(-read * 3_000_000 // 10**6) + -(-written * 15_000_000 // 10**6)
        return completion("{}", usage={"prompt_tokens": read, "completion_tokens": written})

    chat.choose = choose
    actual = 0
    for number in range(100):
        try:
            ask(f"call {number}")
        except Refused:
            pass
        actual += of(engine, f"call {number}").actual
    assert actual == billed > 0 and len(chat.asked) == 100


def test_no_key_is_on_the_disk(chat, ask, tmp_path):
    chat.replies = [refusal(403, "secret-key-123 may not")]
    with pytest.raises(Refused):
        ask(free=True)
    (file,) = tmp_path.glob("*.json")
    kept = json.loads(file.read_text())
    assert kept["refused"]["status"] == 403 and "secret-key-123" not in file.read_text()
