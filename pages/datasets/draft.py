"""The draft above the pictures: what waits, whose it is, back a step, freeze, discard."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import streamlit as st

from pages.datasets import tab_state
from studio import context
from studio.datasets import drafts
from studio.datasets.edits import Change, Edit
from studio.errors import StudioError
from studio.web import session, ui

SEEN = "draft-seen"  # the newest step on this person's screen


def write(name: str, changes: Sequence[Change], says: str, key: str | None = None) -> None:
    """Put changes into the draft, as a callback; tell whose edits were written over."""
    studio = session.studio()
    try:
        written = drafts.write(
            studio.engine,
            name,
            changes,
            says=says,
            by=ui.person(),
            now=context.now(),
            seen=st.session_state.get(SEEN, 0),
            key=key,
        )
    except StudioError as error:
        st.session_state["draft-wrong"] = error
        return
    if written.over:
        st.session_state["draft-said"] = _over(written.over)


def bar(name: str, digest: str) -> None:
    """What waits in the draft, and what can be done with it."""
    studio = session.studio()
    st.session_state[SEEN] = drafts.mark(studio.engine, name)[0]
    st.session_state["draft-drawn"] = drafts.mark(studio.engine, name)
    if said := st.session_state.pop("draft-said", None):
        st.toast(ui.plain(said), icon=":material/edit_note:", duration="long")
    if wrong := st.session_state.pop("draft-wrong", None):
        ui.failed(wrong)
    says = tab_state.summary(name, digest)
    steps = drafts.history(studio.engine, name)
    if not says:
        st.caption(
            "What you change here waits in a draft that everybody sees, until somebody freezes "
            "it as a version. A version never changes."
        )
        if steps:  # all is as it was before them, and yet they can be wanted back
            with st.popover("Undo", icon=":material/undo:"):
                _history(name, steps)
        return
    if not steps:  # withdrawals alone: nobody can take them back here
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{ui.plain(says)}**, withdrawn since this version was frozen. A frozen version "
                "keeps them, and nothing is trained on it any more."
            )
            tab_state.link("Show them", "Pictures", key="draft-show", show="Removed in the draft")
            _freezing(name, says)
        return
    by = list(dict.fromkeys(step.by for step in steps))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Draft:** {ui.plain(says)}  \n"
            f":small[by {ui.plain(', '.join(by))}, last at {ui.moment(steps[0].at)}]"
        )
        tab_state.link("Show them", "Pictures", key="draft-show", show="Changed in the draft")
        with st.popover("Undo", icon=":material/undo:"):
            _history(name, steps)
        with st.popover("Discard", icon=":material/delete_sweep:"):
            st.markdown("Everything that waits goes, also what others wrote.")
            st.button(
                "Discard the draft",
                key="draft-discard",
                on_click=_discard,
                args=(name, st.session_state[SEEN]),
                **ui.only("edit datasets"),
            )
        _freezing(name, says)


def _freezing(name: str, says: str) -> None:
    with st.popover("Freeze a version", icon=":material/ac_unit:", type="primary"):
        st.text_input("What changed, in a line", key="draft-says", max_chars=200, placeholder=says)
        st.button(
            "Freeze",
            type="primary",
            key="draft-freeze",
            on_click=_freeze,
            args=(name,),
            **ui.only("edit datasets"),
        )


@st.fragment(run_every=5.0)
def news(name: str) -> None:
    """Draws the page anew when somebody else has changed the draft."""
    if drafts.mark(session.studio().engine, name) != st.session_state.get("draft-drawn"):
        st.rerun()


def token(place: str) -> str:
    """A key that stands for one sending of a form; `spent` makes the next one."""
    return str(st.session_state.setdefault(f"token-{place}", secrets.token_hex(8)))


def spent(place: str) -> None:
    """The form was sent."""
    st.session_state.pop(f"token-{place}", None)


def _undo(name: str, step: int) -> None:
    drafts.undo(session.studio().engine, name, step, by=ui.person())


def _history(name: str, steps: Sequence[drafts.Step]) -> None:
    st.caption("Take a step back, whoever made it; what was before comes to light again.")
    for step in steps:
        line, back = st.columns([5, 1], vertical_alignment="center")
        line.markdown(f"{ui.plain(step.says)}  \n:small[{ui.plain(step.by)}, {ui.moment(step.at)}]")
        back.button(
            "Undo",
            key=f"undo-{step.id}",
            on_click=_undo,
            args=(name, step.id),
            **ui.only("edit datasets"),
        )


def _discard(name: str, upto: int) -> None:
    drafts.discard(session.studio().engine, name, by=ui.person(), now=context.now(), upto=upto)


def _freeze(name: str) -> None:
    studio, says = session.studio(), st.session_state["draft-says"]
    try:
        made = drafts.freeze(
            studio.engine, studio.home, name, says=says, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["draft-wrong"] = error
        return
    st.session_state["draft-said"] = f"Version {made.version} is there: {made.says}"
    st.session_state["draft-says"] = ""
    tab_state.go("Pictures")


def _over(over: Sequence[Edit]) -> str:
    first = over[0]
    more = f" and {len(over) - 1} more" if len(over) > 1 else ""
    return (
        f"{first.by} had just set this {first.field} to “{str(first.value)[:80]}”{more}; yours "
        "holds now. Undo takes it back."
    )
