"""Teaching a base a style: from a dataset's version to a registered candidate.

Two halves: `learn` trains and chooses a checkpoint, `register` makes it a version. A trial of a
sweep is learned like any training and registered when somebody asks for it.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import images
from studio.accounts.rights import check
from studio.context import Report, Studio, check_style, clock, now, set_threads
from studio.errors import StudioError
from studio.registry import models, registration
from studio.store import partial_files
from studio.store.publish import publish
from studio.training import checkpoint_choice, kept_adapters, runs, training_folders
from studio.training.checkpoint_choice import Check
from studio.training.config import TrainConfig, as_params, on_this_machine
from studio.training.mlflow_reporting import Telling
from studio.workflows import train_inputs, train_validation, version_loading
from studio.workflows.model_kinds.lora import LORA
from studio.workflows.train_inputs import Material

if TYPE_CHECKING:
    from studio.training import loop

ADAPTER, ABOUT = "adapter", "ended.json"
PREVIEWED = 6  # pictures of the small sheet that are kept as previews


def train_style(
    studio: Studio,
    style: str,
    dataset: str,
    config: TrainConfig,
    report: Report,
    *,
    resume: bool = False,
    run_id: str = "",
    began: Callable[[str], None] = lambda run: None,
    mark: str = "",
) -> models.Version:
    """Train a LoRA on the dataset NAME[@VERSION] and register it as a candidate.

    With `resume` the run `run_id` goes on, or the newest unfinished one of the style; one that
    was stopped after it had registered its version gives that version. `began` is told the run;
    killed before, the same `mark` begins the same run again.
    """
    run = learn(
        studio, style, dataset, config, report, resume=resume, run_id=run_id, began=began, mark=mark
    )
    made = register(studio, style, run.id)
    report(f"Registered {style} version {made.number} as a candidate.")
    return made


@dataclass(frozen=True)
class Trial:
    """A training that is one of several: a child of the run `parent`, which is told each check
    and may stop it."""

    parent: str
    stop: Callable[[Check], bool]


def learn(
    studio: Studio,
    style: str,
    dataset: str,
    config: TrainConfig,
    report: Report,
    *,
    resume: bool = False,
    run_id: str = "",
    began: Callable[[str], None] = lambda run: None,
    mark: str = "",
    trial: Trial | None = None,
) -> runs.Run:
    """Train a LoRA and leave the chosen one in the run's folder, ready to be registered."""
    from studio.diffusion import bases, team_bases
    from studio.training import loop

    check(studio.settings.user, "train")
    check_style(style)
    version = train_inputs.usable(studio, dataset, config)
    bases.find_base(team_bases.place(studio.home, config.base))
    device = bases.pick_device(studio.settings.device)
    config, said = on_this_machine(config, device.type)
    for sentence in said:
        report(sentence)
    set_threads(studio.settings)
    partial_files.sweep(studio.home / "runs")
    if resume:
        run = runs.unfinished(studio.home, style, version.digest, config, run_id)
        if (run.folder / ABOUT).is_file():
            return run
    else:
        named = f"{version.name}@{version.version}"
        run = runs.begin(
            studio.client,
            studio.tracking,
            studio.settings,
            style,
            named,
            version.digest,
            config,
            device.type,
            now(),
            trial.parent if trial else "",
            mark,
        )
    began(run.id)
    telling = Telling(report)
    found = train_inputs.prepare(studio, style, version, config, device, report)
    about = {"style": style, "trigger_word": config.trigger_word, "dataset": version.digest}
    writing = partial(_write, found.pipeline, about)
    checks = checkpoint_choice.read(run.folder, mend=True)
    for one in checks:  # told again with the same time, nothing doubles
        telling.tell(partial(runs.log_check, studio.client, run, one))
    hooks = _hooks(studio, run, found, config, report, telling, writing, trial)
    # Killed between the check that ended it and its end, it is not begun again.
    if not checkpoint_choice.enough(checks, config.early_stopping):
        tensors = loop.train(
            found.pipeline,
            found.encoded,
            config,
            run.folder,
            hooks,
            resume=resume,
            prior=found.beside,
        )
        checks = checkpoint_choice.read(run.folder)
        if not checks:
            writing(run.folder / ADAPTER, tensors)
    tags = version_loading.base_hash(studio, found.base.path)
    if chosen := checkpoint_choice.kept(checks, config.choose_best):
        source = kept_adapters.place(run.folder, chosen.step)
        shutil.copytree(source, run.folder / ADAPTER, dirs_exist_ok=True)
        because = checkpoint_choice.why(checks, config.max_train_steps, config.choose_best)
        report(because)
        kept = {"kept_step": str(chosen.step), "kept_because": because}
        tags |= kept
        for name, value in kept.items():
            telling.tell(partial(studio.client.set_tag, run.id, name, value))
    telling.end()
    publish(run.folder / ABOUT, json.dumps(_about(found, config, tags), indent=1))
    return run


