"""The runs of a machine: begun in their order, each in a process group of its own, watched, ended.

Interactive ones go one after the other to a process that keeps its pipelines loaded; the others, as
many at once as the machine has accelerators, to a process each. All is on the disk: killed at any
moment, the server finds its runs again, and those that ran go on from their folders.
"""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import processes
from studio.remote import protocol
from studio.remote.protocol import Status
from studio.settings import Settings
from studio.store.publish import publish, remove_folder
from studio.worker import process_group
from studio.worker.kind_table import exclusive
from studio.worker.machine import bill, folders
from studio.worker.machine.contents import Contents
from studio.worker.machine.folders import HOME, Kept
from studio.worker.machine.slots import Slot

ATTEMPTS = 3  # times that a run's process may end without a word
SAVE_S = 1.0  # between two notes of what a run has computed
SWEEP_S = 600.0
KEPT_S = 24 * 3600.0  # that a run stays after its end, for home to fetch
MOST = 10_000  # runs that are kept
UNWANTED = 1_000  # ids of runs that were cancelled before they came

Command = Callable[[Path | None], list[str]]


def child(folder: Path | None) -> list[str]:
    """The command of a run's process; of the interactive one without a folder."""
    return [sys.executable, "-m", "studio.worker.machine.process", str(folder or "warm")]


