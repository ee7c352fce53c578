"""The machines that the studio knows: their addresses, keys, limits, and what they said of
themselves.

A key is sealed and shown to nobody again. What a machine costs: `remote.machine_prices`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError, nearest
from studio.masking import masked
from studio.remote import connection as connections
from studio.remote import seal
from studio.remote.protocol import NAME, Base, Capabilities
from studio.remote.tables import machine_runs, machines
from studio.webhooks import receivers
from studio.webhooks.receivers import Network

RIGHT = "manage machines"
HERE, CHEAPEST, CLUSTER = "here", "cheapest", "cluster"
TAKEN = (HERE, CHEAPEST, CLUSTER)  # words of `where` that call no machine
SECONDS = 3_600  # that one run may compute, unless it is said
MOST_SECONDS = 30 * 24 * 3_600
MOST, LONGEST = 100, 40  # machines; characters of a name
NOTE = 300  # characters


@dataclass(frozen=True)
class Machine:
    """One machine, without its key. `said` None: it never answered."""

    name: str
    address: str
    kinds: tuple[str, ...]
    seconds: int
    idle_close: float | None
    at_once: int
    said: Capabilities | None
    seen_at: str | None
    trouble: str
    made_by: str
    made_at: str

    def takes(self, kind: str) -> bool:
        """Whether jobs of this kind may go there, as far as is known."""
        mine = not self.kinds or kind in self.kinds
        return mine and (self.said is None or kind in self.said.kinds)


def add(
    engine: Engine,
    home: Path,
    name: str,
    address: str,
    key: str,
    *,
    networks: Sequence[Network],
    kinds: Collection[str] = (),
    seconds: int = SECONDS,
    idle_close: float | None = None,
    at_once: int = 1,
    by: str,
    now: datetime,
) -> Machine:
    """A machine, or another address, key and limits for the one of that name. StudioError for a
    name that is none, an address that is refused (`webhooks.receivers`), no key."""
    check(by, RIGHT)
    if not NAME.fullmatch(name) or len(name) > LONGEST or name in TAKEN:
        raise StudioError(
            f"{name[:60]!r} is no name for a machine.",
            f"Use up to {LONGEST} letters, digits, dots, - and _; not {', '.join(TAKEN)}.",
        )
    if not key.strip() or not key.isascii() or not key.isprintable():
        raise StudioError("The machine has no key.", "Give the token that it was told to take.")
    address = receivers.checked(address, networks, f"machine {name}").rstrip("/")
    if not 1 <= seconds <= MOST_SECONDS:
        raise StudioError(f"{seconds} seconds a run.", f"Give 1 to {MOST_SECONDS}.")
    values = {
        "address": address,
        "key": seal.sealed(home, key.strip()),
        "kinds": sorted(kinds),
        "seconds": seconds,
        "idle_close": idle_close,
        "at_once": at_once,
        "said": None,
        "seen_at": None,
        "trouble": "",
        "made_by": str(by),
        "made_at": stamp(now),
    }
    with writing(engine) as connection:
        there = {row.name for row in connection.execute(sa.select(machines.c.name))}
        if name not in there and len(there) >= MOST:
            raise StudioError(f"There are {MOST} machines.", "Remove some first.")
        if name in there:
            this = machines.update().where(machines.c.name == name)
            connection.execute(this.values(**values))
        else:
            connection.execute(machines.insert().values(name=name, **values))
        reason = f"{name} at {masked(address)}"
        ledger.record(connection, at=now, actor=by, action="add machine", reason=reason)
        bump(connection)
        return _get(connection, name)


def remove(engine: Engine, name: str, *, by: str, now: datetime) -> None:
    """Forget a machine with its key. StudioError where something of it is open yet."""
    check(by, RIGHT)
    with writing(engine) as connection:
        _get(connection, name)
        c = machine_runs.c
        open_ = sa.select(c.job).where(c.machine == name, c.closed_at.is_(None))
        jobs = sorted(set(connection.execute(open_).scalars()))
        if jobs:
            raise StudioError(
                f"{name} has runs of jobs {', '.join(map(str, jobs[:10]))}.",
                "Wait until they have ended, or cancel them first.",
            )
        connection.execute(machines.delete().where(machines.c.name == name))
        ledger.record(connection, at=now, actor=by, action="remove machine", reason=name)
        bump(connection)


def get(engine: Engine, name: str) -> Machine:
    """The machine of that name, or StudioError."""
    with engine.connect() as connection:
        return _get(connection, name)


def listing(engine: Engine) -> list[Machine]:
    """Every machine, by name."""
    with engine.connect() as connection:
        found = connection.execute(sa.select(machines).order_by(machines.c.name))
        return [_machine(row) for row in found]


def key_of(engine: Engine, home: Path, name: str) -> str:
    """A machine's key, opened."""
    query = sa.select(machines.c.key).where(machines.c.name == name)
    with engine.connect() as connection:
        found = connection.execute(query).scalar()
    if found is None:
        raise _none(name, [])
    return seal.opened(home, str(found))


