"""The worker's loop: takes jobs, gives each a process group, watches them, ends what must end.

It imports no model library: what a job needs is loaded in its own process. Lanes run side by side,
so neither a picture nor an upload waits for a training: the lanes `short` and `work` have a process
for each job, and the lane `interactive` one that keeps its pipelines loaded between jobs. The lane
`elsewhere` has several, each for one job after the other that another machine computes.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from studio.context import Report, open_records
from studio.database.availability import DatabaseAway
from studio.diffusion import base_offers
from studio.jobs import leases, processes, queue, workers
from studio.jobs.device_lanes import DeviceLane, Role, lease_name
from studio.jobs.processes import Group
from studio.jobs.table import LANES, Job, Lane
from studio.settings import Settings
from studio.worker import log_lines, process_group
from studio.worker.kind_table import schemas, takes_device
from studio.worker.own_schema import OwnSchema
from studio.worker.places import Places

# So that on a shared CPU pictures go ahead of all else, and trainings after it.
NICE: dict[Lane, int] = {"interactive": 0, "short": 5, "work": 10, "elsewhere": 5}
ELSEWHERE = 4  # jobs at once that other machines compute: here they only wait and fetch

Command = Callable[[Job | None], list[str]]


@dataclass(frozen=True)
class Pace:
    """Seconds. A cancelled job is gone after at most 2 x `grace` and a look."""

    lease: float = 30.0  # a job without a beat for so long is taken by another worker
    look: float = 0.1  # between two looks at the table
    grace: float = 1.5  # between asking a process to end and ending it
    linger: float = 10.0  # that a process may take to end after its job's end
    idle: float = 15 * 60.0  # after which the interactive process and its memory are given up


@dataclass
class Slot:
    """A place for one job at a time; moments are of the monotonic clock. The process of a `warm`
    one outlives its jobs."""

    lane: Lane
    warm: bool = False
    job: Job | None = None
    process: subprocess.Popen[bytes] | None = None
    group: Group | None = None
    beaten: float = 0.0
    used: float = 0.0
    end_at: float | None = None  # when its process is to be asked to end
    kill_at: float | None = None  # when it is to be killed

    def end_within(self, seconds: float) -> None:
        """Let its process end in so many seconds, unless it is to end sooner."""
        at = time.monotonic() + seconds
        self.end_at = at if self.end_at is None else min(self.end_at, at)


def child(job: Job | None) -> list[str]:
    """The command of a job's process; of the interactive one without a job."""
    asked = [str(job.id), str(job.attempt)] if job else ["warm"]
    return [sys.executable, "-m", "studio.worker.process", *asked]


def slots_of(lane: Lane) -> list[Slot]:
    """The places that a worker has in a lane."""
    if lane == "elsewhere":
        return [Slot(lane, warm=True) for _ in range(ELSEWHERE)]
    return [Slot(lane, warm=lane == "interactive")]


def clock() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def work(
    settings: Settings,
    report: Report,
    *,
    pace: Pace | None = None,
    lanes: Sequence[Lane] = LANES,
    command: Command = child,
    now: Callable[[], datetime] = clock,
) -> int:
    """Take jobs until SIGTERM or Ctrl-C; then those that run go back into the queue."""
    engine = _open_in_time(settings, report)
    worker = Worker(settings, engine, report, pace or Pace(), command, now)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, worker.stop)
    worker.run([slot for lane in lanes for slot in slots_of(lane)])
    return 0


def _open_in_time(settings: Settings, report: Report) -> Engine:
    """The database, waited for up to two minutes where it is away."""
    end = time.monotonic() + 120
    while True:
        try:
            return open_records(settings)[0]  # before it counts as one that is at work
        except DatabaseAway as error:
            if time.monotonic() > end:
                raise
            report(f"{error.message} Trying again.")
            time.sleep(2)


