"""One picture after another, the whole window for it: verdicts by keys, real art beside it."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.gallery import address, dialogs, picture_keys, real_art, refusals
from pages.gallery.actions import ICONS, KEYS, LABELS
from pages.gallery.view import view
from pages.generate.picture_walls import wall
from pages.guide import beside as guide_beside
from studio import context
from studio.assets import verdicts
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement, Verdict
from studio.generation import gallery_table, reasons
from studio.generation.gallery_table import Picture
from studio.web import session, ui

SHEET = 48  # pictures of the contact sheet that are shown at once
AROUND = 230  # pixels of the window's height that the picture does not get
# The rest of the studio steps back.
WHOLE = """<style>
[data-testid="stSidebar"], [data-testid="stHeader"] { display: none; }
[data-testid="stMain"] [data-testid="stMainBlockContainer"] { padding: .5rem 1.5rem 2rem; }
[data-testid="stMain"] h1 { font-size: 1rem; padding: 0; line-height: 1; }
</style>"""


@dataclass
class Judging:
    """This window's way through the pictures: which, where, and what can be undone."""

    wanted: Wanted
    ids: list[str]
    place: int = 0
    reasons: list[str] = field(default_factory=list)
    done: list[tuple[str, Judgement]] = field(default_factory=list)

    def go(self, place: int) -> None:
        self.place, self.reasons = max(0, min(place, len(self.ids))), []


def desk(studio: context.Studio) -> None:
    """The way out, the picture with what is said of it, and a list's files."""
    st.html(WHOLE)
    judging = begun(studio)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Gallery", icon=":material/close_fullscreen:", shortcut="Escape"):
            st.switch_page("pages/Gallery.py", query_params=address.told(judging.wanted))
        if judging.wanted.job:
            st.page_link("pages/Lists.py", label="Lists", icon=":material/arrow_back:")
    if not judging.ids:
        st.info("Nothing waits here. Draw something, or ask the gallery for less.")
        st.stop()
    sheet(studio, judging)
    if judging.wanted.job:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            packed = f"/download/assets/{judging.wanted.job}"
            dialogs.download(packed, "Download the approved")
            st.link_button("Download all", f"{packed}?all=1", type="tertiary")


def begun(studio: context.Studio) -> Judging:
    """The pictures that the address asks for, kept in their order while they are judged."""
    wanted = address.wanted()
    held: Judging | None = st.session_state.get("judging")
    if held is None or held.wanted != wanted:
        ids = gallery_table.ids_of(studio.engine, wanted)
        held = st.session_state["judging"] = Judging(wanted, ids)
        open = set(gallery_table.ids_of(studio.engine, replace(wanted, verdict="open")))
        held.go(next((k for k, id in enumerate(ids) if id in open), 0))
    return held


@st.fragment
def sheet(studio: context.Studio, judging: Judging) -> None:
    """The picture that is shown; only this part of the page is drawn anew after a key."""
    refusals.tell()
    total, place = len(judging.ids), judging.place
    first = min(place, total - 1) // SHEET * SHEET
    small = gallery_table.of_ids(studio.engine, judging.ids[first : first + SHEET])
    found = gallery_table.of_ids(studio.engine, judging.ids[place : place + 4])
    st.progress(place / total, f"{min(place + 1, total)} of {total}")
    left, right = st.columns([7, 4], gap="large")
    with left:
        if found:
            view(
                found[0],
                key="judged",
                around=AROUND,
                painted=True,
                ways={"ArrowRight": "next", "n": "next"},
                on_went=lambda: judging.go(judging.place + 1),
            )
            guide_beside.show(found[0])
        else:
            st.success("All are judged.", icon=":material/done_all:")
    with right:
        if found:
            controls(studio, judging, found[0])
        ways(judging, bool(found))
        if found:
            real_art.beside(found[0].style, found[0].version)
        if judging.wanted.job:
            counts = gallery_table.tally(studio.engine, Wanted(job=judging.wanted.job))
            st.caption(" · ".join(f"{address.VERDICTS[v]}: {n}" for v, n in counts.items()))
    st.caption("The contact sheet; a click goes there")
    wall(
        small,
        key="sheet",
        side=96,
        current=found[0].id if found else "",
        on_opened=lambda id: judging.go(judging.ids.index(id)),
    )
    ahead = "".join(f'<img src="/picture/made/{html.escape(one.id)}" alt="">' for one in found[1:])
    st.html(f"<div hidden>{ahead}</div>")  # loaded before they are shown


def controls(studio: context.Studio, judging: Judging, picture: Picture) -> None:
    """What is asked of the picture, its reasons by number, and the three verdicts, of which none
    looks as if it were chosen."""
    if picture.name:
        st.markdown(f"**{ui.plain(picture.name)}**, variant {picture.variant}")
    st.markdown(ui.plain(picture.prompt))
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
                type="primary" if reason in judging.reasons else "secondary",
                shortcut=str(number),
                on_click=toggle,
                args=(judging, reason),
                **ui.only("judge pictures"),
            )
    with st.container(horizontal=True):
        for verdict, label in LABELS.items():
            st.button(
                label,
                key=f"say-{verdict}",
                icon=ICONS[verdict],
                shortcut=KEYS[verdict],
                on_click=say,
                args=(judging, picture, verdict),
                **ui.only("judge pictures"),
            )
    with st.container(horizontal=True):
        picture_keys.drawn_on(picture)
        st.page_link(
            "pages/Picture.py",
            label="Note, pin, paint over",
            icon=":material/edit_note:",
            query_params={"id": picture.id, **address.told(judging.wanted)},
        )


def ways(judging: Judging, more: bool) -> None:
    """Back, on, and the last verdict undone."""
    place = judging.place
    with st.container(horizontal=True):
        st.button(
            "Back", shortcut="Left", on_click=judging.go, args=(place - 1,), disabled=not place
        )
        st.button("Next", shortcut="S", on_click=judging.go, args=(place + 1,), disabled=not more)
        st.button(
            "Undo",
            shortcut="U",
            icon=":material/undo:",
            on_click=undo,
            args=(judging,),
            disabled=not judging.done,
        )


def say(judging: Judging, picture: Picture, verdict: Verdict) -> None:
    """Store a verdict and go on to the next picture."""
    before = picture.judgement
    reasons = () if verdict == "approved" else tuple(judging.reasons)
    said = Judgement(verdict, reasons, before.note, before.pin)
    with refusals.kept():
        store(picture, said)
        judging.done.append((picture.id, before))
        judging.go(judging.place + 1)


def undo(judging: Judging) -> None:
    """What stood before the last verdict comes back, and its picture is shown."""
    id, before = judging.done.pop()
    with refusals.kept():
        store(gallery_table.get(session.studio().engine, id), before)
        judging.go(judging.ids.index(id))


def store(picture: Picture, said: Judgement) -> None:
    """Store what is said of a picture as it was shown."""
    engine, now = session.studio().engine, context.now()
    verdicts.judge(engine, picture.id, said, by=ui.person(), now=now, turn=picture.turn)


def toggle(judging: Judging, reason: str) -> None:
    """A reason for the next verdict, or no longer."""
    if reason in judging.reasons:
        judging.reasons.remove(reason)
    else:
        judging.reasons.append(reason)
