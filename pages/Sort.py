"""Judge pictures one after another with the keyboard: a list's, or what a filter found."""

import html
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.generate.picture_walls import painted as painted_over
from pages.generate.picture_walls import wall
from studio import context
from studio.assets import verdicts
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement, Verdict
from studio.errors import StudioError
from studio.generation import gallery_table, reasons
from studio.generation.gallery_table import Picture
from studio.generation.lists import FACTORS
from studio.web import page_frame, session, ui

KEYS: dict[Verdict, str] = {"approved": "A", "edit": "E", "rejected": "X"}
SHEET = 48  # pictures of the contact sheet that are shown at once


@dataclass
class Sorting:
    """This window's way through the pictures: which, where, and what can be undone."""

    wanted: Wanted
    ids: list[str]
    place: int = 0
    reasons: list[str] = field(default_factory=list)
    done: list[tuple[str, Judgement]] = field(default_factory=list)
    refused: StudioError | None = None

    def go(self, place: int) -> None:
        self.place, self.reasons = max(0, min(place, len(self.ids))), []


def begun(studio: context.Studio) -> Sorting:
    """The pictures that the address asks for, kept in their order while they are judged."""
    asked = st.query_params
    wanted = Wanted(
        style=asked.get("style", ""),
        version=ui.number_of("version"),
        verdict=asked.get("verdict", ""),
        by=asked.get("by", ""),
        text=asked.get("text", ""),
        job=ui.number_of("job"),
    )
    held = st.session_state.get("sorting")
    if held is None or held.wanted != wanted:
        ids = gallery_table.ids_of(studio.engine, wanted)
        held = st.session_state["sorting"] = Sorting(wanted, ids)
        open = set(
            gallery_table.ids_of(studio.engine, Wanted(**{**vars(wanted), "verdict": "open"}))
        )
        held.go(next((k for k, id in enumerate(ids) if id in open), 0))
    return held


def say(sorting: Sorting, picture: Picture, verdict: Verdict) -> None:
    """Store a verdict and go on to the next picture."""
    before = picture.judgement
    reasons = () if verdict == "approved" else tuple(sorting.reasons)
    said = Judgement(verdict, reasons, before.note, before.pin)
    if store(sorting, picture, said):
        sorting.done.append((picture.id, before))
        sorting.go(sorting.place + 1)


def undo(sorting: Sorting) -> None:
    """What stood before the last verdict comes back, and its picture is shown."""
    id, before = sorting.done.pop()
    if store(sorting, gallery_table.get(session.studio().engine, id), before):
        sorting.go(sorting.ids.index(id))


def store(sorting: Sorting, picture: Picture, said: Judgement) -> bool:
    try:
        verdicts.judge(
            session.studio().engine,
            picture.id,
            said,
            by=ui.person(),
            now=context.now(),
            turn=picture.turn,
        )
        return True
    except StudioError as error:
        sorting.refused = error
        return False


def toggle(sorting: Sorting, reason: str) -> None:
    """A reason for the next verdict, or no longer."""
    if reason in sorting.reasons:
        sorting.reasons.remove(reason)
    else:
        sorting.reasons.append(reason)


