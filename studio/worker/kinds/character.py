"""The job that draws cells of a character's matrix: each led by its pose, or begun from a picture
of the reference sheet, then brought into the character's size, palette and on to the ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from studio import numbers
from studio.characters import cells, characters, openpose, poses
from studio.characters.cells import Cell
from studio.characters.characters import Character
from studio.context import Studio, now
from studio.diffusion import controls, ip_adapters
from studio.diffusion.sampling import Draw, check_draw
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, raw_pictures, start_pictures
from studio.generation.gallery_table import Kept
from studio.generation.style_drawing import Other
from studio.jobs.emit import Answer, Event
from studio.jobs.table import Lane
from studio.numbers import SEEDS
from studio.registry import models as registered
from studio.registry.models import Version
from studio.worker.context import Context
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds import character_drawing, guiding
from studio.worker.kinds.character_drawing import Plan, Task
from studio.worker.kinds.drawing import check_between, check_prompt
from studio.worker.kinds.guiding import NO_GUIDES, LeadAsked
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import character_rows, character_ways, version_loading
from studio.workflows import characters as workflow
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Drawer

CATEGORY = "characters"  # of the pictures in the gallery
AT_ONCE = 4  # cells that are drawn by the process that draws for pages


class CharacterCells(Payload):
    """Cells of a character's matrix, as "walk/east/3"; without any, those of `action` that are
    empty. `way` is "pose" or, for standing alone, "reference": begun from the reference sheet, of
    which `change` may change. `control` and `reference_scale` are how strongly pose and reference
    act. All cells have one `seed`, unless said the character's; drawn again, the next one. The door
    fills in all that would change until the job runs."""

    character: Text
    action: Text = "walk"
    cells: list[Text] = Field(default_factory=list, title="cell")
    way: Text = "pose"
    seed: int | None = None
    steps: Counted = 20
    guidance: float = 4.0
    control: float = 1.0
    reference_scale: float = 0.6
    change: float = 0.35
    revision: Counted = 0
    version: Counted = 0
    controlnet: Text = ""
    ip_adapter: Text = ""
    colours: list[Text] = Field(default_factory=list, title="colour")


def check(studio: Studio, ask: CharacterCells) -> CharacterCells:
    """The cells are there and can be drawn in this way; all that may change is then filled in."""
    found = characters.current(studio.engine, ask.character)
    if ask.revision:
        found = characters.get(studio.engine, ask.character, ask.revision)
    character = workflow.with_colours(studio, found.character)
    filled = character_rows.there(studio, ask.character)
    wanted = _wanted(ask, filled)
    if ask.way not in cells.WAYS:
        raise StudioError(
            f"way is {numbers.shown(ask.way)}.", f"Use one of {', '.join(cells.WAYS)}."
        )
    _check_numbers(ask)
    way = character_ways.ways(studio, character, wanted[0].action)
    for action in dict.fromkeys(cell.action for cell in wanted):
        if refused := character_ways.ways(studio, character, action).refused[ask.way]:
            raise character_ways.refusal(refused)
    if ask.way == "reference":
        _check_views(character, wanted)
    again = [(filled[cell].seed + 1) % SEEDS for cell in wanted if cell in filled]
    seed = ask.seed if ask.seed is not None else max(again, default=character.seed)
    for cell in wanted:
        check_prompt(workflow.prompt_of(character, cell), seed)
    version = workflow.main(studio, character)
    led = ask.way == "pose"
    return ask.model_copy(
        update={
            "action": wanted[0].action,
            "cells": [cell.name for cell in wanted],
            "seed": seed,
            "revision": found.revision,
            "version": version.number if version else 0,
            "controlnet": way.controlnet.name if led and way.controlnet else "",
            "ip_adapter": way.ip_adapter.name if led and way.ip_adapter else "",
            "colours": list(character.colours),
        }
    )


def lane(ask: CharacterCells) -> Lane:
    """A few cells that somebody draws again go beside other work, a whole matrix waits its turn."""
    return "interactive" if len(ask.cells) <= AT_ONCE else "work"


def prepare(context: Context, ask: CharacterCells) -> Work:
    """Pictures of the poses and of the reference sheet, and what draws."""
    studio = context.studio
    character, version = _told(studio, ask)
    base, inputs = workflow.base_of(studio, character, version), dict[str, Input]()
    drawer: Drawer = version_loading.BareBase(base)
    name = f"the base {base}"
    if version is not None:
        drawer = table.drawer(studio, version)
        name = f"{version.style} version {version.number}"
    inputs |= {hash: Input(hash, file) for hash, file in drawer.files.items()}
    others = []
    if character.lora:
        own = registered.get(studio.client, character.lora, character.lora_version)
        hash, file = version_loading.adapter_by_hash(studio, own)
        inputs[hash] = Input(hash, file)
        other = Other(own.style, own.number, character.lora_strength, own.trigger_word, file)
        others.append((other, hash))
    side, tasks = workflow.side_of(studio, base, version), list[Task]()
    for one in ask.cells:
        task = _task(studio, character, cells.named(one), ask, base, side)
        inputs |= task.guides.files
        if task.start:
            place = start_pictures.path(studio.home, task.start)
            inputs[character_drawing.begun(task.start)] = Input(task.start, place)
        tasks.append(replace(task, guides=task.guides.without_files))
    plan = Plan(
        drawer,
        name,
        ask.character,
        tuple(tasks),
        Draw(ask.steps, ask.guidance, character.negative, side, side),
        ask.seed or 0,
        ask.change,
        character.height,
        tuple(ask.colours),
        tuple(others),
    )
    return Work(_folder(context, version), plan, inputs)


def apply(context: Context, ask: CharacterCells, workdir: Path, event: Event) -> Answer:
    """Put a cell's picture into the gallery and into its cell."""
    _put(context, ask, cells.named(event.body["cell"]), workdir / event.body["file"])
    return "go on"


