"""Notices: what happened, written with the change itself, shown in the studio and sent on.

A webhook gets each as JSON that Slack and the like show as it is (`text`), signed where there is
a secret: X-Housestyle-Signature is "sha256=" and the HMAC-SHA256 of the time in
X-Housestyle-Time, a dot and the body. What a receiver does not take is sent again, ever later,
and after a day kept with the reason.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.engine import bump, metadata, writing
from studio.database.ledger import stamp
from studio.masking import masked

PATIENCE_S = 5.0  # for a receiver's next word
IN_ALL_S = 10.0  # for all of its answer: one that drips would hold a round up for ever
FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=2)
TRIES = 20  # about a day
AT_ONCE = 10
TAKEN = timedelta(minutes=1)  # to one who sends it, and dies before saying how that went

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("event", sa.String, nullable=False),
    sa.Column("style", sa.String),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", sa.String),  # none: sent, or given up
    sa.Column("sent_at", sa.String),
    sa.Column("error", sa.String, nullable=False),
    sa.Index("notices_due", "due"),
)


@dataclass(frozen=True)
class Notice:
    """One notice; `error` is why the last try to send it failed."""

    id: int
    at: str
    event: str
    style: str | None
    text: str
    body: dict[str, Any]
    attempts: int
    due: str | None
    sent_at: str | None
    error: str


def tell(
    connection: Connection, event: str, text: str, now: datetime, style: str = "", **more: Any
) -> None:
    """Write a notice within the caller's transaction: no change without it, none without a change.

    `more` goes to the webhook beside the text.
    """
    connection.execute(
        notices.insert().values(
            at=stamp(now),
            event=event,
            style=style or None,
            text=text,
            body=more,
            attempts=0,
            due=stamp(now),
            sent_at=None,
            error="",
        )
    )
    bump(connection)


def newest(engine: Engine, count: int = 20, style: str = "") -> list[Notice]:
    """The newest first."""
    query = sa.select(notices).order_by(notices.c.id.desc()).limit(count)
    if style:
        query = query.where(notices.c.style == style)
    return _read(engine, query)


def unsent(engine: Engine) -> list[Notice]:
    """Those that a receiver refused at least once and that are not sent yet, the newest first."""
    late = sa.and_(notices.c.sent_at.is_(None), notices.c.error != "")
    return _read(engine, sa.select(notices).where(late).order_by(notices.c.id.desc()).limit(50))


def deliver(engine: Engine, url: str | None, secret: str | None, now: datetime) -> int:
    """Send what is due, at most a few; how many were taken. Without a webhook nothing is kept due.

    Of two that do this at once one sends a notice. A receiver may see it twice where that one dies
    between sending and noting it: the id in the body says so.
    """
    due = sa.select(notices).where(notices.c.due <= stamp(now)).order_by(notices.c.id)
    if not url:
        if not _read(engine, due.limit(1)):
            return 0
        with writing(engine) as connection:
            connection.execute(notices.update().where(notices.c.due.is_not(None)).values(due=None))
        return 0
    sent = 0
    for notice in _read(engine, due.limit(AT_ONCE)):
        if not _take(engine, notice, now):
            continue
        error = _send(url, secret, notice, now)
        values: dict[str, Any] = {"attempts": notice.attempts + 1, "error": error}
        if not error:
            values |= {"due": None, "sent_at": stamp(now)}
            sent += 1
        else:
            wait = min(FIRST * 2**notice.attempts, LONGEST)
            values["due"] = stamp(now + wait) if notice.attempts + 1 < TRIES else None
        with writing(engine) as connection:
            connection.execute(notices.update().where(notices.c.id == notice.id).values(**values))
            bump(connection)
        if error:  # a receiver that hangs holds up nothing else; the rest has its turn next time
            break
    return sent


def signature(secret: str, time: str, body: bytes) -> str:
    """What a receiver computes itself and compares with X-Housestyle-Signature."""
    told = hmac.new(secret.encode(), time.encode() + b"." + body, hashlib.sha256)
    return f"sha256={told.hexdigest()}"


def _take(engine: Engine, notice: Notice, now: datetime) -> bool:
    """Whether the notice is ours to send: nobody else has begun to."""
    this = (notices.c.id == notice.id) & (notices.c.due == notice.due)
    with writing(engine) as connection:
        taken = notices.update().where(this).values(due=stamp(now + TAKEN))
        return connection.execute(taken).rowcount == 1


def _send(url: str, secret: str | None, notice: Notice, now: datetime) -> str:
    """Empty where the receiver took it within `IN_ALL_S`, else why not."""
    global _slow
    if _slow is not None and _slow.is_alive():  # so that only one is ever left behind
        return "It is still busy with the answer before."
    said: list[str] = []
    _slow = threading.Thread(
        target=lambda: said.append(_post(url, secret, notice, now)), daemon=True
    )
    _slow.start()
    _slow.join(IN_ALL_S)
    return said[0] if said else f"It had not answered to the end after {IN_ALL_S:g} s."


# Who sent last; alive where its receiver still drips.
_slow: threading.Thread | None = None


def _post(url: str, secret: str | None, notice: Notice, now: datetime) -> str:
    """`_send`, for as long as the receiver takes."""
    told = {
        **notice.body,
        "id": notice.id,
        "at": notice.at,
        "event": notice.event,
        "style": notice.style,
        "text": _for_slack(notice.text),
    }
    body, time = json.dumps(told).encode(), str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", "X-Housestyle-Time": time}
    if secret:
        headers["X-Housestyle-Signature"] = signature(secret, time, body)
    try:
        # A receiver that sends us elsewhere is refused: the body is meant for it alone.
        with httpx.stream(
            "POST",
            url,
            content=body,
            headers=headers,
            timeout=PATIENCE_S,
            follow_redirects=False,
        ) as answer:
            if answer.is_success:
                return ""
            return masked(f"It answered {answer.status_code} {answer.reason_phrase}.")[:300]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return masked(f"It could not be reached: {error}.")[:300]


def _for_slack(text: str) -> str:
    """As Slack asks for it: or a reason could call a whole channel, or hide where a link goes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _read(engine: Engine, query: sa.Select[Any]) -> list[Notice]:
    with engine.connect() as connection:
        return [Notice(**row._mapping) for row in connection.execute(query)]
