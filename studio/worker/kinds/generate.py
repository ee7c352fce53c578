"""The job that draws one prompt, with a pipeline that stays loaded."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studio.context import Studio
from studio.diffusion import bundled_bases, team_bases
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.generation.style_drawing import Wish
from studio.registry import models
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Work
from studio.worker.kinds import drawing, guiding
from studio.worker.kinds.drawing import Drawn, Wanted, check_between
from studio.worker.kinds.guiding import LeadAsked
from studio.worker.payload import Counted, Text, Words
from studio.workflows import wishes
from studio.workflows.version_loading import base_of

PICTURES = 64  # of one job


class Generate(Drawn):
    """Pictures of one prompt with seeds seed, seed + 1, ...

    Without `version` what is in production draws; without `style` the bare `base`. `start` names a
    kept picture to begin from, `change` how much of it changes, `mask` a kept mask of where.
    `leads` are kept pictures that lead the drawing; `reference` is one that it takes after, through
    the IP-Adapter `ip_adapter` ("": the first for the base). `wish` is the id of the wish that the
    pictures come of, "" for none.
    """

    prompt: Words
    base: Text = bundled_bases.DEFAULT
    seed: int = 0
    count: Counted = 1
    start: Text = ""
    change: float = 0.6
    mask: Text = ""
    leads: list[LeadAsked] = Field(default_factory=list, title="Lead")
    reference: Text = ""
    ip_adapter: Text = ""
    reference_scale: float = 0.6
    wish: Text = ""


def check(studio: Studio, ask: Generate) -> Generate:
    """Prompt, settings and version can be used; LoRAs that the prompt asks for stand among the
    adapters from then on."""
    prompt, adapters, version = drawing.with_prompts_loras(studio, ask, ask.prompt)
    ask = ask.model_copy(update={"prompt": prompt, "adapters": adapters, "version": version})
    drawing.check_prompt(ask.prompt, ask.seed)
    check_between("count", ask.count, 1, PICTURES)
    drawing.check_drawing(ask)
    if ask.wish:
        wishes.get(studio.engine, ask.wish)
    if ask.start:
        start_pictures.path(studio.home, ask.start)
        check_between("change", ask.change, 1 / ask.steps, 1)
    if ask.mask:
        if not ask.start:
            raise StudioError("A mask needs a picture.", "Say which one a part of is drawn anew.")
        start_pictures.check_mask(studio.home, ask.mask, ask.start)
        if own := start_pictures.drawn_at(studio.home, ask.start):  # so that nothing is scaled
            sides = {"width": ask.width or own.width, "height": ask.height or own.height}
            ask = ask.model_copy(update=sides)
        _check_part(ask, own)
    if ask.style:
        return _led(studio, drawing.with_versions(studio, ask))
    from studio.diffusion.bases import find_base

    if ask.adapters:
        raise StudioError("Adapters need a style to act beside.", "Choose a style.")
    find_base(team_bases.place(studio.home, ask.base))
    return _led(studio, ask)


def _led(studio: Studio, ask: Generate) -> Generate:
    """The same with the ControlNets and the IP-Adapter named that pictures lead through."""
    if not (ask.leads or ask.reference):
        return ask
    base, changes = _base(studio, ask), dict[str, Any]()
    if ask.leads:
        changes["leads"] = guiding.check_leads(studio, ask.leads, base)
    if ask.reference:
        asked = (ask.reference, ask.ip_adapter, ask.reference_scale)
        changes["ip_adapter"] = guiding.check_reference(studio, *asked, base)
    return ask.model_copy(update=changes)


def _base(studio: Studio, ask: Generate) -> str:
    """The place of the base that draws; the version is filled in by then."""
    if ask.style and ask.version is not None:
        return base_of(studio, models.get(studio.client, ask.style, ask.version))
    return team_bases.place(studio.home, ask.base)


def _check_part(ask: Generate, own: Size | None) -> None:
    """StudioError where a part of a seamless picture would be drawn at another size than its own:
    scaled, it no longer fits at its edges."""
    if ask.seamless and (own is None or (ask.width, ask.height) != (own.width, own.height)):
        raise StudioError(
            "A part of a seamless picture is drawn anew at the picture's own size"
            + (f", {own}." if own else ", and this one is too large or small for that."),
            "Leave width and height out." if own else "Begin from another picture.",
        )


def unwished(asked: dict[str, Any]) -> dict[str, Any]:
    """A payload of schema 5, of before pictures could come of a wish."""
    return asked


def prepare(context: Context, ask: Generate) -> Work:
    """The prompt with each of its seeds."""
    seeds, draw = drawing.seeds(ask.seed, ask.count), drawing.draw_of(ask)
    wanted = [Wanted(Wish(ask.prompt, seed), draw, "", k) for k, seed in enumerate(seeds, 1)]
    guides = guiding.NO_GUIDES
    if ask.leads or ask.reference:
        base, after = _base(context.studio, ask), (ask.reference, ask.ip_adapter)
        guides = guiding.of_leads(context.studio, base, ask.leads, *after, ask.reference_scale)
    return drawing.work(context, ask, wanted, ask.base, ask.start, ask.change, ask.mask, guides)


KIND = Kind(
    name="generate",
    label="Drawing {prompt}",
    payload=Generate,
    right="generate",
    lane="interactive",
    check=check,
    prepare=prepare,
    compute=drawing.compute,
    apply=drawing.apply,
    commit=drawing.commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
    lifts=(drawing.own_seed, drawing.two_sides, drawing.unfinished, drawing.unled, unwished),
)
