"""A version's sheet is drawn and measured: against real pictures, and against what it learned from.

What it learned from is known of versions that were trained here and of merges of such; of those
brought in from elsewhere it is not, and copies then can't be looked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio import images
from studio.accounts.rights import check
from studio.context import Progress, Report, Studio
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture
from studio.diffusion import sampling
from studio.errors import StudioError
from studio.evaluation import contact_sheet as sheets
from studio.generation.prompts import with_trigger, without_trigger
from studio.generation.style_drawing import Loaded
from studio.registry import models
from studio.registry.models import Version
from studio.workflows import train_inputs
from studio.workflows.train_split import parted
from studio.workflows.version_loading import load_version

UNKNOWN = "not_measured"  # tag of a version: why copies could not be looked for


@dataclass(frozen=True)
class Learned:
    """What a version learned from, each picture with the look that it was shown with. `data` is
    its own dataset; `why_not` says why the pictures are not known, else empty."""

    pictures: tuple[tuple[Picture, Look], ...] = ()
    data: DatasetVersion | None = None
    why_not: str = ""


def learned(studio: Studio, version: Version) -> Learned:
    """The pictures that taught a version; those that its training held out are not among them."""
    named = f"{version.style} version {version.number}"
    if version.tags.get("merged"):
        found: dict[str, tuple[Picture, Look]] = {}
        for style, number, _ in json.loads(version.tags["merged"]):
            try:
                part = learned(studio, models.get(studio.client, str(style), int(number)))
            except StudioError:
                part = Learned(why_not=f"{style} version {number} is not here any more.")
            if part.why_not:
                return Learned(why_not=f"{named} was merged, and of a part: {part.why_not}")
            found |= {picture.hash: (picture, look) for picture, look in part.pictures}
        return Learned(tuple(found.values()))
    if not version.dataset:
        return Learned(why_not=f"What {named} learned from is not known: it was brought in.")
    try:
        data = datasets.load(studio.home, version.dataset, version.dataset_digest)
    except StudioError as error:
        return Learned(why_not=f"What {named} learned from is not here any more: {error.message}")
    share = float(version.params.get("held_out") or 0)
    taught = parted(studio.home, data, share).taught
    return Learned(tuple((data.pictures[k], data.look) for k in taught), data)


def evaluate_version(
    studio: Studio, style: str, number: int, report: Report, against: str = ""
) -> dict[str, float]:
    """Draw a LoRA's sheet and measure it against its own dataset, or another one `against`. Other
    kinds have their own way: `studio.workflows.model_kinds.table.evaluate` knows them all.

    KID and its kin compare with all pictures of that dataset. The nearest training picture is
    looked for among those that the version learned from; where they are not known, that figure
    and the copies are left out and `against` has to be said. StudioError otherwise.
    """
    from studio.diffusion import adapters
    from studio.diffusion.bases import pick_device
    from studio.evaluation import features, measurement

    check(studio.settings.user, "evaluate")
    version = models.get(studio.client, style, number)
    known = learned(studio, version)
    name, _, wanted = against.partition("@")
    reference = datasets.load(studio.home, name, wanted or None) if against else known.data
    if reference is None:
        why = known.why_not or f"{style} version {number} was merged of several datasets."
        raise StudioError(
            f"{why} So there is nothing to compare its pictures with.",
            "Say with which dataset: --against NAME[@VERSION], or on the page Evaluate.",
        )
    taught = {picture.hash for picture, _ in known.pictures}
    seen = [p for p in reference.pictures if p.hash in taught or p.parent in taught]
    unseen = [p for p in reference.pictures if p.hash not in taught and p.parent not in taught]
    report(_says(reference, len(seen), known))
    prompt_set = train_inputs.prompt_set(studio, style, reference)
    loaded = load_version(studio, version)
    asked = [(p, s) for p in prompt_set.prompts for s in prompt_set.seeds]
    seeds = [s for _, s in asked]
    texts = [with_trigger(p, version.trigger_word) for p, _ in asked]
    plain = [without_trigger(p, version.trigger_word) for p, _ in asked]

    def told(side: str) -> Callable[[int, int], None]:
        def at(done: int, all: int) -> None:
            line = f"{side}: {done}/{all} pictures"
            report(Progress(line, done, all, "pictures", f"drawing {side}"))

        return at

    # Before anything is drawn, so that a wrong name costs no time.
    matte, wanted_clip = images.parse_colour(loaded.matte), studio.settings.clip_model
    device = str(pick_device(studio.settings.device))
    clip = [features.open_clip_features(wanted_clip, device, matte)] if wanted_clip else []
    drawing = sampling.Draw(size=loaded.size)
    adapters.set_strength(loaded.pipeline, 0.0)
    base = sampling.draw_pictures(loaded.pipeline, plain, seeds, drawing, told("base"))
    adapters.set_strength(loaded.pipeline, version.strength)
    drawn = sampling.draw_pictures(loaded.pipeline, texts, seeds, drawing, told(style))
    report("measuring")

    def real(pictures: Sequence[tuple[Picture, Look]]) -> list[Any]:
        return _pictures(studio, pictures, loaded)

    found = measurement.measure(
        base=base,
        version=drawn,
        texts=plain,
        real=real([(p, reference.look) for p in reference.pictures]),
        train=real(known.pictures),
        train_texts=[without_trigger(p.caption, version.trigger_word) for p, _ in known.pictures],
        unseen=real([(p, reference.look) for p in unseen]) if taught else [],
        held_out=bool(taught) and not seen,
        matte=matte,
        fid_weights=studio.settings.fid_weights,
        also=clip,
    )
    folder = sheets.folder_of(studio.home, style, number)
    nearest = [(known.pictures[k][0].hash, alike) for k, alike in found.nearest]
    sheets.write_sheet(folder, style, number, prompt_set.version, asked, base, drawn, nearest)
    told_of = found.figures | _posed(studio, version, loaded, known, folder)
    if taught:
        told_of["real_learned"] = float(len(seen))
    tags = {
        "prompts": prompt_set.version,
        "against": f"{reference.name}@{reference.version}",
        UNKNOWN: known.why_not,
    }
    keep(studio, version, told_of, tags, folder)
    return told_of


def keep(
    studio: Studio, version: Version, figures: dict[str, float], tags: dict[str, str], folder: Path
) -> None:
    """Keep a version's figures in place of those of before, with tags, and its sheet in `folder`
    with its run."""
    models.set_metrics(studio.client, version, figures, tags)
    for old in set(version.metrics) - set(figures):  # no figure of before stands among these
        key = models.METRIC + old
        studio.client.delete_model_version_tag(version.style, str(version.number), key)
    studio.client.log_artifacts(version.run_id, str(folder), "sheet")


def _says(reference: DatasetVersion, seen: int, known: Learned) -> str:
    """What is compared with, and what can't be told."""
    named = f"{reference.name}@{reference.version}"
    said = f"Compared with the {len(reference.pictures):,} pictures of {named}"
    if known.why_not:
        return f"{said}. {known.why_not} The nearest training picture and copies are not measured."
    return f"{said}, {seen:,} of which taught it."


