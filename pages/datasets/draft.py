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
from studio.web import drafts as texts
from studio.web import session, ui
from studio.web.drafts import Draft

SEEN = "draft-seen"  # the newest step on this person's screen


def write(name: str, changes: Sequence[Change], says: str, key: str | None = None) -> bool:
    """Put changes into the draft, as a callback; tell whose edits were written over. False where
    they can't be, which `bar` then says."""
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
        return False
    if written.over:
        st.session_state["draft-said"] = _over(written.over)
    return True


def wrong() -> None:
    """Say why the last change was not taken."""
    if error := st.session_state.pop("draft-wrong", None):
        ui.failed(error)


def bar(name: str, digest: str) -> None:
    """What waits in the draft, and what can be done with it."""
    studio = session.studio()
    st.session_state[SEEN] = drafts.mark(studio.engine, name)[0]
    st.session_state["draft-drawn"] = drafts.mark(studio.engine, name)
    if said := st.session_state.pop("draft-said", None):
        st.toast(ui.plain(said), icon=":material/edit_note:", duration="long")
    if "picture" not in st.query_params:  # its window says what went wrong there
        wrong()
    says = tab_state.summary(name, digest)
    steps = drafts.history(studio.engine, name)
    if not says:
        _all_frozen(name, digest, steps)
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


def _all_frozen(name: str, digest: str, steps: Sequence[drafts.Step]) -> None:
    """Nothing waits: the newest version is what there is, and is ready to be learned from."""
    made, said = st.session_state.get("frozen", ("", ""))
    with st.container(horizontal=True, vertical_alignment="center"):
        if made == digest:
            st.markdown(f":green[:material/ac_unit:] **{ui.plain(said)}**")
        else:
            st.caption(
                "What you change waits in a draft that everybody sees, until somebody freezes it "
                "as a version."
            )
        if steps:  # all is as it was before them, and yet they can be wanted back
            with st.popover("Undo", icon=":material/undo:"):
                _history(name, steps)
        st.page_link(
            "pages/Train.py",
            label="Train on this version",
            icon=":material/model_training:",
            query_params={"data": name},
        )


def _freezing(name: str, says: str) -> None:
    st.button(
        "Freeze a version",
        icon=":material/ac_unit:",
        type="primary",
        key="draft-open",
        on_click=_open,
        args=(name,),
        **ui.only("edit datasets"),
    )
    # A state, since another's change draws the page anew meanwhile; of two windows one is open.
    if st.session_state.get("freezing") == name and "picture" not in st.query_params:
        _window(name, says)


@st.dialog("Freeze a version", on_dismiss=lambda: _close())
def _window(name: str, says: str) -> None:
    if st.session_state.get("redraw"):
        st.rerun()
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


def _open(name: str) -> None:
    st.session_state["freezing"] = name


def _close() -> None:
    st.session_state.pop("freezing", None)


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


def _freeze(name: str, typed: Draft) -> None:
    studio, says = session.studio(), texts.value(typed, "says")
    _close()
    st.session_state["redraw"] = True
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


def _over(over: Sequence[Edit]) -> str:
    first = over[0]
    more = f" and {len(over) - 1} more" if len(over) > 1 else ""
    return (
        f"{first.by} had just set this {first.field} to “{str(first.value)[:80]}”{more}; yours "
        "holds now. Undo takes it back."
    )
