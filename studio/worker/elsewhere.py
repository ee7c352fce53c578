"""A job that is computed on another machine: sent there, heard, its files fetched, and no more than
that. What it tells is applied here, and what comes of it is committed here, as if it had been
computed here.

The run's id is ours, and is written before anything is sent: whoever takes the job again, after a
kill say, asks the machine for that run first, and hears all of it from its beginning.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from studio.charges import calls
from studio.charges import charge as charges
from studio.charges.calls import Meant
from studio.context import Studio, now
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.jobs.emit import Emit
from studio.masking import masked
from studio.remote import client, machine_prices, machines, plain_values, runs, versions
from studio.remote.connection import Away, Connection, Refused
from studio.remote.machine_prices import TIME
from studio.remote.machines import Machine
from studio.remote.protocol import Asked, Status
from studio.remote.runs import Run
from studio.worker import machine_choice, machine_ends
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome, Work
from studio.worker.payload import P
from studio.worker.returned import Returned, files_of

WAIT_S = 1.0  # that the machine holds an answer back; in between the job may be cancelled
PATIENCE_S = 120.0  # without an answer, after which the job waits in the queue
QUEUE_S = 24 * 3_600.0  # that a run may wait there to begin
NO_KEY = (401, 403)
NOTED = ("sent", "unconfirmed")
TRIES = 3  # at holding the money until it is sent


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
            _found(context, kind, work, emit, machine, run, connection)
        except (Away, Refused) as error:
            raise _later(error) from error
    try:
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
            machine_ends.unsent(studio, before, "Another machine was chosen.")
        run = runs.mean(studio.engine, job.id, machine.name, now())
        before, connection = run, _connected(context, machine)
        try:
            _send(context, kind, work, emit, machine, run, connection)
            return runs.of_id(studio.engine, run.id), connection
        except StudioError as error:
            connection.close()
            if runs.of_id(studio.engine, run.id).state != "meant":  # it may have it by now
                raise _later(error) from error
            refused.append(error)
            if len(found) > 1:
                context.report(f"{machine.name} is passed over: {error.message}")
        except BaseException:
            connection.close()
            raise
    if before is not None:
        machine_ends.unsent(studio, before, refused[-1].message)
    away = next((one for one in refused if isinstance(one, Away)), None)
    if away is not None:
        raise Waits(away.message, away.remedy)
    raise refused[0]


def _send(
    context: Context,
    kind: Kind[P],
    work: Work,
    emit: Emit,
    machine: Machine,
    run: Run,
    connection: Connection,
) -> None:
    """Ask whether the machine can do it, hold its money, send what it has not, and begin the run."""
    studio, job = context.studio, context.job
    try:
        found = client.health(connection)
    except StudioError as error:
        machines.note(studio.engine, machine.name, None, error.message, now())
        raise
    machines.note(studio.engine, machine.name, found, "", now())
    params = plain_values.written(work.params, plain_values.roots_of(studio.home))
    machine_choice.check(studio, machine, found, kind.name, kind.schema, job.gpu_gb, params)
    _reserve(context, kind, machine, run)
    asked, files = _asked(context, kind, work, params)

    def told(done: int, total: int) -> None:
        emit.step(0, 0)
        emit.say(f"Sending to {machine.name}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB")

    client.send(connection, files, told)
    _pay(context, kind, machine, run)
    runs.sending(studio.engine, run.id, now())
    _post(context, machine, run, connection, asked)


def _found(
    context: Context,
    kind: Kind[P],
    work: Work,
    emit: Emit,
    machine: Machine,
    run: Run,
    connection: Connection,
) -> None:
    """A run that was sent before: where it never came it is sent again, under the same id."""
    if client.status(connection, run.id) is not None:
        return
    if run.state != "sent":
        raise _lost(run)
    params = plain_values.written(work.params, plain_values.roots_of(context.studio.home))
    asked, files = _asked(context, kind, work, params)
    client.send(connection, files, lambda done, total: emit.step(0, 0))
    _post(context, machine, run, connection, asked)


def _post(
    context: Context, machine: Machine, run: Run, connection: Connection, asked: Asked
) -> None:
    status = client.run(
        connection,
        run.id,
        asked,
        seconds=machine.seconds,
        waits=QUEUE_S,
        idle_close=machine.idle_close,
    )
    _note(context, run, status)


def _asked(
    context: Context, kind: Kind[P], work: Work, params: object
) -> tuple[Asked, dict[str, Path | bytes]]:
    """What the machine is asked, and the files that it needs, by their hash."""
    studio = context.studio
    kept = files_of(work.workdir)
    asked = Asked(
        kind=kind.name,
        params=params,
        inputs={name: one.hash for name, one in work.inputs.items()},
        folder=work.workdir.name,
        files=kept,
        answers={
            str(number): said
            for number, said in leases.applied(studio.engine, context.job.id).items()
        },
        lane=kind.lane,
        threads=studio.settings.threads,
        studio=versions.studio(),
        torch=versions.torch(),
    )
    files: dict[str, Path | bytes] = {one.hash: one.path for one in work.inputs.values()}
    files |= {hash: work.workdir / path for path, hash in kept.items()}
    return asked, files


def _heard(
    context: Context, run: Run, connection: Connection, returned: Returned, emit: Emit
) -> Outcome:
    """Hear the run to its end, and fetch what came of it."""
    after = log_after = 0
    silent: float | None = None
    outcome: Outcome | None = None
    taken = run.state in ("taken", "ended")
    while True:
        emit.step(0, 0)  # raises where the job was cancelled, or is another's
        try:
            heard = client.stream(connection, run.id, after, log_after, WAIT_S)
            if heard is None:
                raise _lost(run)
            for frame in heard.frames:
                if said := returned.frame(frame, emit):
                    client.answer(connection, run.id, *said)
            if heard.status.state == "COMPLETED":
                outcome = returned.outcome(heard.status.outcome)
        except Refused as error:
            raise _later(error) from error
        except Away as error:
            silent = time.monotonic() if silent is None else silent
            lasted = time.monotonic() - silent
            if lasted > PATIENCE_S:
                raise Waits(error.message, error.remedy) from error
            emit.say(f"{run.machine} has not answered for {lasted:.0f} s; it is asked again.")
            time.sleep(min(WAIT_S, 0.1 + lasted))
            continue
        silent, after, log_after = None, heard.after, heard.log_after
        if heard.log:
            print(masked(heard.log.rstrip("\n")), flush=True)
        status = heard.status
        if not taken:
            taken = True
            _note(context, run, status)
        if status.state == "IN_QUEUE":
            emit.say(f"Waits for {run.machine} to begin, {status.waited_ms / 1_000:.0f} s")
        if status.ended:
            machine_ends.settle(context.studio, run, status)
            if outcome is not None:
                return outcome
            raise _failure(run, status)


def _note(context: Context, run: Run, status: Status) -> None:
    """The machine has it: from now on its charge is the machine's to name."""
    engine = context.studio.engine
    runs.heard(engine, run.id, "taken", status.waited_ms, status.computed_ms, now())
    charge = runs.of_id(engine, run.id).charge
    if charge is not None:
        calls.accept(engine, charge, run.id, now=now())


