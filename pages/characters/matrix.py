"""The matrix of a character: what is in each cell, the bars of each row, and the ways to draw."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.animate import desk
from pages.characters import starting
from studio import context
from studio.assets import files
from studio.characters import cells, fitting, poses
from studio.characters.cells import Cell, Filled
from studio.characters.characters import Revision
from studio.characters.poses import ACTIONS
from studio.numbers import SEEDS
from studio.sheets.sheet import LEAST_MS, MOST_MS
from studio.web import addresses, ui
from studio.web.markup import Shown
from studio.workflows import character_rows, character_ways
from studio.workflows.character_rows import Row
from studio.workflows.character_ways import STAND, Ways
from studio.workflows.characters import RIGHT

SIDE = 96
NAMES = {"stand": "Standing", "walk": "Walk", "attack": "Attack"}
# Names in the payload, what they are called, their bounds, what they are at first, and help.
STRENGTHS = (
    ("control", "Pose strength", 0.0, 1.5, 1.0, "How strongly the pose leads"),
    ("reference_scale", "Reference strength", 0.0, 1.5, 0.6, "Through the IP-Adapter"),
    ("guidance", "Guidance", 0.0, 50.0, 4.0, "How closely the prompt is followed"),
    ("change", "Change", 0.05, 1.0, 0.35, "Of a reference that is begun from: how much may change"),
)


def show(studio: context.Studio, found: Revision) -> None:
    """All of it."""
    action = st.segmented_control(
        "Action",
        ACTIONS,
        format_func=lambda one: NAMES[one],
        required=True,
        **addresses.one_of("action", ACTIONS, first="walk"),
    )
    rows = character_rows.rows(studio, found.name, action)
    seen = _addresses(studio, [one.asset for row in rows for one in row.filled if one])
    _table(found, rows, seen)
    _bars(rows, action)
    _played(found, rows, action, seen)
    ways = character_ways.ways(studio, found.character, action)
    _drawing(studio, found, rows, action, ways)
    _sheet(found, rows, action)


def _addresses(studio: context.Studio, ids: list[str]) -> dict[str, str]:
    """Where a browser gets these pictures, painted over where they are."""
    used = files.to_use(studio.engine, ids)
    return {id: desk.address(id, one.path) for id, one in used.items()}


def _table(found: Revision, rows: list[Row], seen: dict[str, str]) -> None:
    heads = ["", *(str(cell.pose) for cell in rows[0].cells)]
    table = [
        (
            row.direction,
            [
                [(_shown(found, cell, filled, seen), SIDE)]
                for cell, filled in zip(row.cells, row.filled, strict=True)
            ],
        )
        for row in rows
    ]
    ui.picture_table(heads, table)
    st.caption("A click on a cell chooses it to be drawn again. Empty ones show their pose.")


def _shown(found: Revision, cell: Cell, filled: Filled | None, seen: dict[str, str]) -> Shown:
    side = fitting.side_of(found.character.height)
    if filled is None:
        url = f"/picture/pose/{cell.name}?heads={found.character.heads:g}"
        return Shown(url, "", alt=f"{cell.name} is empty; its pose")
    href = f"/Characters?character={found.name}&action={cell.action}&cells={cell.name}"
    stale = filled.revision != found.revision
    caption = f"revision {filled.revision}" if stale else ""
    url = seen.get(filled.asset, "")
    return Shown(url, caption, side, side, alt=cell.name, href=href)


def _played(found: Revision, rows: list[Row], action: str, seen: dict[str, str]) -> None:
    """A whole row as the game plays it."""
    whole = {row.direction: row for row in rows if row.whole and len(row.cells) > 1}
    if not whole:
        return
    direction = st.segmented_control(
        "Play", list(whole), required=True, **addresses.one_of("play", list(whole))
    )
    row, lasts = whole[str(direction)], poses.duration_ms(action)
    side = fitting.side_of(found.character.height)
    frames = [
        {
            "src": seen.get(filled.asset, ""),
            "box": None,
            "left": 0,
            "top": 0,
            "ms": lasts,
            "name": filled.cell.name,
        }
        for filled in row.filled
        if filled is not None
    ]
    pivot = (side / 2, fitting.ground_of(found.character.height))
    desk.desk(frames, (side, side), key=f"characters-{action}-{direction}", pivot=pivot)


def _bars(rows: list[Row], action: str) -> None:
    """How the pictures of each whole row follow each other."""
    for row in rows:
        if not row.verdicts:
            st.caption(f"{row.direction}: {ui.plain(row.says)}")
            continue
        met = sum(one.met for one in row.verdicts)
        with st.expander(f"{row.direction}: {met} of {len(row.verdicts)} bars met"):
            if action == "attack":
                st.caption("Head and torso of an attack move more than a walk's, and may.")
            for one in row.verdicts:
                sign = ":material/check:" if one.met else ":material/close:"
                state = "met" if one.met else "not met"
                st.markdown(f"{sign} **{one.name}**, {state}: {ui.plain(one.says)}")


def _drawing(
    studio: context.Studio, found: Revision, rows: list[Row], action: str, ways: Ways
) -> None:
    """The buttons that draw, and why one can't."""
    st.header("Draw")
    settings = _settings()
    empty = sum(row.filled.count(None) for row in rows)
    names = [cell.name for cell in cells.all_of(action)]
    chosen = st.multiselect(
        "Cells to draw again", names, **addresses.some_of("cells", names), **ui.only(RIGHT)
    )
    offered = ["pose", "reference"] if action == STAND else ["pose"]
    for way in offered:
        why = ways.refused[way]
        by = "by their poses" if way == "pose" else "from the reference sheet"
        with st.container(horizontal=True):
            _button(
                f"Draw the {empty} empty cells {by}",
                {"character": found.name, "action": action, "way": way, **settings},
                bool(why) or not empty,
                why or (None if empty else "No cell is empty."),
                key=f"characters-draw-{way}",
            )
            _button(
                f"Draw the chosen ones again {by}",
                {"character": found.name, "cells": chosen, "way": way, **settings},
                bool(why) or not chosen,
                why or (None if chosen else "Choose cells first."),
                key=f"characters-redraw-{way}",
            )
        if why:
            st.caption(f":material/block: Not {by}: {ui.plain(why)}")
    if len(chosen) == 1:
        _earlier(studio, found, cells.named(chosen[0]))
    if not ways.refused["pose"]:
        for remark in ways.remarks:
            st.caption(ui.plain(remark))
    if action != STAND and ways.refused["pose"]:
        st.caption(ui.plain(ways.refused["reference"]))


