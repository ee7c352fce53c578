"""A job that is computed on another machine: sent there, heard, its files fetched, and no more than
that. What it tells is applied here, and what comes of it is committed here, as if it had been
computed here.

The run's id is ours, and is written before anything is sent: whoever takes the job again, after a
kill say, asks the machine for that run first, and hears all of it from its beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from studio.context import Studio, now
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.emit import Emit
from studio.masking import masked
from studio.remote import client, machines, plain_values, runs
from studio.remote.connection import Away, Connection, Refused
from studio.remote.machines import Machine
from studio.remote.protocol import Status
from studio.remote.runs import Run
from studio.worker import machine_asked, machine_choice, machine_ends, machine_money
from studio.worker.context import Context, Gone
from studio.worker.kind import Kind, Outcome, Work
from studio.worker.payload import P
from studio.worker.returned import Returned

WAIT_S = 1.0  # that the machine holds an answer back; in between the job may be cancelled
PATIENCE_S = 120.0  # without an answer, after which the job waits in the queue
QUEUE_S = 24 * 3_600.0  # that a run may wait there to begin
NO_KEY = (401, 403)
T = TypeVar("T")


class Waits(StudioError):
    """The machine can't be asked now. Nothing is lost: the job goes on when it is taken again."""


def compute(context: Context, kind: Kind[P], work: Work, emit: Emit) -> Outcome:
    """What the machine makes of it, its files in the work's folder. Waits where the machine does
    not answer; StudioError where it can't do it, does something else, or fails."""
    run = runs.of_job(context.studio.engine, context.job.id)
    if run is None or run.state == "meant":
        run, connection = _begun(context, kind, work, emit, run)
    else:
        machine = machines.get(context.studio.engine, run.machine)
        connection = _connected(context, machine)
    try:
        if run.state == "sent":
            _found(context, kind, work, emit, run, connection)
        return _heard(context, run, connection, Returned(work.workdir, connection), emit)
    except BaseException:
        with suppress(StudioError):  # the watcher does it then
            if queue.get(context.studio.engine, context.job.id).cancel_by is not None:
                client.cancel(connection, run.id, seconds=2.0)
        raise
    finally:
        connection.close()


def close(studio: Studio, job: int) -> None:
    """A job has ended: what it left on its machine is settled and forgotten there, as far as the
    machine answers; the watcher does the rest."""
    run = runs.of_job(studio.engine, job)
    if run is not None:
        machine_ends.close(studio, run)


def _begun(
    context: Context, kind: Kind[P], work: Work, emit: Emit, before: Run | None
) -> tuple[Run, Connection]:
    """The run, sent to the first machine that can do it."""
    studio, job = context.studio, context.job
    refused: list[StudioError] = []
    found = machine_choice.candidates(studio, job.where, kind.name, now())
    for machine in found:
        if before is not None and before.machine != machine.name:
            _unsent(studio, before, "Another machine was chosen.")
        run = runs.mean(studio.engine, job.id, machine.name, now())
        if run.state != "meant":  # another attempt at the job was quicker
            raise Gone
        before, connection = run, _connected(context, machine)
        try:
            _send(context, kind, work, emit, machine, run, connection)
            runs.sending(studio.engine, run.id, now())
            return runs.of_id(studio.engine, run.id), connection
        except DatabaseAway:  # whether it is noted as sent is not known: the next attempt looks
            connection.close()
            raise
        except StudioError as error:
            connection.close()
            refused.append(error)
            if len(found) > 1:
                context.report(f"{machine.name} is passed over: {error.message}")
        except BaseException:
            connection.close()
            raise
    if before is not None:
        _unsent(studio, before, refused[-1].message)
    away = next((one for one in refused if isinstance(one, Away)), None)
    if away is not None:
        raise Waits(away.message, away.remedy)
    raise refused[0]


def _unsent(studio: Studio, run: Run, why: str) -> None:
    """The run is over; not where another attempt at the job has sent it by now."""
    if runs.of_id(studio.engine, run.id).state == "meant":
        machine_ends.unsent(studio, run, why)


