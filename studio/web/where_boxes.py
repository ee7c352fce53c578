"""Where a job is computed, chosen beside the button that asks for it; nothing is shown where no
machine takes such jobs."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.remote import machine_prices, machines
from studio.remote.machines import CHEAPEST, HERE, Machine
from studio.web import session


def shown(kind: str) -> None:
    """The choice for jobs of a kind; it stays as it was made last."""
    engine = session.studio().engine
    known = [one for one in machines.listing(engine) if one.takes(kind)]
    key = _key(kind)
    if not known:
        st.session_state.pop(key, None)
        return
    labels = {one.name: _label(one) for one in known}
    options = [HERE, *([CHEAPEST] if len(known) > 1 else []), *labels]
    if st.session_state.get(key) not in options:
        st.session_state[key] = HERE
    spoken = {HERE: "Here", CHEAPEST: "The cheapest machine that has room", **labels}
    st.selectbox(
        "Where",
        options,
        key=key,
        format_func=spoken.__getitem__,
        help="What computes it. The job, its log and what comes of it are here all the same.",
        persist_state="session",
    )


def chosen(kind: str) -> str:
    """What was chosen for jobs of a kind."""
    return str(st.session_state.get(_key(kind), HERE))


def _label(one: Machine) -> str:
    held = machine_prices.of(session.studio().engine, one.name, context.now())
    price = machine_prices.said(held)
    what = one.said.gpu or one.said.device if one.said else "not tested yet"
    trouble = "does not answer" if one.trouble else ""
    told = ", ".join(filter(None, (what, price, trouble)))
    return f"{one.name}: {told}"


def _key(kind: str) -> str:
    return f"where-{kind}"
