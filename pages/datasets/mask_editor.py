"""The tab of masks: drawn on one picture after the other, or brought in many at a time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.datasets import draft, tab_state, upload
from studio import context
from studio.accounts import rights
from studio.datasets import mask_edits, picture_filter, uploads
from studio.datasets.edits import Row
from studio.datasets.mask_edits import Matched
from studio.datasets.pictures import Picture
from studio.errors import StudioError
from studio.web import addresses, components, session, ui

MOST_PIXELS = 4096 * 4096  # drawn on in a browser; larger pictures get a file
SHOW = {
    "All": "all",
    "Without a mask": "no-mask",
    "With a mask": "mask",
    "Of an earlier drawing": "stale-mask",
}
ABOUT = (
    "A mask leaves out what a picture should not teach: a signature, a hand that failed, a "
    "background of another style. White is learned, black is not, grey counts its share."
)
HINT = (
    "Called like their pictures: potion.mask.png, potion-masklabel.png or potion.png for "
    "potion.png; of the picture's size. A zip or a folder will do."
)


def tab(studio: context.Studio, name: str) -> None:
    """The desk of one picture above, files below."""
    _desk(name, tab_state.newest(name).digest)
    _files(studio, name)


def to_desk(hash: str) -> None:
    """As a callback: opens the tab with this picture."""
    st.query_params["mask"] = hash
    tab_state.go("Masks")


def look(picture: Picture, key: str) -> None:
    """The picture with its mask over it, to be looked at only."""
    components.screen("mask")(key=key, data=_data("", picture, "", small=True))


@st.fragment
def _desk(name: str, digest: str) -> None:
    if st.session_state.pop("redraw", False):
        st.rerun()
    draft.bar(name, digest)
    rows = [row for row in tab_state.rows(name, digest) if not row.removed]
    if wrong := st.session_state.pop("mask-wrong", None):
        ui.failed(wrong)
    bar = st.container(horizontal=True, vertical_alignment="center")  # in one line: room to draw
    fits = _fitting(bar, rows)
    row = _row(rows, fits)
    if row is None:
        st.info("No picture fits.", icon=":material/search_off:")
    else:
        _one(bar, name, rows, fits, row)
    draft.news(name)


def _fitting(bar: DeltaGenerator, rows: Sequence[Row]) -> set[str]:
    """The pictures that are gone through, by hash; how many have a mask."""
    masked = sum(bool(row.picture.mask) for row in rows)
    stale = sum(bool(row.picture.mask_of) for row in rows)
    also = f" · {stale:,} of an earlier drawing" if stale else ""
    show = bar.selectbox(
        "Show",
        list(SHOW),
        width=200,
        label_visibility="collapsed",
        **addresses.one_of("masks", list(SHOW), unsaid="All"),
    )
    count = tab_state.count(len(rows))
    bar.caption(f"{masked:,} of {count} have a mask{also}", help=ABOUT, width="content")
    wanted = picture_filter.Wanted(show=SHOW[show])  # type: ignore[arg-type]
    return {row.picture.hash for row in picture_filter.pick(rows, wanted, None)}


def _row(rows: Sequence[Row], fits: set[str]) -> Row | None:
    """The picture of the address, else the first that fits."""
    asked = st.query_params.get("mask")
    found = next((row for row in rows if row.picture.hash == asked), None)
    if asked and found is None:
        st.warning("The picture of this link is not in the newest version.")
    return found or next((row for row in rows if row.picture.hash in fits), None)


def _one(bar: DeltaGenerator, name: str, rows: Sequence[Row], fits: set[str], row: Row) -> None:
    picture = row.picture
    place = rows.index(row)
    before = [r.picture.hash for r in rows[:place] if r.picture.hash in fits]
    after = [r.picture.hash for r in rows[place + 1 :] if r.picture.hash in fits]
    with bar:
        st.button(
            "Before",
            key="mask-before",
            icon=":material/arrow_back:",
            disabled=not before,
            on_click=_go,
            args=(before[-1:],),
        )
        st.button(
            "Next",
            key="mask-next",
            icon=":material/arrow_forward:",
            disabled=not after,
            on_click=_go,
            args=(after[:1],),
        )
        st.markdown(
            f"**{ui.plain(picture.file_name)}**  \n:small[{place + 1:,} of {len(rows):,} · "
            f"{picture.width} × {picture.height} pixels]"
        )
        if picture.mask:
            st.button(
                "Take the mask away",
                key="mask-remove",
                icon=":material/delete:",
                on_click=_change,
                args=("remove", name, picture),
                **ui.only("edit datasets"),
            )
    if picture.mask_of:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                ":orange[:material/warning:] **This mask was made for an earlier drawing of the "
                "picture.**  \nDraw it anew where it lies wrong."
            )
            st.button(
                "It still fits",
                key="mask-fits",
                on_click=_change,
                args=("confirm", name, picture),
                **ui.only("edit datasets"),
            )
    large = picture.width * picture.height > MOST_PIXELS
    if large:
        st.info("It is too large to be drawn on here. Bring the mask as a file below.")
    if not ui.may("edit datasets"):
        st.info(f"Masks are drawn by {rights.who_may('edit datasets')}.")
    data = _data(name, picture, ui.person(), editable=ui.may("edit datasets") and not large)
    # Said is that a mask was saved: the draft above has a step more.
    components.screen("mask")(key="mask-desk", data=data, on_said_change=lambda: None)


def _data(name: str, picture: Picture, person: str, **more: bool) -> dict[str, Any]:
    return {
        "set": name,
        "hash": picture.hash,
        "file": picture.file_name,
        "url": f"/picture/data/{picture.hash}",
        "width": picture.width,
        "height": picture.height,
        "mask": picture.mask,
        "person": str(person),
        "editable": False,
        "small": False,
        **more,
    }


def _go(hashes: Sequence[str]) -> None:
    for hash in hashes:
        st.query_params["mask"] = hash


def _change(does: str, name: str, picture: Picture) -> None:
    """Remove the mask that is on the screen, or say that it fits."""
    studio = session.studio()
    change = mask_edits.remove if does == "remove" else mask_edits.confirm
    try:
        change(
            studio.engine,
            studio.home,
            name,
            picture.hash,
            seen=picture.mask,
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        st.session_state["mask-wrong"] = error
    st.query_params["mask"] = picture.hash  # it stays in view, whatever the filter


def _files(studio: context.Studio, name: str) -> None:
    """Several at once: dropped, matched by name, looked at, put into the draft."""
    if not ui.may("edit datasets"):
        return
    st.header("Several at once")
    if said := st.session_state.pop("masks-said", None):
        st.success(ui.plain(said), icon=":material/check:")
    data = {
        "token": st.query_params.get("masks-upload", ""),
        "most_bytes": uploads.MOST_BYTES,
        "most_files": uploads.MOST_FILES,
        "lead": "Drop masks, a folder or a zip here",
        "hint": HINT,
        "instead": "Send them in parts.",
    }
    components.screen("upload")(key="mask-drop", data=data, on_said_change=_sent)
    if token := st.query_params.get("masks-upload"):
        try:
            _matched(studio, name, token)
        except StudioError as error:
            ui.failed(error)
            if error is uploads.GONE:
                del st.query_params["masks-upload"]


def _sent() -> None:
    said = st.session_state["mask-drop"].said
    if isinstance(said, dict) and isinstance(said.get("token"), str):
        st.query_params["masks-upload"] = said["token"]
        st.session_state["masks-seen"] = secrets.token_hex(4)  # more may have come to it


def _matched(studio: context.Studio, name: str, token: str) -> None:
    digest = tab_state.newest(name).digest
    found = _found(
        str(studio.home),
        name,
        digest,
        token,
        st.session_state.get("masks-seen", ""),
        tab_state.mark(name),
    )
    with st.container(border=True):
        many = f"**{tab_state.count(len(found.fits), 'mask')} for pictures of the set**"
        replaced = [fit.picture_name for fit in found.fits if fit.before]
        instead = f", {len(replaced):,} in place of an earlier one" if replaced else ""
        st.markdown(f"{many}{instead}.")
        if found.fits:
            _fits(found)
        if found.refused:
            st.caption(f"{tab_state.count(len(found.refused), 'file')} can't be used:")
            upload.refusals(found.refused)
        with st.container(horizontal=True):
            st.button(
                "Put into the draft",
                type="primary",
                key="masks-take",
                on_click=_take,
                args=(name, token, found),
                **ui.only("edit datasets", not found.fits),
            )
            st.button(
                "Throw away",
                key="masks-not",
                on_click=_discard,
                args=(token,),
                **ui.only("edit datasets"),
            )


def _fits(found: Matched) -> None:
    """Which file becomes the mask of which picture."""
    table = {
        "file": [fit.file for fit in found.fits],
        "becomes the mask of": [fit.picture_name for fit in found.fits],
        "there was": ["a mask" if fit.before else "none" for fit in found.fits],
    }
    st.dataframe(table, hide_index=True, height=min(35 * (len(found.fits) + 1) + 3, 250))


@st.cache_resource(max_entries=4, show_spinner="Looking at the masks")
def _found(home: str, name: str, digest: str, token: str, seen: str, mark: object) -> Matched:
    return mask_edits.match(session.studio().home, token, tab_state.rows(name, digest))


def _take(name: str, token: str, found: Matched) -> None:
    studio = session.studio()
    try:
        count = mask_edits.take(
            studio.engine, studio.home, name, token, found.fits, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["mask-wrong"] = error
        return
    st.session_state["masks-said"] = f"{tab_state.count(count, 'mask')} wait in the draft."
    st.query_params.pop("masks-upload", None)


def _discard(token: str) -> None:
    try:
        uploads.discard(session.studio().home, token, by=ui.person())
    except StudioError as error:
        st.session_state["mask-wrong"] = error
        return
    st.query_params.pop("masks-upload", None)
