"""What is proposed before anybody sets anything, and what each cleaning step would change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.finish import steps_draft
from pages.finish.steps_draft import NOTHING, Proposal
from pages.finish.which import Asked
from studio import context
from studio.finishing import style_recipes
from studio.finishing.by_hand import MOST_PIXELS
from studio.finishing.recipe import PLAIN, Recipe
from studio.finishing.steps import Steps
from studio.web import addresses, drafts, finished_previews, record_cache, session, ui
from studio.web.drafts import Draft
from studio.workflows import finishing, recipes
from studio.workflows.finishing import RIGHT
from studio.workflows.finishing_sources import Source

# By its key: what it is called, which field it sets, to what, and what that is without it.
STEPS: dict[str, tuple[str, str, Any, Any]] = {
    "1": ("Stray pixels", "strays", True, False),
    "2": ("Holes", "holes", True, False),
    "3": ("Add outline", "outline", "add", ""),
    "4": ("Thin outline", "outline", "thin", ""),
    "5": ("Recolour outline", "outline", "recolour", ""),
    "6": ("Break outline", "broken", True, False),
}


def ways(studio: context.Studio, asked: Asked) -> None:
    """Back to all, to the picture, from which one is begun, and whose recipe is proposed."""
    source = asked.one
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if source is not None and len(asked.found) > 1:
            st.page_link(
                "pages/Finish.py",
                label=f"All {len(asked.found):,}",
                icon=":material/arrow_back:",
                query_params=dict(asked.all),
            )
        if source is not None:
            st.page_link(
                "pages/Picture.py",
                label="Picture",
                icon=":material/image:",
                query_params={"id": source.asset.id},
            )
        recipe_of(asked)
        if any(one.behind for one in asked.found):
            st.segmented_control(
                "Begin from",
                ("raw", "finished"),
                format_func={"raw": "What it came from", "finished": "As it is"}.__getitem__,
                required=True,
                **addresses.one_of("begin", ("raw", "finished"), unsaid="raw"),
            )


def recipe_of(asked: Asked) -> str:
    """The style whose recipe is proposed, as it is chosen."""
    styles = sorted({version.style for version in record_cache.versions()} | {asked.style} - {""})
    if not styles:
        return ""
    first = asked.style or styles[0]
    return str(
        st.selectbox(
            "Recipe of",
            styles,
            width=220,
            **addresses.one_of("recipe", styles, first=first, key="finish-recipe"),
        )
    )


def style_of(asked: Asked) -> str:
    """The style whose recipe is proposed, and whose real art is beside."""
    return st.query_params.get("recipe", asked.style)


def proposal(studio: context.Studio, asked: Asked) -> Proposal:
    """How the picture was finished by hand, else the style's recipe."""
    source = asked.one if len(asked.found) == 1 else None
    if source is not None and source.begun != source.asset.id:
        if steps := finishing.steps_of(source.asset):
            return Proposal(steps, "How it was finished")
    style = style_of(asked)
    # A file from elsewhere may be enlarged or soft; what a style draws is as its recipe knows it.
    grid = "found" if source is not None and source.asset.recipe.get("file") else "recipe"
    says = f"The recipe of {style}" if style else "Nothing"
    return Proposal(Steps(_recipe(style), grid=grid), says)


def _recipe(style: str) -> Recipe:
    """What finishes the style's pictures now; of a painted style, and without a version, nothing
    does."""
    held = style_recipes.current(session.studio().engine, style) if style else None
    if held is not None and held.recipe is not None:
        return held.recipe
    newest = next(iter(record_cache.versions(style)), None) if style else None
    return (newest and _of_dataset(style, newest.number)) or PLAIN


@st.cache_data(max_entries=64, show_spinner="Reading the style's colours")
def _of_dataset(style: str, number: int) -> Recipe | None:
    """Never another: what a version learned from does not change."""
    version = next(one for one in record_cache.versions(style) if one.number == number)
    return recipes.of_dataset(session.studio(), version)


def told(draft: Draft, proposal: Proposal, kept: bool) -> None:
    """What is proposed, whether it was changed by hand, and two ways to begin anew."""
    if draft.at is None:
        st.caption(f"{ui.plain(proposal.says)} is proposed. Below it is changed by hand.")
    if draft.at is None or not kept:
        drafts.tell(draft)
    else:
        st.button("Back to what is proposed", type="tertiary", on_click=drafts.drop, args=(draft,))
    nothing = steps_draft.flat(NOTHING)
    if any(drafts.value(draft, name) != usual for name, usual in nothing.items()):
        st.button(
            "No step at all",
            type="tertiary",
            on_click=steps_draft.put_all,
            args=(draft, NOTHING),
            **ui.only(RIGHT, help="To begin from nothing instead of from what is proposed."),
        )


def buttons(source: Source, draft: Draft, steps: Steps) -> None:
    """The cleaning steps by a key each, with how many pixels each would change."""
    with st.container(horizontal=True, gap="small"):
        for key, (label, name, value, without) in STEPS.items():
            on = drafts.value(draft, name) == value
            new = without if on else value
            count = _changed(source, steps, _with(steps, name, new))
            st.button(
                f"{label} ({count} px)" if count is not None else label,
                key=f"finish-step-{key}",
                shortcut=key,
                type="primary" if on else "secondary",
                on_click=_put,
                args=(draft, name, new),
                **ui.only(RIGHT, help="The number: pixels that differ with and without it."),
            )


def _put(draft: Draft, name: str, value: Any) -> None:
    drafts.put(draft, **{name: value})


def _with(steps: Steps, name: str, value: Any) -> Steps:
    """The steps with one of them otherwise."""
    change = {name: value}
    if name == "broken":
        return replace(steps, **change)
    return replace(steps, recipe=replace(steps.recipe, **change))


def _changed(source: Source, steps: Steps, other: Steps) -> int | None:
    """How many pixels differ between the two; None where that would take too long to see."""
    if source.pixels > MOST_PIXELS:
        return None
    one, two = (finished_previews.preview(source, each).finished for each in (steps, other))
    if one is None or two is None or one.rgba.shape != two.rgba.shape:
        return None
    return int((one.rgba != two.rgba).any(-1).sum())
