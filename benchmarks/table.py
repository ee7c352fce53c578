"""What a measurement found, in lines of a table, and what else the machine did meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

CALM_S = 10
QUIET = 0.25  # share of the cores that others may take before it counts


@dataclass(frozen=True)
class Line:
    """One row of the table: what was measured, as a text, and whether it is within its bar.

    `others`: the share of all cores that other people's processes took meanwhile; `by_cpu`: only
    the processor time is within the bar, the clock on the wall was not.
    """

    what: str
    measured: str
    bar: str
    met: bool
    others: float
    by_cpu: bool = False


def table(lines: list[Line]) -> str:
    """The lines under each other, in columns."""
    rows = [("", "measured", "bar", "met", "others")]
    rows += [(one.what, one.measured, one.bar, _met(one), f"{one.others:.0%}") for one in lines]
    wide = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    )


def _met(line: Line) -> str:
    return ("by CPU" if line.by_cpu else "yes") if line.met else "NO"


def share(seconds: list[float], part: float) -> float:
    """The value that `part` of them do not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def calmest(at: list[float], took: list[float]) -> float:
    """The least 95th percentile of any CALM_S seconds in which a usual number of votes fell."""
    usual = 0.8 * CALM_S * len(at) / max(CALM_S, max(at) - min(at))
    stretches = [
        [t for when, t in zip(at, took, strict=True) if begin <= when < begin + CALM_S]
        for begin in at
    ]
    return min(share(stretch, 0.95) for stretch in stretches if len(stretch) >= usual)


@dataclass
class Seen:
    """Milliseconds that the web process computed, and the share of all cores that processes took
    which this measurement did not start."""

    web_ms: float = 0.0
    others: float = 0.0


@contextmanager
def watched(pid: int) -> Iterator[Seen]:
    """What the machine does meanwhile; filled in at the end."""
    seen, web = Seen(), psutil.Process(pid)
    begun, web_before = time.monotonic(), spent(web)
    mine, all = _spent_by_us(), sum(psutil.cpu_times()[:3])
    yield seen
    seen.web_ms = 1000 * (spent(web) - web_before)
    others = sum(psutil.cpu_times()[:3]) - all - (_spent_by_us() - mine)
    seconds = (time.monotonic() - begun) * (psutil.cpu_count() or 1)
    seen.others = min(1.0, max(0.0, others / seconds))


def spent(process: psutil.Process) -> float:
    """Seconds of processor time, its ended children's among them."""
    return float(sum(process.cpu_times()[:4]))


def _spent_by_us() -> float:
    total, us = 0.0, psutil.Process()
    for process in (us, *us.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += spent(process)
    return total
