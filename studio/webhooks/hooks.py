"""Webhooks: which program is told of whose jobs, and what its messages are signed with.

One is for all jobs of a person, or for those alone that a token of theirs asked for. One without an
address signs what goes to the addresses that jobs bring along. A secret is shown once, when it is
made; another one takes its place for as long as a day beside it, so that no message is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.people import as_of_now, named_in
from studio.accounts.rights import Actor, check, check_own
from studio.accounts.tables import people, tokens
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.masking import masked
from studio.webhooks import receivers
from studio.webhooks.receivers import Network
from studio.webhooks.signing import made_secret
from studio.webhooks.tables import deliveries, webhooks

RIGHT, OTHERS = "make webhooks", "manage people"
MOST = 20  # that one person can have at a time
BOTH = timedelta(days=1)  # that the old secret signs beside the new one
EACH_JOB = "addresses that jobs bring"
COLUMNS = ("id", "owner", "token", "url", "made_at", "old_until")
_HOLDING = (
    sa.select(*(webhooks.c[name] for name in COLUMNS))
    .where(webhooks.c.ended_at.is_(None))
    .order_by(webhooks.c.id)
)
_OF_JOB = _HOLDING.where(
    webhooks.c.owner == sa.bindparam("owner"),
    sa.or_(webhooks.c.token.is_(None), webhooks.c.token == sa.bindparam("token")),
)


@dataclass(frozen=True)
class Webhook:
    """One row as people see it, without its secret. `token` is the one whose jobs alone it is told
    of; `url` is "" where each job brings its own."""

    id: int
    owner: str
    token: int | None
    url: str
    made_at: str
    old_until: str | None

    @property
    def says(self) -> str:
        """Where its messages go."""
        return masked(self.url) or EACH_JOB


def make(
    engine: Engine,
    owner: str,
    url: str,
    *,
    networks: Sequence[Network],
    by: str,
    now: datetime,
    token: int | None = None,
) -> tuple[Webhook, str]:
    """A webhook of `owner`'s jobs, and its secret, which is told here only.

    `url` "": each job brings its address. StudioError for an address that is refused
    (`receivers`), a token that is not theirs, or one more than they may have.
    """
    check_own(by, owner, OTHERS)
    check(by, RIGHT)
    url = receivers.looked_up(url, networks).url if url.strip() else ""
    secret = made_secret()
    with writing(engine) as connection:
        by = as_of_now(connection, by)
        check_own(by, owner, OTHERS)
        check(by, RIGHT)
        if isinstance(by, Actor):  # else nobody signs in, and anybody's name will do
            owner = named_in(connection, owner).name
        _check_token(connection, owner, token, now)
        theirs = _holding(connection, webhooks.c.owner == str(owner))
        if len(theirs) >= MOST:
            raise StudioError(f"{owner} has {MOST} webhooks.", "Withdraw some first.")
        same = [one.id for one in theirs if (one.url, one.token) == (url, token)]
        if same:
            raise StudioError(
                f"Webhook {same[0]} of {owner} is for that already.",
                "Withdraw it first, or give it another secret.",
            )
        values = {"owner": str(owner), "token": token, "url": url, "secret": secret}
        made = connection.execute(
            webhooks.insert().values(**values, made_at=stamp(now), why_ended="")
        ).inserted_primary_key
        assert made is not None
        found = Webhook(int(made[0]), str(owner), token, url, stamp(now), None)
        _note(connection, "make webhook", found, by, now)
    return found, secret


def change_secret(engine: Engine, id: int, *, by: str, now: datetime) -> str:
    """Another secret, told here only; for a day messages are signed with both."""
    with writing(engine) as connection:
        by, found = _own(connection, id, by)
        old = sa.select(webhooks.c.secret).where(webhooks.c.id == id)
        values = {
            "old_secret": connection.execute(old).scalar_one(),
            "old_until": stamp(now + BOTH),
            "secret": made_secret(),
        }
        connection.execute(webhooks.update().where(webhooks.c.id == id).values(**values))
        _note(connection, "change webhook secret", found, by, now)
        return values["secret"]


def withdraw(engine: Engine, id: int, *, by: str, now: datetime) -> None:
    """It is told of nothing any more, also not of jobs that run."""
    with writing(engine) as connection:
        by, found = _own(connection, id, by)
        end(connection, id, "It was withdrawn.", now)
        _note(connection, "withdraw webhook", found, by, now)


def end(connection: Connection, id: int, why: str, now: datetime) -> None:
    """End a webhook with all that it was still to say, within the caller's transaction. Nothing is
    signed for it any more, so its secrets are kept no longer."""
    kept_no_longer = {"secret": "", "old_secret": None, "old_until": None}
    ended = webhooks.update().where(webhooks.c.id == id).values(ended_at=stamp(now), why_ended=why)
    connection.execute(ended.values(**kept_no_longer))
    waiting = (deliveries.c.webhook == id, deliveries.c.due.is_not(None))
    connection.execute(deliveries.update().where(*waiting).values(due=None, error=why))
    bump(connection)


def listing(engine: Engine, owner: str | None = None) -> list[Webhook]:
    """Those that hold, the oldest first; of everybody unless a name is given."""
    with engine.connect() as connection:
        return _holding(connection, *([webhooks.c.owner == str(owner)] if owner else []))


def of_job(connection: Connection, owner: str, token: int | None) -> list[Webhook]:
    """Those that are told of a job of `owner` that `token` asked for, a token's own ones first."""
    rows = connection.execute(_OF_JOB, {"owner": str(owner), "token": token})
    found = [Webhook(**row._mapping) for row in rows]
    return sorted(found, key=lambda one: one.token is None)