def commit(context: Context, ask: CharacterCells, outcome: Outcome) -> dict[str, Any]:
    """The cells with their pictures; what was not put in on the way is put in now."""
    folder = _folder(context, _told(context.studio, ask)[1])
    drawn = outcome.figures["drawn"]
    put = {name: _put(context, ask, cells.named(name), folder / drawn[name]) for name in drawn}
    context.report(f"{ask.character}: {len(drawn):,} of {len(ask.cells):,} cells were drawn.")
    found = {name: id for name, id in put.items() if id}
    return {"character": ask.character, "cells": found, "empty": outcome.figures["empty"]}


def _told(studio: Studio, ask: CharacterCells) -> tuple[Character, Version | None]:
    """The character as it was when this was asked for, and the version that draws it."""
    character = characters.get(studio.engine, ask.character, ask.revision).character
    if not character.style:
        return character, None
    return character, registered.get(studio.client, character.style, ask.version)


def _put(context: Context, ask: CharacterCells, cell: Cell, file: Path) -> str:
    """A picture into the gallery and into its cell, once; its id, "" where it is not whole."""
    studio, job = context.studio, context.job
    made = picture_files.read_made(file)
    if made is None:
        return ""
    raw, name = raw_pictures.beside(file), f"{ask.character}_{cell.name.replace('/', '_')}"
    with context.visible([file, *([raw] if raw.is_file() else [])]):
        kept = [Kept(file, made, name, 1, CATEGORY)]
        (id,) = gallery_table.record(
            studio.engine, studio.home, kept, by=job.asked_by, now=now(), job=job.id
        )
        cells.put(
            studio.engine,
            ask.character,
            [(cell, id)],
            revision=ask.revision,
            way=ask.way,
            seed=made.seed,
            job=job.id,
            by=job.asked_by,
            now=now(),
        )
    return id


def _folder(context: Context, version: Version | None) -> Path:
    """Where the pictures of the job lie: with all that its version drew."""
    studio = context.studio
    out = studio.home / "generated" / "_base"
    if version is not None:
        out = version_loading.generated(studio, version)
    return out / str(context.job.id)


def _wanted(ask: CharacterCells, filled: Mapping[Cell, Any]) -> list[Cell]:
    """The cells that are asked for. StudioError for one that there is not, and for none."""
    if ask.cells:
        return cells.in_order(cells.named(one) for one in ask.cells)
    empty = [one for one in cells.all_of(ask.action) if one not in filled]
    if not empty:
        raise StudioError(
            f"Every cell of {ask.character}'s {ask.action} is drawn.",
            "Name those that are drawn again, such as walk/east/3.",
        )
    return empty


def _task(
    studio: Studio, character: Character, cell: Cell, ask: CharacterCells, base: str, side: int
) -> Task:
    by = studio.settings.user
    pose = poses.poses(cell.action)[cell.pose - 1]
    view = workflow.view(studio, character, cell.direction, by)
    prompt = workflow.prompt_of(character, cell)
    if ask.way == "reference":
        return Task(cell, prompt, pose.grounded, NO_GUIDES, view)
    shown = openpose.drawn(poses.seen(pose, cell.direction, character.heads), side)
    lead = LeadAsked(
        picture=start_pictures.keep_picture(studio.home, shown, by=by),
        controlnet=ask.controlnet,
        scale=ask.control,
        ready=True,
    )
    after = (view, ask.ip_adapter) if ask.ip_adapter else ("", "")
    guides = guiding.of_leads(studio, base, [lead], *after, ask.reference_scale)
    return Task(cell, prompt, pose.grounded, guides, "")


def _check_views(character: Character, wanted: Sequence[Cell]) -> None:
    """StudioError where the reference sheet lacks a view that a cell would begin from."""
    for cell in wanted:
        own = workflow.SEEN[cell.direction][0]
        if own not in character.views:
            raise StudioError(
                f"The reference sheet has no {own}, which {cell.name} would begin from.",
                "Add that picture, or name the other cells alone.",
            )


def _check_numbers(ask: CharacterCells) -> None:
    check_draw(Draw(ask.steps, ask.guidance))
    controls.check(ask.control, 0.0, 1.0)
    ip_adapters.check_scale(ask.reference_scale)
    if ask.way == "reference":
        check_between("change", ask.change, 1 / ask.steps, 1)


KIND = Kind(
    name="character",
    label="Drawing {character}: {action}",
    payload=CharacterCells,
    right=workflow.RIGHT,
    lane="work",
    lane_of=lane,
    check=check,
    prepare=prepare,
    compute=character_drawing.compute,
    apply=apply,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)
