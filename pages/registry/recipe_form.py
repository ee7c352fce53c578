"""A style's recipe: what is done to everything that it draws, tried on its newest pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from studio import context
from studio.errors import StudioError
from studio.finishing import palettes, recipe_words, style_recipes
from studio.finishing.recipe import OUTLINES, PLAIN, WIDEST, Recipe
from studio.finishing.recipe import written as as_json
from studio.pixels.snapping import DITHERS
from studio.registry.models import Version
from studio.web import drafts, markup, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import recipe_samples, recipes
from studio.workflows.recipes import Held

RIGHT = style_recipes.RIGHT
OWN = "own"  # the colours that the recipe has already
SHOWN, SIDE = 4, 160  # pictures, and pixels a side of each


def look(studio: context.Studio, style: str, versions: Sequence[Version]) -> None:
    """The recipe as it holds, its fields, and four pictures before and after; `versions` has the
    newest first."""
    held = recipes.of_style(studio, style, versions)
    st.caption(
        "What is done, in this order, to every picture that the style draws: on Generate, in "
        "lists, on test sheets and in ballots. The raw picture is kept; the key R shows it."
    )
    st.markdown(f"Now: {ui.plain(held.origin)}")
    draft = drafts.begin(f"recipe/{style}/{held.revision}", _saved(held.recipe or PLAIN))
    left, right = st.columns([2, 3], gap="large")
    with left:
        _fields(studio, held.recipe or PLAIN, draft)
    try:
        changed = _typed(studio, held.recipe or PLAIN, draft)
    except StudioError as error:
        with right:
            ui.failed(error)
    else:
        with right:
            _samples(studio, versions, changed)
        with left:
            _keeping(style, held, draft, changed)
    _revisions(studio, style)


def _saved(recipe: Recipe) -> dict[str, Any]:
    said = recipe_words.typed(recipe)
    plain = {
        name: said[name] for name in ("dither", "outline", "outline_colour", "canvas", "ground")
    }
    whole = {name: getattr(recipe, name) for name in ("native", "outline_width")}
    flags = {
        name: getattr(recipe, name) for name in ("hard_alpha", "strays", "holes", "background")
    }
    palette = OWN if recipe.colours else ""
    return {**plain, **flags, **whole, "palette": palette, "why": ""}


def _fields(studio: context.Studio, recipe: Recipe, draft: Draft) -> None:
    may: dict[str, Any] = ui.only(RIGHT)

    def box(label: str, name: str, help: str) -> None:
        st.checkbox(label, **{**ui.only(RIGHT, help=help), **drafts.field(draft, name)})

    box("Background away", "background", "A plain one, joined to the border.")
    st.number_input(
        "Native size (longer side in native pixels)",
        min_value=0,
        step=1,
        **{
            **ui.only(RIGHT, help="0: as drawn. Pixel art that is drawn larger than it is."),
            **drafts.field(draft, "native"),
        },
    )
    box("Hard alpha", "hard_alpha", "Every pixel wholly there or not at all.")
    offered = palettes.listing(studio.engine)
    own = f"{recipe.palette or 'As it is'}, {len(recipe.colours)} colours"
    named = {OWN: own} if recipe.colours else {}
    named |= {"": "Colours as drawn"}
    named |= {one.mark: f"{one.mark}, {len(one.colours)} colours" for one in offered}
    chosen = drafts.value(draft, "palette")
    named.setdefault(chosen, chosen)  # of a draft; withdrawn since
    st.selectbox(
        "Palette",
        list(named),
        format_func=lambda mark: named.get(mark, mark),
        **{**may, **drafts.field(draft, "palette")},
    )
    if recipe.colours and chosen == OWN:
        st.html(markup.colours(list(recipe.colours)))
    st.selectbox(
        "Dither",
        DITHERS,
        format_func=recipe_words.DITHERS.__getitem__,
        **{**may, **drafts.field(draft, "dither")},
    )
    box("Stray pixels away", "strays", "Those that are plainly noise; a gleam stays.")
    box("Holes closed", "holes", "Single clear pixels within what is drawn.")
    one, two, three = st.columns(3)
    one.selectbox(
        "Outline",
        OUTLINES,
        format_func=recipe_words.OUTLINES.__getitem__,
        **{**may, **drafts.field(draft, "outline")},
    )
    two.text_input(
        "Outline colour",
        placeholder="its own",
        **{**ui.only(RIGHT, help="#rrggbb"), **drafts.field(draft, "outline_colour")},
    )
    three.number_input(
        "Outline width",
        min_value=1,
        max_value=WIDEST,
        step=1,
        **{**may, **drafts.field(draft, "outline_width")},
    )
    one, two = st.columns(2)
    one.text_input(
        "Canvas", placeholder="as drawn, or 32x48", **{**may, **drafts.field(draft, "canvas")}
    )
    two.text_input(
        "Rows free below",
        placeholder="as it stands",
        **{
            **ui.only(
                RIGHT, help="On a canvas: under the figure, which then stands in the middle."
            ),
            **drafts.field(draft, "ground"),
        },
    )


def _typed(studio: context.Studio, recipe: Recipe, draft: Draft) -> Recipe:
    """What the fields come to; StudioError for what can't be."""
    said = {name: drafts.value(draft, name) for name in draft.saved if name != "why"}
    if said["palette"] == OWN:
        del said["palette"]
    typed = {k: ("yes" if v else "no") if isinstance(v, bool) else str(v) for k, v in said.items()}
    return recipe_words.changed(studio.engine, recipe, typed)


