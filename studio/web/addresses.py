"""What is chosen on a page stands in its address, defaults too: a link leads to the same thing
whatever came since, and the browser's Back undoes a choice.

Each function is for one field, of this key, and is called where the field is drawn:

    style = st.selectbox("Style", styles, **addresses.one_of("style", styles))

The address leads when a page is come to, by a link on the page itself, and on Back and Forward;
otherwise what the person or a callback put into the field does. Streamlit's own
`bind="query-params"` leaves defaults out of the address and makes no steps of history.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from studio import numbers
from studio.errors import StudioError
from studio.web import streamlit_sessions

UNDER_WAY_S = 5.0  # for so long a browser that was told a new address may still send the old one


@dataclass(frozen=True)
class Noted:
    """What was last written into the address under a name: by which field; and until when a
    browser may still send which text of before."""

    key: str
    text: str | None
    before: dict[str | None, float]


@dataclass
class Visit:
    """One page, from coming to it to leaving it; whether in this run it was just come to, whether
    the address leads because it was changed from elsewhere, and whether by Back or Forward."""

    page: str
    new: bool = True
    leads: bool = False
    back: bool = False
    noted: dict[str, Noted] = field(default_factory=dict)
    whole: str | None = None  # all of the address, as the last run left it
    before: dict[str, float] = field(default_factory=dict)  # as earlier ones did, and until when


@contextmanager
def visit(page: str) -> Iterator[None]:
    """Around all that is drawn of a page: the address leads where it was changed from elsewhere.
    Of what a callback, or a link on the page itself, made of it the browser is told."""
    kept = st.session_state.get("visit")
    if kept is None or kept.page != page:
        kept = st.session_state["visit"] = Visit(page)
    kept.back = streamlit_sessions.went_back()
    kept.leads = kept.back or any(_changed(*noted) for noted in kept.noted.items())
    came = _whole()
    sent_late = kept.before.get(came, 0.0) > time.monotonic()
    if kept.whole not in (None, came) and not kept.back and not sent_late:
        st.query_params.update()
    try:
        yield
    finally:  # fragments are drawn again without the page
        kept.new = kept.leads = kept.back = False
        if kept.whole not in (None, _whole()):
            kept.before = {**_fresh(kept.before), kept.whole: time.monotonic() + UNDER_WAY_S}
        kept.whole = _whole()


def asked_anew(name: str) -> bool:
    """Whether the address says something under this name that no field wrote there."""
    kept = st.session_state.get("visit", Visit("")).noted.get(name)
    return kept is None or kept.text != st.query_params.get(name)


def one_of(
    name: str,
    options: Sequence[Any],
    *,
    first: Any = None,
    key: str = "",
    unsaid: Any = None,
    empty: bool = False,
    free: bool = False,
    spelled: Callable[[Any], str] = str,
    once: Callable[[Any], str] | None = None,
) -> dict[str, Any]:
    """For a field of one choice: select box, segmented control, tabs, pagination.

    It begins with the address's, else with `first` (else the first option; with `empty` with
    none). Only `unsaid`, which chooses nothing ("All"), is left out of the address. The field is
    called `key` where that is not the address's `name`; `free` lets anything be typed; `once` is
    how older addresses spelled the options."""
    known = {spelled(option): option for option in options}
    older = {once(option): option for option in options} if once else {}

    def read(text: str) -> Any:
        return known.get(text, older.get(text, (text or None) if free else None))

    def spell(value: Any) -> str | None:
        return None if value is None or value == unsaid else spelled(value)

    def holds(value: Any) -> bool:
        return empty if value is None else free or value in known.values()

    usual = first if empty or first in known.values() else next(iter(options), None)
    return _field(name, key or name, read, spell, holds, usual)


def some_of(
    name: str, options: Sequence[Any], first: Sequence[Any] = (), *, key: str = ""
) -> dict[str, Any]:
    """For a field of several choices, which stand in the address with commas between them."""
    known, kept = {str(option): option for option in options}, st.session_state.get(key or name)
    if isinstance(kept, list) and not all(one in known.values() for one in kept):
        st.session_state[key or name] = [one for one in kept if one in known.values()]

    def read(text: str) -> list[Any] | None:
        found = [known[one] for one in text.split(",") if one in known]
        return found if found or not text else None

    def spell(value: list[Any]) -> str:
        return ",".join(map(str, value))

    def holds(value: Any) -> bool:
        return isinstance(value, list)

    usual = [one for one in first if one in known.values()]
    return _field(name, key or name, read, spell, holds, usual)


def text(name: str, *, key: str = "") -> dict[str, Any]:
    """For a field that is typed into. Typing makes no step of history where the name is one of
    `index_html.TYPED`."""

    def spell(value: str) -> str | None:
        return value or None

    def holds(value: Any) -> bool:
        return isinstance(value, str)

    return _field(name, key or name, str, spell, holds, "")


def flag(name: str, *, key: str = "") -> dict[str, Any]:
    """For a toggle or a checkbox, which is off unless the address says "true"."""

    def spell(value: bool) -> str | None:
        return "true" if value else None

    def holds(value: Any) -> bool:
        return isinstance(value, bool)

    return _field(name, key or name, lambda said: said.lower() == "true", spell, holds, False)


def number(name: str, low: float, high: float, *, first: float, key: str = "") -> dict[str, Any]:
    """For a field of one number from `low` to `high`: of whole ones where `first` is whole."""
    whole = isinstance(first, int)

    def read(text: str) -> float | None:
        try:
            found = numbers.number(name, text, low, high)
        except StudioError:
            return None
        return int(found) if whole else found

    def spell(value: float) -> str:
        return str(value) if whole else f"{value:g}"

    def holds(value: Any) -> bool:
        return isinstance(value, int | float) and low <= value <= high

    return _field(name, key or name, read, spell, holds, first)


def _field(
    name: str,
    key: str,
    read: Callable[[str], Any],
    spell: Callable[[Any], str | None],
    holds: Callable[[Any], bool],
    first: Any,
) -> dict[str, Any]:
    """Settle what the field holds, write it into the address, and name the field. `read` gives
    None for a text that is no value of it, `spell` for a value that is not said."""
    state, kept = st.session_state, st.session_state.setdefault("visit", Visit(""))
    noted, said = kept.noted.get(name), st.query_params.get(name)
    asked = None if said is None else read(said)
    had = key in state and holds(state[key])
    own = noted is not None and noted.key == key
    moved = own and had and spell(state[key]) != noted.text
    if noted is None and had and not (kept.new or kept.leads):  # put there by a callback
        value = state[key]
    elif noted is None:
        value = asked if asked is not None else state[key] if had else first
    elif kept.back or (kept.leads and not moved):
        value = first if asked is None else asked
    elif had:
        value = state[key]
    else:  # what another field left in the address is not this one's
        value = asked if own and asked is not None else first
    if key not in state or state[key] != value:  # set anew it would take letters from who types
        state[key] = value
    told = spell(value)
    if noted is None or not own or noted.text != told:
        before = _fresh(noted.before) if noted else {}
        kept.noted[name] = Noted(key, told, {**before, said: time.monotonic() + UNDER_WAY_S})
    if told is None:
        st.query_params.pop(name, None)
    elif said != told:
        st.query_params[name] = told
    return {"key": key}


def _whole() -> str:
    """All that the address says."""
    return urlencode(sorted(st.query_params.to_dict().items()))


def _fresh(before: dict[Any, float]) -> dict[Any, float]:
    now = time.monotonic()
    return {one: end for one, end in before.items() if end > now}


def _changed(name: str, noted: Noted) -> bool:
    """Whether the address says something else than was written, now or just before."""
    said = st.query_params.get(name)
    return said != noted.text and noted.before.get(said, 0.0) < time.monotonic()
