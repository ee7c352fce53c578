"""A job's processes on this machine: known by group, start time and a mark in their environment.

A process number alone is not enough: the system gives it to another process once it is free. Only
Linux is covered, which lets one read another process's environment.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "HOUSESTYLE_JOB"
BOOT = Path("/proc/sys/kernel/random/boot_id")  # which psutil does not tell
TICKS = os.sysconf("SC_CLK_TCK")  # a second
GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


@dataclass(frozen=True)
class Group:
    """A process group by its leader's number and birth, and the mark that all of it inherited."""

    id: int
    born: str
    mark: str


def born(pid: int) -> str | None:
    """When process `pid` began, as boot and clock ticks since; None where there is none.

    psutil tells the time of day, which moves with the machine's clock; the time since the boot
    does not.
    """
    try:
        while True:
            booted = psutil.boot_time()
            began = psutil.Process(pid).create_time()
            if psutil.boot_time() == booted:  # else the clock was set between the two
                return f"{BOOT.read_text().strip()}/{round((began - booted) * TICKS)}"
    except psutil.NoSuchProcess:
        return None


def members(group: Group) -> list[psutil.Process]:
    """The group's living processes, also those that left it but carry its mark.

    While the leader lives (or waits to be collected), all of its group and session are meant;
    afterwards the number could be another's, and only the mark counts.
    """
    led = born(group.id) == group.born
    living = (p for p in psutil.process_iter() if p.pid != os.getpid())
    return [process for process in living if _belongs(process, group, led)]


def send(group: Group, number: signal.Signals) -> int:
    """Send a signal to all of the group's processes; how many there were."""
    found = members(group)
    for process in found:
        with suppress(psutil.NoSuchProcess):  # it ended by itself
            process.send_signal(number)
    return len(found)


def end(group: Group, grace: float) -> None:
    """End the group and wait until it is gone: asked first, killed after `grace` seconds."""
    began = time.monotonic()
    left = send(group, signal.SIGTERM)
    while left:
        time.sleep(0.02)
        late = time.monotonic() - began > grace
        left = send(group, signal.SIGKILL) if late else len(members(group))
        if time.monotonic() - began > grace + 10:
            raise TimeoutError(f"process group {group.id} does not end, not even by SIGKILL")


def _belongs(process: psutil.Process, group: Group, led: bool) -> bool:
    try:
        if process.status() in GONE:
            return False
        if led and group.id in (os.getpgid(process.pid), os.getsid(process.pid)):
            return True
        return process.environ().get(MARK) == group.mark
    except (psutil.Error, OSError):
        return False  # gone, or somebody else's
