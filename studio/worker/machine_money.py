"""What a run on a machine costs: held before anything is sent, noted as sent once."""

from __future__ import annotations

from studio.charges import calls
from studio.charges import charge as charges
from studio.charges.calls import Meant
from studio.context import Studio, now
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.remote import machine_prices, runs
from studio.remote.machine_prices import TIME
from studio.remote.machines import Machine
from studio.remote.runs import Run
from studio.worker.kind_table import title

TRIES = 3  # at holding the money until it is sent
NOTED = ("sent", "unconfirmed")  # before a kill; it was never posted


def reserve(studio: Studio, job: Job, machine: Machine, run: Run) -> bool:
    """Hold what the run may cost at most; whether its machine costs anything. LimitReached
    (StudioError) where a limit leaves less."""
    held = machine_prices.of(studio.engine, machine.name, now())
    if held is None:
        return False
    meant = Meant(
        key=f"machine run {run.id}",
        kind=job.kind,
        what=title(job),
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


def pay(studio: Studio, job: Job, machine: Machine, run: Run) -> None:
    """Note the run's charge as sent, once; held anew where sending files took longer than money is
    held. StudioError where it can't be held until then."""
    for _ in range(TRIES):
        if not reserve(studio, job, machine, run):
            return
        charge = runs.of_id(studio.engine, run.id).charge
        assert charge is not None
        if calls.send(studio.engine, charge, now=now()):
            return
        if charges.get(studio.engine, charge).state in NOTED:
            return
    raise StudioError(
        f"Nothing was sent to {machine.name}: its money was released each time before that.",
        "Look whether all machines' clocks agree, then ask for it anew: nothing was paid.",
    )


def accept(studio: Studio, run: Run) -> None:
    """The machine has the run: what it costs is the machine's to say from now on."""
    charge = runs.of_id(studio.engine, run.id).charge
    if charge is not None:
        calls.accept(studio.engine, charge, run.id, now=now())
