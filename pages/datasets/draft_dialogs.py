"""What is asked before the draft's steps are taken back, discarded or frozen: a dialog for each.

Which of them is open is a state, since what others change draws the page anew meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.datasets import tab_state
from studio import context
from studio.datasets import drafts
from studio.errors import StudioError
from studio.web import drafts as texts
from studio.web import session, ui
from studio.web.drafts import Draft

OPEN = "draft-dialog"  # in the session: of which dataset, and which of them
Dialogs = Mapping[str, Callable[[], None]]


def button(name: str, which: str, label: str, **shown: Any) -> None:
    """The way to a dialog, for those who may change the draft."""
    may = ui.only("edit datasets")
    st.button(label, on_click=_open, args=(name, which), **shown, **may)


def look(name: str, offered: Dialogs) -> None:
    """The dialog that is open; none where what it asks about is there no more, or while a
    picture's window is open."""
    of, which = st.session_state.get(OPEN, ("", ""))
    if of != name or which not in offered:
        close()
    elif "picture" not in st.query_params:
        offered[which]()


def close() -> None:
    """As a callback, too: none is open any more."""
    st.session_state.pop(OPEN, None)


def _open(name: str, which: str) -> None:
    st.session_state[OPEN] = (name, which)


@st.dialog("Take a step back", on_dismiss=close)
def steps(name: str) -> None:
    """The draft's newest steps, each with a button that takes it back; several in turn."""
    tab_state.lead_on()
    found = drafts.history(session.studio().engine, name)
    if not found:
        st.caption("No step is left.")
        return
    st.caption("Whoever made a step: what was before comes to light again.")
    for step in found:
        line, back = st.columns([5, 1], vertical_alignment="center")
        line.markdown(f"{ui.plain(step.says)}  \n:small[{ui.plain(step.by)}, {ui.moment(step.at)}]")
        back.button(
            "Undo",
            key=f"undo-{step.id}",
            on_click=_undo,
            args=(name, step.id),
            **ui.only("edit datasets"),
        )


def _undo(name: str, step: int) -> None:
    drafts.undo(session.studio().engine, name, step, by=ui.person())


@st.dialog("Discard the draft", on_dismiss=close)
def discard(name: str, says: str, by: str, upto: int) -> None:
    """Whether all of it goes, of which `says` is a line, by whom (`by`), up to the step that
    the person saw."""
    tab_state.lead_on()
    st.markdown(
        f"**{ui.plain(says)}**, by {ui.plain(by)}. Everything that waits goes, also what others "
        "wrote."
    )
    st.button(
        "Discard it",
        type="primary",
        key="draft-discard-now",
        on_click=_discard,
        args=(name, upto),
        **ui.only("edit datasets"),
    )


def _discard(name: str, upto: int) -> None:
    drafts.discard(session.studio().engine, name, by=ui.person(), now=context.now(), upto=upto)
    _done()


@st.dialog("Freeze a version", on_dismiss=close)
def freeze(name: str, says: str) -> None:
    """A line about what changed, and the button that makes the version."""
    tab_state.lead_on()
    typed = texts.begin(f"freeze/{name}", {"says": ""})
    st.markdown(
        f"**{ui.plain(says)}.** It becomes the newest version of {ui.plain(name)}; a version never "
        "changes, and trainings name the one that they learned from."
    )
    texts.tell(typed)
    st.text_input(
        "What changed, in a line", max_chars=200, placeholder=says, **texts.field(typed, "says")
    )
    st.button(
        "Freeze",
        type="primary",
        key="draft-freeze",
        on_click=_freeze,
        args=(name, typed),
        **ui.only("edit datasets"),
    )


def _freeze(name: str, typed: Draft) -> None:
    studio, says = session.studio(), texts.value(typed, "says")
    _done()
    try:
        made = drafts.freeze(
            studio.engine, studio.home, name, says=says, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["draft-wrong"] = error
        return
    texts.drop(typed)
    st.session_state["frozen"] = (made.digest, f"Version {made.version} is there: {made.says}")
    tab_state.go("Pictures")


def _done() -> None:
    """Close it, and have the page behind it drawn anew."""
    close()
    tab_state.draw_anew()
