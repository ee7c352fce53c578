"""What a training learns from, made ready: base, encoded pictures, the held-out part, the sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio import images
from studio.context import Progress, Report, Studio
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import Picture
from studio.diffusion import team_bases
from studio.errors import StudioError
from studio.evaluation import prompt_sets
from studio.evaluation.prompt_sets import PromptSet
from studio.generation.prompts import with_trigger
from studio.training import heldout
from studio.training.config import TrainConfig
from studio.workflows import train_examples, train_validation
from studio.workflows.train_split import parted
from studio.workflows.train_validation import Real
from studio.workflows.version_loading import base_hash


@dataclass(frozen=True)
class Task:
    """What a training is to learn, in plain values: `base` is a place that `find_base` knows,
    `parts` say which pictures teach and which are held out, `prompts` are the style's own. `tags`
    are of the version that comes of it."""

    style: str
    config: TrainConfig
    version: DatasetVersion
    base: str
    parts: heldout.Parts
    prompts: PromptSet
    tags: Mapping[str, str]

    @property
    def hashes(self) -> list[str]:
        """The files that it reads: the pictures, and their masks."""
        pictures = self.version.pictures
        return [p.hash for p in pictures] + [p.mask for p in pictures if p.mask]


@dataclass(frozen=True)
class Material:
    """All that a training learns from and is measured by. `held` are the held-out pictures, None:
    there are none; `beside` pictures of the class, None: none; `size` is in pixels."""

    task: Task
    files: Mapping[str, Path]
    base: Any
    pipeline: Any
    size: int
    encoded: Any
    held: Any
    beside: Any
    sheet: train_validation.Sheet

    def taught(self) -> list[Real]:
        """The pictures that teach, to be looked at."""
        return self._real(self.task.parts.taught)

    def held_out(self) -> list[Real]:
        """The held-out pictures, to be looked at."""
        return self._real(self.task.parts.held)

    def _real(self, places: Sequence[int]) -> list[Real]:
        found = self.task.version.pictures
        return [Real(found[k].hash, k + 1, partial(self._scaled, found[k])) for k in places]

    def _scaled(self, picture: Picture) -> Any:
        file, name = self.files.get(picture.hash), picture.file_name
        opened = datasets.open_stored(file, picture.hash, name, picture.reading)
        return images.scaled(opened, self.size, self.task.version.look.filter)


def usable(studio: Studio, dataset: str, config: TrainConfig) -> DatasetVersion:
    """The dataset NAME[@VERSION], or StudioError where it can't be learned from so."""
    name, _, wanted = dataset.partition("@")
    version = datasets.load(studio.home, name, wanted or None)
    withdrawals.check_usable(studio.home, version)
    train_examples.check(version, config)
    return version


def asked(studio: Studio, style: str, version: DatasetVersion, config: TrainConfig) -> Task:
    """The task of a training of `style`. The first one of a style makes its prompt set."""
    place = team_bases.place(studio.home, config.base)
    parts = parted(studio.home, version, config.held_out)
    prompts, tags = prompt_set(studio, style, version), base_hash(studio, place)
    return Task(style, config, version, place, parts, prompts, tags)


def prepare(
    task: Task, files: Mapping[str, Path], cache: Path, device: Any, report: Report
) -> Material:
    """Load the base and encode the pictures, whose files are given by hash, and keep that in the
    folder `cache`. Interrupted, it goes on with what is not encoded."""
    from studio.diffusion import bases, sampling, schedules
    from studio.training import latent_cache, memory, prior_preservation

    config, version, parts = task.config, task.version, task.parts
    base = bases.find_base(task.base)
    report(parts.says)
    report(f"Loading the base {base.name} on {device.type}.")
    pipeline = bases.load_pipeline(base, device, config.mixed_precision)
    size = config.resolution or version.look.size or bases.native_size(pipeline)
    words = prior_preservation.captions([picture.caption for picture in version.pictures], config)
    captions = [with_trigger(caption, config.trigger_word) for caption in words]
    names = [picture.file_name for picture in version.pictures]
    for sentence in latent_cache.cut_off(pipeline, list(zip(names, captions, strict=True))):
        report(sentence)

    def encode(places: Sequence[int], config: TrainConfig, tileable: str = "") -> Any:
        texts = [captions[place] for place in places]
        with memory.aside(pipeline, ["unet"], device):  # autoencoders of large pictures want room
            return train_examples.encode(
                files,
                cache,
                pipeline,
                version,
                places,
                texts,
                config,
                size,
                report,
                tileable=tileable,
            )

    encoded = encode(parts.taught, config, version.look.tileable)
    if version.look.tileable:
        report("The pictures are tileable: each is rolled over its edges at random at every step.")
    beside = None
    if prior_preservation.wanted(config):

        def told(done: int, all: int) -> None:
            line = f"Drew {done} of {all} pictures of {config.class_prompt}."
            report(Progress(line, done, all, "pictures", "drawing the class"))

        others = prior_preservation.pictures(pipeline, config, cache / "prior", told)
        beside = latent_cache.encode(
            pipeline,
            others,
            [config.class_prompt] * len(others),
            size=size,
            filter=version.look.filter,
            matte=version.look.matte,
            folder=cache / "latents",
        )
    schedules.as_trained(pipeline, config.prediction_type, config.zero_terminal_snr)
    # What is measured on is shown once each, with its caption as it is.
    plain = replace(config, repeats="", balance=False, tag_shuffle=False)
    held = encode(parts.held, plain) if parts.held else None
    line = f"Encoded {len(parts.taught) + len(parts.held)} pictures at {size} px."
    report(Progress(line, 0, task.config.max_train_steps, "steps", "training"))
    prompts = train_validation.sheet_prompts(task.prompts)
    drawn = sampling.Draw().sized(None if size == bases.native_size(pipeline) else size - size % 8)
    sheet = train_validation.Sheet(
        pipeline, prompts, config.trigger_word, task.prompts.seeds[0], drawn
    )
    return Material(task, files, base, pipeline, size, encoded, held, beside, sheet)


def prompt_set(studio: Studio, style: str, version: DatasetVersion) -> PromptSet:
    """The style's prompt set; the first training makes it, later ones keep it. So does the first
    measuring of a style that was not trained here, of what it is compared with."""
    try:
        return prompt_sets.load(studio.home, style)
    except StudioError:
        made = prompt_sets.build_prompt_set(
            style, [p.caption for p in version.pictures], count=12, seeds=(11, 12, 13, 14)
        )
        prompt_sets.save(studio.home, made)
        return made
