"""What a sweep's trials leave on the disk, and for how long.

A trial that has ended keeps its LoRA, previews and records; checkpoints, from which nothing goes on
any more, leave at once. After KEPT_DAYS the LoRAs of trials that nobody would choose leave too:
not the best one, none of those that no other beats, and no version.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studio.training.disk_cleanup import KEPT_DAYS
from studio.workflows.sweeps import charts, study, sweep_run
from studio.workflows.sweeps.study import Tried

ADAPTER = sweep_run.ADAPTER


def chosen(tried: Sequence[Tried]) -> set[int]:
    """The numbers of the trials that somebody would choose."""
    ended = [one for one in tried if one.loss is not None]
    best = {min(ended, key=sweep_run.lost).number} if ended else set()
    return best | charts.front(tried)


def until(found: sweep_run.Sweep, tried: Sequence[Tried]) -> datetime | None:
    """When the LoRAs of the others are cleared away; None before the first trial has ended."""
    marks = [found.run_folder(one.run) / "done" for one in tried if one.run]
    moments = [mark.stat().st_mtime for mark in marks if mark.is_file()]
    if not moments:
        return None
    return datetime.fromtimestamp(max(moments), UTC) + timedelta(days=KEPT_DAYS)


def has_lora(found: sweep_run.Sweep, one: Tried) -> bool:
    """Whether the trial's LoRA is still there."""
    return bool(one.run) and (found.run_folder(one.run) / ADAPTER).is_dir()


def size(found: sweep_run.Sweep, tried: Sequence[Tried]) -> int:
    """Bytes of the trials' LoRAs."""
    files = (found.run_folder(one.run).glob(f"{ADAPTER}/*") for one in tried if one.run)
    return sum(file.stat().st_size for of in files for file in of)


def clear(home: Path, now: datetime) -> int:
    """Clear away what has had its days, in every sweep; how many LoRAs."""
    gone = 0
    for found in sweep_run.sweeps(home):
        there = list((home / "runs" / found.wish.style).glob(f"*/{ADAPTER}"))
        if not there:
            continue
        tried = study.read(found.folder)
        end = until(found, tried)
        if end is None or now < end:
            continue
        stay = chosen(tried)
        for one in tried:
            if one.number in stay or not has_lora(found, one) or one.state == "running":
                continue
            folder = found.run_folder(one.run)
            mark = folder / "done"
            if mark.is_file() and int(mark.read_text()) == 0:  # no version came of it
                shutil.rmtree(folder / ADAPTER, ignore_errors=True)
                gone += 1
    return gone
