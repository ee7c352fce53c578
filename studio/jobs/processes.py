"""A job's processes on this machine: known by group, start time and a mark in their environment.

A process number alone is not enough: the system gives it to another process once it is free. Only
Linux is covered, since all is read from /proc.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "HOUSESTYLE_JOB"
PROC = Path("/proc")


@dataclass(frozen=True)
class Group:
    """A process group by its leader's number and birth, and the mark that all of it inherited."""

    id: int
    born: str
    mark: str


def born(pid: int) -> str | None:
    """When process `pid` began, as boot and clock ticks since; None where there is none."""
    stat = _stat(pid)
    if stat is None:
        return None
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{stat[19]}"


def members(group: Group) -> list[int]:
    """The group's living processes, also those that left it but carry its mark.

    While the leader lives (or waits to be collected), all of its group and session are meant;
    afterwards the number could be another's, and only the mark counts.
    """
    led = born(group.id) == group.born
    mark = f"{MARK}={group.mark}".encode()
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        stat = _stat(int(entry.name))
        if stat is None or stat[0] in ("Z", "X"):
            continue
        inside = led and str(group.id) in (stat[2], stat[3])
        if inside or mark in _environment(entry):
            found.append(int(entry.name))
    return found


def send(group: Group, number: signal.Signals) -> int:
    """Send a signal to all of the group's processes; how many there were."""
    found = members(group)
    for pid in found:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue  # it ended by itself
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


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on, so the start time is field 19 here."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()  # the name before may hold blanks and brackets


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # gone, or somebody else's
