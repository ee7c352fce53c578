"""Who is asked to vote on a ballot, who has not yet, and reminding or removing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.review.ballots import Ballot, get, rows
from studio.review.tables import ballots, handed_in, voters, votes


@dataclass(frozen=True)
class Invited:
    """One person and a ballot. `cast` pairs have their vote; moments are ISO UTC or None."""

    voter: str
    cast: int
    handed_in: bool
    invited: bool
    reminded_at: str | None
    removed_at: str | None


def everyone(engine: Engine, id: int) -> list[Invited]:
    """Who was invited or has voted, those first who have most left to do; removed ones last."""
    known = {row.voter: row for row in rows(engine, sa.select(voters).where(voters.c.ballot == id))}
    count = sa.func.count()
    query = (
        sa.select(votes.c.voter, count.label("votes"))
        .where(votes.c.ballot == id, votes.c.undone_at.is_(None))
        .group_by(votes.c.voter)
    )
    cast = {row.voter: row.votes for row in rows(engine, query)}
    done = {r.voter for r in rows(engine, sa.select(handed_in).where(handed_in.c.ballot == id))}
    found = [
        Invited(
            voter=name,
            cast=cast.get(name, 0),
            handed_in=name in done,
            invited=name in known and bool(known[name].invited_by),
            reminded_at=known[name].reminded_at if name in known else None,
            removed_at=known[name].removed_at if name in known else None,
        )
        for name in sorted({*known, *cast})
    ]
    return sorted(found, key=lambda one: (one.removed_at is not None, one.cast, one.voter))


def may_vote(source: Engine | Connection, id: int, voter: str) -> bool:
    """Whether the person may vote: invited and not removed, or nobody was invited by name."""
    mine = rows(source, sa.select(voters).where(voters.c.ballot == id, voters.c.voter == voter))
    if mine:
        return mine[0].removed_at is None
    somebody = sa.select(voters.c.voter).where(voters.c.ballot == id, voters.c.invited_by != "")
    return not rows(source, somebody.limit(1))


def refuse(source: Engine | Connection, id: int, voter: str) -> None:
    """StudioError unless the person may vote."""
    if not may_vote(source, id, voter):
        raise StudioError(
            "You are not, or no longer, among those who vote on this ballot.",
            f"Ask {get(source, id).opened_by}, who opened it. Nothing was stored.",
        )


def waits_for(engine: Engine, voter: str) -> dict[int, str]:
    """Ballots that somebody reminded this person of, with who did."""
    query = sa.select(voters.c.ballot, voters.c.reminded_by).where(
        voters.c.voter == voter, voters.c.reminded_at.is_not(None), voters.c.removed_at.is_(None)
    )
    return {row.ballot: row.reminded_by for row in rows(engine, query)}


def remind(engine: Engine, id: int, by: str, now: datetime) -> list[str]:
    """Put a notice on the Home of all who were invited and have pairs left; who they are."""
    check(by, "open ballots")
    with writing(engine) as connection:
        ballot = _open(connection, id)
        late = _late(connection, ballot)
        connection.execute(
            voters.update()
            .where(voters.c.ballot == id, voters.c.voter.in_(late))
            .values(reminded_at=stamp(now), reminded_by=by)
        )
        if late:
            _note(connection, ballot, "remind voters", ", ".join(late), by, now)
    return late


def invite(engine: Engine, id: int, name: str, by: str, now: datetime) -> None:
    """Ask one more person, or a removed one again; the ballot then expects one voter more."""
    check(by, "open ballots")
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise StudioError(f"{name[:80]!r} is no name.", "Write the name that they sign in with.")
    with writing(engine) as connection:
        ballot = _open(connection, id)
        this = (voters.c.ballot == id, voters.c.voter == name)
        before = rows(connection, sa.select(voters).where(*this))
        if before and before[0].removed_at is None:
            return
        if not before and not rows(
            connection,
            sa.select(voters).where(voters.c.ballot == id, voters.c.invited_by != "").limit(1),
        ):
            raise StudioError(
                "Everybody may vote on this ballot.", "Tell them; nobody needs an invitation."
            )
        values = {"removed_at": None, "removed_by": None}
        if before:
            connection.execute(voters.update().where(*this).values(**values))
        else:
            connection.execute(
                voters.insert().values(ballot=id, voter=name, invited_at=stamp(now), invited_by=by)
            )
        _expect(connection, ballot, 1)
        _note(connection, ballot, "invite voter", name, by, now)


def remove(engine: Engine, id: int, name: str, by: str, now: datetime) -> None:
    """End a person's voting: their votes stay stored and count no more, theirs is not expected.

    Removing twice changes nothing.
    """
    check(by, "open ballots")
    with writing(engine) as connection:
        ballot = _open(connection, id)
        this = (voters.c.ballot == id, voters.c.voter == name)
        before = rows(connection, sa.select(voters).where(*this))
        if before and before[0].removed_at is not None:
            return
        gone = {"removed_at": stamp(now), "removed_by": by}
        if before:
            connection.execute(voters.update().where(*this).values(**gone))
        elif rows(
            connection,
            sa.select(votes.c.id).where(votes.c.ballot == id, votes.c.voter == name).limit(1),
        ):
            connection.execute(
                voters.insert().values(
                    ballot=id, voter=name, invited_at=stamp(now), invited_by="", **gone
                )
            )
        else:
            raise StudioError(f"{name} does not vote on this ballot.", "Load the page again.")
        _expect(connection, ballot, -1)
        _note(connection, ballot, "remove voter", name, by, now)


def _expect(connection: Connection, ballot: Ballot, more: int) -> None:
    this = ballots.c.id == ballot.id
    connection.execute(ballots.update().where(this).values(voters=max(1, ballot.voters + more)))


def _late(connection: Connection, ballot: Ballot) -> list[str]:
    done = sa.select(handed_in.c.voter).where(handed_in.c.ballot == ballot.id)
    query = sa.select(voters.c.voter).where(
        voters.c.ballot == ballot.id,
        voters.c.removed_at.is_(None),
        voters.c.invited_by != "",
        voters.c.voter.not_in(done),
    )
    return sorted(row.voter for row in rows(connection, query))


def _open(connection: Connection, id: int) -> Ballot:
    ballot = get(connection, id)
    if not ballot.open:
        raise StudioError(f"{ballot.closed_by} closed this ballot.", "Open another one.")
    return ballot


def _note(
    connection: Connection, ballot: Ballot, action: str, who: str, by: str, now: datetime
) -> None:
    ledger.record(
        connection,
        at=now,
        actor=by,
        action=action,
        style=ballot.style,
        reason=f"{who} ({ballot.question})",
    )
    bump(connection)
