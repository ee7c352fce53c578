"""The job that enlarges a picture: tile by tile where something is drawn, in strips where nothing
is; cut off anywhere, it goes on with the tiles that are left."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from studio.assets import records
from studio.assets.files import Content
from studio.context import Studio, now
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.jobs import queue, workers
from studio.jobs.emit import Emit
from studio.jobs.table import Lane
from studio.store import local
from studio.store.publish import publishing, share
from studio.upscaling import disk_room, estimates, journal, work_folders
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds import enlarging, upscale_steps
from studio.worker.kinds.enlarging import Task
from studio.worker.payload import Counted, Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import upscale_sources, upscaled_files, upscaling
from studio.workflows.upscaling import Size, Wanted

REDONE = 4_096  # tiles of one job that are drawn anew
NOTHING_YET: Mapping[str, str] = {}  # states of tiles


class Upscale(Payload):
    """A picture, by the id of an asset or the hash of one to begin from, enlarged by `settings`
    (`upscaling.settings`), of which any may be missing: the door fills them in. `factor` and
    `long_side` say how large, else width and height among the settings.

    `again_of`: the job whose tiles it goes on from, of a result or of what was cut off; 0: none.
    `redo`: tiles that are drawn with another seed, by key. `name` calls the picture for people;
    `style` and `base` are filled in.
    """

    picture: Text
    settings: dict[str, Any] = Field(default_factory=dict)
    factor: float | None = None
    long_side: Counted | None = None
    again_of: Counted = 0
    redo: dict[Text, int] = Field(default_factory=dict, max_length=REDONE)
    name: Words = ""
    style: Text = ""
    base: Text = ""


class _Sized(Protocol):
    @property
    def factor(self) -> float | None: ...

    @property
    def long_side(self) -> int | None: ...


def size_of(ask: _Sized) -> Size:
    """How large the result is to be, unless the settings say it."""
    return Size(factor=ask.factor, long_side=ask.long_side)


def check(studio: Studio, ask: Upscale) -> Upscale:
    """Picture, settings, version, models and tiles can be used, and the disk has room; all settings
    are then complete."""
    asked = _wanted(studio, ask)
    if ask.again_of:
        _check_before(studio, ask)
    else:
        _check_room(studio, asked)
    style = asked.settings.style or (asked.source.asset.style if asked.source.asset else "")
    filled = {
        "settings": upscaling.as_json(asked.settings),
        "factor": None,
        "long_side": None,
        "name": asked.source.about,
        "style": style,
        "base": asked.base,
    }
    return ask.model_copy(update=filled)


def lane_of(ask: Upscale) -> Lane:
    """Diffusion waits its turn on the accelerator; what is done in seconds or minutes does not
    wait behind trainings."""
    return "work" if ask.settings["method"] == upscaling.DIFFUSION else "short"


def alone(payload: Mapping[str, Any]) -> bool:
    """Whether a job of this payload wants the accelerator's memory to itself."""
    settings = payload.get("settings")
    return isinstance(settings, Mapping) and settings.get("method") == upscaling.DIFFUSION


