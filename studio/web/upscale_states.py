"""The tiles of an enlarging as a browser is told of them: where each lies, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.jobs.table import Job
from studio.upscaling import journal, work_folders
from studio.upscaling import settings as all_settings
from studio.upscaling.settings import Settings
from studio.workflows import upscaling

LETTERS = {"waiting": "w", "drawn": "d", "failed": "f"}
MOST_TILES = 4_096  # of more no grid is shown: nobody could choose one
Row = tuple[str, int, int, int, int]  # key, left, top, width, height


def settings_of(job: Job) -> Settings:
    """The settings that a job enlarges with. StudioError where they can't be read."""
    return all_settings.of_json(job.payload["settings"])


def boxes(settings: Settings) -> list[Row]:
    """The tiles of all passes in their order, in pixels of the result; none where there are none,
    and where there are more than MOST_TILES."""
    tiles = upscaling.tiles_of(settings)
    if len(tiles) > MOST_TILES:
        return []
    return [
        (tile.key, tile.box.left, tile.box.top, tile.box.width, tile.box.height) for tile in tiles
    ]


def letters(home: Path, job: Job, tiles: Sequence[Row]) -> str:
    """A letter a tile in their order: "w" waits, "d" is drawn, "f" failed. Of a result whose tiles
    were cleared away all were drawn."""
    there = work_folders.is_there(home, job.id)
    states = journal.states(work_folders.of_job(home, job.id)) if there else {}
    unknown = "drawn" if job.state == "done" else "waiting"
    return "".join(LETTERS.get(states.get(tile[0], unknown), "w") for tile in tiles)


def told(home: Path, job: Job, tiles: Sequence[Row], *, boxes: bool = True) -> dict[str, Any]:
    """How far a job is, as JSON; with `boxes` where its tiles lie, too. Of whose making, and by
    what, nothing is said."""
    found: dict[str, Any] = {
        "schema": 1,
        "job": job.id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "says": job.says,
        "states": letters(home, job, tiles),
    }
    if boxes:
        names = ("key", "left", "top", "width", "height")
        found["tiles"] = [dict(zip(names, tile, strict=True)) for tile in tiles]
    return found
