"""The draft above the pictures: what waits, whose it is, back a step, freeze, discard."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import streamlit as st

from pages.datasets import draft_dialogs, tab_state
from studio import context
from studio.datasets import drafts
from studio.datasets.edits import Change, Edit
from studio.errors import StudioError
from studio.web import session, ui

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
    elif not steps:  # withdrawals alone: nobody can take them back here
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{ui.plain(says)}**, withdrawn since this version was frozen. A frozen version "
                "keeps them, and nothing is trained on it any more."
            )
            tab_state.link("Show them", "Pictures", key="draft-show", show="Removed in the draft")
            _freezing(name)
    else:
        _waiting(name, says, steps)
    _dialogs(name, says, steps)


def _waiting(name: str, says: str, steps: Sequence[drafts.Step]) -> None:
    """Whose steps wait, and the ways to take them back, discard and freeze them."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Draft:** {ui.plain(says)}  \n"
            f":small[by {ui.plain(_makers(steps))}, last at {ui.moment(steps[0].at)}]"
        )
        tab_state.link("Show them", "Pictures", key="draft-show", show="Changed in the draft")
        _undoing(name)
        draft_dialogs.button(
            name, "discard", "Discard …", icon=":material/delete_sweep:", key="draft-discard"
        )
        _freezing(name)


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
            _undoing(name)
        st.page_link(
            "pages/Train.py",
            label="Train on this version",
            icon=":material/model_training:",
            query_params={"data": name},
        )


def _undoing(name: str) -> None:
    draft_dialogs.button(name, "steps", "Undo …", icon=":material/undo:", key="draft-steps")


def _freezing(name: str) -> None:
    draft_dialogs.button(
        name,
        "freeze",
        "Freeze a version",
        icon=":material/ac_unit:",
        type="primary",
        key="draft-open",
    )


def _dialogs(name: str, says: str, steps: Sequence[drafts.Step]) -> None:
    """The one that is open, of those that there is anything for."""
    upto, by = st.session_state[SEEN], _makers(steps)
    offered: dict[str, Callable[[], None]] = {"steps": lambda: draft_dialogs.steps(name)}
    if says:
        offered["freeze"] = lambda: draft_dialogs.freeze(name, says)
    if says and steps:
        offered["discard"] = lambda: draft_dialogs.discard(name, says, by, upto)
    draft_dialogs.look(name, offered)


def _makers(steps: Sequence[drafts.Step]) -> str:
    """Who made them, each once."""
    return ", ".join(dict.fromkeys(step.by for step in steps))


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


def _over(over: Sequence[Edit]) -> str:
    first = over[0]
    more = f" and {len(over) - 1} more" if len(over) > 1 else ""
    return (
        f"{first.by} had just set this {first.field} to “{str(first.value)[:80]}”{more}; yours "
        "holds now. Undo takes it back."
    )