@dataclass
class Keeper:
    """The runs below the folder of a machine; `kinds` are those that it takes.
    `grace` seconds lie between asking a process to end and ending it."""

    settings: Settings
    kinds: Sequence[str]
    at_once: int = 1
    idle_close: float = 0.0  # minutes without a run after which the server ends; 0: never
    may_close: bool = False  # whether studios may say that
    command: Command = child
    grace: float = 1.5
    runs: dict[str, Kept] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    unwanted: deque[str] = field(default_factory=lambda: deque(maxlen=UNWANTED))
    used: float = field(default_factory=time.monotonic)
    saved: float = 0.0
    swept: float = 0.0

    @property
    def root(self) -> Path:
        return self.settings.home / HOME

    @property
    def contents(self) -> Contents:
        return Contents(self.root)

    def folder(self, id: str) -> Path:
        """Where a run lies, or would."""
        return self.root / "runs" / id

    def open(self) -> None:
        """Find the runs of before; what ran when the server was killed is begun again."""
        self.slots = [Slot(warm=True), *(Slot() for _ in range(self.at_once))]
        (self.root / "runs").mkdir(parents=True, exist_ok=True)
        for kept in folders.all_of(self.root / "runs"):
            self.runs[kept.id] = kept
            if kept.state == "IN_PROGRESS":
                if kept.group:
                    processes.end(kept.group, self.grace)
                if (end := folders.end(self.folder(kept.id))) is not None:
                    self._end(kept, end.state, end.outcome, end.error, end.remedy)
                    continue
                self._lost(kept, "its machine was started anew.")

    def begin(
        self, id: str, asked: str, seconds: float, waits: float, idle: float | None
    ) -> Status:
        """Put a run in, whose question is the file `asked`; one that is there stands as it does.
        StudioError where it is not one of this machine's kinds, or was asked otherwise before."""
        with self.lock:
            if (known := self.runs.get(id)) is not None:
                if known.asked != asked:
                    raise StudioError(f"The run {id[:8]}… was asked otherwise before.", "Ask anew.")
                return known.status(time.time())
            if id in self.unwanted:  # the question was on its way for longer than its studio
                raise StudioError(f"The run {id[:8]}… was cancelled before it came.", "Ask anew.")
            if len(self.runs) >= MOST:
                raise StudioError(f"{MOST:,} runs are kept here.", "Fetch their results first.")
            folder = self.folder(id)
            folder.mkdir(parents=True, exist_ok=True)
            self.contents.copy(asked, folder / folders.ASKED)
            wanted = folders.asked(folder)
            if wanted.kind not in self.kinds:
                remove_folder(folder)
                raise StudioError(
                    f"This machine takes no jobs of the kind {wanted.kind!r}.",
                    f"It takes: {', '.join(self.kinds)}.",
                )
            now = time.time()
            lane = "interactive" if wanted.lane == "interactive" else "work"
            kept = Kept(id, wanted.kind, lane, asked, now, seconds, waits)
            if idle is not None and self.may_close:
                self.idle_close = idle
            self._keep(kept)
            self.used = time.monotonic()
            return kept.status(now)

    def status(self, id: str) -> Status | None:
        """How a run stands; what it computed is counted up to now."""
        with self.lock:
            kept = self.runs.get(id)
            return self._counted(kept).status(time.time()) if kept else None

    def cancel(self, id: str) -> Status | None:
        """Have a run end: at once while it waits, within seconds while it computes. One that is not
        here is not begun either, should it come late."""
        with self.lock:
            kept = self.runs.get(id)
            if kept is None and id not in self.unwanted:
                self.unwanted.append(id)
            if kept is None or kept.ended:
                return kept.status(time.time()) if kept else None
            publish(self.folder(id) / folders.CANCEL, b"", flush=False)
            if kept.state == "IN_QUEUE":
                self._end(kept, "CANCELLED")
            else:
                self._keep(replace(kept, cancelled=True))
                for slot in self.slots:
                    if slot.run == id:
                        slot.end_within(self.grace)
            return self.status(id)

    def forget(self, id: str) -> bool:
        """Take a run's folder away, once it has ended; whether there was such a run."""
        with self.lock:
            kept = self.runs.get(id)
            if kept is not None and kept.ended:
                del self.runs[id]
                remove_folder(self.folder(id))
            return kept is not None

    def touched(self) -> None:
        """A file is sent or fetched: nobody is idle, however long it takes."""
        self.used = time.monotonic()

    def counts(self) -> tuple[int, int]:
        """How many runs wait, and how many compute."""
        with self.lock:
            states = [kept.state for kept in self.runs.values()]
            return states.count("IN_QUEUE"), states.count("IN_PROGRESS")

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do for so long that the server is to end."""
        waiting, running = self.counts()
        if waiting or running:
            self.used = time.monotonic()
        return bool(self.idle_close) and time.monotonic() - self.used > self.idle_close * 60

    def look(self) -> None:
        """Look after all runs once."""
        with self.lock:
            for slot in self.slots:
                self._watch(slot)
            for slot in self.slots:
                if slot.run is None and slot.end_at is None:
                    self._fill(slot)
            now = time.monotonic()
            if now - self.saved > SAVE_S:
                self.saved = now
                for slot in self.slots:
                    if slot.run is not None:
                        self._keep(self._counted(self.runs[slot.run]))
            if now - self.swept > SWEEP_S:
                self.swept = now
                self._sweep()

    def close(self) -> None:
        """End what runs; it is begun again when the server is."""
        with self.lock:
            for slot in self.slots:
                if slot.run is not None:
                    self._keep(folders.requeued(self._counted(self.runs[slot.run])))
                if slot.group is not None:
                    processes.end(slot.group, 0)

    def warm_up(self) -> None:
        """Start the interactive process before anybody waits for it."""
        slot = next(slot for slot in self.slots if slot.warm)
        with suppress(OSError):
            self._start(slot, None)

    def _watch(self, slot: Slot) -> None:
        """Look after a slot's process and its run."""
        if slot.process is None:
            return
        kept = self.runs.get(slot.run or "")
        gone = slot.process.poll() is not None
        if kept is not None and (end := folders.end(self.folder(kept.id))) is not None:
            kept = self._counted(kept)
            self._end(kept, end.state, end.outcome, end.error, end.remedy)
            slot.run, slot.end_at = None, None
            if not slot.warm:
                slot.end_within(10.0)
        elif kept is not None and not gone:
            if self._counted(kept).spent > kept.seconds and not kept.cancelled:
                self._keep(replace(kept, cancelled=True, late=True))
                publish(self.folder(kept.id) / folders.CANCEL, b"", flush=False)
                slot.end_within(self.grace)
        if gone:
            self._collect(slot)
            return
        if slot.end_at is None or slot.group is None or time.monotonic() < slot.end_at:
            return
        if slot.kill_at is None:
            slot.kill_at = time.monotonic() + self.grace
            processes.send(slot.group, signal.SIGTERM)
        elif time.monotonic() > slot.kill_at:
            processes.send(slot.group, signal.SIGKILL)

    def _collect(self, slot: Slot) -> None:
        """A slot's process has ended: end what it left behind, and settle its run."""
        assert slot.process is not None and slot.group is not None
        code, run = slot.process.returncode, slot.run
        if run is not None and run in self.runs:
            self._lost(self._counted(self.runs[run]), process_group.ended_by(code))
        processes.end(slot.group, self.grace)
        if slot.process.stdin:
            slot.process.stdin.close()
        slot.clear()

    def _lost(self, kept: Kept, reason: str) -> None:
        """A run's process ended without a word: begun again, but for one that was to end."""
        if kept.cancelled:
            self._end(kept, "CANCELLED")
        elif kept.lost + 1 >= ATTEMPTS:
            said = f"Tried {ATTEMPTS} times, and each time it was cut off. The last time: {reason}"
            kept = replace(kept, lost=kept.lost + 1)
            self._end(kept, "FAILED", "", said, "Ask for less at once.")
        else:
            self._keep(folders.requeued(replace(kept, lost=kept.lost + 1)))

    def _fill(self, slot: Slot) -> None:
        """Begin the next run where the slot is free."""
        if slot.kill_at is not None or (slot.process is not None and not slot.warm):
            return
        now, lane = time.time(), "interactive" if slot.warm else "work"
        for kept in sorted(self.runs.values(), key=lambda one: one.asked_at):
            if kept.state != "IN_QUEUE" or kept.lane != lane:
                continue
            if now - kept.asked_at > kept.waits and not kept.spent:
                self._end(kept, "TIMED_OUT", "", "It waited too long to begin.", "Ask for it anew.")
                continue
            try:
                self._give(slot, kept, now)
            except OSError as error:
                said = f"The machine can't begin it: {error}."
                self._end(kept, "FAILED", "", said, "Make room on its disk or in its memory.")
            return

    def _give(self, slot: Slot, kept: Kept, now: float) -> None:
        folder = self.folder(kept.id)
        if kept.kind in exclusive() and base_offers.device(self.settings.device) == "cuda":
            for other in self.slots:  # it wants the memory that a pipeline holds which nobody uses
                if other.warm and other.process and other.run is None:
                    other.end_within(0)
        (folder / folders.HEARD).touch()
        if slot.process is None:
            self._start(slot, None if slot.warm else folder)
        slot.run, slot.began, slot.before = kept.id, time.monotonic(), kept.spent
        began = kept.began_at or now
        self._keep(replace(kept, state="IN_PROGRESS", began_at=began, group=slot.group))
        if slot.process is not None and slot.process.stdin:
            try:
                slot.process.stdin.write(f"{folder}\n".encode())
                slot.process.stdin.flush()
            except BrokenPipeError:
                pass  # it has just ended; the next look settles that

    def _start(self, slot: Slot, folder: Path | None) -> None:
        """Start a process group that ends with this server."""
        place = folder / folders.LOG if folder else self.root / "interactive.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab" if folder else "wb") as log:
            slot.process, slot.group = process_group.start(
                self.command(folder), self.settings, log, nice=0, named=folder is not None
            )

    def _counted(self, kept: Kept) -> Kept:
        """The same with what it has computed up to now."""
        for slot in self.slots:
            if slot.run == kept.id:
                return replace(kept, spent=slot.before + time.monotonic() - slot.began)
        return kept

    def _keep(self, kept: Kept) -> None:
        folders.write(self.folder(kept.id), kept)
        self.runs[kept.id] = kept

    def _end(
        self,
        kept: Kept,
        state: protocol.State,
        outcome: str = "",
        error: str = "",
        remedy: str = "",
    ) -> None:
        """The run has ended; its bill is written first, so that none is without."""
        if kept.late and state != "COMPLETED":
            state, error = "TIMED_OUT", f"It computed for more than {kept.seconds:g} s."
            remedy = "Ask for less, or allow it more: python -m studio machine add ... --seconds N"
        ended = replace(
            kept,
            state=state,
            ended_at=time.time(),
            group=None,
            outcome=outcome,
            error=error,
            remedy=remedy,
        )
        bill.note(self.root, ended)
        self._keep(ended)
        self.used = time.monotonic()

    def _sweep(self) -> None:
        """Take away runs that ended long ago, and files that nobody asked for since."""
        now, needed = time.time(), set[str]()
        for kept in list(self.runs.values()):
            if kept.ended and now - kept.ended_at > KEPT_S:
                self.forget(kept.id)
                continue
            with suppress(StudioError):
                asked = folders.asked(self.folder(kept.id))
                needed |= {*(one for one, _, _ in asked.inputs.values()), *asked.files.values()}
        self.contents.sweep(needed)
        for folder in (self.root / "runs").glob("*"):  # of a question that was refused
            if folder.name not in self.runs and protocol.ID.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
