"""Jobs that enlarge, as pages, commands and programs put them in and look at them: many pictures
with the same settings, and the tiles of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from studio.context import Studio
from studio.jobs import queue
from studio.jobs.table import Job
from studio.remote.machines import HERE
from studio.upscaling import journal, work_folders
from studio.upscaling import settings as all_settings
from studio.worker import submit
from studio.worker.kinds.upscale import KIND, Upscale, size_of
from studio.worker.payload import read
from studio.workflows import upscale_sources, upscaling


def put_in(
    studio: Studio,
    pictures: Sequence[str],
    asked: Mapping[str, Any],
    *,
    asked_by: str,
    now: datetime,
    key: str | None = None,
    not_before: datetime | None = None,
    where: str = HERE,
) -> list[Job]:
    """A job for each picture, all with what is `asked` of one: settings, factor or long side. Each
    is checked before the first is put in; `key` makes a second send the same jobs. `where` they are
    computed: `submit.ask`. StudioError that names the picture."""
    found = upscale_sources.sources(studio, pictures)
    wish = read(Upscale, {"picture": "", **asked})
    settings = upscaling.pinned(studio, wish.settings, asked_by)
    for source in found:
        upscaling.wanted(studio, source, settings, size_of(wish))
    return [
        submit.ask(
            studio,
            KIND.name,
            {**asked, "settings": settings, "picture": source.named, "name": source.about},
            asked_by=asked_by,
            now=now,
            key=f"{key}-{number}" if key else None,
            not_before=not_before,
            where=where,
        )
        for number, source in enumerate(found, 1)
    ]


def put_before(studio: Studio, first: Job, count: int) -> list[Job]:
    """The `count` jobs that were put in together, of which this is the first: their keys tell."""
    mark = (first.key or "").rpartition("-")[0]
    if not mark:
        return [first]
    keys = [f"{mark}-{number}" for number in range(1, count + 1)]
    who, found = first.asked_by, list[Job]()
    for key in keys:
        one = queue.sent(studio.engine, KIND.name, who, key)
        found += [one] if one is not None else []
    return found


def tiles_of(studio: Studio, job: Job) -> dict[str, Any]:
    """The tiles of a job in their order with the state of each, and whether they can be drawn anew
    (`redo`); the result's size."""
    settings = all_settings.of_json(job.payload["settings"])
    folder = work_folders.of_job(studio.home, job.id)
    there = work_folders.is_there(studio.home, job.id)
    states = journal.states(folder) if there else {}
    gone = "drawn" if job.state == "done" else "waiting"
    return {
        "job": job.id,
        "width": settings.width,
        "height": settings.height,
        "redo": there and job.state == "done",
        "tiles": [
            upscaling.tile_json(tile, states.get(tile.key, gone))
            for tile in upscaling.tiles_of(settings)
        ],
    }
