"""Calls of providers, each one row from the wish that was confirmed to the model that came.

A call is *meant*, then *sent*, which is noted before it goes out, then *known*: the provider has
named its own number for it, and it is looked at until it has ended. It ends as *done* (what came is
kept here), *failed*, *moderated* (refused for its content, and not sent again) or *cancelled*. One
whose answer was lost is *unsure*; one that was not ready in time is *late*, and one look more is
asked for by a person. No change here posts anything; its money is the charge under `charge_key`.

Each change is one transaction that names the states that it begins from, so that of two who look at
the same call at once one has its way, and the other is told nothing new.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import notifications
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.masking import masked
from studio.props.providers.call_table import provider_calls
from studio.text.decoding import in_a_line

State = Literal[
    "meant", "sent", "known", "done", "failed", "moderated", "cancelled", "unsure", "late"
]
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("meant", "sent", "known")
BEGUN: tuple[State, ...] = ("meant", "sent", "unsure")  # nothing is heard of it yet
PATIENCE = timedelta(hours=2)  # that a known call is looked at by itself
SHORTEST, LONGEST = timedelta(seconds=3), timedelta(minutes=2)  # between two looks
PUT_OFF = timedelta(minutes=1)  # until a prop is asked for again that was refused
AT_ONCE = 50
NOTE, WHAT = 400, 200  # characters


@dataclass(frozen=True)
class New:
    """A call that is meant. `asked` is all that is needed to make a prop of what comes; `what` is
    for people, `fingerprint` as `asked.Asked` has it."""

    job: int
    provider: str
    model: str
    what: str
    style: str
    person: str
    asked: Mapping[str, Any]
    fingerprint: str


@dataclass(frozen=True)
class Call:
    """One row. Moments are ISO UTC. `reference` is the provider's number for it; `due` is when it
    is looked at next, until `deadline`, or when a prop of what came is asked for next; `file` and
    `bytes` are what came, in the store; `asset` is the prop of it, "" before it is made, by job
    `received_by`."""

    id: int
    job: int
    provider: str
    model: str
    what: str
    style: str
    person: str
    asked: dict[str, Any]
    fingerprint: str
    mark: str
    state: State
    reference: str | None
    addresses: dict[str, str]
    percent: int
    note: str
    tries: int
    made_at: str
    sent_at: str | None
    ended_at: str | None
    due: str | None
    deadline: str | None
    cancel_by: str | None
    cancel_sent: bool
    file: str | None
    bytes: int | None
    received_by: int | None
    asset: str

    @property
    def charge_key(self) -> str:
        """The key of its charge."""
        return f"provider call {self.id}"

    @property
    def ended(self) -> bool:
        """Whether nothing is looked at by itself any more."""
        return self.state not in OPEN


def begin(engine: Engine, new: New, *, now: datetime) -> Call:
    """The call of a job; the same one for every attempt at that job."""
    with writing(engine) as connection:
        before = _first(connection, provider_calls.c.job == new.job)
        if before is not None:
            return before
        values = {
            **vars(new),
            "what": new.what[:WHAT],
            "person": str(new.person),
            "asked": dict(new.asked),
            "mark": "",
            "state": "meant",
            "addresses": {},
            "percent": 0,
            "note": "",
            "tries": 0,
            "made_at": stamp(now),
            "cancel_sent": False,
            "asset": "",
        }
        made = connection.execute(provider_calls.insert().values(**values)).inserted_primary_key
        assert made is not None
        bump(connection)
        return _of_id(connection, int(made[0]))


def get(engine: Engine, id: int) -> Call:
    """Call `id`, or StudioError."""
    with engine.connect() as connection:
        return _of_id(connection, id)


def of_job(engine: Engine, job: int) -> Call | None:
    """The call that a job makes, if it came to that."""
    with engine.connect() as connection:
        return _first(connection, provider_calls.c.job == job)


def listing(
    engine: Engine,
    *,
    states: Collection[State] = (),
    person: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Call]:
    """The newest calls first; `before` is the last id of the page before."""
    c = provider_calls.c
    query = sa.select(provider_calls).order_by(c.id.desc()).limit(limit)
    if states:
        query = query.where(c.state.in_(states))
    if person is not None:
        query = query.where(c.person == person)
    if before is not None:
        query = query.where(c.id < before)
    return _all(engine, query)


def refused_before(engine: Engine, fingerprint: str) -> Call | None:
    """The newest call with this content that was refused for it, if any."""
    c = provider_calls.c
    mine = (c.fingerprint == fingerprint) & (c.state == "moderated")
    query = sa.select(provider_calls).where(mine).order_by(c.id.desc()).limit(1)
    return next(iter(_all(engine, query)), None)


def references(engine: Engine, provider: str) -> tuple[str, ...]:
    """The numbers of the newest calls that a provider has named."""
    c = provider_calls.c
    query = sa.select(c.reference).where(c.provider == provider, c.reference.is_not(None))
    with engine.connect() as connection:
        return tuple(connection.execute(query.order_by(c.id.desc()).limit(1_000)).scalars())


def due(engine: Engine, now: datetime, limit: int = AT_ONCE) -> list[Call]:
    """The known calls that are to be looked at, the longest due first."""
    c = provider_calls.c
    mine = (c.state == "known") & (c.due <= stamp(now))
    return _all(engine, sa.select(provider_calls).where(mine).order_by(c.due).limit(limit))


def begun(engine: Engine, limit: int = AT_ONCE) -> list[Call]:
    """Calls that nothing is heard of yet, the oldest first."""
    c = provider_calls.c
    mine = c.state.in_(("meant", "sent"))
    return _all(engine, sa.select(provider_calls).where(mine).order_by(c.id).limit(limit))


def lost(engine: Engine, since: datetime, limit: int = AT_ONCE) -> list[Call]:
    """Calls whose answer was lost since a moment, the oldest first."""
    c = provider_calls.c
    mine = (c.state == "unsure") & (c.ended_at >= stamp(since))
    return _all(engine, sa.select(provider_calls).where(mine).order_by(c.id).limit(limit))


def unreceived(engine: Engine, now: datetime | None = None, limit: int = AT_ONCE) -> list[Call]:
    """Calls whose model is here, and that no job makes a prop of, the oldest first; with `now`
    without those that were put off to a later moment."""
    c = provider_calls.c
    mine = (c.state == "done") & (c.asset == "") & c.received_by.is_(None)
    if now is not None:
        mine &= c.due.is_(None) | (c.due <= stamp(now))
    return _all(engine, sa.select(provider_calls).where(mine).order_by(c.id).limit(limit))


def mark(engine: Engine, id: int, uploaded: str) -> Call:
    """Note what the provider calls the picture that was uploaded for this call."""
    return _change(engine, id, BEGUN, {"mark": uploaded})


def sending(engine: Engine, id: int, *, now: datetime) -> Call:
    """It goes out now."""
    return _change(engine, id, ("meant",), {"state": "sent", "sent_at": stamp(now)})


def know(
    engine: Engine, id: int, reference: str, addresses: Mapping[str, str], *, now: datetime
) -> Call:
    """The provider took it under this number; it is looked at soon, for PATIENCE."""
    values = {
        "state": "known",
        "reference": reference,
        "addresses": dict(addresses),
        "note": "",
        "ended_at": None,
        **_soon(now),
    }
    return _change(engine, id, BEGUN, values)


def wait(
    engine: Engine,
    call: Call,
    *,
    now: datetime,
    percent: int = 0,
    note: str = "",
    tries: int | None = None,
) -> Call:
    """It is not ready: look again later, ever later where a look told nothing (`note`); *late* once
    its deadline is over, of which a notice tells with the number that the provider knows it by.
    `tries` counts such looks anew."""
    if tries is None:
        tries = call.tries + 1 if note else 0
    values: dict[str, Any] = {"tries": tries, "note": _note(note)}
    if percent:
        values["percent"] = percent
    if call.deadline is not None and call.deadline < stamp(now):
        values |= {"state": "late", "due": None, "ended_at": stamp(now)}
        text = (
            f"“{call.what}” was not ready at {call.provider} in time. It has it as "
            f"{call.reference}: fetch it again on the page Props, which costs nothing."
        )
        return _change(engine, call.id, ("known",), values, told=("late model", text, now))
    values["due"] = stamp(now + _pause(call, tries, now))
    return _change(engine, call.id, ("known",), values)


def keep(engine: Engine, id: int, file: str, size: int, *, now: datetime) -> Call:
    """Its model is here, in the store under this hash."""
    values = {
        "state": "done",
        "file": file,
        "bytes": size,
        "percent": 100,
        "note": "",
        "due": None,
        "ended_at": stamp(now),
    }
    return _change(engine, id, ("known", "late"), values)


def end(engine: Engine, id: int, state: State, note: str, *, now: datetime) -> Call:
    """Nothing comes of it: *failed*, *moderated* or *cancelled*. Of one that was done, that what
    came is no model that can be used; it stays in the store."""
    values = {"state": state, "note": _note(note), "due": None, "ended_at": stamp(now)}
    return _change(engine, id, (*BEGUN, "known", "late", "done"), values)


def lose(engine: Engine, id: int, note: str, *, now: datetime) -> Call:
    """Its answer is lost; the charge's own notice tells people."""
    values = {"state": "unsure", "note": _note(note), "due": None, "ended_at": stamp(now)}
    return _change(engine, id, ("meant", "sent"), values)


