"""The job that edits a prop: what comes of it is a new version beside the old one, which stays and
is its parent, so that every edit can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.assets import files as asset_files
from studio.assets import records
from studio.context import Studio, now
from studio.errors import StudioError
from studio.jobs.emit import Emit
from studio.props import edit_records
from studio.props.edit_records import Edit
from studio.store import local
from studio.store.publish import remove_folder
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.kinds import prop_steps
from studio.worker.payload import Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import prop_files, props
from studio.workflows.prop_files import About


class PropEdit(Payload):
    """A prop, by its id, and what is done to it in this order (`props.edits`). `name` calls the
    new version, "" as the old one; `style` is filled in."""

    prop: Text
    edits: list[dict[str, Any]] = Field(title="edit")
    name: Words = ""
    style: Text = ""


@dataclass(frozen=True)
class Task:
    """What is known of the new version before it is made, and the edits."""

    about: About
    edits: tuple[Edit, ...]


def check(studio: Studio, ask: PropEdit) -> PropEdit:
    """The prop is there, and so is all that the edits need."""
    prop = prop_files.get(studio.engine, ask.prop)
    edits = props.edits_in(studio, ask.edits)
    if not edits:
        raise StudioError("No edit is given.", "Say at least one thing that is to be done.")
    filled = {
        "edits": edit_records.said_of(edits),
        "name": prop_files.called(ask.name or prop.name),
        "style": prop.style,
    }
    return ask.model_copy(update=filled)


def prepare(context: Context, ask: PropEdit) -> Work:
    """The prop's model, its normal map, and the pictures that edits lay on."""
    studio = context.studio
    about, edits = _about(studio, ask), props.edits_in(studio, ask.edits)
    there = {one.role: one.path for one in asset_files.of(studio.engine, ask.prop)}
    inputs: dict[str, Input] = {}
    for role in (prop_files.MODEL, prop_files.NORMAL):
        if role in there:
            file = local.present(studio.home / there[role])
            inputs[role] = Input(digest(file), file)
    inputs |= prop_steps.textures(props.edit_pictures(studio, edits))
    return Work(context.workdir, Task(about, edits), inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """The new version's files."""
    emit.step(0, 0)
    normal = inputs.get(prop_files.NORMAL)
    made = prop_steps.of_model(
        workdir / prop_steps.FOLDER,
        task.about,
        inputs[prop_files.MODEL].path,
        normal.path if normal else None,
        task.edits,
        inputs,
    )
    files = {f"{prop_steps.FOLDER}/{name}": hash for name, hash in made.written.hashes.items()}
    return Outcome({"made": made.as_json()}, files)


def commit(context: Context, ask: PropEdit, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and the new version beside the old one."""
    studio, job = context.studio, context.job
    made = prop_steps.of_json(_about(studio, ask), outcome.figures["made"])
    place = context.workdir / prop_steps.FOLDER
    files = prop_files.put_away(studio.home, place, made.written)
    about = replace(made.about, key=prop_files.key_of(job.id, 1))
    new = prop_files.new(about, files, made.written.figures)
    with context.visible(path for path, _ in files.values()):
        (id,) = records.put(studio.engine, [new], by=job.asked_by, now=now(), job=job.id)
    for remark in made.about.remarks:
        context.report(remark)
    context.report(f"{about.name} was edited.")
    remove_folder(context.workdir)
    return {"props": [id], "left": 0}


def _about(studio: Studio, ask: PropEdit) -> About:
    """What is known of the new version before it is made."""
    prop = prop_files.get(studio.engine, ask.prop)
    told = props.edited(studio, prop, props.edits_in(studio, ask.edits))
    return replace(told, name=ask.name or told.name)


KIND = Kind(
    name="prop_edit",
    label="Editing {name}",
    payload=PropEdit,
    right=props.RIGHT,
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
