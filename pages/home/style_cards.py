"""A card a style: its pictures, what is in production, what waits there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.assets.search import Wanted
from studio.evaluation import contact_sheet
from studio.generation.gallery_table import Picture, search
from studio.jobs.table import Job
from studio.registry import rollout_records
from studio.registry.models import Version
from studio.web import ui
from studio.web.markup import Shown
from studio.workflows.model_kinds import table as kinds
from studio.workflows.style_overview import Overview

MOST = 12  # cards
IN_A_LINE, FEWEST, SIDE = 10, 3, 96  # pictures of all cards beside each other, of one; pixels
BESIDE, NARROWEST = 4, 240  # cards at most, and pixels of one


def cards(studio: context.Studio, found: Sequence[Overview], running: Sequence[Job]) -> None:
    """One card a style, those in production first."""
    beside = min(BESIDE, len(found))
    with st.grid(beside, min_column_width=NARROWEST, gap="medium"):
        for place, one in enumerate(found[:MOST]):
            with st.container(border=True, key=f"style-card-{place}"):
                mine = [job for job in running if job.payload.get("style") == one.style]
                _card(studio, one, mine, max(FEWEST, IN_A_LINE // beside))
    if len(found) > MOST:
        st.page_link(
            "pages/Registry.py",
            label=f"And {len(found) - MOST:,} more styles",
            icon=":material/inventory_2:",
        )


def _card(studio: context.Studio, one: Overview, running: Sequence[Job], most: int) -> None:
    version = one.live or one.newest
    shown = _drawn(studio, version, most) or _sheet(studio, version, most)
    if shown:
        ui.shelf(shown, SIDE)
    else:
        st.caption("Nothing was drawn with it yet.")
    with st.container(gap=None):
        _words(one, version, running)
    with st.container(horizontal=True):
        if one.live and kinds.draws(version):
            st.page_link(
                "pages/Generate.py",
                label="Draw" if ui.may("generate") else "Look",
                icon=":material/brush:",
                query_params={"style": one.style},
            )
        st.page_link(
            "pages/Registry.py",
            label="Versions",
            icon=":material/inventory_2:",
            query_params={"style": one.style, "version": str(version.number)},
        )


def _words(one: Overview, version: Version, running: Sequence[Job]) -> None:
    """The style, what is in production since when and why (of which a phone shows two lines:
    studio.css), what waits."""
    state = f"version {version.number} is in production" if one.live else "not in production yet"
    st.markdown(f"**{ui.plain(one.style)}**  \n{state}")
    if told := one.promoted:
        why = ui.plain(told.why[:120])
        st.caption(f"Since {ui.moment(told.at)}, by {ui.plain(told.by)}: {why}")
    if waits := _waits(one, running):
        st.markdown("  \n".join(f":orange[●] {ui.plain(line)}" for line in waits))


def _waits(one: Overview, running: Sequence[Job]) -> list[str]:
    """What goes on in the style or waits for somebody, a line each."""
    lines = []
    if one.requests:
        lines.append(f"{_counted(one.requests, 'request')} for production")
    if one.candidates:
        newer = "newer " if one.live else ""
        lines.append(f"{_counted(one.candidates, f'{newer}candidate')} to decide on")
    if one.rollout:
        shares = rollout_records.shares(one.rollout)
        lines.append(f"version {one.rollout.version} is rolled out to {shares}")
    if running:
        lines.append(f"{_counted(len(running), 'job')} at work or waiting")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _drawn(studio: context.Studio, version: Version, most: int) -> list[Shown]:
    """The newest pictures of a version: approved ones first, rejected ones never."""
    found: list[Picture] = []
    for verdict in ("approved", "open"):
        wanted = Wanted(style=version.style, version=version.number, verdict=verdict)
        found += search(studio.engine, wanted, size=most - len(found)).found
        if len(found) >= most:
            break
    return [ui.made(one, "") for one in found]


def _sheet(studio: context.Studio, version: Version, most: int) -> list[Shown]:
    """What the version drew of its test sheet: each prompt once."""
    folder = contact_sheet.folder_of(studio.home, version.style, version.number)
    sheet = contact_sheet.read_sheet(folder)
    if sheet is None:
        return []
    once = {cell.prompt: cell for cell in reversed(sheet.cells)}
    at = (folder / "sheet.json").stat().st_mtime_ns
    width, height = contact_sheet.size(folder)
    where = f"/picture/sheet/{version.style}/{version.number}"
    href = f"/Evaluate?style={version.style}&versions={version.number}"
    return [
        Shown(f"{where}/{cell.version}?at={at}", "", width, height, alt=cell.prompt, href=href)
        for cell in list(reversed(once.values()))[:most]
    ]