def _earlier(studio: context.Studio, found: Revision, cell: Cell) -> None:
    """What was in a cell before: one of them can be in it again."""
    there = cells.history(studio.engine, found.name, cell)
    seen = _addresses(studio, [one.asset for one in there if one.asset != there[0].asset])
    earlier = {one.asset: one for one in there if one.asset in seen}
    if not earlier:
        return
    st.subheader(f"Earlier in {cell.name}")
    side = fitting.side_of(found.character.height)
    shown = [
        Shown(seen[id], f"seed {one.seed}", side, side, alt=f"{cell.name}, earlier")
        for id, one in earlier.items()
    ]
    ui.pictures(shown, SIDE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asset = st.selectbox(
            "Earlier picture",
            list(earlier),
            format_func=lambda id: _said(earlier[str(id)]),
            key=f"characters-earlier-{cell.stem}",
        )
        st.button(
            "Take it again",
            icon=":material/undo:",
            key="characters-take",
            on_click=starting.take,
            args=(found.name, cell, str(asset)),
            **ui.only(RIGHT),
        )


def _said(one: Filled) -> str:
    return f"seed {one.seed}, by {one.by}, {ui.moment(one.at)}"


def _button(label: str, payload: dict[str, Any], off: bool, help: str | None, key: str) -> None:
    st.button(
        label,
        icon=":material/brush:",
        key=key,
        on_click=starting.ask,
        args=(payload,),
        **ui.only(RIGHT, off, help=help),
    )


def _settings() -> dict[str, Any]:
    """What is said of the drawing; a seed of none is the character's, then the next one."""
    told: dict[str, Any] = {}
    with st.expander("Settings"):
        left, right = st.columns(2)
        seed = left.number_input(
            "Seed",
            0,
            SEEDS - 1,
            value=None,
            placeholder="the character's; again: the next",
            key="characters-seed",
            **ui.only(RIGHT),
        )
        told["steps"] = right.number_input("Steps", 1, 200, 20, key="characters-steps")
        for column, (name, label, low, high, first, help) in zip(
            st.columns(len(STRENGTHS)), STRENGTHS, strict=True
        ):
            told[name] = column.number_input(
                label, low, high, first, 0.05, key=f"characters-{name}", help=help
            )
    if seed is not None:
        told["seed"] = int(seed)
    return told


def _sheet(found: Revision, rows: list[Row], action: str) -> None:
    """Whole rows become an animation sheet, with a tag for each direction."""
    st.header("Sheet")
    whole = [row.direction for row in rows if row.whole]
    lasts = st.number_input(
        "Duration of a frame, ms",
        LEAST_MS,
        MOST_MS,
        poses.duration_ms(action),
        key=f"characters-{action}-ms",
    )
    st.button(
        f"Make a sheet of {', '.join(whole)}" if whole else "Make a sheet",
        type="primary",
        icon=":material/grid_on:",
        key="characters-sheet",
        on_click=starting.ask_sheet,
        args=(found.name, action, int(lasts)),
        **ui.only(RIGHT, not whole, help=None if whole else "No direction is whole yet."),
    )
