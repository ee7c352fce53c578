"""Cells of a character drawn by what leads each, and finished: the computation of the job
`character`, which knows no studio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio import images
from studio.characters import fitting
from studio.characters.cells import Cell
from studio.characters.fitting import NothingDrawn
from studio.context import Countdown
from studio.diffusion.sampling import Draw
from studio.errors import StudioError
from studio.generation import delivery, picture_files, raw_pictures
from studio.generation import style_drawing as drawing
from studio.generation.style_drawing import Besides, Loaded, Wish
from studio.jobs.emit import Emit
from studio.worker.context import Models
from studio.worker.kind import Input, Outcome
from studio.worker.kinds import guiding
from studio.worker.kinds.guiding import Guides
from studio.workflows import recipes
from studio.workflows.model_kinds.kind import Drawer

EVENT = "cell"


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


def begun(hash: str) -> str:
    """The input that a cell begins from."""
    return f"begun {hash}"


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
    for number, task in enumerate(plan.tasks, 1):
        start = images.open_result(places[begun(task.start)]) if task.start else None
        besides = Besides(others, start, task.start, plan.change if task.start else 0.0)
        besides = guiding.at_hand(besides, task.guides, places, loaded.matte)
        name = task.cell.name
        try:
            file = _drawn(loaded, plan, task, besides, workdir, emit)
        except NothingDrawn as error:
            emit.say(f"{name}: {error.message} {error.remedy}")
            empty.append(name)
        else:
            drawn[name] = file.name
            emit(EVENT, f"cell {name}", {"file": file.name, "cell": name})
        countdown.at(number, len(plan.tasks))
    if not drawn:
        raise StudioError("Nothing is drawn in any of the cells.", "Draw them with another seed.")
    return Outcome({"drawn": drawn, "empty": empty})


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
    (raw,) = drawing.pictures(loaded, texts, seeds, plan.draw, loaded.strength, emit.step, besides)
    clear = delivery.clear(raw, loaded.matte)
    if task.start:
        fitted = fitting.of_figure(clear, plan.height, plan.colours)
    else:
        fitted = fitting.of_pose(clear, plan.height, plan.colours, task.grounded)
    raw_pictures.keep(workdir, name, raw, made)
    picture_files.keep(workdir, name, fitted, made)
    return file
