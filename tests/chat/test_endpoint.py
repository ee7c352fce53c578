"""One question, sent once: what is asked, what comes back, and which of three ends it has."""

import json
import socket
import subprocess
import sys

import pytest

from studio.chat import bounded, endpoint
from studio.chat.endpoint import Away, Lost, Question, Refused, Said, Server
from studio.settings import CHECKOUT, in_force, load_settings
from tests.chat.server import KEY, Reply, completion, refusal

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
QUESTION = Question((("system", "Be brief."), ("user", "a potion")), SCHEMA, 100)


def test_it_is_sent_once_with_key_token_and_schema(chat):
    chat.replies = [completion("{}", usage={"prompt_tokens": 20, "completion_tokens": 3})]
    said = endpoint.ask(chat.as_set(), QUESTION, "t0ken")
    assert said == Said("{}", "chat-1", 20, 3)
    ((path, headers, body),) = chat.asked
    assert path == "/v1/chat/completions" and headers["Authorization"] == f"Bearer {KEY}"
    assert headers["X-Client-Request-Id"] == "t0ken"
    assert headers["Accept-Encoding"] == "identity"
    assert (body["model"], body["max_tokens"]) == ("a-model", 100)
    assert body["messages"][1] == {"role": "user", "content": "a potion"}
    told = body["response_format"]["json_schema"]
    assert (told["strict"], told["schema"]) == (True, SCHEMA)


def test_without_a_key_none_is_sent_nor_what_is_meant_for_another_server(chat, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "not-for-you-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    endpoint.ask(chat.as_set(key=""), QUESTION)
    headers = chat.asked[0][1]
    assert "not-for-you-1" not in str(headers) and "Authorization" not in headers
    assert "X-Client-Request-Id" not in headers


@pytest.mark.parametrize("form", ["json_object", "text"])
def test_the_form_and_the_name_of_the_limit_are_as_asked(chat, form):
    asked = Question(QUESTION.messages, SCHEMA, 50, form, "max_completion_tokens")
    endpoint.ask(chat.as_set(), asked)
    assert chat.forms == [form]
    assert chat.asked[0][2]["max_completion_tokens"] == 50
    assert "max_tokens" not in chat.asked[0][2]


def test_parts_are_joined_and_odd_counts_are_none(chat):
    parts = [{"type": "text", "text": "{"}, {"type": "text", "text": "}"}]
    for usage in (
        None,
        [],
        {"prompt_tokens": True, "completion_tokens": -1},
        {"prompt_tokens": 1e9},
    ):
        chat.replies = [completion(parts, usage=usage)]
        said = endpoint.ask(chat.as_set(), QUESTION)
        assert (said.text, said.read, said.written) == ("{}", None, None)
    chat.replies = [completion(None, refusal="I can't help with that.")]
    assert endpoint.ask(chat.as_set(), QUESTION).declined


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (refusal(401, "no such key"), Refused, "answers 401: no such key"),
        (refusal(403, f"{KEY} may not"), Refused, r"answers 403: \(the key\) may not"),
        (Reply(b"<html><body>404</body></html>", 404), Refused, "answers 404: an HTML page"),
        (Reply(b'{"detail": "Not Found"}', 404), Refused, "answers 404: Not Found"),
        (refusal(501, "not here"), Refused, "answers 501: not here"),
        (Reply(b"", 302, {"Location": "http://127.0.0.1:9/x"}), Refused, "answers 302"),
        (refusal(408, "upstream"), Lost, "answers 408"),
        (refusal(500, "oops"), Lost, "answers 500: oops"),
        (Reply(b"<!DOCTYPE html><p>Sign in"), Lost, "no chat completion, but an HTML page"),
        (Reply(b'{"choices": []}'), Lost, "no chat completion"),
        (Reply(b'{"choices": [7]}'), Lost, "no chat completion"),
        (Reply(b"\xff\xfe\x00"), Lost, "no chat completion"),
        (Reply(b"[" * 100_000), Lost, "no chat completion"),
        (Reply(b" " * 10_000_000), Lost, "larger than 1,000,000 bytes"),
        (Reply(b"{}", headers={"Content-Encoding": "gzip"}), Lost, "compressed"),
        (Reply(b"", drops=True), Lost, "did not answer"),
    ],
)
def test_each_end_is_told_apart_and_the_key_never(chat, reply, kind, says):
    chat.replies = [reply]
    with pytest.raises(kind, match=says) as told:
        endpoint.ask(chat.as_set(), QUESTION)
    assert type(told.value) is kind and len(chat.asked) == 1
    assert KEY not in str(told.value) + told.value.remedy


