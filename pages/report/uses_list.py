"""What the game took: every exported picture with what became of it; one click corrects it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from math import ceil

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.report.chosen import Chosen
from studio import context
from studio.assets import uses as records
from studio.assets.uses import RIGHT, USES
from studio.review.success import SHARE, said
from studio.web import addresses, session, ui
from studio.workflows import uses
from studio.workflows.uses import Listed

A_PAGE, SIDE, MOST_UNREAD = 24, 96, 5  # pictures, pixels, sentences


def shown(studio: context.Studio, asked: Chosen) -> None:
    """How many are used how, the button that looks anew, and each picture."""
    st.caption(
        "Each exported picture is compared with what the studio drew: laid upon each other, in "
        "terms of its palette. Where the settings name the game's folder its file there counts, "
        "else what was handed out. Wrong? One click corrects it."
    )
    st.button(
        "Look what the game has now",
        icon=":material/compare:",
        on_click=_look,
        **ui.only(RIGHT),
    )
    for line in st.session_state.pop("uses-unread", ())[:MOST_UNREAD]:
        st.warning(ui.plain(line), icon=":material/broken_image:")
    found = uses.listing(studio.engine, asked.style, asked.month)
    if not found:
        st.info("Nothing of this was exported.", icon=":material/outbox:")
        return
    counts = Counter(one.use.use if one.use else "not looked at" for one in found)
    told = (f"{use}: {counts[use]:,}" for use in (*USES, "not looked at") if counts[use])
    st.markdown("; ".join(told))
    _listed(found)


def _listed(found: Sequence[Listed]) -> None:
    at = 1
    if (pages := ceil(len(found) / A_PAGE)) > 1:
        at = st.pagination(pages, **addresses.number("page", 1, pages, first=1))
    for one in found[(at - 1) * A_PAGE : at * A_PAGE]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            _one(one)


def _one(one: Listed) -> None:
    picture, use = one.picture, one.use
    ui.pictures([ui.made(picture, "")], SIDE)
    name = picture.name or picture.prompt
    lines = [f"**{ui.plain(name[:80])}**", ui.plain(one.path)]
    if one.exported is None:
        lines.append("Painted over; not exported yet.")
    if use is None:
        lines.append("Not looked at yet.")
        st.markdown("  \n".join(filter(None, lines)))
        return
    lines.append(_measured(use))
    st.markdown("  \n".join(filter(None, lines)))
    key = f"use-{picture.id}"
    st.session_state[key] = use.use
    st.segmented_control(
        f"What became of {name[:80]}",
        list(USES),
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_correct,
        args=(picture.id, key),
        **ui.only(RIGHT),
    )


def _measured(use: records.Use) -> str:
    parts = [f"measured: {use.measured}"]
    if use.recoloured:
        parts.append(f"{said(use.recoloured, SHARE)} recoloured")
    if use.redone and use.measured != "dropped":
        parts.append(f"{said(use.redone, SHARE)} drawn anew")
    if use.moved != (0, 0):
        parts.append(f"moved by {use.moved[0]}, {use.moved[1]} pixels")
    if use.corrected_by:
        parts.append(f"corrected by {ui.plain(use.corrected_by)}")
    return ", ".join(parts)


def _look() -> None:
    done("The exported pictures were compared.", _looked)


def _looked(engine: Engine, *, by: str, now: datetime) -> None:
    found = uses.look(session.studio(), by=by, now=now)
    left = [f"{found.left:,} more wait: press the button again."] if found.left else []
    st.session_state["uses-unread"] = (*left, *found.unread)


def _correct(id: str, key: str) -> None:
    done("It is corrected.", records.correct, id, st.session_state[key])
