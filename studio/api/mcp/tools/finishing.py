"""Finishing pictures: by their style's recipe, or by steps that are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from studio.api import finishing
from studio.api.calls import Caller
from studio.api.mcp.answers import Finished
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools import waiting
from studio.api.mcp.tools.waiting import Wait
from studio.api.mcp.tools.where import WHERE
from studio.context import Studio
from studio.errors import StudioError
from studio.finishing import palettes, recipe
from studio.finishing import steps as all_steps
from studio.finishing.steps import Steps
from studio.remote.machines import HERE
from studio.worker.payload import Payload, Text
from studio.workflows import recipes
from studio.workflows.finishing_sources import Source, by_a_job, sources


class Finish(Payload):
    """Which pictures, and how."""

    ids: list[Text] = Field(description="Ids of pictures, at most 2,000.")
    steps: dict[str, Any] | None = Field(
        default=None,
        description="Steps by name, such as {'recipe': {'native': 32, "
        "'hard_alpha': true, 'outline': 'add', 'canvas': [32, 48]}, 'hue': 20}; an unknown "
        "name is answered with those that there are. Left out: the recipe of the pictures' style.",
    )
    palette: Text = Field(
        default="", description="A palette that list_palettes names: NAME or NAME@REVISION."
    )
    raw: bool = Field(
        default=True, description="Begin from the picture as the model drew it, where it is kept."
    )
    where: Text = WHERE
    wait: Wait = 30


def finished(caller: Caller, asked: Finish) -> Finished:
    """What came of it; the job where they are many or large."""
    found = sources(caller.studio, asked.ids, raw=asked.raw)
    if not found:
        raise StudioError(
            "None of these pictures is there.", "Take ids that search_pictures gives."
        )
    steps = _steps(caller.studio, asked.steps, asked.palette, found)
    if by_a_job(found) or asked.where not in ("", HERE):
        job = finishing.by_job(caller, asked.ids, steps, asked.raw, where=asked.where)
        told = waiting.told(caller, job).job
        return Finished(job=told, assets=[], same=[], left=[])
    return Finished(job=None, **finishing.kept(caller, found, steps).model_dump())


def _steps(
    studio: Studio, given: Mapping[str, Any] | None, palette: str, found: Sequence[Source]
) -> Steps:
    """Those that are given, else those of the style's recipe; in the palette's colours where one
    is named."""
    if given is None:
        steps = Steps(_of_style(studio, found, palette))
    else:
        steps = finishing.steps_of(studio, given)
    if not palette:
        return steps
    held = palettes.named(studio.engine, palette)
    own = replace(steps.recipe, colours=held.colours, palette=held.mark, hard_alpha=True)
    return all_steps.checked(replace(steps, recipe=own))


def _of_style(studio: Studio, found: Sequence[Source], palette: str) -> recipe.Recipe:
    styles = sorted({source.asset.style for source in found})
    if len(styles) > 1:
        raise StudioError(
            f"These pictures are of several styles: {', '.join(styles)}.",
            "Finish those of one style at a time, or say the steps.",
        )
    held = recipes.of_style(studio, styles[0]).recipe
    if held is None and not palette:
        raise StudioError(f"{styles[0]} has no recipe.", "Say the steps, or name a palette.")
    return held or recipe.PLAIN


FINISH_PICTURES = Tool(
    name="finish_pictures",
    title="Finish pictures",
    says="Makes pictures ready for the game: native pixels, hard alpha, palette, outline, canvas, "
    "by their style's recipe or by steps that you say. Each becomes a picture of its own beside "
    "the one that it came from, which stays as it is; the same steps again make nothing new.",
    right="finish pictures",
    takes=Finish,
    gives=Finished,
    run=finished,
    kind="finish",
    changes=True,
)