def _samples(studio: context.Studio, versions: Sequence[Version], recipe: Recipe) -> None:
    side = recipes.drawn_side(studio, versions[0])
    rows, text = [], as_json(recipe)
    for one in recipe_samples.samples(studio, versions, SHOWN):
        try:
            found = _pair(str(one.file), one.file.stat().st_mtime_ns, text, side, recipe)
        except OSError:  # the file is gone
            continue
        shown = [
            (Shown(two.url, f"{two.colours:,} colours", two.width, two.height, alt=one.says), SIDE)
            for two in found
        ]
        rows.append((one.says, [[picture] for picture in shown]))
    if rows:
        ui.picture_table(["Prompt", "Raw", "Finished"], rows)
    else:
        st.info("The style has no picture yet to try it on: draw some, or measure a version.")


@st.cache_data(max_entries=200, show_spinner=False)
def _pair(
    file: str, at: int, text: str, side: int, _recipe: Recipe
) -> tuple[recipe_samples.Seen, recipe_samples.Seen]:
    """For all sessions, by the file, when it was written, and the recipe as JSON."""
    return recipe_samples.pair(Path(file), _recipe, side)


def _keeping(style: str, held: Held, draft: Draft, changed: Recipe) -> None:
    st.text_input(
        "Why it is changed",
        max_chars=style_recipes.REASON.stop - 1,
        **{
            **ui.only(RIGHT, help="It stands in the style's history."),
            **drafts.field(draft, "why"),
        },
    )
    with st.container(horizontal=True):
        same = changed == (held.recipe or PLAIN)
        st.button(
            "Save recipe",
            type="primary",
            key="recipe-save",
            on_click=_save,
            args=(style, held, draft, changed),
            **ui.only(RIGHT, disabled=same, help="Nothing is changed yet." if same else None),
        )
        if held.revision and held.recipe:
            st.button(
                "Use the dataset's again",
                key="recipe-reset",
                on_click=_save,
                args=(style, held, draft, None),
                **ui.only(RIGHT, help="Forget what was set: hard alpha and the dataset's colours."),
            )
    drafts.tell(draft, "the recipe")


def _save(style: str, held: Held, draft: Draft, recipe: Recipe | None) -> None:
    why = str(drafts.value(draft, "why"))
    try:
        style_recipes.save(
            session.studio().engine,
            style,
            recipe,
            after=held.revision,
            why=why,
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        st.session_state["refused"] = error
    else:
        drafts.drop(draft)
        st.session_state["moved"] = "What is drawn from now on is finished so."


def _revisions(studio: context.Studio, style: str) -> None:
    found = style_recipes.revisions(studio.engine, style)
    if not found:
        return
    with st.expander(f"Revisions ({len(found)})"):
        for one in found:
            does = "the dataset's" if one.recipe is None else _in_words(one.recipe)
            st.markdown(
                f"**{one.revision}** by {ui.plain(one.by)}, {ui.moment(one.at)}: "
                f"{ui.plain(one.why)}  \n{ui.plain(does)}"
            )


def _in_words(recipe: Recipe) -> str:
    steps = recipe_words.steps(recipe)
    return "; ".join(f"{name.lower()} {value}" for name, value in steps) or "nothing is done"
