"""The job that has a provider make a model: it posts one call and ends. What comes of it is fetched
by the watcher, and becomes a prop by the job `prop_received`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studio.charges.prices import Quote
from studio.context import Studio
from studio.props import edits
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import provider_calls
from studio.workflows.provider_calls import Wanted


class ByProvider(Payload):
    """One model of `provider` by its `model`, its first where none is named: from a `picture` (an
    asset's id, or the hash of one to begin from), from the words of `prompt`, or a texture for the
    prop `mesh`. `parameters` are by our names (`providers.shapes`); the door fills them in.

    `matte` is what the picture is laid on, "#rrggbb"; "": transparent where the model takes that,
    else white. The prop is `height_m` high, its origin at `pivot`. `wish` is the asset that it came
    from, `name` calls it; `style` is filled in, and the `version` that draws in it.
    """

    provider: Text
    model: Text = ""
    picture: Text = ""
    prompt: Words = ""
    mesh: Text = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    matte: Text = ""
    height_m: float = 1.0
    pivot: Text = "feet"
    name: Words = ""
    style: Text = ""
    version: Counted = 0
    wish: Text = ""


def check(studio: Studio, ask: ByProvider) -> ByProvider:
    """It can be sent; model, parameters and matte are then complete."""
    meant = _wanted(studio, ask)
    provider_calls.check(studio, meant)
    edits.checked(edits_of(ask.height_m, ask.pivot))
    filled = {
        "model": meant.offer.name,
        "prompt": meant.asked.text,
        "parameters": dict(meant.asked.parameters),
        "matte": meant.matte,
        "name": meant.name,
        "style": meant.style,
    }
    return ask.model_copy(update=filled)


def costs(studio: Studio, ask: ByProvider) -> Quote:
    """The most that it costs."""
    return provider_calls.estimate(studio, _wanted(studio, ask))


def commit(context: Context, ask: ByProvider, outcome: Outcome) -> dict[str, Any]:
    """Post the call, once for all attempts at this job."""
    studio, job = context.studio, context.job
    meant = _wanted(studio, ask)
    told = {**ask.model_dump(), "parents": list(meant.parents), "of": meant.of}
    call = provider_calls.post(studio, job, meant, told, context.report)
    return {"call": call.id, "provider": call.provider, "reference": call.reference}


def edits_of(height_m: float, pivot: str) -> list[dict[str, Any]]:
    """What is done to every model that comes, in whichever size and place it does."""
    return [{"edit": "pivot", "where": pivot}, {"edit": "scale", "height_m": height_m}]


def _wanted(studio: Studio, ask: ByProvider) -> Wanted:
    return provider_calls.wanted(
        studio,
        ask.provider,
        ask.model,
        picture=ask.picture,
        prompt=ask.prompt,
        mesh=ask.mesh,
        parameters=ask.parameters,
        matte=ask.matte,
        name=ask.name,
        style=ask.style,
    )


KIND = Kind(
    name=provider_calls.MADE_BY,
    label="Having {name} made by {provider}",
    payload=ByProvider,
    right=provider_calls.RIGHT,
    lane="short",
    check=check,
    commit=commit,
    costs=costs,
)
