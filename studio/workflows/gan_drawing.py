"""A GAN at hand: a registered version or a file of its own, ready to draw sprites by seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio.accounts.rights import check
from studio.context import Studio
from studio.errors import StudioError
from studio.gan import sampling
from studio.gan.sampling import Sampler
from studio.generation import delivery
from studio.numbers import HIGHEST_ID, SEEDS, number, whole
from studio.registry import models
from studio.registry.models import Version
from studio.workflows import version_loading
from studio.workflows.model_kinds import gan, table

ENDING = ".safetensors"
MOST = 100_000  # pictures at once


@dataclass(frozen=True)
class Ready:
    """What draws, what finishes its pictures as its style's are, and what it is called in names."""

    sampler: Sampler
    finish: Callable[[Image.Image], Image.Image]
    name: str


def ready(studio: Studio, what: str) -> Ready:
    """A GAN by its style (what is in production, or its newest GAN), STYLE:VERSION, or the path of
    a .safetensors file, whose edges are hard where it learned pixel art."""
    check(studio.settings.user, "generate")
    if what.lower().endswith(ENDING) or "/" in what:
        return of_file(Path(what).expanduser())
    version = of_name(studio, what)
    table.check_takes(version)
    file = version_loading.own_files(studio, version) / gan.FILE
    loaded = table.load(studio, version)
    return Ready(sampling.load(file), loaded.finish, f"{version.style}-v{version.number}")


def of_name(studio: Studio, what: str) -> Version:
    """The version of STYLE or STYLE:VERSION; StudioError where that is no GAN."""
    style, _, told = what.rpartition(":")
    if style and re.fullmatch("[0-9]+", told):
        found = models.get(studio.client, style, whole("version", told, 1, HIGHEST_ID))
    else:
        found = _usual(studio, what)
    if found.kind != gan.NAME:
        raise StudioError(
            f"{found.style} version {found.number} is of kind {table.label(found)}.",
            "Choose a GAN: python -m studio styles",
        )
    return found


def _usual(studio: Studio, style: str) -> Version:
    known = models.list_versions(studio.client, style)
    gans = [one for one in known if one.kind == gan.NAME]
    if not gans:
        raise StudioError(
            f"Style {style!r} has no GAN.", "Train one first: python -m studio gan train"
        )
    return next((one for one in gans if one.stage == "production"), gans[0])


def of_file(file: Path) -> Ready:
    """A GAN's file of one's own."""
    sampler = sampling.load(file)
    hard = sampler.shape.filter == "nearest" and sampler.shape.channels == 4
    return Ready(sampler, delivery.crisp if hard else lambda picture: picture, file.stem)


def seeds(text: str) -> list[int]:
    """Seeds as they are written: "7", "1,5,9", "0-99"; each once, in order. StudioError for none,
    too many, or what is no seed."""
    found = dict[int, None]()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        low = whole("seed", first, 0, SEEDS - 1)
        high = whole("seed", last, low, SEEDS - 1) if dash else low
        if high - low >= MOST or len(found) > MOST:
            raise StudioError(f"{text[:40]} are too many seeds.", f"Give at most {MOST:,}.")
        found |= dict.fromkeys(range(low, high + 1))
    return list(found)


def classes(words: list[str]) -> list[tuple[str, float]]:
    """Classes as they are written: "rocks", or with their weights "rocks=0.3"."""
    found = []
    for word in words:
        name, equals, weight = word.rpartition("=")
        found.append((name, _weight(word, weight)) if equals else (word, 1.0))
    return found


def _weight(word: str, text: str) -> float:
    return number(f"the weight in {word}", text, 0, 1e6)
