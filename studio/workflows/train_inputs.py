"""What a training learns from, made ready: base, encoded pictures, the held-out part, the sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio import images
from studio.context import Report, Studio
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from studio.evaluation import prompt_sets
from studio.generation.prompts import with_trigger
from studio.training import heldout
from studio.training.config import TrainConfig
from studio.workflows import train_examples, train_validation
from studio.workflows.train_split import parted
from studio.workflows.train_validation import Real


@dataclass(frozen=True)
class Material:
    """All that a training learns from and is measured by. `held` are the held-out pictures, None:
    there are none; `beside` pictures of the class, None: none; `size` is in pixels."""

    version: DatasetVersion
    base: Any
    pipeline: Any
    size: int
    parts: heldout.Parts
    encoded: Any
    held: Any
    beside: Any
    prompts: str
    sheet: train_validation.Sheet

    def taught(self, home: Path) -> list[Real]:
        """The pictures that teach, to be looked at."""
        return self._real(home, self.parts.taught)

    def held_out(self, home: Path) -> list[Real]:
        """The held-out pictures, to be looked at."""
        return self._real(home, self.parts.held)

    def _real(self, home: Path, places: Sequence[int]) -> list[Real]:
        look, found = self.version.look, self.version.pictures
        return [
            Real(found[k].hash, k + 1, _scaled(home, look, found[k].hash, self.size))
            for k in places
        ]


def usable(studio: Studio, dataset: str, config: TrainConfig) -> DatasetVersion:
    """The dataset NAME[@VERSION], or StudioError where it can't be learned from so."""
    name, _, wanted = dataset.partition("@")
    version = datasets.load(studio.home, name, wanted or None)
    withdrawals.check_usable(studio.home, version)
    train_examples.check(version, config)
    return version


def prepare(
    studio: Studio,
    style: str,
    version: DatasetVersion,
    config: TrainConfig,
    device: Any,
    report: Report,
) -> Material:
    """Load the base and encode the pictures. Interrupted, it goes on with what is not encoded."""
    from studio.diffusion import bases, sampling, schedules, team_bases
    from studio.training import latent_cache, memory, prior_preservation

    base = bases.find_base(team_bases.place(studio.home, config.base))
    parts = parted(studio.home, version, config.held_out)
    report(parts.says)
    report(f"Loading the base {base.name} on {device.type}.")
    pipeline = bases.load_pipeline(base, device, config.mixed_precision)
    size = config.resolution or version.look.size or bases.native_size(pipeline)
    words = prior_preservation.captions([picture.caption for picture in version.pictures], config)
    captions = [with_trigger(caption, config.trigger_word) for caption in words]
    names = [picture.file_name for picture in version.pictures]
    for sentence in latent_cache.cut_off(pipeline, list(zip(names, captions, strict=True))):
        report(sentence)

    def encode(places: Sequence[int], config: TrainConfig) -> Any:
        texts = [captions[place] for place in places]
        with memory.aside(pipeline, ["unet"], device):  # autoencoders of large pictures want room
            return train_examples.encode(
                studio.home, pipeline, version, places, texts, config, size, report
            )

    encoded = encode(parts.taught, config)
    beside = None
    if prior_preservation.wanted(config):
        others = prior_preservation.pictures(
            pipeline,
            config,
            studio.home / "cache" / "prior",
            lambda done, all: report(f"Drew {done} of {all} pictures of {config.class_prompt}."),
        )
        beside = latent_cache.encode(
            pipeline,
            others,
            [config.class_prompt] * len(others),
            size=size,
            filter=version.look.filter,
            matte=version.look.matte,
            folder=studio.home / "cache" / "latents",
        )
    schedules.as_trained(pipeline, config.prediction_type, config.zero_terminal_snr)
    # What is measured on is shown once each, with its caption as it is.
    plain = replace(config, repeats="", balance=False, tag_shuffle=False)
    held = encode(parts.held, plain) if parts.held else None
    report(f"Encoded {len(parts.taught) + len(parts.held)} pictures at {size} px.")
    found = prompt_set(studio, style, version)
    prompts = train_validation.sheet_prompts(found)
    drawn = sampling.Draw(size=None if size == bases.native_size(pipeline) else size - size % 8)
    sheet = train_validation.Sheet(pipeline, prompts, config.trigger_word, found.seeds[0], drawn)
    return Material(
        version, base, pipeline, size, parts, encoded, held, beside, found.version, sheet
    )


def _scaled(home: Path, look: Any, digest: str, size: int) -> Callable[[], Any]:
    return lambda: images.scaled(_opener(home, digest)(), size, look.filter)


def _opener(home: Path, digest: str) -> Callable[[], Any]:
    return lambda: images.open_picture(datasets.picture_path(home, digest))


def prompt_set(studio: Studio, style: str, version: DatasetVersion) -> prompt_sets.PromptSet:
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
