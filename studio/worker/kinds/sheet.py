"""The job that makes an animation sheet: frames of the gallery, of files or of a motion, packed,
with a normal sheet, as an .aseprite file and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from studio import images
from studio.assets import files as asset_files
from studio.assets import records
from studio.assets.files import Content
from studio.context import Progress, Studio, now
from studio.jobs.emit import Emit
from studio.sheets import checks, effects, packing
from studio.sheets.packing import Placed
from studio.sheets.sheet import NAME, Animation
from studio.store import local
from studio.store.publish import publishing, remove_folder, share
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.payload import Counted, Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import animation_files, animations
from studio.workflows.animations import Asked
from studio.workflows.upscale_sources import Source

FOLDER = "sheet"  # in the computation's
PICTURE, MAP, BEFORE = "picture ", "map ", "before "  # how inputs' names begin
MEASURED = 1_000_000  # pixels of all frames: more would take minutes


class Sheet(Payload):
    """An animation sheet. Each of `frames` is {picture, box, duration_ms, name, normal}: a picture
    by its asset's id or as one to begin from, and what may be missing; frames without a duration
    have `duration_ms`. `motion` ({motion, settings of its own}) needs a single frame. `pivot` is x
    and y, empty for the middle of the feet. `drawn` is the way of blending that the frames are in,
    `effect` that of the sheet: straight, premultiplied or black. `palette` names one ("props@3",
    "own": the frames'), and `colours` are those of no palette; without either they are `style`'s,
    where one is named. `before` is a sheet whose frames keep their places. What is missing is
    filled in."""

    frames: list[dict[str, Any]] = Field(title="frame")
    name: Words = ""
    duration_ms: Counted = 100
    tags: list[dict[str, Any]] = Field(default_factory=list, title="tag")
    slices: list[dict[str, Any]] = Field(default_factory=list, title="slice")
    pivot: list[float] = Field(default_factory=list)
    packing: dict[str, Any] = Field(default_factory=dict)
    motion: dict[str, Any] = Field(default_factory=dict)
    drawn: Text = "straight"
    effect: Text = "straight"
    palette: Text = ""
    colours: list[Text] = Field(default_factory=list, title="colour")
    style: Text = ""
    pad: bool = False
    before: Text = ""


@dataclass(frozen=True)
class Task:
    """What is asked, and where the frames of the sheet before lie, as JSON; None without one."""

    asked: Asked
    before: dict[str, Any] | None


def check(studio: Studio, ask: Sheet) -> Sheet:
    """The pictures are there and go together; all settings are then complete, colours written
    out."""
    colours = list(ask.colours) or list(animations.colours(studio, ask.palette, ask.style))
    asked = _asked(ask, colours)
    there = list(animations.sources(studio, asked).values())
    animations.normals(studio, asked, {one.named: one for one in there})
    if asked.before:
        animation_files.get(studio.engine, studio.home, asked.before)
    told = animations.as_json(asked)
    name = (ask.name or there[0].about)[:NAME]
    return ask.model_copy(
        update={
            "frames": told["frames"],
            "tags": told["tags"],
            "slices": told["slices"],
            "packing": told["packing"],
            "motion": told["motion"],
            "colours": colours,
            "name": name,
        }
    )


def prepare(context: Context, ask: Sheet) -> Work:
    """The pictures, their normal maps, and the sheet before."""
    studio, asked = context.studio, _asked(ask, ask.colours)
    there = animations.sources(studio, asked)
    paths = {f"{PICTURE}{name}": source.path for name, source in there.items()}
    for name, path in animations.normals(studio, asked, there).items():
        paths[f"{MAP}{name}"] = path
    before = None
    if asked.before:
        kept = animation_files.get(studio.engine, studio.home, asked.before)
        before = packing.to_json(kept.placed)
        for one in asset_files.of(studio.engine, asked.before):
            if one.role in (animation_files.PICTURE, animation_files.NORMAL):
                paths[f"{BEFORE}{one.role}"] = studio.home / one.path
    inputs = {}
    for name, path in paths.items():
        file = local.present(path)
        inputs[name] = Input(digest(file), file)
    return Work(context.workdir, Task(asked, before), inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """The sheet as files. StudioError where the frames don't go together or don't fit."""
    pictures = {
        kind: {
            name.removeprefix(kind): images.open_result(one.path)
            for name, one in inputs.items()
            if name.startswith(kind)
        }
        for kind in (PICTURE, MAP, BEFORE)
    }
    emit.say(Progress("Making the frames", 1, 3, "steps", "making"))
    animation, remarks = animations.made(task.asked, pictures[PICTURE], pictures[MAP])
    emit.say(Progress("Packing the sheet", 2, 3, "steps", "packing"))
    before = None
    if task.before is not None:
        held = pictures[BEFORE]
        normals = held.get(animation_files.NORMAL)
        before = packing.of_json(task.before, held[animation_files.PICTURE], normals)
    placed = packing.pack(animation, task.asked.packing, before)
    remarks = (*remarks, *animations.edges(placed, task.asked.effect))
    names = animation_files.write(workdir / FOLDER, animation, placed)
    emit.say(Progress("Writing the files", 3, 3, "steps", "writing"))
    contents = {role: asset_files.read(workdir / FOLDER / name) for role, name in names.items()}
    return Outcome(
        {
            "files": {role: [names[role], asdict(one)] for role, one in contents.items()},
            "said": {**_said(animation, placed), "remarks": list(remarks)},
            "hashes": {name: one.hash for name, one in inputs.items()},
        },
        {f"{FOLDER}/{names[role]}": one.hash for role, one in contents.items()},
    )


def commit(context: Context, ask: Sheet, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and the sheet beside its frames."""
    studio, job, asked = context.studio, context.job, _asked(ask, ask.colours)
    there: dict[str, Source] = animations.sources(studio, asked)
    # What nobody else's sheet has: of the same name, frames and settings it is the same. The files
    # are those that it was made of: somebody may have painted over one since.
    home = animation_files.folder_of(studio.home, asked, outcome.figures["hashes"])
    files: dict[str, tuple[Path, Content]] = {}
    for role, (name, told) in outcome.figures["files"].items():
        if not (home / name).is_file():
            with publishing(home / name, flush=False) as aside:
                share(context.workdir / FOLDER / name, aside)
        files[role] = (home / name, Content(**told))
    said = outcome.figures["said"]
    new = animation_files.new(studio.home, asked, list(there.values()), files, said)
    with context.visible(path for path, _ in files.values()):
        (id,) = records.put(studio.engine, [new], by=job.asked_by, now=now(), job=job.id)
    for remark in said["remarks"]:
        context.report(f"{asked.name}: {remark}")
    context.report(f"{asked.name}: a sheet of {said['frames']:,} frames was made.")
    remove_folder(context.workdir)
    main = files[animation_files.PICTURE][0]
    return {"sheet": id, "file": main.relative_to(studio.home).as_posix(), "frames": said["frames"]}


def _asked(ask: Sheet, colours: list[str]) -> Asked:
    told = ask.model_dump(exclude={"palette", "colours", "style"})
    return animations.asked({**told, "palette": colours})


def _said(animation: Animation, placed: Placed) -> dict[str, Any]:
    """What the recipe says of what came of it. A motion that is no walk has figures, too; whoever
    looks at them knows which bars are its."""
    told: dict[str, Any] = {
        "frames": len(animation.frames),
        "canvas": [animation.width, animation.height],
        "size": list(placed.image.size),
        "fill": round(packing.fill(placed), 4),
    }
    if book := effects.book_of(placed):
        told["book"] = asdict(book)
    measured, tag = checks.cycle(animation)
    few = len(measured.frames) * measured.width * measured.height <= MEASURED
    if few and checks.measurable(measured):
        figures = checks.figures(measured)
        told["figures"] = json.loads(json.dumps(asdict(figures)))
        told["figures_of"] = tag
    return told


KIND = Kind(
    name=animation_files.KIND,
    label="Making the sheet {name}",
    payload=Sheet,
    right=animations.RIGHT,
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
