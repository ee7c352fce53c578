"""Errors as programs read them: application/problem+json (RFC 9457), with what can be done.

`type` names the kind of trouble for good; `detail` and `remedy` are for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from studio.accounts.rights import NotAllowed
from studio.api import trouble
from studio.database.availability import DatabaseAway
from studio.errors import ChangedMeanwhile, StudioError
from studio.store import bucket_errors

AT = ("/api", "/mcp")
MEDIA_TYPE = "application/problem+json"
TYPE = "urn:housestyle:problem:"
TITLES = {
    "bad-request": "Bad request",
    "not-signed-in": "Not signed in",
    "not-allowed": "Not allowed",
    "not-found": "Not found",
    "wrong-method": "Wrong method",
    "too-slow": "Too slow",
    "changed": "Changed meanwhile",
    "still-running": "Still running",
    "too-large": "Too large",
    "wrong-type": "Wrong type",
    "refused": "Refused",
    "key-reused": "Key used before",
    "too-many-calls": "Too many calls",
    "internal": "Internal error",
    "away": "Away",
}
OF_STATUS = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "wrong-method",
    408: "too-slow",
    409: "changed",
    413: "too-large",
    415: "wrong-type",
    422: "refused",
    429: "too-many-calls",
    500: "internal",
    503: "away",
}
AGAIN_S = "10"
# What has nothing to do with what was asked: it may do in a while.
AWAY = (DatabaseAway, bucket_errors.Away, bucket_errors.Refused)


class Wrong(BaseModel):
    """One field that can't be: where it stands, and what is wrong with it."""

    where: str
    says: str


class Problem(BaseModel):
    """Why a call was not answered as asked, and what can be done."""

    type: str = Field(description=f"{TYPE} and one of {', '.join(TITLES)}")
    title: str
    status: int
    detail: str
    remedy: str
    instance: str
    errors: list[Wrong] = []


class NotThere(StudioError):
    """What the path names is not there."""


class Told(StudioError):
    """An error of one of TITLES."""

    def __init__(self, kind: str, status: int, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.kind, self.status = kind, status


@contextmanager
def looked_up() -> Iterator[None]:
    """Looking up what the path names: what can't be found is not there."""
    try:
        yield
    except (NotAllowed, *AWAY):
        raise
    except StudioError as error:
        raise NotThere(error.message, error.remedy) from error
    except FileNotFoundError as error:
        raise NotThere(
            "The file is gone.", "Whoever looks after the studio has backups."
        ) from error


def is_for_programs(path: str) -> bool:
    """Whether it is programs that ask there."""
    return any(path == at or path.startswith(f"{at}/") for at in AT)


def answer(
    path: str,
    status: int,
    detail: str,
    remedy: str = "",
    *,
    kind: str = "",
    errors: Sequence[Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem at `path` as an answer; without `kind` that of its status."""
    kind = kind or OF_STATUS.get(status) or ("internal" if status >= 500 else "bad-request")
    body = Problem(
        type=TYPE + kind,
        title=TITLES[kind],
        status=status,
        detail=_text(detail, 2_000),
        remedy=_text(remedy, 2_000),
        instance=_text(path, 2_000),
        errors=list(errors),
    ).model_dump(exclude=None if errors else {"errors"})
    more = {"Cache-Control": "no-store", **(headers or {})}
    if status == 401:
        more["WWW-Authenticate"] = "Bearer"
    if status in (429, 503) or kind == "still-running":
        more.setdefault("Retry-After", "1" if kind == "still-running" else AGAIN_S)
    return Response(json.dumps(body), status, more, MEDIA_TYPE)


def of(error: Exception, path: str, method: str) -> Response:
    """What an error says, as an answer to a call."""
    if isinstance(error, RequestValidationError):
        return _invalid(error, path)
    if isinstance(error, HTTPException):
        said, remedy = PLAIN.get(error.status_code, (str(error.detail), ""))
        return answer(path, error.status_code, said, remedy, headers=error.headers)
    if isinstance(error, Told):
        return answer(path, error.status, error.message, error.remedy, kind=error.kind)
    status, said_by = _status(error, f"{method} {path}")
    return answer(path, status, said_by.message, said_by.remedy)


def _status(error: Exception, asked: str) -> tuple[int, StudioError]:
    if isinstance(error, AWAY):
        return 503, error
    known = ((NotAllowed, 403), (NotThere, 404), (ChangedMeanwhile, 409))
    for kind, status in known:
        if isinstance(error, kind):
            return status, error
    if isinstance(error, StudioError):
        return 422, error
    if isinstance(error, RecursionError):
        return 422, StudioError("What is asked is nested too deeply.", "Send it flatter.")
    return trouble.explained(error, asked)


PLAIN = {
    400: ("The body can't be read.", "Send JSON in UTF-8."),
    404: ("There is no such route.", "/api/v1/openapi.json has all of them."),
    405: ("This can't be done here.", "The header Allow says what can."),
}


def _invalid(error: RequestValidationError, path: str) -> Response:
    """What FastAPI found wrong before anything was done."""
    found: list[dict[str, Any]] = list(error.errors())
    first = found[0]
    if first["type"] == "json_invalid":
        return answer(path, 400, *PLAIN[400])
    wrong = [
        Wrong(where=_text(".".join(str(part)[:80] for part in one["loc"])), says=_text(one["msg"]))
        for one in found[:20]
    ]
    if first["loc"] and first["loc"][0] == "path":
        return answer(path, 404, "Nothing can be called so.", "Look it up in its list.")
    detail = "; ".join(f"{one.where}: {one.says}" for one in wrong[:3])
    return answer(path, 422, f"{detail}.", "Send what openapi.json describes.", errors=wrong)


def _text(said: object, most: int = 300) -> str:
    """What somebody sent may hold half of a surrogate pair, which is no text."""
    return str(said)[:most].encode("utf-8", "replace").decode()