def connected(
    engine: Engine, home: Path, machine: Machine, networks: Sequence[Network]
) -> connections.Connection:
    """A connection to a machine, with its key."""
    address = connections.Address(machine.name, machine.address, networks)
    return connections.Connection(address, key_of(engine, home, machine.name))


def note(engine: Engine, name: str, said: Capabilities | None, trouble: str, now: datetime) -> None:
    """What it said of itself just now, or why it did not."""
    values: dict[str, Any] = {"trouble": masked(trouble)[:NOTE]}
    if said is not None:
        values |= {"said": asdict(said), "seen_at": stamp(now), "at_once": said.at_once}
    with writing(engine) as connection:
        this = machines.update().where(machines.c.name == name)
        if connection.execute(this.values(**values)).rowcount:
            bump(connection)


def checked_where(engine: Engine, where: str, kind: str) -> str:
    """Where a job is to be computed: here, on a machine by its name, or on the cheapest.
    StudioError for another, and for a machine that does not take this kind."""
    word = where.strip() or HERE
    if word == HERE:
        return word
    known = listing(engine)
    if word == CHEAPEST:
        if not any(one.takes(kind) for one in known):
            raise StudioError(
                f"No machine takes jobs of the kind {kind!r}.",
                f"Let it be done {HERE}, or add a machine: python -m studio machine add NAME ...",
            )
        return word
    found = next((one for one in known if one.name == word), None)
    if found is None:
        raise _none(word, [one.name for one in known])
    if not found.takes(kind):
        takes = found.kinds or tuple(found.said.kinds if found.said else ())
        raise StudioError(
            f"{word} takes no jobs of the kind {kind!r}.", f"It takes: {', '.join(takes)}."
        )
    return word


def _none(name: str, known: Sequence[str]) -> StudioError:
    there = f"There are {HERE}, {CHEAPEST}, {', '.join(known)}." if known else ""
    return StudioError(
        f"There is no machine {name[:60]!r}.",
        f"{nearest(name, known)}{there or 'Add one: python -m studio machine add NAME ADDRESS'}",
    )


def _get(connection: Connection, name: str) -> Machine:
    row = connection.execute(sa.select(machines).where(machines.c.name == name)).first()
    if row is None:
        known = connection.execute(sa.select(machines.c.name).order_by(machines.c.name)).scalars()
        raise _none(name, list(known))
    return _machine(row)


def _machine(row: Row[Any]) -> Machine:
    found = dict(row._mapping)
    del found["key"]
    said: Mapping[str, Any] | None = found.pop("said")
    kinds = tuple(found.pop("kinds"))
    return Machine(**found, kinds=kinds, said=_said(said) if said else None)


def _said(told: Mapping[str, Any]) -> Capabilities | None:
    try:
        bases = tuple(Base(**one) for one in told["bases"])
        adapters = tuple(told["adapters"])
        return Capabilities(**{**told, "bases": bases, "adapters": adapters})
    except (KeyError, TypeError):  # of another version of the studio
        return None
