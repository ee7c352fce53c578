"""Fields of a page whose text is kept while it is not saved, per person and subject.

A page says what is saved, draws its fields with `field`, and calls `drop` once they are saved:

    draft = drafts.begin("picture/ab12", {"note": picture.note})
    drafts.tell(draft)
    st.text_area("Note", **drafts.field(draft, "note"))
    ... on_click: save(drafts.value(draft, "note")); drafts.drop(draft)

Of several tabs each keeps what stands in its own fields, and writes into the draft what it changed.
What one writes over of another's stays beside the draft, and each tells what the other has typed
(`accounts.tabs`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any

import streamlit as st

from studio import context
from studio.accounts import tabs, unsaved
from studio.accounts.tabs import Beside
from studio.web import components, session, ui

SHOWN = 120  # characters of what another tab typed


@dataclass(frozen=True)
class Draft:
    """What is saved of a subject ("picture/ID"), JSON values by the names of their fields; when a
    person typed something else into these (ISO UTC), None where nobody did; what another of their
    tabs had typed in place of what is in the draft now; and what another one has put into it since
    this one kept or found it."""

    subject: str
    saved: dict[str, Any]
    at: str | None
    beside: Beside | None = None
    newer: dict[str, Any] = member(default_factory=dict)


def tab() -> str:
    """A sign of this tab of the browser, for as long as it is open."""
    return str(st.session_state.setdefault("tab sign", secrets.token_hex(4)))


def begin(subject: str, saved: Mapping[str, Any]) -> Draft:
    """Puts into the fields what the person typed before, else what is saved. To be called before
    they are drawn, in every run."""
    state = st.session_state
    held = unsaved.find(session.studio().engine, ui.person(), subject)
    typed = tabs.typed(held)
    now = {name: _plain(value) for name, value in saved.items()}
    known = state.setdefault(_known(subject), {})  # what this tab kept or found last
    for name, value in now.items():
        key = _key(subject, name)
        before = state.get(f"{key} was", value)
        # A field that nobody touched follows what is saved meanwhile.
        if key not in state or (_plain(state[key]) == before != value):
            state[key] = known[name] = typed.get(name, value)
        state[f"{key} was"] = value
    at = held.at if held and typed else None
    newer = {name: value for name, value in typed.items() if value != known.get(name, value)}
    return Draft(subject, now, at, tabs.beside(held), newer)


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
    """What stands in the fields was saved, or is not wanted: they show what is saved. What another
    tab has typed since stays a draft. In a callback."""
    known = st.session_state.get(_known(draft.subject), {})
    shown = {name: (there, _plain(value(draft, name))) for name, there in known.items()}
    tabs.drop(session.studio().engine, ui.person(), draft.subject, shown, now=context.now())
    _forget_fields(draft)


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
                on_click=_discard,
                args=(draft,),
            )
    _tell_of_others(draft)
    components.screen("typing")(key=f"typing {draft.subject}", data={})


def _tell_of_others(draft: Draft) -> None:
    """What another tab typed, before or after, where this one shows something else."""
    if draft.at is not None and (newer := _shown_otherwise(draft, draft.newer)):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"In another tab since {ui.moment(draft.at)}: {_said(newer)}")
            _way(draft, "Have it here", _exchange, newer)
    before = _shown_otherwise(draft, draft.beside.fields) if draft.beside else {}
    before = {name: typed for name, typed in before.items() if name not in draft.newer}
    if draft.beside and before:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"In another tab until {ui.moment(draft.beside.at)}: {_said(before)}")
            _way(draft, "Exchange", _exchange, before)
            _way(draft, "Forget it", _forget)


def _way(draft: Draft, label: str, act: Callable[..., None], *more: Any) -> None:
    key = f"{label} {draft.subject}"
    st.button(label, key=key, type="tertiary", on_click=act, args=(draft, *more))


def _shown_otherwise(draft: Draft, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is neither in the fields nor saved."""
    return {
        name: there
        for name, there in typed.items()
        if name in draft.saved and there not in (_plain(value(draft, name)), draft.saved[name])
    }


def _said(typed: Mapping[str, Any]) -> str:
    words = []
    for name, there in typed.items():
        text = ", ".join(map(str, there)) if isinstance(there, list) else str(there)
        short = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        words.append(name if isinstance(there, dict) else f"{name} “{short}”")
    return ui.plain(", ".join(words))


def _exchange(draft: Draft, typed: Mapping[str, Any]) -> None:
    """These come into the fields; what stood there stays beside, among what does already."""
    mine = {name: _plain(value(draft, name)) for name in typed}
    beside = draft.beside.fields if draft.beside else {}
    put(draft, **typed)
    _put_beside(draft, {**beside, **mine})


def _forget(draft: Draft) -> None:
    _put_beside(draft, {})


def _put_beside(draft: Draft, fields: Mapping[str, Any]) -> None:
    engine, who = session.studio().engine, ui.person()
    tabs.put_beside(engine, who, draft.subject, fields, now=context.now())


def _discard(draft: Draft) -> None:
    unsaved.discard(session.studio().engine, ui.person(), draft.subject)
    _forget_fields(draft)


def _forget_fields(draft: Draft) -> None:
    for name in draft.saved:
        for key in (_key(draft.subject, name), f"{_key(draft.subject, name)} was"):
            st.session_state.pop(key, None)
    st.session_state.pop(_known(draft.subject), None)


def _keep(draft: Draft) -> None:
    state, subject = st.session_state, draft.subject
    now = {name: _plain(value(draft, name)) for name in draft.saved}
    was = state.get(_known(subject), {})
    new = {n: there for n, there in now.items() if there != was.get(n, draft.saved[n])}
    changes = {name: None if draft.saved[name] == there else there for name, there in new.items()}
    engine, who = session.studio().engine, ui.person()
    tabs.keep(engine, who, subject, changes, tab=tab(), was=was, now=context.now())
    state[_known(subject)] = now


def _key(subject: str, name: str) -> str:
    return f"draft {subject} {name}"


def _known(subject: str) -> str:
    return f"known of {subject}"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
