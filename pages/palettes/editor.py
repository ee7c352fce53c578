"""The desk on which a palette's colours are ordered, edited and gathered into ramps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from studio import context
from studio.errors import StudioError
from studio.finishing import colour_table, palettes, ramp_search
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.palettes import EDIT, Palette
from studio.web import components, drafts, session, ui
from studio.web.drafts import Draft

KEY = "palette-desk"


def desk(studio: context.Studio, palette: Palette) -> Draft:
    """The colours as they stand, edited or not, and what keeps them."""
    draft = drafts.begin(f"palette/{palette.mark}", {"table": _told(palette.table)})
    why = refusal(palette)
    drafts.tell(draft)
    if why:
        st.info(ui.plain(f"{why.message} {why.remedy}"), icon=":material/lock:")
    components.screen("palette")(
        key=KEY,
        data={
            "table": drafts.value(draft, "table"),
            "mark": _mark(palette, draft),
            "editable": why is None,
        },
        on_changed_change=lambda: _changed(draft),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        same = table(draft) == palette.table
        st.button(
            "Save as next revision",
            type="primary",
            on_click=_save,
            args=(palette, draft),
            disabled=same or why is not None,
            help=ui.plain(why.message) if why else None,
        )
        st.button(
            "Find ramps",
            icon=":material/gradient:",
            on_click=_find,
            args=(draft,),
            disabled=why is not None,
            help="Chains of growing lightness whose hue turns slowly replace the ramps.",
        )
    with st.form("palette-copy", border=False, enter_to_submit=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                "Save under another name",
                max_chars=palettes.NAME,
                key="palette-copy-name",
                **ui.only(EDIT),
            )
            if st.form_submit_button("Save a copy", **ui.only(EDIT)) and name.strip():
                _copy(palette, draft, name)
    return draft


def table(draft: Draft) -> ColourTable:
    """The colours as they stand on the desk."""
    held = drafts.value(draft, "table")
    ramps = tuple(Ramp(one["name"], tuple(one["places"])) for one in held["ramps"])
    return ColourTable(tuple(held["colours"]), tuple(held["names"]), ramps)


def refusal(palette: Palette) -> StudioError | None:
    """Why the person can't change this palette; None where they can."""
    if not ui.may(EDIT):
        said = ui.only(EDIT)["help"]
        return StudioError("You can look at it.", str(said))
    if palette.withdrawn_by:
        return StudioError(f"{palette.name} was withdrawn by {palette.withdrawn_by}.")
    if palette.locked:
        return palettes.locked(palette)
    if palette.revision != palette.newest:
        return StudioError(
            f"This is revision {palette.revision} of {palette.newest}.",
            "Save a copy, or change the newest.",
        )
    return None


def _told(held: ColourTable) -> dict[str, Any]:
    return {
        "colours": list(held.colours),
        "names": list(held.names),
        "ramps": [{"name": one.name, "places": list(one.places)} for one in held.ramps],
    }


def _mark(palette: Palette, draft: Draft) -> str:
    """Changes where the desk is to show something else than the browser sent last."""
    state, now = st.session_state, drafts.value(draft, "table")
    if state.get("palette-said") != (palette.mark, now):
        state["palette-said"] = (palette.mark, now)
        state["palette-count"] = state.get("palette-count", 0) + 1
    return f"{palette.mark}:{state['palette-count']}"


def _changed(draft: Draft) -> None:
    """What the browser says the table is now; what is no palette is refused and put back."""
    held = st.session_state[KEY].changed
    new = colour_table.checked(_read(held), "The palette")
    _put(draft, _told(new), said=held)


def _read(held: Any) -> ColourTable:
    """StudioError where the browser sent something else than a table."""
    try:
        ramps = tuple(
            Ramp(str(one["name"]), tuple(map(int, one["places"]))) for one in held["ramps"]
        )
        colours, names = (tuple(map(str, held[key])) for key in ("colours", "names"))
    except (KeyError, TypeError, ValueError) as error:
        raise StudioError("The palette was not understood.", "Load the page again.") from error
    return ColourTable(colours, names, ramps)


def _put(draft: Draft, new: Mapping[str, Any], said: Any = None) -> None:
    if said is not None:
        mark = st.session_state["palette-said"][0]
        st.session_state["palette-said"] = (mark, new)
    drafts.put(draft, table=dict(new))


def _find(draft: Draft) -> None:
    held = table(draft)
    new = ColourTable(held.colours, held.names, ramp_search.found(held.colours))
    _put(draft, _told(new))
    st.toast(f"{len(new.ramps)} ramps found." if new.ramps else "No three colours form a ramp.")


def _save(palette: Palette, draft: Draft) -> None:
    kept = palettes.save(
        session.studio().engine,
        palette.name,
        table(draft),
        after=palette.revision,
        source="the page Palettes",
        by=ui.person(),
        now=context.now(),
    )
    drafts.drop(draft)
    st.query_params.pop("revision", None)
    st.toast(f"Saved as {ui.plain(kept.mark)}.")


def _copy(palette: Palette, draft: Draft, name: str) -> None:
    try:
        kept = palettes.save(
            session.studio().engine,
            name,
            table(draft),
            after=0,
            source=palette.mark,
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        ui.failed(error)
        return
    st.query_params.clear()
    st.query_params["palette"] = kept.name
    st.rerun()
