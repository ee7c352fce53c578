"""What an enlarging leaves on the disk beside its result, and for how long.

    jobs/<id>/work/   the tiles as they were drawn, and what goes on from them

A result's tiles can be drawn anew one by one, and what was cut off goes on, as long as this is
there: KEPT_DAYS after its end. Backups leave it out, since it can be drawn again.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.jobs.table import ENDED, jobs
from studio.numbers import counted
from studio.store.publish import publishing, remove_folder, share

KIND = "upscale"  # of job
KEPT_DAYS = 14
MARK = "CACHEDIR.TAG"  # https://bford.info/cachedir/
MARKED = "Signature: 8a477f597d28d172789f06886806bc55\n# Of Housestyle: it can be drawn again.\n"
# What tells of the job that drew it, and not of its tiles.
OF_A_JOB = ("events.jsonl", "outcome.json", "levels", MARK)
SHARED = (".npy", ".png")
AT_ONCE = 500  # folders looked up in one query


def of_job(home: Path, job: int) -> Path:
    """Where a job that enlarges keeps its tiles."""
    return home / "jobs" / str(job) / "work"


def begin(folder: Path) -> None:
    """Make the folder, marked so that backups leave it out. StudioError where it can't be."""
    mark = folder / MARK
    if not mark.is_file():
        with publishing(mark, flush=False) as aside:
            aside.write_text(MARKED)


def is_there(home: Path, job: int) -> bool:
    """Whether a job's tiles can still be drawn anew, or gone on with."""
    return (of_job(home, job) / MARK).is_file()


def take_over(home: Path, before: int, job: int, *, keep: bool) -> bool:
    """Let a job go on with the tiles of one before; False where those are gone, and it begins from
    nothing. With `keep` the other's stay, as those of a result do; else they are handed on, which
    needs no room. Done already it is not done again. StudioError where there is no room."""
    source, target = of_job(home, before), of_job(home, job)
    if target.is_dir():
        return True
    if not is_there(home, before):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if keep:
        with publishing(target, flush=False) as aside:
            shutil.copytree(source, aside, ignore=_of_a_job, copy_function=_shared)
        begin(target)
        return True
    for name in OF_A_JOB[:2]:
        (source / name).unlink(missing_ok=True)
    remove_folder(source / OF_A_JOB[2])
    try:
        os.replace(source, target)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StudioError(
            f"The tiles of job {before} can't be handed on ({error.strerror or error}).",
            "Mend the rights of the studio's folder, then ask again.",
        ) from error
    return True


def until(ended_at: str) -> datetime:
    """Until when the tiles of a job that ended then (ISO UTC) stay."""
    return datetime.fromisoformat(ended_at) + timedelta(days=KEPT_DAYS)


def clear(engine: Engine, home: Path, now: datetime) -> int:
    """Take away the tiles of jobs that ended KEPT_DAYS ago, unless a job that waits or runs is to
    go on with them; of how many jobs."""
    named = (counted(mark.parent.parent.name) for mark in home.glob(f"jobs/*/work/{MARK}"))
    found = sorted(number for number in named if number is not None)
    wanted = _wanted(engine) if found else set()
    before, gone = stamp(now - timedelta(days=KEPT_DAYS)), 0
    for start in range(0, len(found), AT_ONCE):
        old = sa.select(jobs.c.id).where(
            jobs.c.id.in_(found[start : start + AT_ONCE]),
            jobs.c.kind == KIND,
            jobs.c.state.in_(ENDED),
            jobs.c.ended_at < before,
        )
        with engine.connect() as connection:
            due = [id for id in connection.execute(old).scalars() if id not in wanted]
        for id in due:
            remove_folder(of_job(home, id))
            gone += 1
    return gone


def _wanted(engine: Engine) -> set[int]:
    """The jobs whose tiles others are to go on with."""
    named = sa.select(jobs.c.payload["again_of"].as_integer())
    query = named.where(jobs.c.kind == KIND, jobs.c.state.not_in(ENDED))
    with engine.connect() as connection:
        return {one for one in connection.execute(query).scalars() if one}


def _of_a_job(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in OF_A_JOB or name.endswith(".part")]


def _shared(source: str, target: str) -> str:
    """What was published as a whole, such as a tile, is never written into again and gets a second
    name; all else is copied."""
    if source.endswith(SHARED):
        share(source, target)
        return target
    return str(shutil.copyfile(source, target))