def _posed(
    studio: Studio,
    version: Version,
    loaded: Loaded,
    known: Learned,
    folder: Path,
) -> dict[str, float]:
    """Where one character was learned: its sheet of poses in `folder`, and how alike it is."""
    from studio.diffusion import adapters
    from studio.evaluation import character_consistency

    who = version.params.get("instance_prompt", "")
    if not who or not known.pictures:
        return {}
    asked = character_consistency.prompts(who)
    texts = [with_trigger(prompt, version.trigger_word) for prompt in asked]
    seeds = [character_consistency.SEED] * len(asked)
    drawing = sampling.Draw(size=loaded.size)
    drawn = sampling.draw_pictures(loaded.pipeline, texts, seeds, drawing)
    adapters.set_strength(loaded.pipeline, 0.0)
    base = sampling.draw_pictures(loaded.pipeline, asked, seeds, drawing)
    adapters.set_strength(loaded.pipeline, version.strength)
    character_consistency.keep(folder, base, drawn)
    real = _pictures(studio, known.pictures, loaded)
    return character_consistency.figures(drawn, base, real, images.parse_colour(loaded.matte))


def _pictures(studio: Studio, wanted: Sequence[tuple[Picture, Look]], loaded: Loaded) -> list[Any]:
    """Pictures of datasets at the size that the version draws."""
    from studio.diffusion import bases

    size = loaded.size or bases.native_size(loaded.pipeline)
    return [
        images.scaled(datasets.open_picture(studio.home, p.hash, p.file_name), size, look.filter)
        for p, look in wanted
    ]
