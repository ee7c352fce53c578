"""The kind of model that a GAN's training makes: a generator that draws by seed, class and
truncation alone. Of a prompt it reads the classes and the truncation that it names
(`studio.gan.wishes`)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from studio.context import Progress, Report, Studio
from studio.datasets import versions as datasets
from studio.datasets.manifests import Look
from studio.datasets.pictures import Picture
from studio.diffusion.sampling import Draw
from studio.errors import StudioError
from studio.evaluation import contact_sheet, prompt_sets
from studio.evaluation.prompt_sets import PromptSet
from studio.generation.style_drawing import Loaded, Step
from studio.numbers import counted
from studio.registry.models import Version
from studio.settings import Settings
from studio.store import known_hashes
from studio.workflows import version_loading
from studio.workflows.model_kinds.kind import Drawer, Evaluated, Evaluator, Fact, ModelKind

NAME, FILE = "gan", "gan.safetensors"
SHEET = 48  # pictures of a version's sheet
SEEDS = tuple(range(11, 15))
PART = 64  # pictures between two looks whether it is to go on


def drawn_by(file: Path, **about: Any) -> Loaded:
    """What draws with a GAN's file; `about` fills the other fields of Loaded."""
    from studio.gan import sampling, wishes

    sampler = sampling.load(file)
    shape = sampler.shape

    def draws(
        texts: Sequence[str], seeds: Sequence[int], draw: Draw, step: Step | None
    ) -> list[Image.Image]:
        made = dict[int, Image.Image]()
        for text in dict.fromkeys(texts):
            places = [place for place, one in enumerate(texts) if one == text]
            wish = wishes.read(text, shape.classes)
            for start in range(0, len(places), PART):
                part = places[start : start + PART]
                drawn = sampler.draw([seeds[k] for k in part], wish.classes, wish.truncation)
                made |= zip(part, drawn, strict=True)
                if step:
                    step(len(made), len(texts))
        return [made[place] for place in range(len(texts))]

    return Loaded(
        pipeline=None,
        base="",
        trigger_word="",
        strength=1.0,
        matte=shape.matte,
        crisp=shape.filter == "nearest",
        size=max(shape.size),
        draws=draws,
        **about,
    )


@dataclass(frozen=True)
class GanDrawer:
    """Reads the file whose SHA-256 is `weights`."""

    weights: str
    files: Mapping[str, Path]
    style: str
    number: int
    run: str
    dataset: str

    def __call__(self, files: Mapping[str, Path], device: str) -> Loaded:
        """Ready on the CPU, whatever the device: so a seed is the same picture everywhere."""
        return drawn_by(
            files[self.weights],
            style=self.style,
            version=self.number,
            run=self.run,
            dataset=self.dataset,
        )


def _drawer(studio: Studio, version: Version) -> GanDrawer:
    file = version_loading.own_files(studio, version) / FILE
    with known_hashes.reading(studio.home) as known:
        weights = known.read(file)
    dataset = f"{version.dataset}@{version.dataset_digest[:12]}" if version.dataset else ""
    return GanDrawer(
        weights, {weights: file}, version.style, version.number, version.run_id, dataset
    )


def _serve(folder: Path, about: Mapping[str, Any], settings: Settings) -> Loaded:
    return drawn_by(
        folder / FILE, style=about["style"], version=0, run=about["run"], dataset=about["dataset"]
    )


Shown = tuple[Picture, Look]


