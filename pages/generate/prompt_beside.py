"""What another tab's prompt and settings, or a picture's, came in place of: nothing is lost."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from studio import context
from studio.generation import prompt_drafts
from studio.web import session, ui

SHOWN = 160  # characters
SAID = {
    "negative": "negative prompt",
    "others": "further styles",
    "start": "another picture to begin from",
    "strength": "style strength",
    "count": "pictures",
}
ALONE = ("start",)  # whose values say nothing
UNSAID = ("part", "mask")  # of the picture to begin from


def tell() -> None:
    """What stands beside, and the ways to have it here or to forget it."""
    found = prompt_drafts.beside(session.studio().engine, ui.person())
    fields = found.fields if found else {}
    other = {name: value for name, value in fields.items() if value != _now(name)}
    if not found or not other:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Typed before: {_said(other)} · until {ui.moment(found.at)}")
        st.button("Exchange", key="other-use", type="tertiary", on_click=_use, args=(other,))
        st.button("Forget it", key="other-not", type="tertiary", on_click=set_aside, args=({},))


def set_aside(fields: Mapping[str, Any]) -> None:
    """Have these stand beside what is in the fields; none: nothing."""
    engine, who = session.studio().engine, ui.person()
    prompt_drafts.set_aside(engine, fields, by=who, now=context.now())


def _use(other: dict[str, Any]) -> None:
    mine = {name: _now(name) for name in other}
    for name in sorted(other, key=lambda name: name == "version"):  # it is of the style
        st.session_state[_key(name)] = other[name]
    set_aside(mine)


def _now(name: str) -> Any:
    return st.session_state.get(_key(name))


def _key(name: str) -> str:
    """Of the field in the session."""
    return f"version of {st.session_state.get('style')}" if name == "version" else name


def _said(other: Mapping[str, Any]) -> str:
    """In words, the prompt first."""
    words = []
    for name in sorted(set(other) - set(UNSAID), key=lambda name: (name != "prompt", name)):
        value, label = other[name], SAID.get(name, name.removeprefix("field "))
        if name in ("prompt", "negative"):
            short = value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
            words.append(f"“{short}”" if name == "prompt" else f"{label} “{short}”")
        elif name in ALONE:
            words.append(label)
        else:
            words.append(f"{label} {', '.join(value) if isinstance(value, list) else value}")
    return ui.plain(", ".join(words) or SAID["start"])
