"""The job that expands wishes: by a model over a real connection or by rules, paid once, gone on
with after a kill."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.assets import family, records
from studio.assets.search import Wanted
from studio.charges import calls, charge, limits, prices
from studio.charges.limits import LimitReached
from studio.charges.prices import Price
from studio.chat import paid
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.jobs import queue
from studio.worker import submit
from studio.worker.kinds import expand_wishes, generate
from studio.worker.kinds.expand_wishes import KIND, ExpandWishes
from studio.worker.payload import read
from studio.workflows import wishes
from tests.chat.corpus import GOOD
from tests.chat.server import Chat, Reply, completion, refusal, serving
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, again, begun, ran
from tests.workflows.wished import studio_with_style

USED = {"prompt_tokens": 100, "completion_tokens": 50}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    made = studio_with_style(tmp_path_factory.mktemp("expanding") / "home")
    yield made
    made.engine.dispose()


@pytest.fixture
def chat():
    with serving(good()) as made:
        yield made


@pytest.fixture
def studio(opened, chat):
    """With a language model that costs nothing."""
    more = {"chat_url": chat.url, "chat_name": "a-model", "chat_key": "secret-key-123"}
    return replace(opened, settings=replace(opened.settings, user="ana", **more))


@pytest.fixture(scope="module")
def priced(opened):
    """A price list and a limit, once for all tests."""
    how = {"after": 0, "by": "ana", "now": NOW}
    price = [Price("a-model", "1M tokens", 10_000_000)]
    prices.save(opened.engine, "chat", "USD", price, why="their page", **how)
    limits.save(opened.engine, "studio", "", "USD", 10**9, why="as agreed", **how)


def good(*texts: str) -> Reply:
    told = [{**GOOD, "expanded_prompt": text} for text in texts or ("a red bottle",)]
    return completion(json.dumps({"variants": told}), usage=USED)


def wish_in(body) -> str:
    return json.loads(body["messages"][1]["content"])["wish"]


def begin(studio, *wished, **more):
    """The job, asked for and taken, and what is asked."""
    payload = {"wishes": list(wished), **more}
    job = submit.ask(studio, "expand_wishes", payload, asked_by="ana", now=NOW)
    at = again(studio, job)
    return at, read(ExpandWishes, at.job.payload)


def expanded(studio, *wished, **more):
    at, ask = begin(studio, *wished, **more)
    return at, ran(KIND, at, ask)


def test_a_model_expands_in_the_styles_words_and_variants_are_kept(studio, chat):
    chat.replies = [good("a red bottle", "a blue bottle")]
    at, told = expanded(studio, "a potion", style="items", variants=2)
    found = wishes.of_ids(studio.engine, told["wishes"])
    assert [one.specification.expanded_prompt for one in found] == ["a red bottle", "a blue bottle"]
    assert {one.specification.original_prompt for one in found} == {"a potion"}
    assert [one.variant for one in found] == [1, 2] and told["left"] == []
    first = found[0]
    assert (first.by, first.model, first.style, first.version) == ("chat", "a-model", "items", 1)
    assert (first.tokens, first.charges, first.job) == ({"read": 100, "written": 50}, (), at.job.id)
    ((_, headers, body),) = chat.asked
    assert headers["Authorization"] == "Bearer secret-key-123"
    assert "potion" in json.loads(body["messages"][1]["content"])["kinds_of_things_in_the_game"]
    assert wishes.listing(studio.engine, Wanted(job=at.job.id), 9) == found


def test_without_a_model_rules_do_and_are_called_rules(opened):
    _, told = expanded(opened, "a falchion", style="items", variants=2)
    found = wishes.of_ids(opened.engine, told["wishes"])
    assert told["by"] == "rules" and {one.by for one in found} == {"rules"}
    assert found[0].specification.original_prompt == "a falchion" and found[0].model == ""
    with pytest.raises(StudioError, match="no language model"):
        begin(opened, "a jug", by="chat")


def test_a_model_is_not_asked_where_rules_are_asked_for(studio, chat):
    _, told = expanded(studio, "a jug", by="rules")
    assert told["by"] == "rules" and chat.asked == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"wishes": []}, "No wish is given"),
        ({"wishes": ["a jug", " "]}, "is empty"),
        ({"wishes": ["x" * 501]}, "501 characters"),
        ({"wishes": ["a"], "variants": 9}, "9 variants"),
        ({"wishes": ["a"], "variants": 0}, "0 variants"),
        ({"wishes": ["a"], "by": "magic"}, "expands no wish"),
        ({"wishes": ["a"], "style": "gone"}, "no style 'gone'"),
        ({"wishes": [5]}, "Wish 1"),
    ],
)
def test_what_can_not_be_expanded_is_refused_at_the_door(studio, asked, says):
    with pytest.raises(StudioError, match=says):
        begin(studio, *asked.pop("wishes"), **asked)


def test_one_wish_of_no_use_is_left_out_and_the_others_are_not(studio, chat):
    def choose(body):
        wish = wish_in(body)
        if wish == "nothing":
            return completion("I'd rather not.")
        if wish == "declined":
            return completion(None, refusal="no")
        return good(f"a {wish}")

    chat.choose = choose
    _, told = expanded(studio, "jug", "nothing", "declined", "key", "jug")
    found = wishes.of_ids(studio.engine, told["wishes"])
    assert [one.specification.expanded_prompt for one in found] == ["a jug", "a key"]
    assert [one["wish"] for one in told["left"]] == ["nothing", "declined"]
    assert "no whole JSON" in told["left"][0]["error"] and told["left"][0]["remedy"]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (refusal(401, "no such key"), "answers 401"),
        (refusal(500, "oops"), "answers 500"),
        (Reply(b"<html>"), "no chat completion"),
        (Reply(b"", drops=True), "did not answer"),
        (Reply(b"", 302, {"Location": "/"}), "answers 302"),
    ],
)
def test_a_server_that_fails_is_not_asked_for_each_wish(studio, chat, reply, says):
    chat.choose = lambda body: good() if wish_in(body) == "one" else reply
    _, told = expanded(studio, "one", "two", "three")
    assert len(told["wishes"]) == 1 and [one["wish"] for one in told["left"]] == ["two", "three"]
    assert all(says in one["error"] for one in told["left"])
    assert len(chat.asked) == 2
    at, ask = begin(studio, "two")
    with pytest.raises(StudioError, match=says):
        ran(KIND, at, ask)


def tokens(chat: Chat) -> list[str]:
    return [headers["X-Client-Request-Id"] for _, headers, _ in chat.asked]


def test_calls_are_charged_and_the_door_knows_the_most(studio, chat, priced):
    paying = replace(studio, settings=replace(studio.settings, chat_prices="chat"))
    at, told = expanded(paying, "a potion", "a key")
    found = wishes.of_ids(studio.engine, told["wishes"])
    held = [charge.get(studio.engine, id) for one in found for id in one.charges]
    assert [one.actual for one in held] == [1_500, 1_500]
    assert {(one.state, one.style, one.person, one.job) for one in held} == {
        ("done", "", "ana", at.job.id)
    }
    assert tokens(chat) == [one.token for one in held] and held[0].provider == "127.0.0.1"
    quote = expanded_cost(paying)
    assert quote is not None and quote.money.micros > 1_500
    assert expanded_cost(studio) is None
    assert expand_wishes.costs(paying, asked(by="rules")) is None
    before = limits.current(studio.engine, "studio", "", "USD")

    def limit(micros):
        now = limits.current(studio.engine, "studio", "", "USD")
        limits.save(
            studio.engine,
            "studio",
            "",
            "USD",
            micros,
            after=now.revision,
            why="a test",
            by="ana",
            now=NOW,
        )

    limit(10)
    try:
        with pytest.raises(LimitReached):
            begin(paying, "a jug")
    finally:
        limit(before.amount)
    no_price = replace(paying, settings=replace(paying.settings, chat_name="other"))
    with pytest.raises(StudioError, match="no price of 'other'"):
        begin(no_price, "a jug")


def asked(**more):
    return ExpandWishes(wishes=["a potion"], **more)


def expanded_cost(studio):
    return expand_wishes.costs(studio, asked())


@pytest.mark.parametrize("at", range(7))
def test_killed_anywhere_it_asks_for_nothing_twice(studio, chat, priced, at):
    """A wish is: its answer kept, its cost noted, its variants put in."""
    paying = replace(studio, settings=replace(studio.settings, chat_prices="chat"))
    given, ask = begin(paying, "a potion", "a key")
    with pytest.MonkeyPatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, paid, "publish")
        axe.lay(patch, calls, "finish")
        axe.lay(patch, records, "put")
        if at < 6:
            with pytest.raises(Killed):
                ran(KIND, given, ask)
        else:
            ran(KIND, given, ask)
    if at == 0:  # sent, and nobody heard the answer
        with pytest.raises(StudioError, match="not sent again by itself"):
            ran(KIND, given, ask)
        assert len(chat.asked) == 1
        return
    told = ran(KIND, given, ask)
    assert told == ran(KIND, given, ask)
    assert len(told["wishes"]) == (1 if at == 3 else 2)
    assert [one["wish"] for one in told["left"]] == (["a key"] if at == 3 else [])
    assert len(tokens(chat)) == len(set(tokens(chat))) == 2
    found = wishes.of_ids(studio.engine, told["wishes"])
    assert all(charge.get(studio.engine, id).actual == 1_500 for w in found for id in w.charges)
    assert len(wishes.listing(studio.engine, Wanted(job=given.job.id), 9)) == len(found)


def test_the_key_is_in_no_file_of_the_job(studio, chat):
    chat.replies = [refusal(403, "secret-key-123 may not")]
    at, ask = begin(studio, "a jug")
    with pytest.raises(StudioError) as told:
        ran(KIND, at, ask)
    assert "secret-key-123" not in str(told.value)
    files = [file for file in at.workdir.rglob("*") if file.is_file()]
    assert files and all(b"secret-key-123" not in file.read_bytes() for file in files)
    assert "secret-key-123" not in json.dumps(queue.get(studio.engine, at.job.id).payload)


def test_what_is_drawn_has_the_wish_among_its_parents(studio, chat):
    _, told = expanded(studio, "a potion")
    (id,) = told["wishes"]
    wish = wishes.get(studio.engine, id)
    drawing = {"prompt": wish.prompt, "steps": 2, "recipe": "", "wish": id}
    at, ask = begun(studio, "generate", **drawing)
    ran(generate.KIND, at, ask)
    (picture,) = gallery_table.search(studio.engine, Wanted(job=at.job.id)).found
    assert id in [one.id for one in family.parents(studio.engine, picture.id)]
    assert picture.id in [one.id for one in wishes.came_of(studio.engine, id)]
    for wrong in ("gone", picture.id):
        with pytest.raises(StudioError, match="There is no wish"):
            begun(studio, "generate", **{**drawing, "wish": wrong})
