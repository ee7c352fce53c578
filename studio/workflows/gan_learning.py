"""A training of a GAN by itself: from pictures to a generator in a folder, without the studio.

It is told on its way by events (`studio.jobs.emit`), which home writes into MLflow:

- "figures": losses of a step, with their time;
- "check": KID, Vendi and coverage of a small sheet;
- "batch" and "grid": a picture of what is learned from, and of the fixed seeds after an epoch;
- "checkpoint": what it could go on from;
- "kept": which check's generator it ended with, and why.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from studio import images
from studio.context import Progress
from studio.datasets import versions as datasets
from studio.errors import StudioError
from studio.gan import data, diversity, frames, loop, model_file
from studio.gan import shape as shapes
from studio.gan.data import Asked, Pictures
from studio.gan.diversity import Check
from studio.gan.pixels import as_pictures
from studio.gan.sampling import Sampler
from studio.gan.settings import as_params, unused
from studio.gan.shape import Shape
from studio.jobs.emit import Emit
from studio.store.publish import publish, publishing
from studio.workflows import gan_figures
from studio.workflows.gan_figures import Measuring
from studio.workflows.gan_task import ABOUT, BATCH, GRIDS, KEPT, MADE, Task, kept_file

SEEDS = tuple(range(64))  # of the grids
MATTE = "#808080"  # behind frames of a folder
TAG = 4_000  # characters of one that MLflow takes


def learn(
    task: Task,
    files: Mapping[str, Path],
    folder: Path,
    device: Any,
    emit: Emit,
    *,
    resume: bool,
) -> None:
    """Train, choose a check's generator, and leave it in the folder with what is said of it.

    `files` are the pictures' and the earlier GAN's by hash. With `resume` it goes on from the
    folder's newest checkpoint.
    """
    if (folder / ABOUT).is_file():
        return
    settings = task.settings
    for sentence in unused(settings):
        emit.say(sentence)
    pictures, shape = material(task, files, emit)
    before = None
    if task.before:
        _, before = model_file.read(files[task.before])
    steps = loop.total_steps(settings, len(pictures))
    emit.say(Progress(f"{len(pictures):,} pictures, {steps:,} steps.", 0, steps, "steps"))
    measure = Measuring(pictures, pictures.asked.matte, settings.n_images_to_eval)
    checks = told(emit)
    if not diversity.collapsed(checks, settings.collapse_stop):
        hooks = _hooks(task, folder, emit, measure)
        last = loop.train(
            pictures, shape, settings, folder, hooks, device, resume=resume, before=before
        )
        model_file.write(folder / KEPT / "last.safetensors", shape, last.network.state_dict())
        checks = told(emit)
    for sentence in pictures.left_out:
        emit.say(f"Left out: {sentence}")
    chosen = _chosen(folder, checks, settings.collapse_stop)
    source = kept_file(folder, chosen.step) if chosen else folder / KEPT / "last.safetensors"
    (folder / MADE).mkdir(exist_ok=True)
    with publishing(folder / MADE / model_file.FILE) as aside:
        shutil.copyfile(source, aside)
    tags = {}
    if chosen:
        because = diversity.why(chosen, checks, settings.collapse_stop)
        emit.say(because)
        tags = {"kept_step": str(chosen.step), "kept_because": because}
        emit("kept", "kept", tags)
    publish(folder / ABOUT, json.dumps(_about(task, shape, len(pictures), tags), indent=1))


def material(task: Task, files: Mapping[str, Path], emit: Emit) -> tuple[Pictures, Shape]:
    """The pictures, and the shape of what will draw such ones."""
    settings, version = task.settings, task.version
    if version is not None:
        look, known = version.look, version.pictures

        def open_picture(place: int) -> Image.Image:
            one = known[place]
            return datasets.open_stored(files.get(one.hash), one.hash, one.file_name, one.reading)

        opened, classes = open_picture, [one.category for one in known]
        filter, way, mirror, matte = look.filter, look.tileable, look.mirror, look.matte
    else:
        found = frames.find(
            Path(task.folder), settings.label_column_name, settings.image_column_name
        )
        opened, classes = found.open, list(found.classes)
        filter = "nearest" if settings.num_channels == 4 else "lanczos"
        way, mirror, matte = "", False, MATTE
    if settings.filter != "auto":
        filter = settings.filter
    if settings.seamless != "auto":
        way = "" if settings.seamless == "no" else settings.seamless
    if settings.mirror != "auto":
        mirror = settings.mirror == "yes"
    asked = Asked(
        settings.size,
        settings.num_channels,
        filter,
        images.parse_colour(matte),
        way,
        mirror,
    )
    pictures = data.gather(
        opened,
        classes,
        asked,
        emit.say,
        conditional=settings.class_conditional,
        workers=settings.workers,
    )
    shape = shapes.of_settings(
        settings,
        seamless=way,
        filter=filter,
        matte=matte,
        classes=pictures.names,
        shares=pictures.shares,
    )
    return pictures, shape


def told(emit: Emit) -> list[Check]:
    """The checks so far."""
    return [Check(**event.body) for event in emit.of("check")]


def _hooks(task: Task, folder: Path, emit: Emit, measure: Measuring) -> loop.Hooks:
    """What the loop tells and asks on its way."""
    settings = task.settings

    def progress(at: loop.Progress) -> None:
        emit.step(0, 0)
        minutes, seconds = divmod(int(at.left), 60)
        line = (
            f"Step {at.step:,}/{at.steps:,}, epoch {at.epoch:,}, D {at.figures['d_loss']:.3f}, "
            f"G {at.figures['g_loss']:.3f}, {at.speed:.0f} pictures/s, {minutes}:{seconds:02d} left"
        )
        emit.say(Progress(line, at.step, at.steps, "steps", "training"))

    def figures(step: int, values: dict[str, float]) -> None:
        emit("figures", f"figures {step}", {"step": step, "at": _now(), "values": values})

    def batch(seen: Tensor) -> None:
        if not (folder / BATCH).is_file():
            _keep(folder / BATCH, gan_figures.sheet(as_pictures(seen[:64])))
        emit("batch", "batch", {"file": BATCH})

    def grid(epoch: int, step: int, sampler: Sampler) -> None:
        file = f"{GRIDS}/epoch-{epoch:06d}-step-{step:08d}.png"
        if not (folder / file).is_file():
            _keep(folder / file, gan_figures.sheet(sampler.draw(SEEDS)))
        emit("grid", f"grid {step}", {"epoch": epoch, "step": step, "file": file})

    def check(step: int, sampler: Sampler) -> bool:
        key = f"check {step}"
        if not kept_file(folder, step).is_file():  # dropped, where this was told before a kill
            weights = sampler.network.state_dict()
            model_file.write(kept_file(folder, step), sampler.shape, weights)
        if key not in emit.told:
            check = Check(step, _now(), measure(sampler))
            answer = emit("check", key, asdict(check))
            said = ", ".join(f"{name} {value:.4g}" for name, value in check.figures.items())
            emit.say(f"Checked at step {step:,}: {said}.")
        else:
            answer = emit("check", key, emit.told[key].body)
        so_far = [one for one in told(emit) if one.step <= step]
        _drop(folder, so_far, settings.collapse_stop)
        return answer != "go on" or diversity.collapsed(so_far, settings.collapse_stop)

    def checkpoint(step: int, place: Path) -> None:
        hashes = {
            file.relative_to(folder).as_posix(): _digest(file) for file in sorted(place.iterdir())
        }
        emit("checkpoint", f"checkpoint {step}", {"step": step, "files": hashes})

    return loop.Hooks(
        progress=progress,
        figures=figures,
        batch=batch,
        grid=grid,
        check=check,
        checkpoint=checkpoint,
        say=emit.say,
    )


def _chosen(folder: Path, checks: list[Check], share: float) -> Check | None:
    return diversity.kept(checks, share, lambda step: kept_file(folder, step).is_file())


def _drop(folder: Path, checks: list[Check], share: float) -> None:
    """Of the checks' generators the chosen one and the last stay."""
    chosen = _chosen(folder, checks, share)
    wanted = {kept_file(folder, one.step).name for one in (chosen, checks[-1]) if one}
    for file in (folder / KEPT).glob("step-*"):
        if file.name not in wanted:
            file.unlink(missing_ok=True)


