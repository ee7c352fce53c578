"""The job that makes props from pictures by a local method: many pictures in one job; cut off
anywhere, it goes on with those that are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.assets import records
from studio.context import Progress, Studio, now
from studio.errors import StudioError
from studio.jobs.emit import Emit
from studio.props import edit_records
from studio.props import settings as all_settings
from studio.props.edit_records import Edit
from studio.props.settings import Settings
from studio.store import local
from studio.store.publish import remove_folder
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.kinds import prop_steps
from studio.worker.payload import Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import prop_files, props, upscale_sources
from studio.workflows.prop_files import About
from studio.workflows.props import Wanted
from studio.workflows.upscale_sources import Source


class Prop(Payload):
    """Pictures, each by the id of an asset or the hash of one to begin from, that become props by
    `settings` (`props.settings`), of which any may be missing: the door fills them in. Without a
    method each picture gets the one that suits it. `edits` follow on each (`props.edits`).

    `name` calls the prop of a single picture; `names` those of pictures that have no name of their
    own, by what names the picture; `style` is filled in.
    """

    pictures: list[Text] = Field(title="picture")
    settings: dict[str, Any] = Field(default_factory=dict)
    edits: list[dict[str, Any]] = Field(default_factory=list, title="edit")
    name: Words = ""
    names: dict[str, str] = Field(default_factory=dict)
    style: Text = ""


@dataclass(frozen=True)
class Task:
    """What is known of each prop before it is made, the settings of all, and their edits."""

    abouts: tuple[About, ...]
    settings: Settings
    edits: tuple[Edit, ...]


def check(studio: Studio, ask: Prop) -> Prop:
    """Pictures, settings and edits can be used; all settings are then complete."""
    asked = props.wanted(studio, ask.pictures, ask.settings, ask.edits)
    count, first = len(asked.sources), asked.sources[0]
    styles = {one.asset.style if one.asset else "" for one in asked.sources}
    named = {one.named: _called(ask, one) for one in asked.sources}
    filled = {
        "pictures": list(named),
        "settings": all_settings.to_json(asked.settings),
        "edits": edit_records.said_of(asked.edits),
        "name": named[first.named] if count == 1 else ask.name.strip() or f"{count:,} props",
        "names": {one: prop_files.called(named[one]) for one in named if one in ask.names},
        "style": styles.pop() if len(styles) == 1 else "",
    }
    return ask.model_copy(update=filled)


def prepare(context: Context, ask: Prop) -> Work:
    """The pictures' files, that of the back, and those that edits lay on."""
    studio = context.studio
    asked = props.wanted(studio, ask.pictures, ask.settings, ask.edits)
    inputs: dict[str, Input] = {}
    for number, source in enumerate(asked.sources, 1):
        file = local.present(source.path)
        inputs[str(number)] = Input(digest(file), file)
    if asked.settings.back_picture:
        named = upscale_sources.source(studio, asked.settings.back_picture)
        back = local.present(named.path)
        inputs[prop_steps.BACK] = Input(digest(back), back)
    inputs |= prop_steps.textures(props.edit_pictures(studio, asked.edits))
    return Work(
        context.workdir, Task(_abouts(studio, asked, ask), asked.settings, asked.edits), inputs
    )


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Each prop's files; of those pictures that nothing comes of, why. StudioError where nothing
    comes of any."""
    made: dict[str, Any] = {}
    files: dict[str, str] = {}
    left: list[StudioError] = []
    said: list[list[str]] = []
    total = len(task.abouts)
    for number, about in enumerate(task.abouts, 1):
        emit.step(0, 0)
        place = f"{prop_steps.FOLDER}/{number}"
        picture = inputs[str(number)].path
        try:
            one = prop_steps.of_picture(
                workdir / place, about, picture, task.settings, task.edits, inputs
            )
        except StudioError as error:
            left.append(error)
            said.append([about.name, str(error)])
        else:
            made[str(number)] = one.as_json()
            files |= {f"{place}/{name}": hash for name, hash in one.written.hashes.items()}
        emit.say(Progress(f"Prop {number:,}/{total:,}", number, total, "props", "making"))
    if left and not made:
        raise left[0]
    return Outcome({"made": made, "left": said}, files)


def commit(context: Context, ask: Prop, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and each prop beside the picture that it came
    from."""
    studio, job = context.studio, context.job
    asked = props.wanted(studio, ask.pictures, ask.settings, ask.edits)
    abouts = _abouts(studio, asked, ask)
    new = []
    for number, told in outcome.figures["made"].items():
        one = prop_steps.of_json(abouts[int(number) - 1], told)
        place = context.workdir / prop_steps.FOLDER / number
        files = prop_files.put_away(studio.home, place, one.written)
        about = replace(one.about, key=prop_files.key_of(job.id, int(number)))
        new.append(prop_files.new(about, files, one.written.figures))
    with context.visible(path for one in new for path, _ in one.files.values()):
        ids = records.put(studio.engine, new, by=job.asked_by, now=now(), job=job.id)
    left = outcome.figures["left"]
    for name, why in left:
        context.report(f"{name} was left out: {why}")
    context.report(f"{len(ids):,} props were made.")
    remove_folder(context.workdir)
    return {"props": ids, "left": len(left)}


def _abouts(studio: Studio, asked: Wanted, ask: Prop) -> tuple[About, ...]:
    """What is known of each prop before it is made."""
    settings, edits = asked.settings, asked.edits
    said = tuple(edit_records.said_of(edits))
    known = (
        replace(props.about(one, settings, _called(ask, one)), edits=said) for one in asked.sources
    )
    return tuple(props.with_parents(studio, one, settings, edits) for one in known)


def _called(ask: Prop, source: Source) -> str:
    """What the prop of a picture is called: as is asked where it is the only one, else as the
    picture is."""
    alone = ask.name.strip() if len(set(ask.pictures)) == 1 else ""
    return alone or ask.names.get(source.named, "").strip() or source.about


KIND = Kind(
    name="prop",
    label="Making {name}",
    payload=Prop,
    right=props.RIGHT,
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