def signer(theirs: Sequence[Webhook], url: str) -> Webhook:
    """Which of these webhooks signs what goes to an address that a job brings: the one for that
    address, else the one for whatever jobs bring. StudioError where there is neither."""
    by_url = {one.url: one for one in reversed(theirs)}
    found = by_url.get(url) or by_url.get("")
    if found is None:
        raise StudioError(
            "No secret signs what would be sent to this job's webhook.",
            "Make a webhook without an address first, on the page Your account or by: python -m "
            "studio webhooks create",
        )
    return found


def keys(connection: Connection, id: int, now: datetime) -> tuple[list[str], str]:
    """The secrets that sign for a webhook now, the newest first; none, and why, where it is told
    of nothing any more."""
    query = (
        sa.select(webhooks, tokens.c.withdrawn_at, people.c.shut_at)
        .outerjoin(tokens, tokens.c.id == webhooks.c.token)
        .outerjoin(people, people.c.name == webhooks.c.owner)
        .where(webhooks.c.id == id)
    )
    row = connection.execute(query).one()
    if row.ended_at is not None:
        return [], row.why_ended
    if row.withdrawn_at is not None:
        return [], "Its token was withdrawn."
    if row.shut_at is not None:
        return [], f"{row.owner} is deactivated."
    both = row.old_secret and row.old_until > stamp(now)
    return [row.secret, row.old_secret] if both else [row.secret], ""


def _own(connection: Connection, id: int, by: str) -> tuple[str, Webhook]:
    """Who acts, with the role of now, and the webhook, which is theirs or theirs to manage."""
    found = next(iter(_holding(connection, webhooks.c.id == id)), None)
    by = as_of_now(connection, by)
    check_own(by, found.owner if found else "", OTHERS)
    if found is None:
        raise StudioError(f"There is no webhook {id}.", "Look at the list of webhooks.")
    return by, found


def _check_token(connection: Connection, owner: str, token: int | None, now: datetime) -> None:
    if token is None:
        return
    query = sa.select(tokens.c.id).join(people, people.c.id == tokens.c.person)
    holds = (tokens.c.withdrawn_at.is_(None), tokens.c.until > stamp(now))
    theirs = query.where(tokens.c.id == token, people.c.name == str(owner), *holds)
    if connection.execute(theirs).first() is None:
        raise StudioError(f"{owner} has no token {token}.", "Look at the list of tokens.")


def _holding(connection: Connection, *which: sa.ColumnElement[bool]) -> list[Webhook]:
    return [Webhook(**row._mapping) for row in connection.execute(_HOLDING.where(*which))]


def _note(connection: Connection, action: str, hook: Webhook, by: str, now: datetime) -> None:
    reason = f"{hook.owner}: {hook.says}"
    ledger.record(connection, at=now, actor=by, action=action, reason=reason)
    bump(connection)
