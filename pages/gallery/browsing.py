"""What was made so far, found by filters that stand in the address, on a wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.gallery import actions, address, board_details, chosen, refusals
from pages.gallery.wall import wall
from studio import context
from studio.assets import boards, listing, search
from studio.assets.boards import Board
from studio.assets.search import Wanted
from studio.generation import gallery_table
from studio.web import addresses, session, ui

PAGE = 48
SIDES = {"Small": 96, "Medium": 160, "Large": 256}
COUNTED = {"open": "not judged yet", "approved": "approved", "edit": "to be edited"}
COUNTED |= {"rejected": "rejected"}
STYLES, VERSIONS, ANYBODY = "All styles", "All versions", "Anybody"


@st.fragment
def browse(studio: context.Studio) -> None:
    """Filters, the wall and what can be done with what is chosen; only this part of the page is
    drawn anew while somebody looks through it."""
    refusals.tell()
    there = {board.id: board for board in boards.all_of(studio.engine)}
    filters(studio, there)
    wanted = address.wanted()
    board = there.get(wanted.board)
    if board:
        board_details.header(board)
    counts = search.tally(studio.engine, "", wanted)
    total = sum(counts.values())
    pages = max(1, -(-total // PAGE))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_counted(total, counts), width="content")
        side = st.segmented_control(
            "Size",
            list(SIDES),
            required=True,
            label_visibility="collapsed",
            width="content",
            **addresses.one_of("side", list(SIDES), first="Medium", key="gallery-side"),
        )
        page = 1
        if pages > 1:
            named = addresses.one_of("page", range(1, pages + 1), unsaid=1, key="gallery-page")
            page = st.pagination(pages, **named)
        ways(wanted)
    found = listing.page(studio.engine, wanted, min(page, pages), PAGE)
    if found:
        held = chosen.held()
        wall(found, wanted, SIDES[side or "Medium"], held)
        actions.bar(held, found, wanted, total, board)
    elif address.told(wanted):
        st.info("Nothing fits. Ask for less.")
    else:
        st.info("Nothing was made yet. Draw the first picture.")
        st.page_link("pages/Generate.py", label="Generate", icon=":material/brush:")


def filters(studio: context.Studio, there: dict[str, Board]) -> None:
    """The fields; what they hold is read from the address."""
    styles, people = search.choices(studio.engine, "")
    kinds = search.kinds(studio.engine)
    wide = [3, *[2] * (4 + (len(kinds) > 1) + bool(there))]
    places = iter(st.columns(wide))
    next(places).text_input(
        "Search prompts and names",
        icon=":material/search:",
        help="Every word must stand in the prompt or the name.",
        **addresses.text("text", key="gallery-text"),
    )
    ui.gone("style", styles, "style {}")
    of = _one(next(places), "Style", "style", [STYLES, *styles], STYLES)
    numbers = sorted({n for ns in styles.values() for n in ns}, reverse=True)
    mine = [str(n) for n in styles.get(of, numbers)]
    ui.gone("version", mine, "version {}")
    _one(next(places), "Version", "version", [VERSIONS, *mine], VERSIONS)
    any = {"": "Any verdict", **address.VERDICTS}
    _one(next(places), "Verdict", "verdict", list(any), "", lambda code: any[code])
    _one(next(places), "Made by", "by", [ANYBODY, *people], ANYBODY)
    if len(kinds) > 1:
        named = {"": "All kinds"} | {kind: kind.capitalize() for kind in kinds}
        _one(next(places), "Kind", "kind", list(named), "", lambda kind: named[kind])
    ui.gone("board", there, "board")
    if there:
        names = {"": "Any or none"} | {id: board.name for id, board in there.items()}
        _one(next(places), "Board", "board", list(names), "", lambda id: names[id])


def ways(wanted: Wanted) -> None:
    """What one job made and everything again; judging; pictures from elsewhere."""
    if wanted.job:
        st.button(
            f"Of job {wanted.job}",
            icon=":material/close:",
            on_click=of_every_job,
            help="Shows what one job made. Click to see everything again.",
        )
    if wanted.seam:
        st.button(
            "Cut at a seam",
            icon=":material/close:",
            on_click=of_every_seam,
            help="Shows seamless pictures of which an edge does not fit. Click to see all again.",
        )
    st.page_link(
        "pages/Gallery.py",
        label="Judge one by one",
        icon=":material/keyboard:",
        query_params={"mode": "judge", **address.told(wanted)},
    )
    st.button(
        "Import CLI outputs",
        on_click=take_up,
        type="tertiary",
        help="Looks for pictures that the command line drew into the studio's folder.",
    )


def of_every_job() -> None:
    """No job any more."""
    st.query_params.pop("job", None)


def of_every_seam() -> None:
    """Whatever is said of edges."""
    st.query_params.pop("seam", None)


def take_up() -> None:
    """Pictures that the command line drew, into the gallery."""
    studio = session.studio()
    new = gallery_table.take_up(studio.engine, studio.home, by=ui.person())
    st.toast(f"{new} pictures taken up." if new else "Nothing new was found.")


def _one(
    place: Any,
    label: str,
    name: str,
    options: list[str],
    all: str,
    shown: Callable[[str], str] = str,
) -> str:
    """A filter of one choice; `all` asks for nothing and is left out of the address."""
    named = addresses.one_of(name, options, unsaid=all, key=f"gallery-{name}")
    return str(place.selectbox(label, options, format_func=shown, **named))


def _counted(total: int, counts: dict[str, int]) -> str:
    told = [
        f"{counts[code]:,} {name}"
        for code, name in COUNTED.items()
        if counts.get(code) and counts[code] != total
    ]
    return " · ".join([f"**{total:,}** found", *told])


def page_of(place: int) -> dict[str, str]:
    """The address of the page on which something stands, counted from 1."""
    number = (place - 1) // PAGE + 1
    return {"page": str(number)} if number > 1 else {}