def _about(task: Task, shape: Shape, count: int, tags: Mapping[str, str]) -> dict[str, Any]:
    """What is registered with the generator."""
    width, height = shape.size
    version = task.version
    return {
        "style": task.style,
        "dataset": version.name if version else "",
        "dataset_digest": version.digest if version else "",
        "settings": as_params(task.settings),
        "tags": {
            "model": shape.model,
            "size": f"{width} x {height}",
            "trained_size": str(max(shape.size)),
            "classes": str(len(shape.classes)),
            "class_names": _names(shape.classes),
            "truncation": f"{shape.truncation:g}",
            "learned_from": str(count),
            "folder": task.folder,
            "matte": shape.matte,
            "filter": shape.filter,
            "seamless": shape.seamless,
            **tags,
        },
    }


def _names(classes: Sequence[str]) -> str:
    """Classes as JSON, as many as a tag has room for."""
    shown = list(classes)
    while len(told := json.dumps(shown, ensure_ascii=False)) > TAG:
        shown = shown[: len(shown) * 3 // 4]
    return told


def _keep(file: Path, picture: Image.Image) -> None:
    with publishing(file, flush=False) as aside:
        picture.save(aside, format="PNG")


def _now() -> int:
    return int(time.time() * 1000)


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise StudioError(f"{file} can't be read: {error}", "Look at the disk.") from error
