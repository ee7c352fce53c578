"""The history: everything that was made, by filters that stand in the address, on a wall of
posters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.gallery import address as gallery_address
from pages.props import relatives
from studio import context
from studio.assets import verdicts
from studio.web import addresses, components, ui
from studio.workflows import prop_files, prop_history
from studio.workflows.prop_history import Filters, Item

KEY = "props-wall"
SIDES = {"Small": 96, "Medium": 160, "Large": 256}
COSTS = {"": "Any cost", "paid": "Paid for", "free": "Free"}
ALL = ""


@st.fragment
def show(studio: context.Studio) -> None:
    """Filters and the wall; only this part is drawn anew while somebody looks through it."""
    filters = _filters(studio)
    page = ui.number_of("page") or 1
    found = prop_history.found(studio.engine, filters, page)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{found.total:,}** found", width="content")
        side = st.segmented_control(
            "Size",
            list(SIDES),
            required=True,
            label_visibility="collapsed",
            width="content",
            **addresses.one_of("side", list(SIDES), first="Medium", key="props-side"),
        )
        if found.pages > 1:
            pages = range(1, found.pages + 1)
            named = addresses.one_of("page", pages, unsaid=1, key="props-page")
            page = st.pagination(found.pages, **named)
            if page != found.page:
                found = prop_history.found(studio.engine, filters, page)
    if found.items:
        wall(found.items, SIDES[side or "Medium"])
    elif filters != Filters():
        st.info("Nothing fits. Ask for less.")
    else:
        st.info("Nothing was made yet. Begin with a wish or a picture, under Make.")


def wall(items: Sequence[Item], side: int) -> None:
    """The posters; a click opens one on the page of its kind."""
    shown = components.screen("wall")(
        key=KEY,
        data={"tiles": [_tile(one) for one in items], "side": side, "current": ""},
        on_opened_change=lambda: None,
    )
    kinds = {one.id: one.kind for one in items}
    opened = str(shown.opened or "")
    if opened in kinds:
        page, _, said = relatives.address(kinds[opened], opened)[1:].partition("?")
        name, _, value = said.partition("=")
        st.switch_page(f"pages/{page}.py", query_params={name: value})


def _tile(one: Item) -> dict[str, Any]:
    about = [one.kind if one.kind != prop_files.KIND else one.method or one.kind]
    if one.triangles is not None:
        about.append(f"{one.triangles:,} triangles")
    if one.cost is not None:
        about.append(f"{one.cost}{' with its job' if one.of_job else ''}")
    about.append(one.by or "unknown")
    return {
        "id": one.id,
        "kind": one.kind,
        "url": relatives.picture(one.kind, one.id) if one.poster else "",
        "href": relatives.address(one.kind, one.id),
        "width": one.width if one.poster else 0,
        "height": one.height if one.poster else 0,
        "alt": one.said,
        "said": one.name or one.said,
        "about": " · ".join(about),
        "verdict": one.verdict or "",
        "mark": verdicts.NAMES[one.verdict] if one.verdict else "",
    }


def _filters(studio: context.Studio) -> Filters:
    """The fields, and what they ask for."""
    known = prop_history.choices(studio.engine)
    st.text_input(
        "Search prompts and names",
        icon=":material/search:",
        help="Every word must stand in the prompt or the name.",
        **addresses.text("text", key="props-text"),
    )
    places = iter(st.columns(6))
    named = {ALL: "All kinds"} | {kind: kind.replace("_", " ").capitalize() for kind in known.kinds}
    kind = _one(next(places), "Kind", "kind", list(named), lambda one: named.get(one, one))
    ui.gone("style", known.styles, "style {}")
    style = _one(next(places), "Style", "style", [ALL, *known.styles], _or("All styles"))
    method = _one(next(places), "Method", "method", [ALL, *known.methods], _or("All methods"))
    any = {ALL: "Any verdict", **gallery_address.VERDICTS}
    verdict = _one(next(places), "Verdict", "verdict", list(any), lambda one: any[one])
    by = _one(next(places), "Made by", "by", [ALL, *known.people], _or("Anybody"))
    cost = _one(next(places), "Cost", "cost", list(COSTS), lambda one: COSTS[one])
    text = str(st.session_state.get("props-text") or "")
    return Filters(
        style=style,
        kind=kind,
        by=by,
        method=method,
        verdict=verdict,
        cost="paid" if cost == "paid" else "free" if cost == "free" else "",
        text=text,
    )


def _or(all: str) -> Callable[[str], str]:
    return lambda one: one or all


def _one(place: Any, label: str, name: str, options: list[str], shown: Callable[[str], str]) -> str:
    """A filter of one choice; "" asks for all and is left out of the address."""
    field = addresses.one_of(name, options, unsaid=ALL, key=f"props-of-{name}")
    return str(place.selectbox(label, options, format_func=shown, **field))