@dataclass(frozen=True)
class GanEvaluator:
    """How a GAN's version is drawn and measured: compared with `reference`, of which it learned
    from all where `learned`; copies are looked for there."""

    drawer: Drawer
    prompts: PromptSet
    reference: tuple[Shown, ...]
    learned: bool
    fid_weights: str
    clip_model: str
    files: Mapping[str, Path]
    tags: dict[str, str]

    @property
    def hashes(self) -> Collection[str]:
        """The pictures that it reads."""
        return [picture.hash for picture, _ in self.reference]

    def __call__(
        self, files: Mapping[str, Path], folder: Path, device: str, report: Report
    ) -> Evaluated:
        """Draw the sheet into `folder` and measure it."""
        from studio import images
        from studio.diffusion import bases
        from studio.evaluation import features, measurement, metrics

        loaded = self.drawer(files, device)
        asked = [(text, seed) for text in self.prompts.prompts for seed in self.prompts.seeds]
        assert loaded.draws is not None

        def told(done: int, all: int) -> None:
            report(Progress(f"{done}/{all} pictures", done, all, "pictures", "drawing"))

        texts, seeds = [text for text, _ in asked], [seed for _, seed in asked]
        drawn = [loaded.finish(one) for one in loaded.draws(texts, seeds, Draw(), told)]
        report("measuring")
        real = [_shown(files, one, drawn[0].size) for one in self.reference]
        matte = images.parse_colour(loaded.matte)
        also = []
        if self.clip_model:
            on = str(bases.pick_device(device))
            also = [features.open_clip_features(self.clip_model, on, matte)]
        taught = real if self.learned else []
        found = measurement.measure(
            base=[],
            version=drawn,
            texts=texts,
            real=real,
            train=taught,
            train_texts=[one.caption for one, _ in self.reference] if taught else [],
            unseen=[],
            held_out=False,
            matte=matte,
            fid_weights=files[self.fid_weights] if self.fid_weights else None,
            also=also,
        )
        contact_sheet.write_sheet(
            folder,
            loaded.style,
            loaded.version,
            self.prompts.version,
            asked,
            [],
            drawn,
            [(self.reference[k][0].hash, alike) for k, alike in found.nearest],
        )
        seen = features.pocket_features(_clip(), matte)
        vectors, of_real = seen.encode_pictures(drawn), seen.encode_pictures(real)
        figures = {
            **found.figures,
            "vendi": metrics.vendi(vectors),
            "coverage": metrics.coverage(vectors, of_real),
        }
        return Evaluated({name: float(value) for name, value in figures.items()}, self.tags)


def _clip() -> Path:
    from studio.diffusion import bundled_bases

    return bundled_bases.CLIP


def _shown(files: Mapping[str, Path], one: Shown, size: tuple[int, int]) -> Image.Image:
    from studio import images

    picture, look = one
    opened = datasets.open_stored(
        files.get(picture.hash), picture.hash, picture.file_name, picture.reading
    )
    return images.fitted(opened, size, look.filter)


def _evaluator(studio: Studio, version: Version, against: str) -> Evaluator:
    from studio.workflows import evaluate_inputs

    name, _, wanted = against.partition("@")
    if not against and not version.dataset:
        raise StudioError(
            f"{version.style} version {version.number} learned from a folder, not from a dataset.",
            "Say with which dataset it is compared: --against NAME[@VERSION].",
        )
    data = (
        datasets.load(studio.home, name, wanted or None)
        if against
        else datasets.load(studio.home, version.dataset, version.dataset_digest)
    )
    drawer = _drawer(studio, version)
    weights = evaluate_inputs.weights(studio)
    pictures = [one for one in data.pictures if not one.empty]
    prompts = _prompts(studio, version, [one.category for one in pictures])
    return GanEvaluator(
        drawer=drawer,
        prompts=prompts,
        reference=tuple((one, data.look) for one in pictures),
        learned=data.digest == version.dataset_digest,
        fid_weights=next(iter(weights), ""),
        clip_model=studio.settings.clip_model,
        files={**drawer.files, **weights},
        tags={"prompts": prompts.version, "against": f"{data.name}@{data.version}"},
    )


def _prompts(studio: Studio, version: Version, categories: Sequence[str]) -> PromptSet:
    """The style's prompt set, made of the categories where it has none; each version of a style,
    of whatever kind, is drawn from the same."""
    try:
        return prompt_sets.load(studio.home, version.style)
    except StudioError:
        made = prompt_sets.build_prompt_set(
            version.style, categories, count=SHEET // len(SEEDS), seeds=SEEDS
        )
        prompt_sets.save(studio.home, made)
        return made


def _facts(studio: Studio, version: Version) -> list[Fact]:
    tags = version.tags
    classes = "none" if tags.get("classes", "0") == "0" else tags["classes"]
    return [
        Fact("Model", tags.get("model", "not known"), typed=True),
        Fact("Size", f"{tags.get('size', '?')} pixels"),
        Fact("Classes", ", ".join(class_names(version)) or classes),
        Fact("Learned from", f"{counted(tags.get('learned_from')) or 0:,} pictures"),
        *([Fact("Folder", tags["folder"])] if tags.get("folder") else []),
    ]


def class_names(version: Version) -> list[str]:
    """The classes that a version knows, as far as its tags have room for them."""
    try:
        found = json.loads(version.tags.get("class_names", "[]"))
    except (ValueError, RecursionError):
        return []
    return [str(one) for one in found] if isinstance(found, list) else []


def _size(version: Version) -> int | None:
    return version_loading.trained_size(version)


GAN = ModelKind(
    name=NAME,
    label="GAN",
    about="a generator of its own, without a base: it draws by seed and class, not by prompt.",
    evaluator=_evaluator,
    facts=_facts,
    drawer=_drawer,
    serve=_serve,
    files=(FILE,),
    size=_size,
)
