"""How a picture becomes a prop: three ways side by side, each as it will look; the others under
more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from studio.props.making import Offer
from studio.web import addresses, components, ui

FIRST = 3  # that are shown at once
KEY, FIELD = "props-methods", "props-method"
SIDE, SHOWN = 256, 176  # pixels of a poster, as it is drawn and as it stands beside others


def chosen(offers: Sequence[Offer]) -> Offer:
    """The way that the address says, else the one that suits the picture best."""
    there = {one.method: one for one in offers}
    ui.gone("method", there, "way {} to make a prop of this picture")
    addresses.one_of("method", list(there), key=FIELD)  # the posters are its field
    return there[str(st.session_state[FIELD])]


def show(offers: Sequence[Offer], chosen: Offer, named: str, given: Mapping[str, Any]) -> None:
    """The posters, that of the chosen way with what the person set by hand. A click, or Enter,
    takes one."""
    first = list(offers[:FIRST])
    more = st.toggle(
        "More ways",
        help=f"{len(offers) - FIRST} further ones that suit other pictures better.",
        **addresses.flag("more", key="props-more"),
    )
    shown = list(offers) if more else [*first, *([] if chosen in first else [chosen])]
    components.screen("wall")(
        key=KEY,
        data={
            "tiles": [_tile(one, named, given if one == chosen else {}) for one in shown],
            "side": SHOWN,
            "current": chosen.method,
        },
        on_opened_change=lambda: _take(offers),
    )
    st.markdown(f"**{ui.plain(chosen.label)}**: {ui.plain(chosen.why)}")


def _tile(one: Offer, named: str, given: Mapping[str, Any]) -> dict[str, Any]:
    address = f"/props/preview/{quote(named)}/{quote(one.method)}"
    if given:
        address += f"?settings={quote(json.dumps(dict(given), sort_keys=True))}"
    return {
        "id": one.method,
        "kind": "prop",
        "url": address,
        "href": f"/Props?{urlencode({'id': named, 'method': one.method})}",
        "width": SIDE,
        "height": SIDE,
        "alt": f"{one.label}, as it will look",
        "said": one.label,
        "about": "",
        "verdict": "",
        "mark": "",
    }


def _take(offers: Sequence[Offer]) -> None:
    """As a callback: the way whose poster was clicked."""
    opened = getattr(st.session_state.get(KEY), "opened", None)
    if opened in {one.method for one in offers}:
        st.session_state[FIELD] = str(opened)
