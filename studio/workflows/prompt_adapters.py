"""LoRAs that a prompt asks for as in A1111, `<lora:tiles:0.6>`: styles of the studio by name.

`tiles` is that style's version in production, else its newest on the base; `tiles:2` its version 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.context import Studio
from studio.diffusion import prompt_weights
from studio.diffusion.prompt_weights import Lora
from studio.errors import StudioError
from studio.registry import models
from studio.registry.models import Version
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import base_of


def taken(
    studio: Studio,
    main: Version,
    prompt: str,
    adapters: Sequence[Mapping[str, Any]] = (),
    versions: Callable[[str], Sequence[Version]] | None = None,
) -> tuple[str, list[dict[str, Any]]]:
    """The prompt without the signs of LoRAs, and `adapters` with theirs behind them, each with
    style, version and strength. `versions` gives a style's; unset, the registry is asked.

    StudioError where one is no style, has no version on the base of `main`, or is `main`.
    """
    text, asked = prompt_weights.loras(prompt)
    found = [dict(one) for one in adapters]
    known = versions or (lambda style: models.list_versions(studio.client, style))
    for one in asked:
        version = _named(studio, main, one, known(one.name))
        found.append({"style": version.style, "version": version.number, "strength": one.weight})
    return text, found


def _named(studio: Studio, main: Version, asked: Lora, known: Sequence[Version]) -> Version:
    base = base_of(studio, main)
    fits = [
        version
        for version in known
        if table.is_adapter(version)
        and base_of(studio, version) == base
        and asked.version in (None, version.number)
    ]
    if not fits:
        raise prompt_weights.refusal(asked.sign, asked.name)
    newest = max(fits, key=lambda version: (version.stage == "production", version.number))
    if (newest.style, newest.number) == (main.style, main.number):
        raise StudioError(
            f"{asked.sign!r} is the style that draws already.",
            "Take it out; how much it counts is its Style strength.",
        )
    return newest
