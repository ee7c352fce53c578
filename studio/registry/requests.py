"""Requests: somebody asks that a version is put into production, a producer accepts or refuses.

Accepting is decided in the one transaction that also decides the move (`acceptance`, which
`studio.workflows.release.accept` hands to `stages.promote`): of several who decide at once one
wins, before anything moves, and whoever is killed afterwards leaves an accepted request and a move
that the next change finishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio import notifications
from studio.accounts.rights import check, check_own
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError
from studio.registry.stages import Along, check_reason
from studio.registry.tables import comments, requests


@dataclass(frozen=True)
class Request:
    """One request; `state` is open, accepted, refused or withdrawn."""

    id: int
    style: str
    version: int
    why: str
    asked_by: str
    asked_at: str
    state: str
    decided_by: str | None
    decided_at: str | None
    answer: str


@dataclass(frozen=True)
class Comment:
    """What somebody said to a request."""

    by: str
    at: str
    text: str


def ask(engine: Engine, *, style: str, number: int, actor: str, why: str, now: datetime) -> Request:
    """Ask for version `number` in production; the open request for it is given instead."""
    check(actor, "ask for promotion")
    check_reason(why)
    same = requests.c.style == style, requests.c.version == number, requests.c.state == "open"
    with writing(engine) as connection:
        if found := _read(connection, sa.select(requests).where(*same)):
            return found[0]
        made = connection.execute(
            requests.insert().values(
                style=style,
                version=number,
                why=why.strip(),
                asked_by=str(actor),
                asked_at=stamp(now),
                state="open",
                answer="",
            )
        )
        assert made.inserted_primary_key is not None
        request = _get(connection, int(made.inserted_primary_key[0]))
        text = f"{actor} asks for {style} version {number} in production: {request.why}"
        _write_down(connection, request, "request", text, actor, request.why, now)
        return request


def decide(
    engine: Engine, id: int, accepted: bool, *, actor: str, answer: str, now: datetime
) -> Request:
    """Accept or refuse; StudioError where somebody decided meanwhile."""
    check(actor, "promote")
    check_reason(answer, "answer")
    state = "accepted" if accepted else "refused"
    with writing(engine) as connection:
        return _close(connection, id, state, actor, answer, now)


def acceptance(id: int, *, actor: str, answer: str, now: datetime) -> Along:
    """Accepting, to be decided with the move that the request asks for: StudioError where somebody
    else decided meanwhile; where MLflow does not take the move the request is open again."""
    check(actor, "promote")
    check_reason(answer, "answer")
    return Along(
        lambda connection: _close(connection, id, "accepted", actor, answer, now),
        lambda connection: _open_again(connection, id, actor, now),
    )


def withdraw(engine: Engine, id: int, *, actor: str, now: datetime) -> Request:
    """Take one's own request back."""
    with writing(engine) as connection:
        check_own(actor, _get(connection, id).asked_by, "promote")
        return _close(connection, id, "withdrawn", actor, "withdrawn", now)


def comment(engine: Engine, id: int, text: str, *, by: str, now: datetime) -> None:
    """Say something to a request; the same sent twice stands once."""
    check(by, "ask for promotion")
    check_reason(text, "comment")
    with writing(engine) as connection:
        request = _get(connection, id)
        said = [c for c in _comments(connection, id) if (c.by, c.text) == (by, text.strip())]
        if said:
            return
        connection.execute(
            comments.insert().values(request=id, by=str(by), at=stamp(now), text=text.strip())
        )
        told = f"{by} on {request.style} version {request.version}: {text.strip()}"
        notifications.tell(connection, "comment", told, now, request.style, request=id)


def get(engine: Engine, id: int) -> Request:
    """Request `id`, or StudioError."""
    with engine.connect() as connection:
        return _get(connection, id)


def listing(engine: Engine, style: str = "", state: str = "") -> list[Request]:
    """The newest first, of one style and state where they are given."""
    query = sa.select(requests).order_by(requests.c.id.desc())
    if style:
        query = query.where(requests.c.style == style)
    if state:
        query = query.where(requests.c.state == state)
    with engine.connect() as connection:
        return _read(connection, query)


def comments_of(engine: Engine, id: int) -> list[Comment]:
    """What was said, the oldest first."""
    with engine.connect() as connection:
        return _comments(connection, id)


def _close(
    connection: Connection, id: int, state: str, actor: str, answer: str, now: datetime
) -> Request:
    request = _get(connection, id)
    if request.state == state and request.decided_by == actor:
        return request
    if request.state != "open":
        raise ChangedMeanwhile(
            f"The request was {request.state} by {request.decided_by} meanwhile.",
            "Look at it again; a new one can be made.",
        )
    request = _set(connection, id, state, str(actor), stamp(now), answer.strip())
    text = f"{actor}: the request for {request.style} version {request.version} is {state}. "
    _write_down(connection, request, state, text + request.answer, actor, answer, now)
    return request


def _open_again(connection: Connection, id: int, actor: str, now: datetime) -> None:
    request = _set(connection, id, "open", None, None, "")
    why = "MLflow did not take the move."
    text = f"The request for {request.style} version {request.version} is open again. {why}"
    _write_down(connection, request, "reopening", text, actor, why, now)


def _set(
    connection: Connection, id: int, state: str, by: str | None, at: str | None, answer: str
) -> Request:
    chosen = requests.update().where(requests.c.id == id)
    connection.execute(chosen.values(state=state, decided_by=by, decided_at=at, answer=answer))
    return _get(connection, id)


def _write_down(
    connection: Connection,
    request: Request,
    action: str,
    text: str,
    actor: str,
    why: str,
    now: datetime,
) -> None:
    ledger.record(
        connection,
        at=now,
        actor=actor,
        action=f"{action} of production",
        style=request.style,
        version=request.version,
        reason=why.strip(),
    )
    notifications.tell(
        connection, action, text, now, request.style, version=request.version, request=request.id
    )


def _get(connection: Connection, id: int) -> Request:
    known = 0 < id < 2**31
    found = _read(connection, sa.select(requests).where(requests.c.id == id)) if known else []
    if not found:
        raise StudioError(f"There is no request {id}.", "Choose one on the page Versions.")
    return found[0]


def _comments(connection: Connection, id: int) -> list[Comment]:
    query = sa.select(comments.c.by, comments.c.at, comments.c.text)
    rows = connection.execute(query.where(comments.c.request == id).order_by(comments.c.id))
    return [Comment(**row._mapping) for row in rows]


def _read(connection: Connection, query: sa.Select[Any]) -> list[Request]:
    return [Request(**row._mapping) for row in connection.execute(query)]
