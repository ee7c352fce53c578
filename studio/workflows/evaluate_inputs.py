"""What a LoRA's version is measured by, made ready: what taught it, what it is compared with, the
prompt set of its sheet.

What it learned from is known of versions that were trained here and of merges of such; of those
brought in from elsewhere it is not, and copies then can't be looked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from studio.context import Studio
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture
from studio.errors import StudioError
from studio.registry import models
from studio.registry.models import Version
from studio.store import known_hashes
from studio.workflows import recipes, train_inputs, version_loading
from studio.workflows.evaluate_measuring import LoraEvaluator
from studio.workflows.train_split import parted

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


def evaluator(studio: Studio, version: Version, against: str = "") -> LoraEvaluator:
    """How a LoRA's version is measured against its own dataset, or another one `against`.

    KID and its kin compare with all pictures of that dataset. The nearest training picture is
    looked for among those that the version learned from; where they are not known, that figure
    and the copies are left out and `against` has to be said. StudioError otherwise.
    """
    known = learned(studio, version)
    name, _, wanted = against.partition("@")
    reference = datasets.load(studio.home, name, wanted or None) if against else known.data
    if reference is None:
        said = f"{version.style} version {version.number} was merged of several datasets."
        raise StudioError(
            f"{known.why_not or said} So there is nothing to compare its pictures with.",
            "Say with which dataset: --against NAME[@VERSION], or on the page Evaluate.",
        )
    taught = {picture.hash for picture, _ in known.pictures}
    unseen = [p for p in reference.pictures if p.hash not in taught and p.parent not in taught]
    prompts = train_inputs.prompt_set(studio, version.style, reference)
    drawer = version_loading.drawer(studio, version)
    inception = weights(studio)
    return LoraEvaluator(
        drawer=drawer,
        prompts=prompts,
        reference=tuple((picture, reference.look) for picture in reference.pictures),
        unseen=tuple((picture, reference.look) for picture in unseen),
        taught=known.pictures,
        character=version.params.get("instance_prompt", ""),
        clip_model=studio.settings.clip_model,
        fid_weights=next(iter(inception), ""),
        files={**drawer.files, **inception},
        recipe=recipes.of_version(studio, version),
        says=_says(reference, len(reference.pictures) - len(unseen), known),
        tags={
            "prompts": prompts.version,
            "against": f"{reference.name}@{reference.version}",
            UNKNOWN: known.why_not,
        },
    )


def weights(studio: Studio) -> dict[str, Path]:
    """Inception's weights by their SHA-256; empty where the studio has none."""
    file = studio.settings.fid_weights
    if file is None:
        return {}
    try:
        with known_hashes.reading(studio.home) as known:
            return {known.read(file): file}
    except OSError as error:
        raise StudioError(
            f"STUDIO_FID_WEIGHTS is {file}: {error.strerror}.",
            "Set it to the file of weights, or leave it out; FID is not measured then.",
        ) from error


def _says(reference: DatasetVersion, seen: int, known: Learned) -> str:
    """What is compared with, and what can't be told."""
    named = f"{reference.name}@{reference.version}"
    said = f"Compared with the {len(reference.pictures):,} pictures of {named}"
    if known.why_not:
        return f"{said}. {known.why_not} The nearest training picture and copies are not measured."
    return f"{said}, {seen:,} of which taught it."
