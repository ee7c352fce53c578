"""What a training is shown of a dataset: its pictures with their masks, captions and look."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import images
from studio.context import Progress
from studio.datasets import pixel_grid, words
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import Picture, listed
from studio.diffusion import light_tokenizers
from studio.errors import StudioError
from studio.generation.prompts import with_trigger
from studio.training import caption_shuffling, repeats
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    from studio.training.encoded_dataset import Encoded
    from studio.training.encoding import Example

EVERY_S = 3.0  # between two reports


def check(version: DatasetVersion, config: TrainConfig) -> None:
    """StudioError where the settings ask for what the dataset does not have or allow."""
    if config.flip and not version.look.mirror:
        raise StudioError(
            f"flip is on, and the dataset {version.name} does not allow horizontal flips.",
            "Switch flip off, or allow them on the Datasets page, under Look, or with: python -m "
            f"studio dataset preprocessing {version.name} --horizontal-flips yes",
        )
    if all(picture.empty for picture in version.pictures):
        raise StudioError(
            f"Every picture of the dataset {version.name} is wholly transparent.",
            "Add pictures on which something is to be seen.",
        )
    pictures = version.pictures
    repeats.check([p.category for p in pictures], [p.file_name for p in pictures], config)


def folder_repeats(version: DatasetVersion) -> str:
    """The setting `repeats` as kohya's folders say it, "" where they say nothing; read once."""
    return _folder_repeats(_Named(version.digest, version))


def masked(version: DatasetVersion) -> tuple[str, str]:
    """How many pictures have a mask and what that does to the loss, and which masks were made for
    an earlier drawing; each "" where there is nothing to say."""
    masks = [picture for picture in version.pictures if picture.mask]
    stale = [picture.file_name for picture in masks if picture.mask_of]
    if not masks:
        return "", ""
    told = (
        f"{len(masks):,} of {len(version.pictures):,} pictures have a mask: what is black on it "
        "weighs nothing in the loss, grey its share, and what is left weighs the more, so that "
        "each picture counts the same."
    )
    if not stale:
        return told, ""
    return told, (
        f"Masks of an earlier drawing: {listed(stale)}. What they leave out may lie elsewhere now; "
        "look at them on the page Datasets, under Masks."
    )


def too_long(version: DatasetVersion, config: TrainConfig, base: Path) -> tuple[str, ...]:
    """Sentences about captions that are longer than the base in this folder reads; read once.

    Where its tokenizer is not at hand, only what is too long for certain is told.
    """
    return _too_long(
        _Named(version.digest, version), config.trigger_word, config.instance_prompt, base
    )


@dataclass(frozen=True)
class _Named:
    """A version, known by its digest alone."""

    digest: str
    version: DatasetVersion = field(compare=False)


@functools.lru_cache(maxsize=32)
def _folder_repeats(named: _Named) -> str:
    return words.repeats((one.file_name, one.category) for one in named.version.pictures)


@functools.lru_cache(maxsize=32)
def _too_long(named: _Named, trigger: str, instance: str, base: Path) -> tuple[str, ...]:
    pictures = named.version.pictures
    said = [(p.file_name, with_trigger(instance or p.caption, trigger)) for p in pictures]
    found = light_tokenizers.of_folder(base)
    return (
        caption_shuffling.too_long(said, *found)
        if found
        else caption_shuffling.surely_too_long(said)
    )


def encode(
    files: Mapping[str, Path],
    cache: Path,
    pipeline: Any,
    version: DatasetVersion,
    places: Sequence[int],
    captions: Sequence[str],
    config: TrainConfig,
    size: int,
    report: Callable[[str], None],
    *,
    tileable: str = "",
) -> Encoded:
    """The pictures at `places` of the version, encoded for `pipeline`, read where it was done.

    `files` are the pictures' and masks' by hash, `captions` are one for each picture, `size` is a
    side in pixels, `tileable` as a look has it. Raises StudioError, naming the picture, where one
    was deleted or changed since the freeze and is needed.
    """
    from studio.training import latent_cache

    said = time.monotonic()

    def told(done: int, count: int) -> None:
        nonlocal said
        if time.monotonic() - said > EVERY_S and done < count:
            said = time.monotonic()
            line = f"Encoding: {done:,} of {count:,} pictures."
            report(Progress(line, done, count, "pictures", "encoding"))

    return latent_cache.encode(
        pipeline,
        [_example(files, version.pictures[place]) for place in places],
        captions,
        size=size,
        filter=version.look.filter,
        matte=version.look.matte,
        behind=version.look.behind,
        tileable=tileable,
        folder=cache / "latents",
        report=told,
        config=config,
    )


def _example(files: Mapping[str, Path], picture: Picture) -> Example:
    from studio.training.encoding import Example

    def opened(hash: str, name: str, reading: int) -> Any:
        return datasets.open_stored(files.get(hash), hash, name, reading)

    name, plain = picture.file_name, images.PLAIN
    return Example(
        # By this encodings are kept: what is read otherwise is encoded anew.
        picture.hash if picture.reading == plain else f"{picture.hash}-{picture.reading}",
        picture.caption,
        partial(opened, picture.hash, name, picture.reading),
        name=name,
        category=picture.category,
        size=(picture.width, picture.height),
        has_alpha=picture.has_alpha,
        mask_hash=picture.mask,
        # A mask's numbers are weights, not colours.
        mask=partial(opened, picture.mask, f"the mask of {name}", plain) if picture.mask else None,
        grid=lambda picture: pixel_grid.grain(picture).grid,
    )
