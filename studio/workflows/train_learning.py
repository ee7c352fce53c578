"""A training by itself: from pictures to the chosen LoRA in a folder, without the studio.

It is told on its way by events (`studio.jobs.emit`), which home writes into MLflow:

- "rows": loss, learning rate and gradient norm of some steps, each with its time;
- "check": how it does on held-out pictures and on a small sheet;
- "preview": pictures of the small sheet, kept in the folder;
- "checkpoint": what it could go on from, kept in the folder;
- "kept": which check's LoRA it ended with, and why.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import images
from studio.context import Progress
from studio.jobs.emit import Emit
from studio.store.publish import publish
from studio.training import checkpoint_choice, kept_adapters, progress_line, training_folders
from studio.training.checkpoint_choice import Check
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig, as_params
from studio.workflows import train_inputs, train_validation
from studio.workflows.train_inputs import Material, Task

if TYPE_CHECKING:
    from studio.training import loop

ADAPTER, ABOUT = "adapter", "ended.json"
PREVIEWED = 6  # pictures of the small sheet that are kept as previews

Stop = Callable[[Check], bool]


def learn(
    task: Task,
    files: Mapping[str, Path],
    folder: Path,
    cache: Path,
    device: Any,
    emit: Emit,
    *,
    resume: bool,
    stop: Stop = lambda check: False,
) -> None:
    """Train, choose a checkpoint, and leave its LoRA in the folder with what is said of it.

    `files` are the pictures' by hash; `cache` keeps what is encoded, for later trainings too.
    With `resume` it goes on from the folder's newest checkpoint. It ends at a check that home
    answers by anything but "go on", or that `stop`, a sweep's say, would have it end at.
    """
    from studio.training import loop

    if (folder / ABOUT).is_file():
        return
    config = task.config
    found = train_inputs.prepare(task, files, cache, device, emit.say)
    about = {
        "style": task.style,
        "trigger_word": config.trigger_word,
        "dataset": task.version.digest,
    }
    writing = partial(_write, found.pipeline, about)
    checks = checkpoint_choice.read(folder, mend=True)
    for check in checks:  # of before this program told events
        emit("check", f"check {check.step}", asdict(check))
    # Killed between the check that ended it and its end, it is not begun again.
    if not checkpoint_choice.enough(checks, config.early_stopping):
        tensors = loop.train(
            found.pipeline,
            found.encoded,
            config,
            folder,
            _hooks(found, folder, emit, writing, stop),
            resume=resume,
            prior=found.beside,
        )
        checks = checkpoint_choice.read(folder)
        if not checks:
            writing(folder / ADAPTER, tensors)
    tags = {}
    if chosen := checkpoint_choice.kept(checks, config.choose_best):
        source = kept_adapters.place(folder, chosen.step)
        shutil.copytree(source, folder / ADAPTER, dirs_exist_ok=True)
        because = checkpoint_choice.why(checks, config.max_train_steps, config.choose_best)
        emit.say(because)
        tags = {"kept_step": str(chosen.step), "kept_because": because}
        emit("kept", "kept", tags)
    publish(folder / ABOUT, json.dumps(_about(found, tags), indent=1))


def _hooks(
    found: Material,
    folder: Path,
    emit: Emit,
    write: Callable[[Path, Any], None],
    stop: Stop,
) -> loop.Hooks:
    """What the loop tells and asks on its way: progress, losses, previews, checks, checkpoints."""
    from studio.training import loop

    config = found.task.config
    told = max((row[0] for event in emit.of("rows") for row in event.body["rows"]), default=0)

    def rows(read: list[Row]) -> None:
        nonlocal told
        new = [row for row in read if row.step > told]
        if new:
            told = new[-1].step
            emit("rows", f"rows {new[0].step}", {"rows": [list(astuple(row)) for row in new]})

    def preview(step: int) -> None:
        drawn = found.sheet.drawn(step, PREVIEWED)
        training_folders.keep_previews(folder, step, found.sheet.prompts[:PREVIEWED], drawn)
        emit("preview", f"preview {step}", {"step": step, "pictures": len(drawn)})

    def checkpoint(step: int, place: Path) -> None:
        hashes = {
            file.relative_to(folder).as_posix(): _digest(file) for file in sorted(place.iterdir())
        }
        emit("checkpoint", f"checkpoint {step}", {"step": step, "files": hashes})

    def progress(at: loop.Progress) -> None:
        line = progress_line.written(at.step, at.steps, at.loss, at.speed, at.left)
        emit.say(Progress(line, at.step, at.steps, "steps", "training"))

    def checked(check: Check) -> None:
        emit("check", f"check {check.step}", asdict(check))
        if math.isfinite(check.loss):
            emit.say(f"Checked at step {check.step}: validation loss {check.loss:.4f}.")

    def ends(check: Check) -> bool:
        """Told once more, a check is answered as the first time."""
        return emit("check", f"check {check.step}", asdict(check)) != "go on" or stop(check)

    hooks = loop.Hooks(
        progress=progress, rows=rows, preview=preview, say=emit.say, checkpoint=checkpoint
    )
    if not config.held_out and not config.check_every_n_steps:
        return hooks
    figures = train_validation.Figures(
        found.taught(), found.held_out(), images.parse_colour(found.task.version.look.matte)
    )
    checker = train_validation.Checker(
        folder,
        found.sheet,
        figures,
        None if found.held is None else train_validation.losing(found.pipeline, found.held, config),
        write,
        checked,
        config.early_stopping,
        ends,
    )
    return replace(hooks, check=checker)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write(pipeline: Any, about: dict[str, str], folder: Path, tensors: Any) -> None:
    """Write the adapter's tensors into a folder."""
    from studio.diffusion import conditioning
    from studio.training import export

    texts = {name: getattr(pipeline, name) for name in conditioning.encoders(pipeline)}
    export.write_lora(folder, tensors, pipeline.unet, about, texts)


def _about(found: Material, tags: dict[str, str]) -> dict[str, Any]:
    """What is said of the version when it is registered."""
    base, version, config = found.base, found.task.version, found.task.config
    commercial = {True: "yes", False: "no", None: "unknown"}[base.commercial]
    return {
        "base": base.path,
        "config": as_params(config),
        "dataset": version.name,
        "dataset_digest": version.digest,
        "tags": {
            "base_name": base.name,
            "base_licence": base.licence,
            "base_commercial_use": commercial,
            "dataset_version": version.version,
            "trained_size": str(found.size),
            "matte": version.look.matte,
            "filter": version.look.filter,
            "behind": version.look.behind,
            **_drawn_otherwise(config),
            "prompts": found.task.prompts.version,
            **found.task.tags,
            **tags,
        },
    }


def _drawn_otherwise(config: TrainConfig) -> dict[str, str]:
    """What the generator must know of a version that predicts otherwise than its base."""
    told = {}
    if config.prediction_type != "auto":
        told["prediction_type"] = config.prediction_type
    if config.zero_terminal_snr:
        told["zero_terminal_snr"] = "yes"
    return told