def _hooks(
    studio: Studio,
    run: runs.Run,
    found: Material,
    config: TrainConfig,
    report: Report,
    telling: Telling,
    write: Callable[[Path, Any], None],
    trial: Trial | None,
) -> loop.Hooks:
    """What the loop tells and asks on its way: progress, losses, previews, checks."""
    from studio.training import loop

    def preview(step: int) -> None:
        drawn = found.sheet.drawn(step, PREVIEWED)
        training_folders.keep_previews(run.folder, step, found.sheet.prompts[:PREVIEWED], drawn)
        seen = images.grid([drawn], cell=96)
        telling.tell(lambda: studio.client.log_image(run.id, seen, key="preview", step=step))

    def rows(read: list[Any]) -> None:
        telling.tell(lambda: runs.log_rows(studio.client, run, read))

    def progress(at: loop.Progress) -> None:
        report(
            f"step {at.step}/{at.steps}  loss {at.loss:.4f}  "
            f"{at.speed:.1f} pictures/s  {clock(at.left)} left"
        )

    def told(one: Check) -> None:
        telling.tell(lambda: runs.log_check(studio.client, run, one))
        if math.isfinite(one.loss):
            report(f"Checked at step {one.step}: validation loss {one.loss:.4f}.")

    hooks = loop.Hooks(progress=progress, rows=rows, preview=preview, say=report)
    if not config.held_out and not config.check_every_n_steps:
        return hooks
    figures = train_validation.Figures(
        found.taught(studio.home),
        found.held_out(studio.home),
        images.parse_colour(found.version.look.matte),
    )
    checked = train_validation.Checker(
        run.folder,
        found.sheet,
        figures,
        None if found.held is None else train_validation.losing(found.pipeline, found.held, config),
        write,
        told,
        config.early_stopping,
        trial.stop if trial else lambda one: False,
    )
    return replace(hooks, check=checked)


def register(studio: Studio, style: str, run_id: str) -> models.Version:
    """Make a finished training's LoRA the next version of its style, a candidate; once.

    StudioError where the run is not there or has not come to its end.
    """
    check(studio.settings.user, "train")
    check_style(style)
    folder = studio.home / "runs" / style / run_id
    try:
        about = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError) as error:
        raise StudioError(
            f"This training of {style} has not come to its end.", "Wait for it, or go on with it."
        ) from error
    run = runs.Run(run_id, folder)
    for before in models.list_versions(studio.client, style):
        if before.run_id == run_id:
            runs.finish(studio.client, run, before.number)
            return before
    made = registration.register(
        studio.client,
        kind=LORA,
        style=style,
        run_id=run_id,
        folder=folder / ADAPTER,
        base=about["base"],
        trigger_word=about["config"]["trigger_word"],
        strength=1.0,
        dataset=about["dataset"],
        dataset_digest=about["dataset_digest"],
        params=about["config"],
        tags=about["tags"],
    )
    runs.finish(studio.client, run, made.number)
    return made


def _write(pipeline: Any, about: dict[str, str], folder: Path, tensors: Any) -> None:
    """Write the adapter's tensors into a folder."""
    from studio.diffusion import conditioning
    from studio.training import export

    texts = {name: getattr(pipeline, name) for name in conditioning.encoders(pipeline)}
    export.write_lora(folder, tensors, pipeline.unet, about, texts)


def _about(found: Material, config: TrainConfig, tags: dict[str, str]) -> dict[str, Any]:
    """What is said of the version when it is registered."""
    base, version = found.base, found.version
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
            "prompts": found.prompts,
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
