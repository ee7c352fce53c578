"""What webhooks are to be told: written with the job that it is about, sent once that has ended,
and again, ever later, until it is taken or given up.

A delivery that is being sent is due again a minute later, so that one whose sender was killed is
sent once more, under the same id. Of two senders at once one has it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check_own
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.jobs.table import ENDED, Job, as_job, jobs
from studio.webhooks import hooks
from studio.webhooks.sending import GONE, Answer
from studio.webhooks.tables import deliveries, webhooks

# Between two tries, as Standard Webhooks proposes: the tenth, the last, comes after three days.
RETRIES = tuple(
    timedelta(seconds=s) for s in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
TAKEN = timedelta(minutes=1)  # to one who sends it, and dies before saying how that went
KEPT_DAYS = 90


@dataclass(frozen=True)
class Delivery:
    """One message of one webhook about one job. `attempts` are the tries that have ended; `due` is
    the next one, None: no more; `error` is why the last one failed. `job_state` is the job's."""

    id: int
    message: str
    webhook: int
    owner: str
    job: int
    job_state: str
    url: str
    asked_at: str
    attempts: int
    due: str | None
    tried_at: str | None
    sent_at: str | None
    status: int | None
    error: str

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.sent_at is not None:
            return "delivered"
        if self.due is None:
            return "given up"
        if self.job_state not in ENDED:
            return "waits for the job"
        return "tried again" if self.attempts else "due"


@dataclass(frozen=True)
class Outgoing:
    """A delivery that is ours to send, what it is about, and the secrets that sign it."""

    delivery: Delivery
    job: Job
    keys: list[str]


def expect(connection: Connection, job: Job, url: str, token: int | None, now: datetime) -> None:
    """Write down who is told of the job's end, within the transaction that asks for it: the
    person's webhooks, those of the token that asked, and `url`, which the job brought ("": none).
    Each address once. StudioError where nothing signs for `url`."""
    theirs = hooks.of_job(connection, job.asked_by, token)
    wanted = {one.url: one.id for one in reversed(theirs) if one.url}
    if url:
        wanted[url] = hooks.signer(theirs, url).id
    if not wanted:
        return
    known = sa.select(deliveries.c.url).where(deliveries.c.job == job.id)
    for address in wanted.keys() - set(connection.execute(known).scalars()):
        connection.execute(
            deliveries.insert().values(
                message=f"msg_{secrets.token_hex(16)}",
                webhook=wanted[address],
                job=job.id,
                url=address,
                asked_at=stamp(now),
                attempts=0,
                due=stamp(now),
                error="",
            )
        )


def due(engine: Engine, now: datetime) -> list[int]:
    """The webhooks with something to send, the one that waits for longest first."""
    query = (
        sa.select(deliveries.c.webhook)
        .join(jobs, jobs.c.id == deliveries.c.job)
        .where(deliveries.c.due <= stamp(now), jobs.c.state.in_(ENDED))
        .group_by(deliveries.c.webhook)
        .order_by(sa.func.min(deliveries.c.due))
    )
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def take(engine: Engine, webhook: int, now: datetime) -> Outgoing | None:
    """The webhook's first delivery that is due, ours to send from now on; None where there is none.
    One whose webhook is told of nothing any more is given up."""
    first = (
        _query()
        .where(deliveries.c.webhook == webhook, deliveries.c.due <= stamp(now))
        .where(jobs.c.state.in_(ENDED))
        .order_by(deliveries.c.due, deliveries.c.id)
        .limit(1)
    )
    with writing(engine) as connection:
        while (row := connection.execute(first).first()) is not None:
            found = Delivery(**row._mapping)
            this = deliveries.update().where(deliveries.c.id == found.id)
            keys, why = hooks.keys(connection, webhook, now)
            if keys:
                until, at = stamp(now + TAKEN), stamp(now)
                connection.execute(this.values(due=until, tried_at=at))
                job = connection.execute(sa.select(jobs).where(jobs.c.id == found.job)).one()
                return Outgoing(found, as_job(job), keys)
            connection.execute(this.values(due=None, error=why))
            bump(connection)
    return None


def note(engine: Engine, sent: Outgoing, answer: Answer, now: datetime) -> None:
    """Write down how a try went. A receiver that is gone for good ends its webhook; what another
    sender has noted meanwhile stays."""
    tried = sent.delivery
    values: dict[str, object] = {
        "attempts": tried.attempts + 1,
        "status": answer.status,
        "error": answer.error,
    }
    more = tried.attempts < len(RETRIES) and answer.status != GONE
    if not answer.error:
        values |= {"due": None, "sent_at": stamp(now)}
    else:
        values["due"] = stamp(now + RETRIES[tried.attempts]) if more else None
    ours = (deliveries.c.id == tried.id) & (deliveries.c.attempts == tried.attempts)
    going = deliveries.c.due.is_not(None)  # else its webhook was withdrawn, or it was taken
    with writing(engine) as connection:
        connection.execute(deliveries.update().where(ours, going).values(**values))
        if answer.status == GONE and connection.execute(_is_its_own(tried)).first():
            hooks.end(connection, tried.webhook, "Its receiver answered 410: gone for good.", now)
        bump(connection)


def send_again(engine: Engine, id: int, *, by: str, now: datetime) -> None:
    """Send a message once more, from the first try on, taken or given up. StudioError where its job
    has not ended, or its webhook is told of nothing any more."""
    with writing(engine) as connection:
        row = connection.execute(_query().where(deliveries.c.id == id)).first()
        check_own(by, row.owner if row else "", hooks.OTHERS)
        if row is None:
            raise StudioError(f"There is no delivery {id}.", "Look at the list of deliveries.")
        keys, why = hooks.keys(connection, row.webhook, now)
        if not keys:
            raise StudioError(
                f"Webhook {row.webhook} is told of nothing any more. {why}", "Make another one."
            )
        if row.job_state not in ENDED:
            raise StudioError(f"Job {row.job} has not ended.", "It is told of when it has.")
        values = {"due": stamp(now), "attempts": 0, "sent_at": None, "error": ""}
        connection.execute(deliveries.update().where(deliveries.c.id == id).values(**values))
        bump(connection)


def listing(
    engine: Engine, *, owner: str | None = None, job: int | None = None, limit: int = 50
) -> list[Delivery]:
    """The newest first; of everybody unless a name is given."""
    query = _query().order_by(deliveries.c.id.desc()).limit(limit)
    if owner is not None:
        query = query.where(webhooks.c.owner == str(owner))
    if job is not None:
        query = query.where(deliveries.c.job == job)
    with engine.connect() as connection:
        return [Delivery(**row._mapping) for row in connection.execute(query)]


def prune(engine: Engine, now: datetime) -> int:
    """Forget deliveries that were over KEPT_DAYS ago; how many."""
    old = stamp(now - timedelta(days=KEPT_DAYS))
    over = (deliveries.c.due.is_(None), deliveries.c.asked_at < old)
    with writing(engine) as connection:
        return int(connection.execute(deliveries.delete().where(*over)).rowcount)


def _is_its_own(tried: Delivery) -> sa.Select[Any]:
    """The webhook, where the address is its own: of those that jobs bring one may be gone."""
    own = (webhooks.c.id == tried.webhook) & (webhooks.c.url == tried.url)
    return sa.select(webhooks.c.id).where(own)


def _query() -> sa.Select[Any]:
    return (
        sa.select(deliveries, webhooks.c.owner, jobs.c.state.label("job_state"))
        .join(webhooks, webhooks.c.id == deliveries.c.webhook)
        .join(jobs, jobs.c.id == deliveries.c.job)
    )
