"""The table of a style's versions: one is chosen by a click, some at a time are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from studio import context
from studio.evaluation import contact_sheet, metric_meanings
from studio.registry.models import LORA, Version
from studio.registry.places import Places
from studio.web import addresses, components, ui
from studio.workflows.model_kinds import table as kinds

ROWS = 8  # on one page
STAGES = {
    "All": (),
    "In use": ("production", "staging"),
    "Candidates": ("candidate",),
    "Archived": ("archived",),
}
NEWEST, NEAREST = ORDERS = ("Newest", "Lowest KID")


def look(studio: context.Studio, style: str, found: dict[int, Version], where: Places) -> int:
    """The table; the version that is chosen: the address's, else production, else the newest."""
    ui.gone("version", found, "version {} of this style")
    live = where.state.holder("production")  # which may have been deleted in MLflow
    key = addresses.one_of("version", list(found), first=live, key=f"version-{style}")["key"]
    number = int(st.session_state[key])
    left, right = st.columns(2)
    which = addresses.one_of("stage", list(STAGES), unsaid="All")
    stage = left.selectbox("Stage", list(STAGES), **which)
    order = right.selectbox("Order", ORDERS, **addresses.one_of("order", ORDERS, unsaid=NEWEST))
    shown = [n for n in found if _fits(where, n, STAGES[stage])]
    if order == NEAREST:
        shown.sort(key=lambda n: kid(found[n])[1])
    if not shown:
        st.caption(f"No version is {stage.lower()}.")
        return number
    pages = -(-len(shown) // ROWS)
    first = shown.index(number) // ROWS + 1 if number in shown else 1
    page = 1
    if pages > 1:
        key_of_page = f"list {style} {stage} {order}"
        at = addresses.one_of("list", range(1, pages + 1), first=first, key=key_of_page)
        page = int(st.session_state[at["key"]])
    rows = shown[(page - 1) * ROWS : page * ROWS]
    components.screen("versions")(
        key="versions-table",
        data={
            "current": number,
            "rows": [_row(studio, found[n], where) for n in rows],
        },
        on_chosen_change=lambda: _choose(key),
    )
    if pages > 1:
        st.pagination(pages, max_visible_pages=5, **at)
        st.caption(f"{len(shown):,} versions")
    return number


def kid(version: Version) -> tuple[str, float]:
    """The version's KID as it is shown, and as a number; none is as far as can be."""
    for name, value in version.metrics.items():
        usual = name.startswith("kid_") and "_open_clip_" not in name
        if usual and metric_meanings.stem(name) == name:
            return f"{value:.4f}", value
    return "", float("inf")


def _fits(where: Places, number: int, stages: Sequence[str]) -> bool:
    rolling = where.going is not None and where.going.version == number
    return not stages or where.state.of(number) in stages or (rolling and "production" in stages)


def _row(studio: context.Studio, version: Version, where: Places) -> dict[str, Any]:
    style, number = version.style, version.number
    folder = contact_sheet.folder_of(studio.home, style, number)
    file = folder / "version-000.png"
    picture: dict[str, Any] = {}
    if file.is_file():
        width, height = contact_sheet.size(folder)
        at = file.stat().st_mtime_ns
        url = f"/picture/sheet/{style}/{number}/{file.name}?at={at}"
        picture = {"url": url, "width": width, "height": height}
    return {
        "number": number,
        "href": f"/Registry?style={style}&version={number}",
        "stage": where.state.of(number),
        "place": where.of(number),
        "kid": kid(version)[0],
        "kind": "" if version.kind == LORA else kinds.label(version),
        "made": ui.moment(version.created).partition(",")[0],
        **picture,
    }


def _choose(key: str) -> None:
    st.session_state[key] = int(st.session_state["versions-table"].chosen)