def test_a_redirect_leads_nowhere(chat):
    chat.replies = [Reply(b"", 307, {"Location": f"{chat.url}/elsewhere"}), completion("{}")]
    with pytest.raises(Refused, match="answers 307") as told:
        endpoint.ask(chat.as_set(), QUESTION)
    assert len(chat.asked) == 1 and "where the server is itself" in told.value.remedy


def test_a_busy_server_says_for_how_long(chat):
    chat.replies = [refusal(429, "slow down", **{"Retry-After": "7"})]
    with pytest.raises(Refused) as told:
        endpoint.ask(chat.as_set(), QUESTION)
    assert (told.value.status, told.value.wait) == (429, 7.0)
    chat.replies = [refusal(429, "slow down", **{"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})]
    with pytest.raises(Refused) as told:
        endpoint.ask(chat.as_set(), QUESTION)
    assert told.value.wait is None


def test_who_is_slow_is_lost(chat, monkeypatch):
    monkeypatch.setattr(bounded, "TIMEOUT", bounded.httpx2.Timeout(0.2))
    chat.replies = [Reply(b"{}", after=1.0)]
    with pytest.raises(Lost, match="did not answer"):
        endpoint.ask(chat.as_set(), QUESTION)
    monkeypatch.setattr(bounded, "TIMEOUT", bounded.httpx2.Timeout(5.0))
    monkeypatch.setattr(bounded, "LONGEST_S", 0.2)
    chat.replies = [Reply(b" " * 20_000, between=0.05)]
    with pytest.raises(Lost, match="did not end"):
        endpoint.ask(chat.as_set(), QUESTION)


def test_who_is_not_there_was_never_asked():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = taken.getsockname()[1]
        with pytest.raises(Away, match="is not reached"):
            endpoint.ask(Server(f"http://127.0.0.1:{port}/v1", "m", KEY), QUESTION)
    for url, key in (("http://[::x/v1", KEY), ("http://127.0.0.1:9/v1", "schlüssel-✓")):
        with pytest.raises(Away) as told:
            endpoint.ask(Server(url, "m", key), QUESTION)
        assert key not in str(told.value)


def test_settings_name_the_server_and_hide_the_key(monkeypatch):
    given = {"STUDIO_CHAT_URL": "http://127.0.0.1:8000/v1", "STUDIO_CHAT_NAME": "m"}
    found = load_settings({**given, "STUDIO_CHAT_KEY": KEY}, home="/tmp/none")
    server = endpoint.server_of(found)
    assert server == Server("http://127.0.0.1:8000/v1", "m", KEY) and server.host == "127.0.0.1"
    assert KEY not in repr(server) + repr(found)
    assert endpoint.server_of(load_settings({}, home="/tmp/none")) is None
    assert endpoint.server_of(load_settings({"STUDIO_CHAT_NAME": "m"}, home="/tmp/none")) is None
    monkeypatch.setenv("STUDIO_CHAT_KEY", KEY)
    assert in_force()["STUDIO_CHAT_KEY"] == "(hidden)"


def test_pages_load_no_client():
    """The modules that pages read say what is asked; the client comes with the first question."""
    program = (
        "import sys; from studio.chat import paid, structured; "
        "from studio.workflows import wishes; from studio.worker.kinds import expand_wishes; "
        "print(json.dumps([n for n in ('openai', 'studio.chat.bounded') if n in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import json; {program}"],
        capture_output=True,
        check=True,
        cwd=CHECKOUT,
    )
    assert json.loads(done.stdout) == []
