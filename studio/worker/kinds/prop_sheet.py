"""The job that draws a prop from several directions: a sheet in the style's pixels and colours, and
its normal map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.assets import files as asset_files
from studio.assets import records
from studio.assets.files import Content
from studio.assets.records import Asset
from studio.context import Progress, Studio, now
from studio.generation import gallery_table
from studio.jobs.emit import Emit
from studio.props import directions, glb
from studio.store import local
from studio.store.publish import publishing, remove_folder, share
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.payload import Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import prop_files, prop_sheets
from studio.workflows.prop_sheets import About

MODEL = "model"  # the input
FOLDER = "sheet"  # in the computation's


class PropSheet(Payload):
    """A prop, by its id, drawn as `directions` (`props.directions`) say, of which any may be
    missing: the door fills them in by `style`, "" for the prop's own. `name` is filled in."""

    prop: Text
    directions: dict[str, Any] = Field(default_factory=dict)
    style: Text = ""
    name: Words = ""


def check(studio: Studio, ask: PropSheet) -> PropSheet:
    """The prop is there, and can be drawn so; all settings are then complete."""
    prop = prop_files.get(studio.engine, ask.prop)
    _model(studio, prop)
    settings, style = prop_sheets.filled(studio, prop, ask.directions, ask.style)
    filled = {
        "directions": directions.to_json(settings),
        "style": style,
        "name": prop_files.called(prop.name),
    }
    return ask.model_copy(update=filled)


def prepare(context: Context, ask: PropSheet) -> Work:
    """The prop's model."""
    studio = context.studio
    prop = prop_files.get(studio.engine, ask.prop)
    path, content = _model(studio, prop)
    file = local.present(path)
    return Work(context.workdir, _about(prop, content, ask), {MODEL: Input(digest(file), file)})


def compute(
    inputs: Mapping[str, Input], task: About, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """The sheet and its normal map as PNG files. StudioError for a model that can't be read."""

    def told(done: int, total: int) -> None:
        emit.step(0, 0)
        emit.say(Progress(f"Direction {done}/{total}", done, total, "directions", "drawing"))

    model = glb.read(inputs[MODEL].path.read_bytes())
    sheet = directions.sheet(model, task.settings, told)
    names = prop_sheets.write(workdir / FOLDER, sheet, task)
    contents = {role: asset_files.read(workdir / FOLDER / name) for role, name in names.items()}
    return Outcome(
        {
            "files": {role: [names[role], asdict(one)] for role, one in contents.items()},
            "drawn": prop_sheets.said_of(sheet),
        },
        {f"{FOLDER}/{names[role]}": one.hash for role, one in contents.items()},
    )


def commit(context: Context, ask: PropSheet, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and the sheet into the gallery."""
    studio, job = context.studio, context.job
    prop = prop_files.get(studio.engine, ask.prop)
    home = prop_sheets.folder_of(studio.home, job.id)
    files: dict[str, tuple[Path, Content]] = {}
    for role, (name, told) in outcome.figures["files"].items():
        if not (home / name).is_file():
            with publishing(home / name, flush=False) as aside:
                share(context.workdir / FOLDER / name, aside)
        files[role] = (home / name, Content(**told))
    about = _about(prop, _model(studio, prop)[1], ask)
    with context.visible(path for path, _ in files.values()):
        new = prop_sheets.new(studio.home, prop.id, about, files, outcome.figures["drawn"])
        (id,) = records.put(studio.engine, [new], by=job.asked_by, now=now(), job=job.id)
    context.report(f"{about.name}: {about.settings.count} directions were drawn.")
    remove_folder(context.workdir)
    main = files[gallery_table.DRAWN][0]
    return {
        "picture": id,
        "file": main.relative_to(studio.home).as_posix(),
        "directions": [frame["name"] for frame in outcome.figures["drawn"]["frames"]],
    }


def _model(studio: Studio, prop: Asset) -> tuple[Path, Content]:
    """The prop's model, and what is in it. StudioError where it has none."""
    found = prop_files.file_of(studio.engine, prop.id, prop_files.MODEL)
    path = studio.home / found.path
    return path, found.content or asset_files.read(path)


def _about(prop: Asset, model: Content, ask: PropSheet) -> About:
    settings = directions.of_json(ask.directions)
    return prop_sheets.about(prop, model.hash, ask.style, settings)


KIND = Kind(
    name="prop_sheet",
    label="Drawing {name} from several directions",
    payload=PropSheet,
    right=prop_sheets.RIGHT,
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