def _failure(run: Run, status: Status) -> StudioError:
    if status.state == "FAILED":
        return StudioError(status.error or f"It failed on {run.machine}.", status.remedy)
    if status.state == "TIMED_OUT":
        return StudioError(
            f"{run.machine} ended it: {status.error or 'its time was over.'}", status.remedy
        )
    return StudioError(f"It was cancelled on {run.machine}.", "Ask for it anew.")


def _later(error: StudioError) -> StudioError:
    """What it comes to where the machine has the run, or may have it: it is heard later where it
    does not answer, or does not take its key any more."""
    waits = isinstance(error, Away) or (isinstance(error, Refused) and error.status in NO_KEY)
    return Waits(error.message, error.remedy) if waits else error


def _lost(run: Run) -> StudioError:
    return StudioError(
        f"{run.machine} knows nothing any more of what it was sent (run {run.id[:8]}…).",
        "Its disk was emptied, perhaps. What it cost is settled on the page Costs; ask for it anew.",
    )


def _reserve(context: Context, kind: Kind[P], machine: Machine, run: Run) -> bool:
    """Hold what the run may cost at most; whether its machine costs anything. LimitReached
    (StudioError) where a limit leaves less."""
    studio, job = context.studio, context.job
    held = machine_prices.of(studio.engine, machine.name, now())
    if held is None:
        return False
    meant = Meant(
        key=f"machine run {run.id}",
        kind=job.kind,
        what=kind.title(job.payload),
        provider=machine.name,
        person=job.asked_by,
        style=str(job.payload.get("style") or ""),
        machine=machine.name,
        job=job.id,
    )
    quote = held.quote(TIME, machine.seconds * 1_000)
    charge = calls.reserve(studio.engine, meant, quote, now=now())
    runs.charged(studio.engine, run.id, charge.id)
    return True


def _pay(context: Context, kind: Kind[P], machine: Machine, run: Run) -> None:
    """Note the charge as sent, once; held anew where sending files took longer than money is
    held."""
    engine = context.studio.engine
    for _ in range(TRIES):
        if not _reserve(context, kind, machine, run):
            return
        charge = runs.of_id(engine, run.id).charge
        assert charge is not None
        # One that is sent or unconfirmed was noted so before a kill, and never posted.
        if calls.send(engine, charge, now=now()) or charges.get(engine, charge).state in NOTED:
            return
    raise StudioError(
        f"Nothing was sent to {machine.name}: its money was released each time before that.",
        "Look whether all machines' clocks agree, then ask for it anew: nothing was paid.",
    )


def _connected(context: Context, machine: Machine) -> Connection:
    studio = context.studio
    return machines.connected(
        studio.engine, studio.home, machine, studio.settings.private_networks
    )