def prepare(context: Context, ask: Upscale) -> Work:
    """The picture, what enlarges it, and the tiles of the job that this one goes on from."""
    studio, job = context.studio, context.job
    asked = _wanted(studio, ask)
    if ask.again_of and ask.again_of != job.id:
        keep = queue.get(studio.engine, ask.again_of).state == "done"
        if not work_folders.take_over(studio.home, ask.again_of, job.id, keep=keep):
            context.report(f"The tiles of job {ask.again_of} are gone; all are drawn anew.")
    _check_room(studio, asked, journal.states(context.workdir))
    work_folders.begin(context.workdir)
    source = local.present(asked.source.path)
    context.keep({"again_of": job.id})
    for sentence in upscaling.notes(asked):
        context.report(sentence)
    means, inputs = enlarging.means(context, asked)
    inputs[upscale_steps.SOURCE] = Input(digest(source), source)
    task = Task(asked.settings, means, upscaled_files.about(studio, asked))
    return Work(context.workdir, task, inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """The result as a PNG with all that made it inside, its smaller copy and its levels where it is
    large; the tiles stay in the folder."""
    return upscale_steps.compute(inputs, task, workdir, models, emit)


def commit(context: Context, ask: Upscale, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, the picture into the gallery beside the one that it
    came from, and what was measured beside what was before."""
    studio, job, figures = context.studio, context.job, outcome.figures
    asked = _wanted(studio, ask)
    home = upscaled_files.folder_of(studio.home, job.id)
    files: dict[str, tuple[Path, Content]] = {}
    names = upscaled_files.names_of(asked)
    for role, told in figures["files"].items():
        place = home / names[role]
        if not place.is_file():
            with publishing(place, flush=False) as aside:
                share(context.workdir / told["path"], aside)
        files[role] = (place, Content(**told["content"]))
    upscale_steps.keep_levels(studio.home, context.workdir, files[gallery_table.DRAWN][1].hash)
    about = upscaled_files.about(studio, asked)
    before = _results_of(studio, ask.again_of)
    with context.visible(path for path, _ in files.values()):
        new = upscaled_files.new(studio.home, asked, about, files, before)
        (id,) = records.put(studio.engine, [new], by=job.asked_by, now=now(), job=job.id)
    measured = figures["measured"]
    if measured["units"]:
        estimates.note(
            studio.engine,
            workers.machine_of(job.worker or ""),
            estimates.sort_of(asked.settings, asked.base),
            measured["seconds"],
            measured["units"],
            now(),
            measured["memory_gb"],
        )
    settings, main = asked.settings, files[gallery_table.DRAWN][0]
    context.report(f"{asked.source.about}: {settings.width:,} x {settings.height:,} pixels.")
    return {
        "picture": id,
        "file": main.relative_to(studio.home).as_posix(),
        "width": settings.width,
        "height": settings.height,
        "tiles": figures["tiles"],
        "drawn": figures["drawn"],
        "seconds": figures["seconds"],
    }


def _wanted(studio: Studio, ask: Upscale) -> Wanted:
    source = upscale_sources.source(studio, ask.picture, ask.name)
    return upscaling.wanted(studio, source, ask.settings, size_of(ask), ask.redo)


def _check_room(studio: Studio, asked: Wanted, states: Mapping[str, str] = NOTHING_YET) -> None:
    """StudioError where the disk has less room than is needed for the tiles that are not drawn."""
    tiles = upscaling.tiles_of(asked.settings)
    left = [tile for tile in tiles if states.get(tile.key) != journal.DRAWN]
    source = asked.source
    disk_room.check(
        studio.home, disk_room.needed(asked.settings, source.width, source.height, left)
    )


def _check_before(studio: Studio, ask: Upscale) -> None:
    """StudioError where a job can't be gone on from."""
    before = queue.get(studio.engine, ask.again_of)
    if before.kind != KIND.name or before.payload.get("picture") != ask.picture:
        raise StudioError(
            f"Job {before.id} enlarged another picture, or none.", "Name one of this picture."
        )
    if not before.ended:
        raise StudioError(f"Job {before.id} has not ended yet.", "Wait for it, or cancel it first.")
    if ask.redo and not work_folders.is_there(studio.home, before.id):
        raise StudioError(
            f"The tiles of job {before.id} are gone: they stay for {work_folders.KEPT_DAYS} days.",
            "Enlarge the picture anew; with the same settings it becomes the same.",
        )


def _results_of(studio: Studio, job: int) -> list[str]:
    """What the job made that was gone on from; nothing where it was cut off."""
    if not job:
        return []
    made = str((queue.get(studio.engine, job).result or {}).get("picture") or "")
    return [one.id for one in records.of_ids(studio.engine, [made])] if made else []


KIND = Kind(
    name="upscale",
    label="Enlarging {name}",
    payload=Upscale,
    right=upscaling.RIGHT,
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
    goes_on="again_of",
    lane_of=lane_of,
    alone=alone,
)
