"""From the strictest question to the plainest: how often a server is asked, and in which form."""

import json

import pytest

from studio.chat import endpoint
from studio.chat.answers import NoUse
from studio.chat.endpoint import Away, Lost, Question, Refused, Server
from studio.chat.structured import MOST_ANSWERS, Declined, structured
from tests.chat.server import completion, refusal

QUESTION = Question((("user", "a potion"),), {"type": "object"}, 100)
GOOD = completion('{"a": 1}')
BAD = completion("I would rather not say it so.")


def ask(chat, waits=None):
    def sent(question):
        return endpoint.ask(chat.as_set(), question)

    sleep = (waits if waits is not None else []).append
    return structured(sent, QUESTION, lambda found: found["a"], sleep)


def test_a_good_answer_is_asked_for_once(chat):
    chat.replies = [GOOD]
    assert ask(chat) == 1 and chat.forms == ["json_schema"]


def test_one_of_no_use_is_asked_for_once_more_then_more_plainly(chat):
    chat.replies = [BAD, GOOD]
    assert ask(chat) == 1 and chat.forms == ["json_schema"] * 2
    chat.asked.clear()
    chat.replies = [BAD, BAD, BAD, completion('Here: ```json\n{"a": 2}\n```')]
    assert ask(chat) == 2
    assert chat.forms == ["json_schema", "json_schema", "json_object", "text"]
    chat.asked.clear()
    chat.replies = [BAD]
    with pytest.raises(NoUse, match="no whole JSON"):
        ask(chat)
    assert len(chat.asked) == MOST_ANSWERS


@pytest.mark.parametrize("status", [400, 422, 415, 501])
def test_a_server_without_structured_answers_is_asked_in_words(chat, status):
    def choose(body):
        if "response_format" in body:
            return refusal(status, "response_format is not supported")
        return completion('{"a": 3}')

    chat.choose = choose
    assert ask(chat) == 3 and chat.forms == ["json_schema", "json_object", "text"]


def test_a_server_that_knows_objects_alone_is_asked_for_one(chat):
    def choose(body):
        if body["response_format"]["type"] == "json_schema":
            return refusal(400, "unknown response format")
        return completion('{"a": 4}')

    chat.choose = choose
    assert ask(chat) == 4 and chat.forms == ["json_schema", "json_object"]


def test_the_other_name_of_the_limit_is_taken(chat):
    def choose(body):
        if "max_tokens" in body:
            return refusal(400, "'max_tokens' is not supported: use 'max_completion_tokens'.")
        return GOOD

    chat.choose = choose
    assert ask(chat) == 1 and chat.forms == ["json_schema"] * 2


def test_a_busy_server_is_waited_for_and_not_without_end(chat):
    chat.replies = [refusal(429, "busy", **{"Retry-After": "900"}), refusal(429, "busy"), GOOD]
    waits: list[float] = []
    assert ask(chat, waits) == 1 and waits == [30.0, 2.0]
    chat.replies, waits = [refusal(429, "busy")], []
    with pytest.raises(Refused, match="answers 429"):
        ask(chat, waits)
    assert waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(401, "no"), Refused),
        (refusal(404, "no such model"), Refused),
        (refusal(500, "oops"), Lost),
        (completion(None, refusal="no"), Declined),
    ],
)
def test_what_will_not_change_is_asked_once(chat, reply, kind):
    chat.replies = [reply]
    with pytest.raises(kind):
        ask(chat)
    assert len(chat.asked) == 1


def test_nobody_at_home():
    def sent(question):
        return endpoint.ask(Server("http://127.0.0.1:9/v1", "m"), question)

    with pytest.raises(Away):
        structured(sent, QUESTION, json.dumps)
