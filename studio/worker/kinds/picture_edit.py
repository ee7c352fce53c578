"""The job that edits pictures before props are made of them: each becomes a picture of its own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.assets import records
from studio.context import Progress, Studio, now
from studio.errors import StudioError
from studio.jobs.emit import Emit
from studio.props import edit_records
from studio.props import picture_edits as all_edits
from studio.props.edit_records import Edit
from studio.store import local
from studio.store.publish import publishing, remove_folder
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.payload import Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import picture_edits, upscale_sources
from studio.workflows.upscale_sources import Source

FILES = "edited"  # the folder within the computation's


class PictureEdit(Payload):
    """These edits (`props.picture_edits`), of each of these pictures: ids of assets, or hashes of
    pictures to begin from. `name` calls them for people; it is filled in where it is missing."""

    pictures: list[Text] = Field(title="picture")
    edits: list[dict[str, Any]]
    name: Words = ""


@dataclass(frozen=True)
class Task:
    """The pictures as they are at home, and the edits."""

    sources: tuple[Source, ...]
    edits: tuple[Edit, ...]


def check(studio: Studio, ask: PictureEdit) -> PictureEdit:
    """The pictures are there and the edits can be; palettes' colours are then written out."""
    edits = picture_edits.filled(studio, ask.edits)
    if not edits:
        raise StudioError("No edit is given.", f"Give one of {', '.join(all_edits.SHAPES)}.")
    first, *others = upscale_sources.sources(studio, ask.pictures)
    more = f" and {len(others):,} more" if others else ""
    return ask.model_copy(
        update={"edits": edit_records.said_of(edits), "name": ask.name or f"{first.about}{more}"}
    )


def prepare(context: Context, ask: PictureEdit) -> Work:
    """The pictures' files."""
    found = upscale_sources.sources(context.studio, ask.pictures)
    inputs = {}
    for source in found:
        path = local.present(source.path)
        inputs[source.named] = Input(digest(path), path)
    return Work(context.workdir, Task(tuple(found), all_edits.checked(ask.edits)), inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Each edited picture as a file; of those that nothing comes of, why. StudioError where that
    is so of all."""
    made, same = list[dict[str, Any]](), list[str]()
    left: list[tuple[str, StudioError]] = []
    files: dict[str, str] = {}
    total = len(task.sources)
    for done, source in enumerate(task.sources, 1):
        try:
            one = picture_edits.write(
                workdir / FILES, source, inputs[source.named].path, task.edits
            )
        except StudioError as error:
            left.append((source.named, error))
        else:
            if one is None:
                same.append(source.named)
            else:
                said = edit_records.said_of(one.edits)
                told = {"of": one.of, "file": one.file, "edits": said}
                made.append({**told, "remarks": list(one.remarks)})
                files[f"{FILES}/{one.file}"] = digest(workdir / FILES / one.file)
        emit.say(Progress(f"Editing {done}/{total}", done, total, "pictures", "editing"))
    if left and not made and not same:
        raise left[0][1]
    told_left = [[named, str(error)] for named, error in left]
    return Outcome({"made": made, "same": same, "left": told_left}, files)


def commit(context: Context, ask: PictureEdit, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and the pictures beside those that they came from."""
    studio, job, workdir = context.studio, context.job, context.workdir
    home, figures = picture_edits.folder_of(studio.home), outcome.figures
    known = {source.named: source for source in upscale_sources.sources(studio, ask.pictures)}
    for one in figures["made"]:
        if not (home / one["file"]).is_file():
            with publishing(home / one["file"], flush=False) as aside:
                shutil.copyfile(workdir / FILES / one["file"], aside)
    new = [
        picture_edits.new(
            studio.home, known[one["of"]], all_edits.checked(one["edits"]), home / one["file"]
        )
        for one in figures["made"]
    ]
    with context.visible(path for one in new for path, _ in one.files.values()):
        ids = records.put(studio.engine, new, by=job.asked_by, now=now(), job=job.id)
    for one in figures["made"]:
        for remark in one["remarks"]:
            context.report(f"{known[one['of']].about}: {remark}")
    for named in figures["same"]:
        context.report(f"{known[named].about}: the edits change nothing of it.")
    for named, why in figures["left"]:
        context.report(f"{known[named].about} was left out: {why}")
    context.report(f"{len(ids):,} pictures were edited.")
    remove_folder(workdir)
    return {
        "pictures": ids,
        "files": [f"{picture_edits.FOLDER}/{one['file']}" for one in figures["made"]],
        "same": len(figures["same"]),
        "left": len(figures["left"]),
    }


KIND = Kind(
    name="picture_edit",
    label="Editing {name}",
    payload=PictureEdit,
    right=picture_edits.RIGHT,
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
