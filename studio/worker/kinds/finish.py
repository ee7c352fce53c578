"""The job that finishes many pictures, or large ones."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.context import Progress, Studio, now
from studio.errors import StudioError
from studio.finishing import steps as all_steps
from studio.finishing.steps import Steps
from studio.jobs.emit import Emit
from studio.store.publish import publishing, remove_folder
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.payload import Payload, Text
from studio.worker.steps import digest
from studio.workflows import finished_files, finishing
from studio.workflows.finished_files import Made
from studio.workflows.finishing_sources import Source, sources

FOLDER = "finished"  # in the computation's


class Finish(Payload):
    """These steps, of each of these pictures; `raw`: as the model drew them, where that is kept."""

    ids: list[Text]
    steps: dict[str, Any]
    raw: bool = True


@dataclass(frozen=True)
class Task:
    """The pictures as they are at home, and the steps."""

    sources: tuple[Source, ...]
    steps: Steps


def check(studio: Studio, ask: Finish) -> Finish:
    """The steps can be taken, and there is a picture to take them with."""
    all_steps.read(ask.steps)
    if not sources(studio, ask.ids, raw=ask.raw):
        raise StudioError("None of these pictures is there.", "Choose pictures of the gallery.")
    return ask


def prepare(context: Context, ask: Finish) -> Work:
    """The pictures' files."""
    studio = context.studio
    found = sources(studio, ask.ids, raw=ask.raw)
    inputs = {one.asset.id: Input(one.content.hash, one.path) for one in found}
    return Work(context.workdir, Task(tuple(found), all_steps.read(ask.steps)), inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Each finished picture as files; of those that nothing comes of, why."""
    made, same, left = [], [], []
    files: dict[str, str] = {}
    total = len(task.sources)
    for done, source in enumerate(task.sources, 1):
        here = source.at(inputs[source.asset.id].path)
        try:
            one = finished_files.write(workdir / FOLDER, here, task.steps)
        except StudioError as error:
            left.append([source.asset.id, str(error)])
        else:
            if one is None:
                same.append(source.asset.id)
            else:
                names = {role: path.name for role, path in one.files.items()}
                made.append({"of": one.of, "parents": list(one.parents), "files": names})
                files |= {f"{FOLDER}/{n}": digest(workdir / FOLDER / n) for n in names.values()}
        emit.say(Progress(f"Finishing {done}/{total}", done, total, "pictures", "finishing"))
    return Outcome({"made": made, "same": same, "left": left}, files)


def commit(context: Context, ask: Finish, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and the pictures beside those that they came from."""
    studio, job, workdir = context.studio, context.job, context.workdir
    home = finishing.folder_of(studio.home)
    made = []
    for one in outcome.figures["made"]:
        for name in one["files"].values():
            if not (home / name).is_file():
                with publishing(home / name, flush=False) as aside:
                    shutil.copyfile(workdir / FOLDER / name, aside)
        paths = {role: home / name for role, name in one["files"].items()}
        made.append(Made(one["of"], tuple(one["parents"]), paths))
    steps, by = all_steps.read(ask.steps), job.asked_by
    with context.visible(path for one in made for path in one.files.values()):
        ids = finishing.record(studio, made, steps, by=by, now=now(), job=job.id)
    left = outcome.figures["left"]
    for id, why in left:
        context.report(f"Picture {id} was left out: {why}")
    context.report(f"{len(ids):,} pictures were finished.")
    remove_folder(workdir)
    return {"pictures": len(ids), "same": len(outcome.figures["same"]), "left": len(left)}


KIND = Kind(
    name="finish",
    label="Finishing pictures",
    payload=Finish,
    right="finish pictures",
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
