"""The job that draws cells of a character's matrix: each led by its pose, or begun from a picture
of the reference sheet, then brought into the character's size, palette and on to the ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from studio import images, numbers
from studio.characters import cells, characters, fitting, openpose, poses
from studio.characters.cells import Cell
from studio.characters.characters import Character
from studio.context import Countdown, Studio, now
from studio.diffusion import controls, ip_adapters
from studio.diffusion.sampling import Draw, check_draw
from studio.errors import StudioError
from studio.generation import delivery, gallery_table, picture_files, raw_pictures, start_pictures
from studio.generation import style_drawing as drawing
from studio.generation.gallery_table import Kept
from studio.generation.style_drawing import Besides, Loaded, Wish
from studio.jobs.emit import Answer, Emit, Event
from studio.jobs.table import Lane
from studio.registry import models as registered
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds import guiding
from studio.worker.kinds.drawing import check_between, check_prompt
from studio.worker.kinds.guiding import NO_GUIDES, Guides, LeadAsked
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import character_ways, recipes, version_loading
from studio.workflows import characters as workflow
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Drawer

CATEGORY = "characters"  # of the pictures in the gallery
EVENT = "cell"
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


@dataclass(frozen=True)
class Task:
    """A cell: its prompt, whether a foot is on the ground, what leads it, and the hash of the
    picture that it begins from, "" for none."""

    cell: Cell
    prompt: str
    grounded: bool
    guides: Guides
    start: str


@dataclass(frozen=True)
class Plan:
    """What draws which cells, and how they are finished: figures `height` pixels tall in
    `colours`. `others` each with the SHA-256 of its file."""

    drawer: Drawer
    name: str
    character: str
    tasks: tuple[Task, ...]
    draw: Draw
    seed: int
    change: float
    height: int
    colours: tuple[str, ...]
    others: tuple[tuple[drawing.Other, str], ...]


def check(studio: Studio, ask: CharacterCells) -> CharacterCells:
    """The cells are there and can be drawn in this way; all that may change is then filled in."""
    name = ask.character
    found = characters.current(studio.engine, name)
    if ask.revision:
        found = characters.get(studio.engine, name, ask.revision)
    character = workflow.with_colours(studio, found.character)
    filled = cells.filled(studio.engine, name)
    wanted = cells.in_order(cells.named(one) for one in ask.cells)
    if not wanted:
        wanted = [one for one in cells.all_of(ask.action) if one not in filled]
    if not wanted:
        raise StudioError(
            f"Every cell of {name}'s {ask.action} is drawn.",
            "Name those that are drawn again, such as walk/east/3.",
        )
    if ask.way not in cells.WAYS:
        raise StudioError(
            f"way is {numbers.shown(ask.way)}.", f"Use one of {', '.join(cells.WAYS)}."
        )
    there = [character_ways.ways(studio, character, one) for one in {cell.action for cell in wanted}]
    if refused := next((why for one in there if (why := one.refused[ask.way])), ""):
        raise StudioError(refused)
    if ask.way == "reference":
        _check_views(character, wanted)
    way = there[0]
    _check_numbers(ask)
    again = [filled[cell].seed + 1 for cell in wanted if cell in filled]
    seed = ask.seed if ask.seed is not None else max(again, default=character.seed)
    for cell in wanted:
        check_prompt(workflow.prompt_of(character, cell), seed)
    version = workflow.main(studio, character)
    led = ask.way == "pose"
    return ask.model_copy(
        update={
            "action": wanted[0].action,
            "cells": [cell.name for cell in wanted],
            "seed": numbers.seed(seed),
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
    found = characters.get(studio.engine, ask.character, ask.revision)
    character, inputs = found.character, dict[str, Input]()
    version = None
    if character.style:
        version = registered.get(studio.client, character.style, ask.version)
    base = workflow.base_of(studio, character, version)
    if version is not None:
        drawer: Drawer = table.drawer(studio, version)
        name = f"{version.style} version {version.number}"
    else:
        drawer, name = version_loading.BareBase(base), f"the base {base}"
    inputs |= {hash: Input(hash, file) for hash, file in drawer.files.items()}
    others = []
    if character.lora:
        own = registered.get(studio.client, character.lora, character.lora_version)
        hash, file = version_loading.adapter_by_hash(studio, own)
        inputs[hash] = Input(hash, file)
        others.append((_other(character, own.trigger_word, file), hash))
    side = workflow.side_of(studio, base, version)
    tasks = []
    for one in ask.cells:
        task = _task(studio, character, cells.named(one), ask, base, side)
        inputs |= task.guides.files
        if task.start:
            place = start_pictures.path(studio.home, task.start)
            inputs[_begun(task.start)] = Input(task.start, place)
        tasks.append(replace(task, guides=task.guides.without_files))
    plan = Plan(
        drawer,
        name,
        ask.character,
        tuple(tasks),
        Draw(ask.steps, ask.guidance, character.negative, side, side),
        ask.seed or 0,
        ask.change if ask.way == "reference" else 0.0,
        character.height,
        tuple(ask.colours),
        tuple(others),
    )
    return Work(_folder(context, ask), plan, inputs)


def compute(
    inputs: Mapping[str, Input], plan: Plan, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Draw the cells that the folder does not hold yet, each told of as it comes. One in which
    nothing is drawn is left out; StudioError where all are so."""

    def load() -> Loaded:
        emit.say(f"Loading {plan.name}.")
        return plan.drawer({name: one.path for name, one in inputs.items()}, models.device)

    loaded = recipes.with_recipe(models.warm.get(plan.name, load), None)
    others = tuple(replace(one, file=inputs[hash].path) for one, hash in plan.others)
    places = {name: one.path for name, one in inputs.items()}
    countdown, drawn, empty = Countdown(emit.say), dict[str, str](), list[str]()
    for number, task in enumerate(plan.tasks):
        countdown.at(number, len(plan.tasks))
        start = images.open_result(places[_begun(task.start)]) if task.start else None
        besides = Besides(others, start, task.start, plan.change if task.start else 0.0)
        besides = guiding.at_hand(besides, task.guides, places, loaded.matte)
        try:
            file = _drawn(loaded, plan, task, besides, workdir, emit)
        except StudioError as error:
            emit.say(f"{task.cell.name}: {error.message} {error.remedy}")
            empty.append(task.cell.name)
            continue
        drawn[task.cell.name] = file.name
        emit(EVENT, f"cell {task.cell.name}", {"file": file.name, "cell": task.cell.name})
    countdown.at(len(plan.tasks), len(plan.tasks))
    if not drawn:
        raise StudioError("Nothing is drawn in any of the cells.", "Draw them with another seed.")
    return Outcome({"drawn": drawn, "empty": empty})


