"""Fields of a page whose text is kept while it is not saved, per person and subject.

A page says what is saved, draws its fields with `field`, and calls `drop` once they are saved:

    draft = drafts.begin("picture/ab12", {"note": picture.note})
    drafts.tell(draft)
    st.text_area("Note", **drafts.field(draft, "note"))
    ... on_click: save(drafts.value(draft, "note")); drafts.drop(draft)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from studio import context
from studio.accounts import unsaved
from studio.web import components, session, ui


@dataclass(frozen=True)
class Draft:
    """What is saved of a subject ("picture/ID"), JSON values by the names of their fields, and
    when a person typed something else into these (ISO UTC), None where nobody did."""

    subject: str
    saved: dict[str, Any]
    at: str | None


def begin(subject: str, saved: Mapping[str, Any]) -> Draft:
    """Puts into the fields what the person typed before, else what is saved. To be called before
    they are drawn, in every run."""
    state = st.session_state
    held = unsaved.find(session.studio().engine, ui.person(), subject)
    draft = Draft(
        subject, {name: _plain(v) for name, v in saved.items()}, held.at if held else None
    )
    for name, value in draft.saved.items():
        key = _key(subject, name)
        before = state.get(f"{key} was", value)
        # A field that nobody touched follows what is saved meanwhile.
        if key not in state or (_plain(state[key]) == before != value):
            state[key] = held.fields.get(name, value) if held else value
        state[f"{key} was"] = value
    return draft


def field(draft: Draft, name: str) -> dict[str, Any]:
    """For a field: its key, and that a change of it is kept. It gets no value of its own, and no
    `on_change`; what it holds is JSON (text, numbers, lists of texts)."""
    return {"key": _key(draft.subject, name), "on_change": _keep, "args": (draft,)}


def value(draft: Draft, name: str) -> Any:
    """What stands in a field now."""
    return st.session_state.get(_key(draft.subject, name), draft.saved[name])


def put(draft: Draft, **fields: Any) -> None:
    """Put something into fields as if the person had typed it; in a callback."""
    for name, new in fields.items():
        st.session_state[_key(draft.subject, name)] = new
    _keep(draft)


def drop(draft: Draft) -> None:
    """It was saved, or is not wanted: the fields show what is saved. In a callback."""
    unsaved.discard(session.studio().engine, ui.person(), draft.subject)
    for name in draft.saved:
        for key in (_key(draft.subject, name), f"{_key(draft.subject, name)} was"):
            st.session_state.pop(key, None)


def tell(draft: Draft, what: str = "") -> None:
    """Says that a draft is there and offers to discard it; `what` names it where a page has
    several. Once on a page, whatever is typed is sent while it is typed."""
    if draft.at is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":orange-badge[:material/edit_note: Draft{f' of {what}' if what else ''}, "
                f"not saved] {ui.moment(draft.at)}"
            )
            st.button(
                "Discard draft",
                key=f"discard {draft.subject}",
                type="tertiary",
                on_click=drop,
                args=(draft,),
            )
    components.screen("typing")(key=f"typing {draft.subject}", data={})


def _keep(draft: Draft) -> None:
    now = {name: _plain(value(draft, name)) for name in draft.saved}
    new = {name: there for name, there in now.items() if there != draft.saved[name]}
    unsaved.keep(session.studio().engine, ui.person(), draft.subject, new, now=context.now())


def _key(subject: str, name: str) -> str:
    return f"draft {subject} {name}"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
