"""The desk on which a palette's colours are ordered, edited and gathered into ramps."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio import context
from studio.accounts import unsaved
from studio.errors import StudioError
from studio.finishing import colour_table, palettes, ramp_search
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.palettes import EDIT, Palette
from studio.web import components, drafts, session, ui
from studio.web.drafts import Draft

KEY = "palette-desk"
EARLIER = 5  # revisions that are looked through for what was not saved


def desk(studio: context.Studio, palette: Palette) -> Draft:
    """The colours as they stand, edited or not, and what keeps them."""
    draft = drafts.begin(_subject(palette.mark), {"table": _told(palette.table)})
    why = refusal(palette)
    newest = palettes.get(studio.engine, palette.name)
    st.header("Colours")
    drafts.tell(draft)
    if why:
        st.info(ui.plain(f"{why.message} {why.remedy}"), icon=":material/lock:")
    elif newest != palette:
        st.warning(
            f"Revision {newest.revision} by {ui.plain(newest.by)} is the newest. What you save "
            "here takes its place.",
            icon=":material/history:",
        )
    _left_behind(studio, palette)
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
        same = table(draft) == newest.table
        st.button(
            "Save as next revision",
            type="primary",
            on_click=_save,
            args=(newest, draft),
            disabled=same or why is not None,
            help=ui.plain(why.message) if why else None,
        )
        st.button(
            "Find ramps",
            icon=":material/gradient:",
            on_click=_find,
            args=(draft,),
            disabled=why is not None,
            help="Of colours in no ramp yet: chains of growing lightness whose hue turns slowly.",
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
    return None


def _left_behind(studio: context.Studio, palette: Palette) -> None:
    """The way to what the person changed in an earlier revision and did not save."""
    for number in range(palette.newest - 1, max(0, palette.newest - EARLIER), -1):
        mine = _subject(f"{palette.name}@{number}")
        if number != palette.revision and unsaved.find(studio.engine, ui.person(), mine):
            st.page_link(
                "pages/Palettes.py",
                label=f"Your changes of revision {number}, not saved",
                icon=":material/edit_note:",
                query_params={"palette": palette.name, "revision": str(number)},
            )


def _subject(mark: str) -> str:
    return f"palette/{mark}"


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
    if st.session_state[KEY].changed is None:
        return
    # Without it the desk shows the draft again.
    said = st.session_state.pop("palette-said", ("", None))
    new = _told(colour_table.checked(_read(st.session_state[KEY].changed), "The palette"))
    st.session_state["palette-said"] = (said[0], new)
    drafts.put(draft, table=new)


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


def _find(draft: Draft) -> None:
    held = table(draft)
    new = ramp_search.completed(held)
    count = len(new.ramps) - len(held.ramps)
    drafts.put(draft, table=_told(new))
    st.toast(f"{count} ramps found." if count else "No three colours outside of ramps form one.")


def _save(newest: Palette, draft: Draft) -> None:
    kept = palettes.save(
        session.studio().engine,
        newest.name,
        table(draft),
        after=newest.revision,
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
