"""Teaching a base a style: from a data set's version to a registered candidate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import asides, images
from studio.accounts.rights import check
from studio.datasets import versions as datasets
from studio.diffusion import sampling
from studio.errors import StudioError
from studio.evaluation import prompts as prompt_sets
from studio.generation.prompts import with_trigger
from studio.registry import models
from studio.training.config import TrainConfig, as_params, on_this_machine
from studio.workflows import Report, Studio, check_style, clock, now, set_threads


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
    from studio.diffusion import bases
    from studio.training import cache, export, loop, records, runs

    check(studio.settings.user, "train")
    check_style(style)
    name, _, wanted = dataset.partition("@")
    version = datasets.load(studio.home, name, wanted or None)
    base = bases.find_base(config.base)
    device = bases.pick_device(studio.settings.device)
    config, said = on_this_machine(config, device.type)
    for sentence in said:
        report(sentence)
    set_threads(studio.settings)
    asides.sweep(studio.home / "runs")
    if resume:
        run = runs.unfinished(studio.home, style, version.digest, config, run_id)
        registered = [v for v in models.list_versions(studio.client, style) if v.run_id == run.id]
        if registered:
            runs.finish(studio.client, run, registered[0].number)
            return registered[0]
    else:
        named = f"{version.name}@{version.version}"
        run = runs.begin(
            studio.client, studio.tracking, studio.settings, style, named, version.digest, config,
            device.type, now(),
        )  # fmt: skip
    began(run.id)
    report(f"Loading the base {base.name} on {device.type}.")
    pipeline = bases.load_pipeline(base, device, config.mixed_precision)
    size = version.look.size or bases.native_size(pipeline)
    examples = [
        cache.Example(p.hash, p.caption, _opener(studio.home, p.hash)) for p in version.pictures
    ]
    encoded = cache.encode(
        pipeline,
        examples,
        [with_trigger(e.caption, config.trigger_word) for e in examples],
        size=size,
        filter=version.look.filter,
        matte=version.look.matte,
        folder=studio.home / "cache" / "latents",
    )
    report(f"Encoded {len(examples)} pictures at {size} px.")
    prompt_set = _prompt_set(studio, style, version)

    def preview(step: int) -> None:
        asked = [(p, prompt_set.seeds[0]) for p in prompt_set.prompts[:6]]
        texts = [with_trigger(p, config.trigger_word) for p, _ in asked]
        drawn = sampling.draw_pictures(pipeline, texts, [s for _, s in asked], sampling.Draw())
        records.keep_previews(run.folder, step, [p for p, _ in asked], drawn)
        sheet = images.grid([drawn], cell=96)
        studio.client.log_image(run.id, sheet, key="preview", step=step)

    def rows(found: list[Any]) -> None:
        runs.log_rows(studio.client, run, found)

    def progress(at: loop.Progress) -> None:
        report(
            f"step {at.step}/{at.steps}  loss {at.loss:.4f}  "
            f"{at.speed:.1f} pictures/s  {clock(at.left)} left"
        )

    hooks = loop.Hooks(progress=progress, rows=rows, preview=preview)
    tensors = loop.train(pipeline, encoded, config, run.folder, hooks, resume=resume)
    adapter = run.folder / "adapter"
    about = {"style": style, "trigger_word": config.trigger_word, "dataset": version.digest}
    export.write_lora(adapter, tensors, pipeline.unet, about)
    made = models.register(
        studio.client,
        style=style,
        run_id=run.id,
        adapter=adapter,
        base=base.path,
        trigger_word=config.trigger_word,
        strength=1.0,
        dataset=version.name,
        dataset_digest=version.digest,
        params=as_params(config),
        tags={
            "base_name": base.name,
            "base_licence": base.licence,
            "base_commercial_use": {True: "yes", False: "no", None: "unknown"}[base.commercial],
            "dataset_version": version.version,
            "matte": version.look.matte,
            "filter": version.look.filter,
            "prompts": prompt_set.version,
        },
    )
    runs.finish(studio.client, run, made.number)
    report(f"Registered {style} version {made.number} as a candidate.")
    return made


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
