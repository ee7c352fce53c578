"""The end of what was sent to machines: what it cost, and that nothing of it is left there.

A job's own process does it where it can; the watcher does it for all others (`close_left`): jobs
that were cancelled, or whose process was killed, while a machine computed. All may be done twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from studio.charges import calls, prices
from studio.charges import charge as charges
from studio.charges.charge import Charge
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.context import Studio, now
from studio.errors import StudioError
from studio.jobs import queue
from studio.remote import client, machines, runs
from studio.remote.connection import Away, Connection, Refused
from studio.remote.machine_prices import TIME
from studio.remote.protocol import Status
from studio.remote.runs import LOST, Run

logger = logging.getLogger(__name__)
AGAIN = timedelta(seconds=15)  # between two tries at a machine that does not answer
SOON = timedelta(seconds=1)  # between two looks at a run that is to end


def settle(studio: Studio, run: Run, status: Status) -> None:
    """Note what a run cost, by the price that it was reserved at and what the machine says that it
    computed; then how it ended. So a run that is noted as ended is paid, whatever was killed."""
    at, run = now(), runs.of_id(studio.engine, run.id)
    if run.charge is not None:
        _pay(studio, run, run.charge, status, at)
    runs.heard(studio.engine, run.id, "ended", status.waited_ms, status.computed_ms, at)


def _pay(studio: Studio, run: Run, id: int, status: Status, at: datetime) -> None:
    charge = charges.get(studio.engine, id)
    cost = _quote(studio, charge, status.computed_ms).money
    if status.state == "COMPLETED":
        calls.finish(
            studio.engine, charge.id, cost, now=at, reference=run.id, measured=status.computed_ms
        )
    else:
        note = f"{run.machine}: {status.state}. {status.error}"
        calls.fail(studio.engine, charge.id, cost, now=at, note=note)


def unsent(studio: Studio, run: Run, why: str) -> None:
    """A run that was never sent is over; its money is free again."""
    run = runs.of_id(studio.engine, run.id)
    if run.charge is not None:
        charge = charges.get(studio.engine, run.charge)
        if charge.state == "estimated":
            calls.release(studio.engine, charge.id, now=now())
        elif charge.state in ("sent", "unconfirmed"):  # noted so, and never posted
            nothing = Money(0, charge.currency)
            calls.fail(studio.engine, charge.id, nothing, now=now(), note=why)
    runs.close(studio.engine, run.id, now(), why)


def close_left(studio: Studio, machine: str = "") -> int:
    """End what jobs that have ended left on machines, or on one of them; how many runs were
    closed."""
    closed = 0
    open_ = dict[str, Connection]()
    try:
        for run in runs.left(studio.engine, now()):
            if machine in ("", run.machine):
                closed += _closed(studio, run, open_)
    finally:
        for connection in open_.values():
            connection.close()
    return closed


def close(studio: Studio, run: Run) -> None:
    """The same of one run, whose job has just ended: a machine that does not answer now is left to
    the watcher."""
    open_ = dict[str, Connection]()
    try:
        _closed(studio, run, open_)
    finally:
        for connection in open_.values():
            connection.close()


def _closed(studio: Studio, run: Run, open_: dict[str, Connection]) -> bool:
    """Whether a run is closed now."""
    if run.state == "meant":
        unsent(studio, run, "It was not sent.")
        return True
    try:
        if run.machine not in open_:
            machine = machines.get(studio.engine, run.machine)
            networks = studio.settings.private_networks
            open_[run.machine] = machines.connected(studio.engine, studio.home, machine, networks)
        return _ended_there(studio, run, open_[run.machine])
    except (Away, Refused) as error:
        return _silent(studio, run, error)
    except StudioError as error:
        logger.warning("run %s on %s: %s", run.id, run.machine, error)
        return _silent(studio, run, error)


def _ended_there(studio: Studio, run: Run, connection: Connection) -> bool:
    """Cancel what computes yet; once it has ended, settle it and have it forgotten."""
    status = client.status(connection, run.id)
    run = runs.of_id(studio.engine, run.id)  # its job's own process may have been quicker
    if run.closed_at is not None:
        return True
    if status is None and run.state == "sent":  # should it come late, it is not begun there
        status = client.cancel(connection, run.id)
    if status is None:
        if run.state == "ended":  # forgotten, and killed before that was noted
            runs.close(studio.engine, run.id, now())
        elif run.state == "sent":
            unsent(studio, run, f"{run.machine} knows no such run: it never came there.")
        else:
            note = f"{run.machine} knows no such run any more: what it cost is not known."
            runs.close(studio.engine, run.id, now(), note)
        return True
    if not status.ended:
        status = client.cancel(connection, run.id) or status
    if not status.ended:
        runs.put_off(studio.engine, run.id, "It is being cancelled.", now() + SOON)
        return False
    if run.state != "ended":
        settle(studio, run, status)
    client.forget(connection, run.id)
    runs.close(studio.engine, run.id, now())
    return True


def _silent(studio: Studio, run: Run, error: StudioError) -> bool:
    """Its machine can't be asked: later, and a day after its job's end no more, however long it
    had computed by then. What it cost stays unknown, for a person to settle."""
    ended = queue.get(studio.engine, run.job).ended_at or run.made_at
    if now() - datetime.fromisoformat(ended) < LOST:
        runs.put_off(studio.engine, run.id, error.message, now() + AGAIN)
        return False
    if run.charge is not None:
        calls.lose(studio.engine, run.charge, now=now(), note=error.message)
    runs.close(studio.engine, run.id, now(), f"Given up: {error.message}")
    return True


def _quote(studio: Studio, charge: Charge, computed_ms: int) -> Quote:
    """What so many milliseconds cost by the prices that the charge was reserved at."""
    held = prices.versions(studio.engine, charge.price_list)
    used = next((one for one in held if one.version == charge.price_version), held[0])
    return used.quote(TIME, computed_ms)