class Worker:
    """Holds the slots, their processes and the leases of their lanes.

    As a command's it takes the one job `only`, and starts nothing for others.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        report: Report,
        pace: Pace,
        command: Command,
        now: Callable[[], datetime],
        role: Role = "worker",
    ) -> None:
        self.settings, self.engine, self.report = settings, engine, report
        self.pace, self.command, self.now = pace, command, now
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.lease = timedelta(seconds=pace.lease)
        self.stopping = False
        self.role, self.only = role, 0
        self.slots: list[Slot] = []
        self.lanes: dict[Lane, DeviceLane] = {}
        self.schema = OwnSchema(engine, report, pace.lease / 30)
        self.silence = {lane: leases.Silence() for lane in LANES}
        self.listened: dict[Lane, tuple[float, dict[int, int]]] = {}
        self.places = Places(engine, settings)

    def stop(self, number: int, frame: object) -> None:
        """A signal's handler: stop soon."""
        self.stopping = True

    def run(self, slots: list[Slot]) -> None:
        """Until stopped."""
        self.open(slots)
        lanes = ",".join(dict.fromkeys(slot.lane for slot in slots))
        of = (self.engine, self.name, lanes, self.settings.device)
        workers.arrive(*of, self.now(), self.places.gpu_gb)
        self.report(f"Worker {self.name} takes jobs: {lanes}.")
        told = time.monotonic()
        for slot in slots:
            if slot.lane == "interactive":
                self._warm_up(slot)
        while not self.stopping or self.busy:
            try:
                if time.monotonic() - told > self.pace.lease / 6:
                    told = time.monotonic()
                    listed = workers.seen(self.engine, self.name, self.now())
                    if self.schema.fits and not listed:
                        workers.arrive(*of, self.now(), self.places.gpu_gb)
                    elif listed and not self.schema.fits:  # nobody need wait for it
                        workers.leave(self.engine, self.name)
                self.look()
            except DatabaseAway as error:
                self.report(f"{error.message} Trying again.")
                time.sleep(1)
            time.sleep(self.pace.look)
        with suppress(DatabaseAway):  # it falls silent then, which says the same
            workers.leave(self.engine, self.name)
        self.close()
        self.report(f"Worker {self.name} has stopped.")

    @property
    def busy(self) -> bool:
        """A process of a slot lives, or waits to be collected."""
        return any(slot.process for slot in self.slots)

    def open(self, slots: list[Slot]) -> None:
        """Begin with these slots."""
        self.slots, host = slots, self.name.partition(":")[0]
        device = base_offers.device(self.settings.device)
        for lane in {slot.lane for slot in slots}:
            lease = lease_name(host, device, lane)
            self.lanes[lane] = DeviceLane(self.engine, lease, self.role, self.name, self.lease)

    def look(self) -> None:
        """Look after all slots once."""
        fits = self.schema.compare()
        for name, lane in self.lanes.items():
            if not fits and not any(slot.job for slot in self.slots if slot.lane == name):
                if lane.mine:
                    lane.release()
            elif lane.ask(self.now()) and not lane.free:
                self.report(f"The {lane.holder} has the lane {name} of this device; it waits.")
        for slot in self.slots:  # all are beaten before any may take
            self._watch(slot)
        nothing = set[Lane]()  # lanes in which there was nothing for one of several slots
        for slot in sorted(self.slots, key=lambda one: one.process is None):
            if slot.lane not in nothing and self._fill(slot):
                nothing.add(slot.lane)
            self._give_up(slot)

    def close(self) -> None:
        """End at once what still runs, its job back in the queue or cancelled, and let others have
        the lanes."""
        self.stopping = True
        with suppress(DatabaseAway):  # the leases run out then, which comes to the same
            for slot in self.slots:
                if slot.process is not None and slot.group is not None:
                    processes.end(slot.group, 0)
                    slot.process.wait()
                    self._collect(slot)
            for lane in self.lanes.values():
                lane.release()

    def _watch(self, slot: Slot) -> None:
        """Look after the slot's process and job."""
        if slot.process is None:
            return
        if slot.process.poll() is not None:
            self._collect(slot)
            return
        if self.stopping:
            slot.end_within(0)
        if slot.job is not None:
            self._look(slot, slot.job)
        now = time.monotonic()
        if slot.group is None or slot.end_at is None or now < slot.end_at:
            return
        if slot.kill_at is None:
            slot.kill_at = now + self.pace.grace
            processes.send(slot.group, signal.SIGTERM)
        elif now > slot.kill_at:
            processes.send(slot.group, signal.SIGKILL)

    def _look(self, slot: Slot, job: Job) -> None:
        """Is the job still ours, has it ended, was it cancelled, is a beat due?"""
        row = queue.get(self.engine, job.id)
        if row.attempt != job.attempt:
            self.report(f"Job {job.id} was taken by {row.worker}.")
            slot.end_within(0)
        elif row.state != "running":
            if slot.warm:
                self.report(f"Job {job.id} ({job.kind}): {row.state}.")
                slot.job, slot.used = None, time.monotonic()
                slot.end_at = slot.end_at if slot.kill_at else None
            else:
                slot.end_within(self.pace.linger)
        elif row.cancel_by is not None:
            # The interactive process may stop between two steps and keep what it has loaded; what
            # another machine computes is cancelled there first.
            patient = slot.warm or slot.lane == "elsewhere"
            slot.end_within(self.pace.grace if patient else 0)
        if time.monotonic() - slot.beaten > self.pace.lease / 3:
            slot.beaten = time.monotonic()
            leases.beat(self.engine, job.id, job.attempt, self.now(), self.lease)

    def _collect(self, slot: Slot) -> None:
        """The slot's process has ended: end what it left behind and settle its job."""
        assert slot.process is not None and slot.group is not None
        job, code = slot.job, slot.process.returncode
        processes.end(slot.group, self.pace.grace)
        if job is not None:
            row = queue.get(self.engine, job.id)
            of, now = (self.engine, job.id, job.attempt), self.now()
            # Each is refused by the table where the process wrote its end itself.
            if row.cancel_by is not None:
                leases.drop(*of, now)
            elif self.stopping or not self.schema.compare(at_once=True):
                leases.release(*of)
            else:
                leases.lose(*of, process_group.ended_by(code), now)
            self.report(f"Job {job.id} ({job.kind}): {queue.get(self.engine, job.id).state}.")
        elif not self.stopping and slot.end_at is None:
            self.report(f"The interactive process ended: {process_group.ended_by(code)}")
        if slot.process.stdin:
            slot.process.stdin.close()
        slot.job = slot.process = slot.group = slot.end_at = slot.kill_at = None

    def _fill(self, slot: Slot) -> bool:
        """Take the next job if the slot is free; whether there was none."""
        if self.stopping or slot.job or slot.end_at is not None or (slot.process and not slot.warm):
            return False
        now = self.now()
        silent = self._silent(slot.lane, now)
        job = None
        if self.lanes[slot.lane].free and self.schema.fits:
            only = self.only if self.role == "command" else None
            of = (self.engine, self.name, slot.lane, now, self.lease, silent)
            job = leases.take(*of, knows=schemas(), id=only, fits=self.places.fits(slot.lane))
        if job is None:
            return True
        asked = f"by {job.asked_by}, request {job.request_id}"
        self.report(f"Job {job.id} ({job.kind}), attempt {job.attempt}, {asked}.")
        try:
            if job.group is not None:
                processes.end(job.group, self.pace.grace)
            if job.cancel_by is not None:
                leases.drop(self.engine, job.id, job.attempt, now)
            elif job.lost >= leases.ATTEMPTS:
                reason = "its worker stopped answering."
                leases.give_up(self.engine, job.id, job.attempt, reason, now)
            else:
                self._give(slot, job)
                if slot.lane == "elsewhere":
                    self.places.taken()
                elif takes_device(job):
                    self._make_room()
        except OSError as error:
            message = f"The job could not be started: {error}."
            remedy = "Make room on the disk or in memory, then ask again."
            leases.fail(self.engine, job.id, job.attempt, message, remedy, self.now())
        return False

    def _give_up(self, slot: Slot) -> None:
        """Give an unused warm process up after a while."""
        idle = slot.warm and slot.process and slot.job is None and slot.end_at is None
        if idle and not self.stopping and time.monotonic() - slot.used > self.pace.idle:
            if slot.lane == "interactive":
                self.report("Nobody drew for a while; the interactive process is given up.")
            slot.end_within(0)

    def _silent(self, lane: Lane, now: datetime) -> dict[int, int]:
        """Jobs of other workers that were not heard of for too long; looked for once in a while."""
        moment, known = self.listened.get(lane, (-math.inf, {}))
        if time.monotonic() - moment > self.pace.lease / 30:
            known = self.silence[lane].of(self.engine, lane, now, self.lease)
            self.listened[lane] = (time.monotonic(), known)
        return known

    def _make_room(self) -> None:
        """What is exclusive has a GPU's memory to itself: who draws meanwhile waits for it."""
        if base_offers.device(self.settings.device) != "cuda":
            return
        for slot in self.slots:
            if slot.lane == "interactive" and slot.warm and slot.process and slot.job is None:
                self.report("The interactive process is given up for one that needs the memory.")
                slot.end_within(0)

    def _warm_up(self, slot: Slot) -> None:
        """Start the interactive process before anybody waits for it."""
        try:
            self._start(slot, None)
        except OSError as error:
            self.report(f"The interactive process could not be started yet: {error}.")

    def _give(self, slot: Slot, job: Job) -> None:
        """Hand the job to the slot's process, which is started where there is none."""
        if slot.process is None:
            self._start(slot, None if slot.warm else job)
        assert slot.process is not None and slot.group is not None
        slot.job, slot.beaten = job, time.monotonic()
        leases.begin(self.engine, job, slot.group, self.now())
        if slot.process.stdin:
            try:
                slot.process.stdin.write(f"{job.id} {job.attempt}\n".encode())
                slot.process.stdin.flush()
            except BrokenPipeError:
                pass  # it has just ended; the next look settles that

    def _command(self, slot: Slot, job: Job | None) -> list[str]:
        found = self.command(job)
        return [*found[:-1], "elsewhere"] if job is None and slot.lane == "elsewhere" else found

    def _start(self, slot: Slot, job: Job | None) -> None:
        """Start a process group that ends with this worker."""
        own = log_lines.ELSEWHERE if slot.lane == "elsewhere" else log_lines.WARM
        with log_lines.opened(self.settings.home, job, self.now(), own) as log:
            slot.process, slot.group = process_group.start(
                self._command(slot, job),
                self.settings,
                log,
                nice=NICE[slot.lane],
                named=job is not None,
            )
        slot.used = time.monotonic()
