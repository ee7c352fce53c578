"""The job that draws a wall of a GAN's sprites, seed by seed: they lie in the job's folder and go
with it. Those that please are kept by drawing their seeds again, as pictures of the gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio import numbers
from studio.context import Progress, Studio
from studio.diffusion.sampling import Draw
from studio.errors import StudioError
from studio.finishing.recipe import Recipe
from studio.gan import wishes
from studio.jobs.emit import Emit
from studio.registry import models
from studio.store.publish import publishing
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.payload import Counted, Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import recipes, version_loading
from studio.workflows.model_kinds import gan, table
from studio.workflows.model_kinds.kind import Drawer

WALL, MOST = "wall", 4_000  # the folder in the job's, and pictures of one job


class Variations(Payload):
    """Sprites of a GAN with the seeds `seed`, `seed` + 1, ...; without `version` what is in
    production draws. `wish` says classes with their weights and a truncation, such as
    "rocks 0.3, gems 0.7, truncation 0.6"; "" is all that it knows."""

    style: Text
    version: Counted | None = None
    wish: Words = ""
    seed: Counted = 0
    count: Counted = 240


@dataclass(frozen=True)
class Task:
    """What draws, what finishes it, and the seeds."""

    drawer: Drawer
    recipe: Recipe | None
    wish: str
    seeds: range


def check(studio: Studio, ask: Variations) -> Variations:
    """The version is a GAN and its classes are known; it is then pinned."""
    version = (
        version_loading.in_production(studio, ask.style)
        if ask.version is None
        else models.get(studio.client, ask.style, ask.version)
    )
    if table.of(version).name != gan.NAME:
        raise StudioError(
            f"{version.style} version {version.number} is of kind {table.label(version)}.",
            "Choose a GAN.",
        )
    numbers.whole("count", ask.count, 1, MOST)
    numbers.whole("seed", ask.seed, 0, numbers.HIGHEST_ID - ask.count)
    wishes.read(ask.wish, gan.class_names(version))
    return ask.model_copy(update={"version": version.number})


def prepare(context: Context, ask: Variations) -> Work:
    """The version's file, and how its pictures are finished."""
    studio = context.studio
    version = models.get(studio.client, ask.style, ask.version or 0)
    drawer = table.drawer(studio, version)
    task = Task(
        drawer,
        recipes.of_version(studio, version),
        ask.wish,
        range(ask.seed, ask.seed + ask.count),
    )
    inputs = {hash: Input(hash, path) for hash, path in drawer.files.items()}
    return Work(context.workdir, task, inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Each seed's picture, by its number."""
    files = {hash: file.path for hash, file in inputs.items()}
    loaded = recipes.with_recipe(task.drawer(files, models.device), task.recipe)
    assert loaded.draws is not None
    made = dict[str, str]()
    seeds, size = list(task.seeds), (0, 0)
    for start in range(0, len(seeds), gan.PART):
        emit.step(0, 0)
        part = seeds[start : start + gan.PART]
        for seed, picture in zip(
            part, loaded.draws([task.wish] * len(part), part, Draw(), None), strict=True
        ):
            finished = loaded.finish(picture)
            size = finished.size
            name = f"{WALL}/{seed}.png"
            with publishing(workdir / name, flush=False) as aside:
                finished.save(aside, format="PNG")
            made[name] = digest(workdir / name)
        line = f"{len(made):,}/{len(seeds):,} sprites"
        emit.say(Progress(line, len(made), len(seeds), "pictures", "drawing"))
    return Outcome({"width": size[0], "height": size[1]}, made)


def commit(context: Context, ask: Variations, outcome: Outcome) -> dict[str, Any]:
    """What the wall is of; its pictures stay in the job's folder."""
    return {
        "style": ask.style,
        "version": ask.version,
        "wish": ask.wish,
        "seed": ask.seed,
        "count": ask.count,
        **outcome.figures,
    }


def file(home: Path, job: int, seed: int) -> Path:
    """Where a wall's picture lies; StudioError where it is gone with its job."""
    found = home / "jobs" / str(job) / "work" / WALL / f"{seed}.png"
    if not found.is_file():
        raise StudioError("This wall is not there any more.", "Draw it again.")
    return found


KIND = Kind(
    name="variations",
    label="Drawing variations of {style}",
    payload=Variations,
    right="generate",
    lane="interactive",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    resumable=True,
)