@st.fragment
def desk(studio: context.Studio, sorting: Sorting) -> None:
    """The picture that is shown; only this part of the page is drawn anew after a key."""
    if sorting.refused:
        ui.failed(sorting.refused)
        sorting.refused = None
    total, place = len(sorting.ids), sorting.place
    first = min(place, total - 1) // SHEET * SHEET
    sheet = gallery_table.of_ids(studio.engine, sorting.ids[first : first + SHEET])
    found = gallery_table.of_ids(studio.engine, sorting.ids[place : place + 4])
    st.progress(place / total, f"{min(place + 1, total)} of {total}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        if found:
            ui.pictures(
                [painted_over(found[0]) if found[0].painted else ui.made(found[0], "")], 512
            )
        else:
            st.success("All are judged.", icon=":material/done_all:")
    with right:
        if found:
            controls(studio, sorting, found[0])
        with st.container(horizontal=True):
            st.button(
                "Back", shortcut="Left", on_click=sorting.go, args=(place - 1,), disabled=not place
            )
            st.button(
                "Next", shortcut="S", on_click=sorting.go, args=(place + 1,), disabled=not found
            )
            st.button(
                "Undo",
                shortcut="U",
                icon=":material/undo:",
                on_click=undo,
                args=(sorting,),
                disabled=not sorting.done,
            )
        if sorting.wanted.job:
            counts = gallery_table.tally(studio.engine, Wanted(job=sorting.wanted.job))
            named: dict[Any, str] = {"open": "Not judged yet", **verdicts.NAMES}
            st.caption(" · ".join(f"{named[v]}: {n}" for v, n in counts.items()))
    st.caption("The contact sheet; a click goes there")
    wall(
        sheet,
        key="sheet",
        side=96,
        current=found[0].id if found else "",
        on_opened=lambda id: sorting.go(sorting.ids.index(id)),
    )
    ahead = "".join(f'<img src="/picture/made/{html.escape(one.id)}" alt="">' for one in found[1:])
    st.html(f"<div hidden>{ahead}</div>")  # loaded before they are shown


def controls(studio: context.Studio, sorting: Sorting, picture: Picture) -> None:
    """What is asked of the picture, its reasons by number, and the three verdicts."""
    if picture.name:
        st.markdown(f"**{ui.plain(picture.name)}**, variant {picture.variant}")
    st.markdown(f"{ui.plain(picture.prompt)}")
    said = verdicts.NAMES[picture.verdict] if picture.verdict else "Not judged yet"
    because = f", because: {', '.join(picture.reasons)}" if picture.reasons else ""
    who = f" by {picture.judged_by}" if picture.verdict else ""
    st.caption(ui.plain(f"{said}{who}{because}"))
    st.caption("Reasons, by number, before the verdict")
    with st.container(horizontal=True, gap="small"):
        for number, reason in enumerate(reasons.read(studio.home)[:9], 1):
            st.button(
                ui.plain(reason),
                key=f"reason-{number}",
                shortcut=str(number),
                on_click=toggle,
                args=(sorting, reason),
                type="primary" if reason in sorting.reasons else "secondary",
            )
    with st.container(horizontal=True):
        for verdict, name in verdicts.NAMES.items():
            st.button(
                name,
                key=f"say-{verdict}",
                shortcut=KEYS[verdict],
                on_click=say,
                args=(sorting, picture, verdict),
                type="primary" if verdict == "approved" else "secondary",
                **ui.only("judge pictures"),
            )
        st.page_link(
            "pages/Picture.py",
            label="Note, pin, paint over",
            icon=":material/edit_note:",
            query_params={"id": picture.id},
        )


def handed_out(job: int) -> None:
    """The job's pictures as a zip, by their names in the list."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        factor = st.selectbox(
            "Size in the zip",
            FACTORS,
            FACTORS.index("1"),
            key="factor",
            width=180,
            format_func=lambda f: f"{f}x" + (" as drawn" if f == "1" else ""),
        )
        address = f"/download/assets/{job}?factor={factor}"
        st.link_button("Download the approved", address, icon=":material/folder_zip:")
        st.link_button("Download all", f"{address}&all=1", type="tertiary")


with page_frame.page(
    "Judge", "A approves, E asks for an edit, X rejects, S goes on, U undoes."
) as studio:
    sorting = begun(studio)
    if sorting.wanted.job:
        st.page_link("pages/Assets.py", label="Lists", icon=":material/arrow_back:")
    else:
        st.page_link("pages/Generate.py", label="Gallery", icon=":material/arrow_back:")
    if not sorting.ids:
        st.info("Nothing waits here. Draw something, or ask the gallery for less.")
        st.stop()
    desk(studio, sorting)
    if sorting.wanted.job:
        handed_out(sorting.wanted.job)