def again(engine: Engine, id: int, *, now: datetime) -> Call:
    """Look at it again: one that is late, that failed after it was taken, or of which a prop is to
    be made anew. Nothing is posted. StudioError where the provider never named a number for it."""
    call = get(engine, id)
    if call.reference is None:
        raise StudioError(
            f"{call.provider} has named no number for call {id}.",
            "Look it up on the provider's pages, and say which it is; or settle its charge on the "
            "page Costs.",
        )
    if call.state == "moderated":
        raise StudioError(
            f"{call.provider} refused call {id} for its content: {call.note}",
            "Nothing comes of it. Change the picture or the words, and ask anew.",
        )
    if call.state == "done":
        anew = {"received_by": None, "tries": call.tries + 1, "due": None}
        return _change(engine, id, ("done",), anew)
    values = {"state": "known", "note": "", "tries": 0, "ended_at": None, **_soon(now)}
    return _change(engine, id, ("known", "late", "failed", "cancelled"), values)


def ask_to_cancel(engine: Engine, id: int, by: str) -> Call:
    """Note that it is to end early, if its provider does that."""
    return _change(engine, id, ("known",), {"cancel_by": str(by)})


def cancelling(engine: Engine, id: int) -> Call:
    """Its provider is asked to end it, now."""
    return _change(engine, id, ("known",), {"cancel_sent": True})