def apply(context: Context, ask: CharacterCells, workdir: Path, event: Event) -> Answer:
    """Put a cell's picture into the gallery and into its cell."""
    _put(context, ask, cells.named(event.body["cell"]), workdir / event.body["file"])
    return "go on"


def commit(context: Context, ask: CharacterCells, outcome: Outcome) -> dict[str, Any]:
    """The cells with the pictures that are in them now; what was not told on the way is put in."""
    folder = _folder(context, ask)
    drawn = outcome.figures["drawn"]
    put = {name: _put(context, ask, cells.named(name), folder / drawn[name]) for name in drawn}
    context.report(f"{ask.character}: {len(drawn):,} of {len(ask.cells):,} cells were drawn.")
    found = {name: id for name, id in put.items() if id}
    return {"character": ask.character, "cells": found, "empty": outcome.figures["empty"]}


def _put(context: Context, ask: CharacterCells, cell: Cell, file: Path) -> str:
    """A picture into the gallery and into its cell, once; its id, "" where it is not whole."""
    studio, job = context.studio, context.job
    made = picture_files.read_made(file)
    if made is None:
        return ""
    raw = raw_pictures.beside(file)
    with context.visible([file, *([raw] if raw.is_file() else [])]):
        kept = [Kept(file, made, f"{ask.character}_{cell.name.replace('/', '_')}", 1, CATEGORY)]
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
    return str(id)


def _folder(context: Context, ask: CharacterCells) -> Path:
    """Where the pictures of the job lie: with all that its version drew."""
    studio = context.studio
    style = characters.get(studio.engine, ask.character, ask.revision).character.style
    out = studio.home / "generated" / "_base"
    if style:
        out = version_loading.generated(studio, registered.get(studio.client, style, ask.version))
    return out / str(context.job.id)


def _drawn(
    loaded: Loaded, plan: Plan, task: Task, besides: Besides, workdir: Path, emit: Emit
) -> Path:
    """A cell's file, drawn unless it is there; as the model drew it, it lies beside."""
    name = f"{plan.character}-{task.cell.stem}"
    file, wish = workdir / f"{name}.png", Wish(task.prompt, plan.seed)
    made = drawing.made_of(loaded, wish, plan.draw, loaded.strength, besides)
    if picture_files.read_made(file) == made:
        return file
    texts, seeds = [made.full_prompt], [plan.seed]
    (raw,) = drawing.pictures(
        loaded, texts, seeds, plan.draw, loaded.strength, emit.step, besides
    )
    clear = delivery.clear(raw, loaded.matte)
    if task.start:
        fitted = fitting.of_figure(clear, plan.height, plan.colours)
    else:
        fitted = fitting.of_pose(clear, plan.height, plan.colours, task.grounded)
    raw_pictures.keep(workdir, name, raw, made)
    picture_files.keep(workdir, name, fitted, made)
    return file


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


def _other(character: Character, trigger_word: str, file: Path) -> drawing.Other:
    strength = character.lora_strength
    return drawing.Other(character.lora, character.lora_version, strength, trigger_word, file)


def _check_views(character: Character, wanted: list[Cell]) -> None:
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


def _begun(hash: str) -> str:
    return f"begun {hash}"


KIND = Kind(
    name="character",
    label="Drawing {character}: {action}",
    payload=CharacterCells,
    right=workflow.RIGHT,
    lane="work",
    lane_of=lane,
    check=check,
    prepare=prepare,
    compute=compute,
    apply=apply,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)
