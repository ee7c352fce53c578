"""One question to a model behind an OpenAI-compatible address (vLLM, Ollama, a provider's).

It is sent once, whatever becomes of it: whether it is asked again is decided by whoever counts what
it costs. Three ends are told apart, since they cost differently: what never arrived (`Away`), what
the server refused (`Refused`), and what was sent and came to nothing that is known (`Lost`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from studio import numbers
from studio.errors import StudioError
from studio.settings import Settings
from studio.text.decoding import in_a_line

Form = Literal["json_schema", "json_object", "text"]
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")  # the strictest first
# What the same limit is called by most servers, and by OpenAI's newer models.
LIMITS = ("max_tokens", "max_completion_tokens")
MOST_TOKENS = 10**9  # that a server may say it read or wrote
READ = 4_000  # characters of what a server said that are looked through for the key
SAID = 200  # of these that stand in an error
DOES_NOTHING = 501  # for certain, unlike other errors of a server
UNANSWERED = 408  # of a proxy's: whether the server behind it took the question is not known
SETTINGS = "STUDIO_CHAT_URL, STUDIO_CHAT_NAME and STUDIO_CHAT_KEY"
CHECK = f"Check the settings {SETTINGS}, and that the server runs."


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible server: its address, which ends in /v1 as a rule, what it calls the
    model, and the key, "" for none."""

    url: str
    name: str
    key: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Whom it is asked of, for charges."""
        try:
            return urlsplit(self.url).hostname or self.url
        except ValueError:  # as an address that is none
            return self.url


@dataclass(frozen=True)
class Question:
    """Messages, each a role and a text, and the answer that is wanted: by `schema` (JSON Schema)
    where the form is "json_schema", and of `tokens` at most, said as `limit`."""

    messages: tuple[tuple[str, str], ...]
    schema: dict[str, Any]
    tokens: int
    form: Form = "json_schema"
    limit: str = LIMITS[0]


@dataclass(frozen=True)
class Said:
    """What a model answered: its text, the server's own number for the answer, and how many tokens
    it read and wrote, None where it does not say. `declined`: the model, or a filter of the
    server's, would not answer."""

    text: str
    id: str = ""
    read: int | None = None
    written: int | None = None
    declined: bool = False


class Away(StudioError):
    """The question never arrived; it costs nothing."""


class Refused(StudioError):
    """The server answered with a status of its own that it does nothing; it costs nothing. `says`
    is what it said, `wait` for how many seconds it asks, None where it does not."""

    def __init__(
        self, message: str, remedy: str, status: int, says: str, wait: float | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.status, self.says, self.wait = status, says, wait


class Lost(StudioError):
    """It was sent, and what came of it is not known, or of no use: it may cost."""


def server_of(settings: Settings) -> Server | None:
    """The server that is set; None where none is, or no model."""
    if not (settings.chat_url and settings.chat_name):
        return None
    return Server(settings.chat_url, settings.chat_name, settings.chat_key)


def ask(server: Server, question: Question, token: str = "") -> Said:
    """What the model says to a question; `token` is ours for this one call, sent along as the
    header X-Client-Request-Id. Away, Refused or Lost (StudioError) where it says nothing; the key
    is never part of what is told."""
    import httpx2
    import openai

    from studio.chat import bounded

    headers: dict[str, str | openai.Omit] = {
        "X-Client-Request-Id": token or openai.omit,
        # What stands in the environment for OpenAI's own server is none of this one's business.
        "OpenAI-Organization": openai.omit,
        "OpenAI-Project": openai.omit,
    }
    if not server.key:
        headers["Authorization"] = openai.omit
    try:
        with bounded.client() as http:
            client = openai.OpenAI(
                api_key=server.key or "none",
                base_url=server.url,
                max_retries=0,
                timeout=bounded.TIMEOUT,
                http_client=http,
            )
            answer = client.chat.completions.with_raw_response.create(
                extra_headers=headers,
                extra_body={question.limit: question.tokens},
                **_asked(server, question),
            )
            return _read(answer.content)
    except (httpx2.InvalidURL, UnicodeError):  # the key may stand in the words of both
        raise Away(
            "STUDIO_CHAT_URL or STUDIO_CHAT_KEY can't be sent: it holds characters that are in no "
            "address and no key.",
            CHECK,
        ) from None
    except openai.APIStatusError as error:
        raise _status(server, error) from error
    except openai.APIConnectionError as error:
        cause = error.__cause__ or error
        if isinstance(cause, bounded.NEVER_SENT):
            said = f"{_named(server)} is not reached ({type(cause).__name__})."
            raise Away(said, CHECK) from None
        raise Lost(f"{_named(server)} did not answer ({type(cause).__name__}).", CHECK) from None
    except bounded.Unbounded as error:
        raise Lost(f"The answer of {_named(server)} was not read: {error}.", CHECK) from error


def _asked(server: Server, question: Question) -> dict[str, Any]:
    messages = [{"role": role, "content": text} for role, text in question.messages]
    asked: dict[str, Any] = {"model": server.name, "messages": messages}
    if question.form == "json_schema":
        schema = {"name": "answer", "strict": True, "schema": question.schema}
        asked["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif question.form == "json_object":
        asked["response_format"] = {"type": "json_object"}
    return asked


def _read(data: bytes) -> Said:
    """A chat completion; Lost for anything else."""
    try:
        found: Any = json.loads(data)
        choice = found["choices"][0]
        message = choice["message"]
        content = message.get("content")
        if isinstance(content, list):  # some servers answer in parts
            content = "".join(str(part.get("text", "")) for part in content)
        usage = found.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        refused = bool(message.get("refusal")) or choice.get("finish_reason") == "content_filter"
        return Said(
            text=content if isinstance(content, str) else "",
            id=in_a_line(str(found.get("id") or "")[:80]),
            read=_tokens(usage.get("prompt_tokens")),
            written=_tokens(usage.get("completion_tokens")),
            declined=refused,
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        page = data[:2_000].lstrip().lower().startswith((b"<!doctype", b"<html"))
        what = "an HTML page" if page else f"{len(data):,} bytes of something else"
        raise Lost(
            f"What STUDIO_CHAT_URL answers is no chat completion, but {what}.",
            "Give the address of an OpenAI-compatible server; it ends in /v1 as a rule.",
        ) from error


def _tokens(said: object) -> int | None:
    return said if type(said) is int and 0 <= said <= MOST_TOKENS else None


def _status(server: Server, error: Any) -> StudioError:
    """What an answer with a status other than success says."""
    says = _words(error.body, server.key)
    message = f"{_named(server)} answers {error.status_code}{': ' if says else ''}{says}."
    unclear = error.status_code >= 500 and error.status_code != DOES_NOTHING
    if unclear or error.status_code == UNANSWERED:
        return Lost(message, CHECK)
    if error.status_code < 400:
        remedy = "Set STUDIO_CHAT_URL to where the server is itself: it is not followed elsewhere."
        return Refused(message, remedy, error.status_code, says)
    wait = numbers.counted(error.response.headers.get("retry-after"))  # it may be a date, too
    return Refused(message, CHECK, error.status_code, says, wait)


def _words(body: object, key: str) -> str:
    """What a server said of a refusal, in a line and without the key."""
    told = body.get("message", body.get("detail", "")) if isinstance(body, dict) else body
    text = in_a_line(str(told or "")[:READ])
    if text.startswith("<"):
        return "an HTML page"
    return (text.replace(key, "(the key)") if key else text)[:SAID].rstrip(".")


def _named(server: Server) -> str:
    return f"The model {server.name} at STUDIO_CHAT_URL"
