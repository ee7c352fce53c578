"""The settings as fields of the page: what is proposed for a picture, what the person set by hand,
and what of both is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.upscale import target_fields
from pages.upscale.target_fields import EXACT, LONG
from studio import context
from studio.errors import StudioError
from studio.web import drafts
from studio.web.drafts import Draft
from studio.workflows import upscaling
from studio.workflows.upscale_sources import Source
from studio.workflows.upscaling import Size, Wanted

# Said by the address, by other fields, or of one picture alone.
ELSEWHERE = (
    *("schema", "width", "height", "method", "style", "version", "base"),
    *("tiles", "regions", "seed"),
)
OWN: dict[str, Any] = {**target_fields.FIELDS, "seed": None, "prompts": {}, "regions": []}
PLAIN_FACTOR = 2.0


def begin(
    studio: context.Studio,
    subject: str,
    source: Source,
    chosen: Mapping[str, Any],
    *,
    alone: bool = True,
) -> Draft:
    """The fields as they are proposed for the picture and what is `chosen` (method and what draws),
    with what the person set before; not `alone`, it stands for others, too, and its own prompt is
    not proposed for them. StudioError where nothing can be proposed: what draws is gone."""
    found = proposed(studio, source, chosen)
    if not alone:
        found["prompt"] = ""
    return drafts.begin(f"{subject}/{chosen['method']}", found)


def subject_of(draft: Draft, method: str) -> str:
    """What the draft for the same pictures by another method is about."""
    return f"{draft.subject.rpartition('/')[0]}/{method}"


def proposed(studio: context.Studio, source: Source, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The names of all fields with what stands in them where nobody set anything."""
    try:
        found = upscaling.wanted(studio, source, chosen, Size(factor=PLAIN_FACTOR))
    except StudioError:  # twice as large is more than there may be
        found = upscaling.wanted(studio, source, chosen, Size())
    told = upscaling.as_json(found.settings)
    kept = {name: value for name, value in told.items() if name not in ELSEWHERE}
    if chosen["method"] == "diffusion" and not kept.get("prompt"):
        kept["prompt"] = source.prompt
    return {**OWN, **kept, "method": chosen["method"]}


def given(draft: Draft, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the fields, as settings."""
    told = {name: drafts.value(draft, name) for name in draft.saved if name not in OWN}
    prompts: Mapping[str, Mapping[str, Any]] = drafts.value(draft, "prompts")
    told |= {
        "seed": drafts.value(draft, "seed"),
        "regions": list(drafts.value(draft, "regions")),
        "tiles": [{"key": key, **one} for key, one in prompts.items() if says(one)],
    }
    return {**told, **chosen}


def says(one: Mapping[str, Any]) -> bool:
    """Whether a tile is told anything of its own."""
    return bool(one["prompt"] or one["negative"] or one["locked"] or one["seed"] is not None)


def size(draft: Draft) -> Size:
    """How large it is to be, as it is said."""
    way = drafts.value(draft, "target")
    if way == LONG:
        return Size(long_side=int(drafts.value(draft, "long_side")))
    if way == EXACT:
        exact = [int(drafts.value(draft, f"exact_{side}") or 0) for side in ("width", "height")]
        return Size(size=(exact[0], exact[1]))
    return Size(factor=float(drafts.value(draft, "factor")))


def wanted(
    studio: context.Studio, source: Source, draft: Draft, chosen: Mapping[str, Any]
) -> Wanted:
    """What would be done with a picture now. StudioError naming what can't be."""
    return upscaling.wanted(studio, source, given(draft, chosen), size(draft))


def kept(draft: Draft, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept under a name: nothing of one picture alone."""
    told = given(draft, chosen)
    return {name: value for name, value in told.items() if name not in ("tiles", "regions")}


def put(draft: Draft, settings: Mapping[str, Any]) -> None:
    """As a callback: these settings in the place of what stands in the fields."""
    drafts.put(draft, **{name: value for name, value in settings.items() if name in draft.saved})
