"""The job that makes a prop from a picture by a model on a GPU of one's own: TripoSR or TRELLIS.2,
where they are installed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio import images, numbers
from studio.assets import records
from studio.context import Studio, now
from studio.errors import StudioError
from studio.jobs.emit import Emit
from studio.props import edits, glb, own_models
from studio.store import local
from studio.store.publish import publish, remove_folder
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds import prop_steps
from studio.worker.kinds.prop_by_provider import edits_of
from studio.worker.payload import Counted, Payload, Text, Words
from studio.worker.steps import digest
from studio.workflows import prop_files, provider_calls, upscale_sources
from studio.workflows.prop_files import About

PICTURE, RAW, PROP = "picture", "raw.glb", "prop"


class ByModel(Payload):
    """A `picture`, by the id of an asset or the hash of one to begin from, made into a prop by
    `model` (`props.own_models`), `height_m` high with its origin at `pivot`. The door fills in the
    `seed`, and `name` and `style` of the picture."""

    picture: Text
    model: Text = "triposr"
    height_m: float = 1.0
    pivot: Text = "feet"
    seed: Counted | None = None
    name: Words = ""
    style: Text = ""
    wish: Text = ""


@dataclass(frozen=True)
class Task:
    """What is made by which model, where its weights are, and what the prop says of itself."""

    model: str
    weights: str
    seed: int
    about: About


def check(studio: Studio, ask: ByModel) -> ByModel:
    """The model is set up and the picture there. A worker elsewhere may have what this machine has
    not, so it is not asked for the program."""
    one = own_models.model(ask.model)
    if not own_models.weights(studio.settings, one):
        raise StudioError(
            f"{one.label} is not set up: {one.setting} names no weights.",
            f"Whoever looks after the studio installs it ({one.source}) and sets that; the local "
            "methods need nothing.",
        )
    source = upscale_sources.source(studio, ask.picture, ask.name)
    edits.checked(edits_of(ask.height_m, ask.pivot))
    seed = secrets.randbelow(numbers.SEEDS // 2) if ask.seed is None else numbers.seed(ask.seed)
    style = source.asset.style if source.asset else ""
    filled = {"seed": seed, "name": ask.name or source.about, "style": style or ask.style}
    return ask.model_copy(update=filled)


def prepare(context: Context, ask: ByModel) -> Work:
    """The picture's file and what the prop says of itself."""
    studio = context.studio
    one = own_models.model(ask.model)
    source = upscale_sources.source(studio, ask.picture, ask.name)
    file = local.present(source.path)
    wish = records.of_ids(studio.engine, [ask.wish] if ask.wish else [])
    about = About(
        key="",
        name=ask.name,
        method=ask.model,
        made_by=KIND.name,
        settings={"model": ask.model, "height_m": ask.height_m, "pivot": ask.pivot},
        edits=edits_of(ask.height_m, ask.pivot),
        parents=(*source.parents, *(found.id for found in wish)),
        style=ask.style,
        version=source.asset.version if source.asset else 0,
        seed=ask.seed or 0,
        prompt=source.prompt,
        of={
            "named": source.named,
            "hash": source.hash,
            "width": source.width,
            "height": source.height,
        },
        more={"model": one.label, "licence": one.licence, **({"wish": ask.wish} if wish else {})},
    )
    task = Task(ask.model, own_models.weights(studio.settings, one), ask.seed or 0, about)
    return Work(context.workdir, task, {PICTURE: Input(digest(file), file)})


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """The prop's files. What the model made is kept as it came, so that a job that was cut off does
    not make it again."""
    raw = workdir / RAW
    if not raw.is_file():
        from studio.diffusion import bases

        emit.say(f"Loading {own_models.model(task.model).label}.")
        picture = images.open_picture(inputs[PICTURE].path)
        device = str(bases.pick_device(models.device))
        made = own_models.make(task.model, task.weights, picture, device, task.seed)
        publish(raw, glb.write(made), flush=False)
    emit.step(0, 0)
    changes = edits.checked(list(task.about.edits))
    prop = prop_steps.of_model(workdir / PROP, task.about, raw, None, changes, {})
    files = {f"{PROP}/{name}": hash for name, hash in prop.written.hashes.items()}
    return Outcome({"made": prop.as_json()}, files)


def commit(context: Context, ask: ByModel, outcome: Outcome) -> dict[str, Any]:
    """Put the files into the studio's folder, and the prop beside its picture."""
    studio, job = context.studio, context.job
    known = prepare(context, ask).params.about
    prop = prop_steps.of_json(known, outcome.figures["made"])
    files = prop_files.put_away(studio.home, context.workdir / PROP, prop.written)
    about = replace(prop.about, key=prop_files.key_of(job.id, 1))
    with context.visible(path for path, _ in files.values()):
        new = prop_files.new(about, files, prop.written.figures)
        (id,) = records.put(studio.engine, [new], by=job.asked_by, now=now(), job=job.id)
    remove_folder(context.workdir)
    return {"prop": id}


def alone(payload: Mapping[str, Any]) -> bool:
    """A model of this size wants the accelerator's memory to itself."""
    return True


KIND = Kind(
    name="prop_by_model",
    label="Making {name} by {model}",
    payload=ByModel,
    right=provider_calls.RIGHT,
    lane="work",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    needs=Needs(device=True, memory_gb=8.0),
    alone=alone,
)
