"""Teaching a base a style: from a data set's version to a registered candidate.

Two halves: `learn` trains and chooses a checkpoint, `register` makes it a version. A trial of a
sweep is learned like any training and registered when somebody asks for it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio import asides, checking, images, shown
from studio.accounts.rights import check
from studio.datasets import alike, withdrawals
from studio.datasets import versions as datasets
from studio.errors import StudioError
from studio.evaluation import prompts as prompt_sets
from studio.generation.prompts import with_trigger
from studio.registry import models
from studio.training import choice, heldout, kept, records, runs
from studio.training.choice import Check
from studio.training.config import TrainConfig, as_params, on_this_machine
from studio.training.telling import Telling
from studio.workflows import Report, Studio, check_style, clock, now, set_threads

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
) -> models.Version:
    """Train a LoRA on the data set NAME[@VERSION] and register it as a candidate.

    With `resume` the run `run_id` goes on, or the newest unfinished one of the style; one that
    was stopped after it had registered its version gives that version. `began` is told the run.
    """
    run = learn(studio, style, dataset, config, report, resume=resume, run_id=run_id, began=began)
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
    trial: Trial | None = None,
) -> runs.Run:
    """Train a LoRA and leave the chosen one in the run's folder, ready to be registered."""
    from studio.diffusion import bases, conditioning, schedules
    from studio.training import cache, export, loop, prior

    check(studio.settings.user, "train")
    check_style(style)
    name, _, wanted = dataset.partition("@")
    version = datasets.load(studio.home, name, wanted or None)
    withdrawals.check_usable(studio.home, version)
    shown.check(version, config)
    base = bases.find_base(config.base)
    device = bases.pick_device(studio.settings.device)
    config, said = on_this_machine(config, device.type)
    for sentence in said:
        report(sentence)
    set_threads(studio.settings)
    asides.sweep(studio.home / "runs")
    if resume:
        run = runs.unfinished(studio.home, style, version.digest, config, run_id)
        if (run.folder / ABOUT).is_file():
            return run
    else:
        named = f"{version.name}@{version.version}"
        run = runs.begin(
            studio.client, studio.tracking, studio.settings, style, named, version.digest, config,
            device.type, now(), trial.parent if trial else "",
        )  # fmt: skip
    began(run.id)
    telling = Telling(report)
    parts = _parts(studio, version, config)
    report(parts.says)
    report(f"Loading the base {base.name} on {device.type}.")
    pipeline = bases.load_pipeline(base, device, config.mixed_precision)
    size = config.resolution or version.look.size or bases.native_size(pipeline)
    words = prior.captions([picture.caption for picture in version.pictures], config)
    captions = [with_trigger(caption, config.trigger_word) for caption in words]
    names = [picture.file_name for picture in version.pictures]
    for sentence in cache.cut_off(pipeline, list(zip(names, captions, strict=True))):
        report(sentence)

    def encode(places: Sequence[int], config: TrainConfig) -> Any:
        texts = [captions[place] for place in places]
        return shown.encode(studio.home, pipeline, version, places, texts, config, size, report)

    encoded = encode(parts.taught, config)
    beside = None
    if prior.wanted(config):
        others = prior.pictures(
            pipeline, config, studio.home / "cache" / "prior",
            lambda done, all: report(f"Drew {done} of {all} pictures of {config.class_prompt}."),
        )  # fmt: skip
        beside = cache.encode(
            pipeline, others, [config.class_prompt] * len(others), size=size,
            filter=version.look.filter, matte=version.look.matte,
            folder=studio.home / "cache" / "latents",
        )  # fmt: skip
    schedules.as_trained(pipeline, config.prediction_type, config.zero_terminal_snr)
    # What is measured on is shown once each, with its caption as it is.
    plain = replace(config, repeats="", balance=False, tag_shuffle=False)
    held = encode(parts.held, plain) if parts.held else None
    report(f"Encoded {len(parts.taught) + len(parts.held)} pictures at {size} px.")
    prompt_set = _prompt_set(studio, style, version)
    prompts = checking.sheet_prompts(prompt_set)
    sheet = checking.Sheet(pipeline, prompts, config.trigger_word, prompt_set.seeds[0])
    about = {"style": style, "trigger_word": config.trigger_word, "dataset": version.digest}

    def write(folder: Path, tensors: Any) -> None:
        texts = {name: getattr(pipeline, name) for name in conditioning.encoders(pipeline)}
        export.write_lora(folder, tensors, pipeline.unet, about, texts)

    def preview(step: int) -> None:
        drawn = sheet.drawn(step)[:PREVIEWED]
        records.keep_previews(run.folder, step, prompts[:PREVIEWED], drawn)
        seen = images.grid([drawn], cell=96)
        telling.tell(lambda: studio.client.log_image(run.id, seen, key="preview", step=step))

    def rows(found: list[Any]) -> None:
        telling.tell(lambda: runs.log_rows(studio.client, run, found))

    def progress(at: loop.Progress) -> None:
        report(
            f"step {at.step}/{at.steps}  loss {at.loss:.4f}  "
            f"{at.speed:.1f} pictures/s  {clock(at.left)} left"
        )

    def told(found: Check) -> None:
        telling.tell(lambda: runs.log_check(studio.client, run, found))
        if found.figures.get(choice.LOSS):
            report(f"Checked at step {found.step}: held-out loss {found.loss:.4f}.")

    checks = choice.read(run.folder, mend=True)
    for found in checks:  # told again with the same time, nothing doubles
        told(found)
    checked: Callable[[int, Any], bool] = lambda step, tensors: False  # noqa: E731
    if config.held_out or config.check_every_n_steps:

        def real(places: Sequence[int]) -> list[checking.Real]:
            return [
                checking.Real(p.hash, place + 1, _scaled(studio.home, version.look, p.hash, size))
                for place in places
                if (p := version.pictures[place])
            ]

        figures = checking.Figures(
            real(parts.taught), real(parts.held), images.parse_colour(version.look.matte)
        )
        checked = checking.Checker(
            run.folder, sheet, figures,
            _lost(pipeline, held, config) if held is not None else None,
            write, told, config.early_stopping, trial.stop if trial else lambda check: False,
        )  # fmt: skip
    hooks = loop.Hooks(progress=progress, rows=rows, preview=preview, check=checked, say=report)
    # Killed between the check that ended it and its end, it is not begun again.
    if not choice.enough(checks, config.early_stopping):
        tensors = loop.train(
            pipeline, encoded, config, run.folder, hooks, resume=resume, prior=beside
        )
        checks = choice.read(run.folder)
        if not checks:
            write(run.folder / ADAPTER, tensors)
    if chosen := choice.kept(checks, config.choose_best):
        source = kept.place(run.folder, chosen.step)
        shutil.copytree(source, run.folder / ADAPTER, dirs_exist_ok=True)
        says = choice.why(checks, config.max_train_steps, config.choose_best)
        report(says)
        kept_step = str(chosen.step)
        telling.tell(lambda: studio.client.set_tag(run.id, "kept_step", kept_step))
        telling.tell(lambda: studio.client.set_tag(run.id, "kept_because", says))
    telling.end()
    _publish(
        run.folder / ABOUT,
        {
            "base": base.path,
            "config": as_params(config),
            "dataset": version.name,
            "dataset_digest": version.digest,
            "tags": {
                "base_name": base.name,
                "base_licence": base.licence,
                "base_commercial_use": {True: "yes", False: "no", None: "unknown"}[base.commercial],
                "dataset_version": version.version,
                "matte": version.look.matte,
                "filter": version.look.filter,
                "behind": version.look.behind,
                **_drawn_otherwise(config),
                "prompts": prompt_set.version,
                **({"kept_step": str(chosen.step), "kept_because": says} if chosen else {}),
            },
        },
    )
    return run


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
    made = models.register(
        studio.client,
        style=style,
        run_id=run_id,
        adapter=folder / ADAPTER,
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


def _parts(studio: Studio, version: datasets.DatasetVersion, config: TrainConfig) -> heldout.Parts:
    """Which pictures teach; what looks like a held-out one or was made from it does not."""
    if not config.held_out:
        return heldout.part([p.hash for p in version.pictures], 0.0)
    groups = [*alike.look(studio.home, version.pictures)]
    groups += [(p.parent, p.hash) for p in version.pictures if p.parent]
    return heldout.part(
        [p.hash for p in version.pictures], config.held_out, groups,
        [p.hash for p in version.pictures if p.added],
    )  # fmt: skip


def _lost(pipeline: Any, held: Any, config: TrainConfig) -> Callable[[], float]:
    """What measures the loss on the held-out pictures `held` with the adapter as it is."""
    from accelerate import Accelerator

    from studio.diffusion.conditioning import condition
    from studio.training.noising import Noising

    def told(seen: Any) -> Any:
        if not config.train_text_encoder:
            return seen
        said = condition(pipeline, list(seen.captions))
        return replace(seen, text=said.text, pooled=said.pooled)

    def lost() -> float:
        accelerator = Accelerator(
            mixed_precision=config.mixed_precision, cpu=pipeline.device.type == "cpu"
        )
        noising = Noising(pipeline.scheduler.config, pipeline.device, config)
        return heldout.loss(pipeline.unet, held, noising, config, accelerator, told)

    return lost


def _scaled(home: Path, look: Any, digest: str, size: int) -> Callable[[], Any]:
    return lambda: images.scaled(_opener(home, digest)(), size, look.filter)


def _publish(file: Path, content: dict[str, Any]) -> None:
    aside = file.with_suffix(".part")
    aside.write_text(json.dumps(content, indent=1))
    os.replace(aside, file)


def _drawn_otherwise(config: TrainConfig) -> dict[str, str]:
    """What the generator must know of a version that predicts otherwise than its base."""
    told = {}
    if config.prediction_type != "auto":
        told["prediction_type"] = config.prediction_type
    if config.zero_terminal_snr:
        told["zero_terminal_snr"] = "yes"
    return told


def _opener(home: Path, digest: str) -> Callable[[], Any]:
    return lambda: images.open_picture(datasets.picture_path(home, digest))


def _prompt_set(
    studio: Studio, style: str, version: datasets.DatasetVersion
) -> prompt_sets.PromptSet:
    """The style's prompt set; the first training makes it, later ones keep it."""
    try:
        return prompt_sets.load(studio.home, style)
    except StudioError:
        made = prompt_sets.build_prompt_set(
            style, [p.caption for p in version.pictures], count=12, seeds=(11, 12, 13, 14)
        )
        prompt_sets.save(studio.home, made)
        return made
