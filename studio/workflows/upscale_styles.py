"""What draws where a picture is enlarged by diffusion: a style's version with LoRAs beside it, or a
bare base. All of it is there and fits before a job is put in; nothing is passed over later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio import numbers
from studio.context import Studio, check_style
from studio.diffusion import (
    bundled_bases,
    control_files,
    families,
    prompt_tokens,
    prompt_weights,
    team_bases,
)
from studio.errors import StudioError
from studio.registry import models
from studio.registry.models import Version
from studio.upscaling import diffusion_engine
from studio.upscaling.settings import LEAST_TILE, TILE_STEP, Settings
from studio.workflows import prompt_adapters, version_loading
from studio.workflows.model_kinds import table

STEP, OVERLAP = TILE_STEP, 128  # pixels


@dataclass(frozen=True)
class Draws:
    """What draws: the version (None: a bare base), and the base by where it lies."""

    version: Version | None
    base: str

    @property
    def family(self) -> str:
        """Which family its base is of (`diffusion.families`)."""
        return families.family_of(self.base)

    @property
    def side(self) -> int:
        """Pixels a side that it draws best."""
        learned = version_loading.trained_size(self.version) if self.version else None
        return learned or families.native_side(self.base)

    @property
    def tile(self) -> int:
        """The side of a tile where nobody says another: the base's own, as a tile may have it."""
        return max(LEAST_TILE, self.side // STEP * STEP)


def draws(studio: Studio, style: str, version: int | None, base: str) -> Draws:
    """The style's version, None or 0: the one in production; without a style the bare base.
    StudioError where there is none, or it takes no picture to begin from."""
    if not style:
        from studio.diffusion.bases import find_base

        place = team_bases.place(studio.home, base or bundled_bases.DEFAULT)
        find_base(place)
        return Draws(None, place)
    check_style(style)
    found = (
        models.get(studio.client, style, version)
        if version
        else version_loading.in_production(studio, style)
    )
    table.check_takes(found, "start")
    return Draws(found, version_loading.base_of(studio, found))


def filled(studio: Studio, given: Mapping[str, Any]) -> tuple[dict[str, Any], Draws]:
    """Settings as JSON with the version's number, its strength, the tile's side, the LoRAs that the
    prompt asks for and the IP-Adapter that a reference goes through; and what draws."""
    told = dict(given)
    version = numbers.whole("version", told.get("version") or 0, 0, numbers.HIGHEST_ID)
    by = draws(studio, _text(told, "style"), version, _text(told, "base"))
    if by.version is not None:
        told["version"] = by.version.number
        told["base"] = ""
        told.setdefault("weight", by.version.strength)
        if prompt := _text(told, "prompt"):
            beside = [_as_adapter(one) for one in _adapters(told)]
            told["prompt"], acting = prompt_adapters.taken(studio, by.version, prompt, beside)
            told["adapters"] = [[o["style"], o["version"], o["strength"]] for o in acting]
    else:
        told["base"] = _text(told, "base") or bundled_bases.DEFAULT
    if _text(told, "reference") and not _text(told, "ip_adapter"):
        # Named from now on: one that is brought in later draws no other tiles of it.
        if there := control_files.offered(studio.home, by.base, control_files.IP_ADAPTER):
            told["ip_adapter"] = there[0].name
    side = told.setdefault("tile", by.tile)
    if isinstance(side, int):
        told.setdefault("overlap", max(STEP, min(OVERLAP, side // 8 // STEP * STEP)))
    return told, by


def check(studio: Studio, settings: Settings, by: Draws) -> None:
    """StudioError where what is asked, checked by itself before, can't be drawn: a LoRA of the
    stack that is missing or of another base, a control that the base has none of, a sign of a LoRA
    in a prompt of a tile."""
    _check_adapters(studio, settings, by)
    diffusion_engine.check(studio.home, settings, by.base)
    for _, text in _texts(settings):
        prompt_weights.check(text)


def notes(settings: Settings, by: Draws) -> list[str]:
    """Sentences about prompts that are not drawn at once, each once: longer than the context."""
    reader = prompt_tokens.of_base(by.base)
    said = [
        sentence
        for name, text in _texts(settings)
        if text
        for sentence in prompt_tokens.said(reader, text, name)
    ]
    return list(dict.fromkeys(said))


def trigger_words(studio: Studio, settings: Settings, by: Draws) -> list[str]:
    """What is put before every prompt: the words of all that acts."""
    if by.version is None:
        return []
    beside = [
        models.get(studio.client, style, version).trigger_word
        for style, version, strength in settings.adapters
        if strength
    ]
    return [word for word in (by.version.trigger_word, *beside) if word]


def _check_adapters(studio: Studio, settings: Settings, by: Draws) -> None:
    if not settings.adapters:
        return
    if by.version is None:
        raise StudioError("Further LoRAs need a style to act beside.", "Choose a style.")
    table.check_takes(by.version, "adapters")
    for style, number, _ in settings.adapters:
        found = models.get(studio.client, style, number)
        table.check_adapter(found)
        if version_loading.base_of(studio, found) != by.base:
            raise StudioError(
                f"{style} version {number} was trained on another base than {by.version.style} "
                f"version {by.version.number}.",
                "Combine versions of one base.",
            )
        if not version_loading.adapter_file(studio, found).is_file():
            raise StudioError(
                f"The file of {style} version {number} is missing.",
                "Take it out of the stack, or put it back from a backup.",
            )


def _texts(settings: Settings) -> list[tuple[str, str]]:
    found = [("The prompt", settings.prompt), ("The negative prompt", settings.negative)]
    for place, region in enumerate(settings.regions, 1):
        found.append((f"The prompt of region {place}", region.prompt))
        found.append((f"The negative prompt of region {place}", region.negative))
    for tile in settings.tiles:
        found.append((f"The prompt of tile {tile.key}", tile.prompt))
        found.append((f"The negative prompt of tile {tile.key}", tile.negative))
    return found


def _adapters(told: Mapping[str, Any]) -> Sequence[Any]:
    """Those that are given, if what is given is a list; else that is said when it is looked at."""
    given = told.get("adapters")
    if isinstance(given, list | tuple):
        return given
    if given is None:
        return ()
    raise StudioError(f"adapters is {numbers.shown(given)}.", "Give a list.")


def _as_adapter(one: Any) -> dict[str, Any]:
    if isinstance(one, Mapping):
        return dict(one)
    try:
        style, version, strength = one
    except (TypeError, ValueError):
        raise StudioError(
            f"{numbers.shown(one)} is no further LoRA.", "Name style, version and strength."
        ) from None
    return {"style": style, "version": version, "strength": strength}


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