def put_off(engine: Engine, id: int, note: str, *, now: datetime) -> Call:
    """No job could be asked for that makes a prop of what came: a little later."""
    return _change(engine, id, ("done",), {"note": _note(note), "due": stamp(now + PUT_OFF)})


def receiving(engine: Engine, id: int, job: int) -> Call:
    """A job makes a prop of what came."""
    return _change(engine, id, ("done",), {"received_by": job, "note": "", "due": None})


def received(engine: Engine, id: int, asset: str) -> Call:
    """The prop of it is there."""
    return _change(engine, id, ("done",), {"asset": asset, "note": ""})


def _change(
    engine: Engine,
    id: int,
    before: Collection[str],
    values: Mapping[str, Any],
    told: tuple[str, str, datetime] | None = None,
) -> Call:
    """The call as it is after this; unchanged where it is in none of the states `before`. `told`
    is a notice that goes with the change: event, text and moment."""
    c = provider_calls.c
    with writing(engine) as connection:
        mine = (c.id == id) & c.state.in_(before)
        done = connection.execute(provider_calls.update().where(mine).values(**values))
        call = _of_id(connection, id)
        if done.rowcount and told is not None:
            event, text, now = told
            notifications.tell(connection, event, text, now, call.style, call=id)
        if done.rowcount:
            bump(connection)
        return call


def _soon(now: datetime) -> dict[str, str]:
    return {"due": stamp(now + SHORTEST), "deadline": stamp(now + PATIENCE)}


def _pause(call: Call, tries: int, now: datetime) -> timedelta:
    """Until the next look: short at first, a tenth of its age later; doubled with each look that
    told nothing."""
    age = now - datetime.fromisoformat(call.sent_at or call.made_at)
    pause = max(SHORTEST, min(age / 10, timedelta(seconds=15)))
    return min(pause * 2 ** min(tries, 10), LONGEST)


def _note(text: str) -> str:
    return masked(in_a_line(text[: 4 * NOTE]))[:NOTE]


def _of_id(connection: Connection, id: int) -> Call:
    found = _first(connection, provider_calls.c.id == id)
    if found is None:
        raise StudioError(f"There is no call {id} of a provider.", "Choose one on the page Props.")
    return found


def _first(connection: Connection, mine: sa.ColumnElement[bool]) -> Call | None:
    row = connection.execute(sa.select(provider_calls).where(mine)).first()
    return None if row is None else _call(row)


def _all(engine: Engine, query: sa.Select[Any]) -> list[Call]:
    with engine.connect() as connection:
        return [_call(row) for row in connection.execute(query)]


def _call(row: Row[Any]) -> Call:
    found = row._mapping
    return Call(**{field.name: found[field.name] for field in fields(Call)})