def _send(
    context: Context,
    kind: Kind[P],
    work: Work,
    emit: Emit,
    machine: Machine,
    run: Run,
    connection: Connection,
) -> None:
    """Ask whether the machine can do it, hold its money, and send what it has not."""
    studio, job = context.studio, context.job
    try:
        found = client.health(connection)
    except StudioError as error:
        machines.note(studio.engine, machine.name, None, error.message, now())
        raise
    machines.note(studio.engine, machine.name, found, "", now())
    params = plain_values.written(work.params, plain_values.roots_of(studio.home))
    machine_choice.check(studio, machine, found, kind.name, kind.schema, job.gpu_gb, params)
    machine_money.reserve(studio, job, machine, run)
    _, files = machine_asked.asked(context, kind, work, params)

    def told(done: int, total: int) -> None:
        emit.step(0, 0)
        emit.say(f"Sending to {machine.name}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB")

    client.send(connection, files, told)
    machine_money.pay(studio, job, machine, run)


def _found(
    context: Context, kind: Kind[P], work: Work, emit: Emit, run: Run, connection: Connection
) -> None:
    """See to it that the machine has the run: it begins it, unless it has it already."""
    if _patiently(run, emit, lambda: client.status(connection, run.id)) is not None:
        return
    studio = context.studio
    machine = machines.get(studio.engine, run.machine)
    params = plain_values.written(work.params, plain_values.roots_of(studio.home))
    asked, files = machine_asked.asked(context, kind, work, params)

    def post() -> Status:
        client.send(connection, files)
        return client.run(
            connection,
            run.id,
            asked,
            seconds=machine.seconds,
            waits=QUEUE_S,
            idle_close=machine.idle_close,
        )

    _note(context, run, _patiently(run, emit, post))


def _heard(
    context: Context, run: Run, connection: Connection, returned: Returned, emit: Emit
) -> Outcome:
    """Hear the run to its end, and fetch what came of it."""
    after = log_after = 0
    taken = run.state in ("taken", "ended")
    while True:
        ask = partial(client.stream, connection, run.id, after, log_after, WAIT_S)
        heard = _patiently(run, emit, ask)
        if heard is None:
            raise _lost(run)
        for frame in heard.frames:
            said = _patiently(run, emit, partial(returned.frame, frame, emit))
            if said is not None:
                _patiently(run, emit, partial(client.answer, connection, run.id, *said))
        after, log_after, status = heard.after, heard.log_after, heard.status
        if heard.log:
            print(masked(heard.log.rstrip("\n")), flush=True)
        if not taken:
            taken = True
            _note(context, run, status)
        if status.state == "IN_QUEUE":
            emit.say(f"Waits for {run.machine} to begin, {status.waited_ms / 1_000:.0f} s")
        if status.ended and status.state != "COMPLETED":
            machine_ends.settle(context.studio, run, status)
            raise _failure(run, status)
        if status.ended:
            outcome = _patiently(run, emit, partial(returned.outcome, status.outcome))
            machine_ends.settle(context.studio, run, status)
            return outcome


def _patiently(run: Run, emit: Emit, ask: Callable[[], T]) -> T:
    """What is asked of the run's machine, again while it does not answer, which harms nothing.
    Waits after PATIENCE_S, or where it does not take its key any more."""
    began: float | None = None
    while True:
        emit.step(0, 0)  # raises where the job was cancelled, or is another's
        try:
            return ask()
        except Refused as error:
            if error.status in NO_KEY:
                raise Waits(error.message, error.remedy) from error
            raise
        except Away as error:
            began = time.monotonic() if began is None else began
            lasted = time.monotonic() - began
            if lasted > PATIENCE_S:
                raise Waits(error.message, error.remedy) from error
            emit.say(f"{run.machine} has not answered for {lasted:.0f} s; it is asked again.")
            time.sleep(min(WAIT_S, 0.1 + lasted))


def _note(context: Context, run: Run, status: Status) -> None:
    """The machine has it: from now on its charge is the machine's to name."""
    told = (status.waited_ms, status.computed_ms)
    runs.heard(context.studio.engine, run.id, "taken", *told, now())
    machine_money.accept(context.studio, run)


def _failure(run: Run, status: Status) -> StudioError:
    if status.state == "FAILED":
        return StudioError(status.error or f"It failed on {run.machine}.", status.remedy)
    if status.state == "TIMED_OUT":
        return StudioError(
            f"{run.machine} ended it: {status.error or 'its time was over.'}", status.remedy
        )
    return StudioError(f"It was cancelled on {run.machine}.", "Ask for it anew.")


def _lost(run: Run) -> StudioError:
    return StudioError(
        f"{run.machine} knows nothing any more of what it was sent (run {run.id[:8]}…).",
        "Its disk was emptied, perhaps. Its cost is settled on the page Costs; ask for it anew.",
    )


def _connected(context: Context, machine: Machine) -> Connection:
    studio = context.studio
    return machines.connected(studio.engine, studio.home, machine, studio.settings.private_networks)
