"""A job's process looks at itself: how much of the CPUs, the memory and a GPU it takes.

Of a GPU nvidia-smi tells, which comes with NVIDIA's driver; where it is not there, nothing is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from studio.context import now
from studio.jobs import meters
from studio.jobs.meters import Gpu, Load

EVERY_S = 2.0
ASKED = "name,utilization.gpu,memory.used,memory.total"
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of the container that this runs in


@contextmanager
def metered(folder: Path, device: str, every: float = EVERY_S) -> Iterator[None]:
    """Keep a job's load in its folder as long as the block runs; `device` is what it computes on.

    What can't be read or written is left out: a meter ends no job.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_look, args=(folder, device, every, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _look(folder: Path, device: str, every: float, ended: threading.Event) -> None:
    before = (time.monotonic(), _spent())
    while not ended.wait(every):
        at = (time.monotonic(), _spent())
        cpu = used(before[1], at[1]) / (at[0] - before[0])
        before = at
        with suppress(OSError):
            meters.write(folder, load(cpu, device))


def load(cpu: float, device: str) -> Load:
    """The load at this moment; `cpu` is that of the seconds before."""
    gpu = of_gpu(_asked()) if device == "cuda" else None
    memory = sum(one.memory_info().rss for one in _processes())
    cores = len(os.sched_getaffinity(0))
    return Load(now().isoformat(), cpu, cores, float(memory), float(_memory()), gpu)


def of_gpu(told: str) -> Gpu | None:
    """What nvidia-smi says of the first GPU; None where it says nothing of use."""
    parts = [part.strip() for part in told.splitlines()[0].split(",")] if told.strip() else []
    try:
        name, busy, used, all = parts
        return Gpu(name, float(busy) / 100, float(used) * 2**20, float(all) * 2**20)
    except ValueError:
        return None


def _asked() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    which = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0] or "0"
    words = [program, f"--query-gpu={ASKED}", "--format=csv,noheader,nounits", "-i", which]
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=5).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _processes() -> list[psutil.Process]:
    own = psutil.Process()
    found = [own]
    with suppress(psutil.Error):
        found += own.children(recursive=True)
    return [one for one in found if one.is_running()]


def used(before: Mapping[Any, float], after: Mapping[Any, float]) -> float:
    """Seconds of CPU between two looks, of the processes that were seen in both: what one had
    before it was first seen was not had between them."""
    return sum(max(0.0, after[one] - before[one]) for one in after.keys() & before.keys())


def _spent() -> dict[psutil.Process, float]:
    """Seconds of CPU that this process and those that it began have had, each."""
    spent = {}
    for one in _processes():
        with suppress(psutil.Error):
            times = one.cpu_times()
            spent[one] = times.user + times.system
    return spent


def _memory() -> int:
    """Bytes that may be taken: the container's where it is in one, else the machine's."""
    whole = int(psutil.virtual_memory().total)
    try:
        return min(whole, int(LIMIT.read_text()))
    except (OSError, ValueError):
        return whole
