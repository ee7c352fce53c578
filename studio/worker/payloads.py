"""What may be asked of each kind of job, and the check at the door.

A check also pins what would change by itself until the job runs: the newest version of a dataset
, the version in production, a preset's settings. So a second attempt does the same again.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from studio import context
from studio.datasets import uploads, withdrawals
from studio.datasets import versions as datasets
from studio.datasets.additions import SameName
from studio.datasets.freeze import check_look
from studio.datasets.manifests import Look
from studio.diffusion import bundled_bases, team_bases
from studio.diffusion.sampling import Draw, check_draw
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.registry import models
from studio.training.config import load_config
from studio.workflows import train_examples
from studio.workflows.version_loading import base_of, in_production

A = TypeVar("A")
PROMPT_LENGTH = 2_000
PICTURES = 64  # of one interactive job
ASSETS = 10_000  # pictures of one overnight job
ADAPTERS = 4  # beside the style's own


@dataclass(frozen=True)
class Import:
    """A folder of pictures becomes the newest version of dataset `name`."""

    name: str
    folder: str
    source: str = ""
    author: str = ""
    licence: str = ""
    matte: str | None = None
    filter: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Upload:
    """What a browser sent is added to dataset `name`; `upload` is its token.

    `same_name`: "replace" or "beside" pictures whose names are there. `filter` begins a new set.
    """

    name: str
    upload: str
    same_name: str = "replace"
    source: str = ""
    author: str = ""
    licence: str = ""
    filter: str | None = None


@dataclass(frozen=True)
class Train:
    """A LoRA of `style`. `settings` are TrainConfig's; `run`: the unfinished run to go on with."""

    style: str
    dataset: str
    preset: str = "balanced"
    settings: dict[str, Any] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True)
class Evaluate:
    """A version's sheet and figures, compared with dataset `against` or its own."""

    style: str
    version: int
    against: str = ""


@dataclass(frozen=True)
class Adapter:
    """Another version that acts beside the style's own, at its own strength."""

    style: str
    version: int
    strength: float = 1.0


@dataclass(frozen=True)
class Generate:
    """Pictures of one prompt with seeds seed, seed + 1, ...

    Without `version` what is in production draws; without `style` the bare `base`. `adapters` are
    Adapter's values; `start` names a kept picture to begin from, `change` how much of it changes.
    """

    prompt: str
    style: str = ""
    version: int | None = None
    base: str = bundled_bases.DEFAULT
    negative: str = ""
    steps: int = 20
    guidance: float = 4.0
    strength: float | None = None
    seed: int = 0
    count: int = 1
    size: int | None = None
    adapters: list[dict[str, Any]] = field(default_factory=list)
    start: str = ""
    change: float = 0.6


@dataclass(frozen=True)
class Asset:
    """One line of a list: `count` pictures of a prompt, named `name`."""

    prompt: str
    name: str = ""
    seed: int = 0
    count: int = 1


@dataclass(frozen=True)
class Batch:
    """A list, drawn with one style and the same settings; `assets` are Asset's values,
    `set` is what the list is called: a version may be pinned for it."""

    style: str
    assets: list[dict[str, Any]]
    version: int | None = None
    negative: str = ""
    steps: int = 20
    guidance: float = 4.0
    strength: float | None = None
    size: int | None = None
    adapters: list[dict[str, Any]] = field(default_factory=list)
    set: str = ""


def read(shape: type[A], values: Mapping[str, Any]) -> A:
    """The values as a record; StudioError for an unknown or missing name or a wrong type."""
    hints = get_type_hints(shape)
    for name in values:
        if name not in hints:
            raise StudioError(f"There is no setting {name!r} here.", f"Known: {', '.join(hints)}.")
    for one in fields(shape):  # type: ignore[arg-type]
        needed = one.default is MISSING and one.default_factory is MISSING
        if needed and one.name not in values:
            raise StudioError(f"{one.name} is missing.", "Give it.")
    return shape(**{name: _typed(name, value, hints[name]) for name, value in values.items()})


def _typed(name: str, value: Any, hint: Any) -> Any:
    choices = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    kinds = tuple(get_origin(choice) or choice for choice in choices)
    if float in kinds and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kinds) or isinstance(value, bool):
        named = " or ".join(_NAMES[kind] for kind in kinds)
        raise StudioError(f"{name} is {str(value)[:80]!r}.", f"Give {named}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise StudioError(f"{name} is {value}.", "Give a finite number.")
    if isinstance(value, str) and any("\ud800" <= c <= "\udfff" or c == "\0" for c in value):
        raise StudioError(f"{name} holds characters that are no text.", "Type it anew.")
    return value


_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "a table of names and values",
    list: "a list",
    types.NoneType: "nothing",
}


def check_import(studio: context.Studio, ask: Import) -> Import:
    """The folder is there, name and look can be used."""
    datasets.check_name(ask.name)
    folder = Path(ask.folder).expanduser()
    if not folder.is_absolute() or not folder.is_dir():
        raise StudioError(f"There is no folder {ask.folder}.", "Give the full path of a folder.")
    check_look(look_of(studio.home, ask) or Look())
    return replace(ask, folder=str(folder))


def check_upload(studio: context.Studio, ask: Upload) -> Upload:
    """The upload is there, name and choices can be used."""
    datasets.check_name(ask.name)
    uploads.folder_of(studio.home, ask.upload)
    if ask.same_name not in get_args(SameName):
        raise StudioError(f"same_name is {ask.same_name!r}.", "Give replace or beside.")
    if ask.filter is not None:
        check_look(Look(filter=ask.filter))
    return ask


def look_of(home: Path, ask: Import) -> Look | None:
    """The look asked for; what is not said stays as the newest version has it."""
    asked = {"matte": ask.matte, "filter": ask.filter, "size": ask.size}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    before = datasets.list_versions(home, ask.name)
    return replace(before[0].look if before else Look(), **given) if given else None


def check_train(studio: context.Studio, ask: Train) -> Train:
    """Style, dataset and settings can be used; the settings are then complete."""
    context.check_style(ask.style)
    config = load_config(ask.preset, None, ask.settings)
    if ask.run and not re.fullmatch(r"[0-9a-f]{32}", ask.run):
        raise StudioError(f"{ask.run!r} is no run's id.", "Leave run empty to start anew.")
    named = _pinned(studio.home, ask.dataset)
    version = datasets.load(studio.home, *named.split("@"))
    withdrawals.check_usable(studio.home, version)
    train_examples.check(version, config)
    team_bases.check(team_bases.place(studio.home, config.base))
    return replace(ask, dataset=named, settings=asdict(config))


def check_evaluate(studio: context.Studio, ask: Evaluate) -> Evaluate:
    """The version and the dataset are there."""
    number = _version(studio, ask.style, ask.version)
    against = _pinned(studio.home, ask.against) if ask.against else ""
    return replace(ask, version=number, against=against)


def check_generate(studio: context.Studio, ask: Generate) -> Generate:
    """Prompt, settings and version can be used."""
    _check_prompt(ask.prompt, ask.seed)
    _check_between("count", ask.count, 1, PICTURES)
    _check_drawing(ask)
    if ask.start:
        start_pictures.path(studio.home, ask.start)
        _check_between("change", ask.change, 1 / ask.steps, 1)
    if not ask.style:
        from studio.diffusion.bases import find_base

        if ask.adapters:
            raise StudioError("Adapters need a style to act beside.", "Choose a style.")
        find_base(team_bases.place(studio.home, ask.base))
        return ask
    return _with_versions(studio, ask)


def check_batch(studio: context.Studio, ask: Batch) -> Batch:
    """Every line of the list can be used; the first that can't is named by its number."""
    assets = []
    for number, values in enumerate(ask.assets, 1):
        try:
            if not isinstance(values, dict):
                raise StudioError(f"{values!r} is no table.", "Give prompt, name, seed, count.")
            asset = read(Asset, values)
            _check_prompt(asset.prompt, asset.seed)
            _check_between("count", asset.count, 1, ASSETS)
        except StudioError as error:
            raise StudioError(f"Line {number}: {error.message}", error.remedy) from error
        assets.append(asset)
    _check_between("the length of the set's name", len(ask.set), 0, 200)
    _check_between("the number of pictures", sum(a.count for a in assets), 1, ASSETS)
    _check_drawing(ask)
    return replace(_with_versions(studio, ask), assets=[asdict(a) for a in assets])


def draw_of(ask: Generate | Batch) -> Draw:
    """What is asked of the base."""
    return Draw(ask.steps, ask.guidance, ask.negative, ask.size)


G = TypeVar("G", Generate, Batch)


def _with_versions(studio: context.Studio, ask: G) -> G:
    """The style's version filled in; the other adapters are there and fit its base."""
    main = models.get(studio.client, ask.style, _version(studio, ask.style, ask.version))
    _check_between("the number of further LoRAs", len(ask.adapters), 0, ADAPTERS)
    others = [read(Adapter, values) for values in ask.adapters]
    used = {(main.style, main.number)}
    for other in others:
        _check_between(f"the strength of {other.style}", other.strength, -2, 2)
        version = models.get(studio.client, other.style, other.version)
        if base_of(studio, version) != base_of(studio, main):
            raise StudioError(
                f"{other.style} version {other.version} was trained on another base than "
                f"{main.style} version {main.number}.",
                "Combine versions of one base.",
            )
        if (other.style, other.version) in used:
            raise StudioError(
                f"{other.style} version {other.version} is named twice.", "Name it once."
            )
        used.add((other.style, other.version))
    return replace(ask, version=main.number, adapters=[asdict(o) for o in others])


def _check_drawing(ask: Generate | Batch) -> None:
    check_draw(draw_of(ask))
    _check_between("the negative prompt's length", len(ask.negative), 0, PROMPT_LENGTH)
    if ask.strength is not None:
        _check_between("strength", ask.strength, -2, 2)
    if ask.size is not None:
        _check_between("size", ask.size, 8, 2048)
        if ask.size % 8:
            raise StudioError(f"size is {ask.size}.", "Give a multiple of 8 pixels.")


def _check_prompt(prompt: str, seed: int) -> None:
    if not prompt.strip():
        raise StudioError("The prompt is empty.", "Say what to draw.")
    _check_between("the prompt's length", len(prompt), 1, PROMPT_LENGTH)
    _check_between("seed", seed, 0, 2**53)  # browsers count no further exactly


def _check_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise StudioError(f"{name[:1].upper()}{name[1:]} is {value}.", f"Give {low} to {high}.")


def _version(studio: context.Studio, style: str, number: int | None) -> int:
    context.check_style(style)
    if number is None:
        return in_production(studio, style).number
    return models.get(studio.client, style, number).number


def _pinned(home: Path, dataset: str) -> str:
    name, _, wanted = dataset.partition("@")
    version = datasets.load(home, name, wanted or None)
    return f"{version.name}@{version.version}"


def day(written: str | None) -> date | None:
    """A due date as a page or payload has it."""
    return date.fromisoformat(written) if written else None
