"""Pictures that are to become props: the newest of the gallery, files that are dropped, and ways to
and from what the address names (`pages.upscale.which`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages.upscale.which import FILES, IN_ADDRESS, MEGABYTES, Asked, of_chosen
from studio import context
from studio.accounts import rights
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.generation import gallery_table, start_pictures, start_room
from studio.web import ui
from studio.web.markup import Shown
from studio.workflows.props import RIGHT

PAGE = "pages/Props.py"
NEWEST, SIDE = 12, 96
NAMES, NAME = "props-names", 60  # what files were called that somebody dropped; characters


def names(pictures: Sequence[str]) -> dict[str, str]:
    """What those of the pictures are called that are files which this person dropped."""
    known = st.session_state.get(NAMES, {})
    return {one: known[one] for one in pictures if one in known}


def subject(found: Asked) -> str:
    """What a draft of settings for these pictures is about."""
    return f"props/{found.subject.partition('/')[2]}"


def newest(studio: context.Studio) -> None:
    """The newest pictures of the gallery; a click takes one."""
    there = gallery_table.search(studio.engine, Wanted(), size=NEWEST).found
    if not there:
        return
    shown = [
        Shown(
            f"/picture/made/{one.id}",
            "",
            one.width,
            one.height,
            alt=f"Make a prop of {one.prompt or one.id[:6]}",
            href=f"/Props?id={one.id}",
        )
        for one in there
    ]
    ui.pictures(shown, SIDE)


def dropping(studio: context.Studio) -> None:
    """Files from elsewhere: they are kept as pictures to begin from, and the address names them."""
    dropped = st.file_uploader(
        "Pictures from elsewhere",
        type=FILES,
        accept_multiple_files=True,
        key=f"props-drop-{st.session_state.get('props-drops', 0)}",
        max_upload_size=MEGABYTES,
        **ui.only(RIGHT, help="PNG with transparency is best; one or many."),
    )
    if not dropped:
        return
    st.session_state["props-drops"] = st.session_state.get("props-drops", 0) + 1
    kept, by = list[str](), ui.person()
    for file in dropped[:IN_ADDRESS]:
        try:
            start_room.check(studio, by)
            hash = start_pictures.keep(studio.home, file.getvalue(), file.name, by=by)
            st.session_state.setdefault(NAMES, {})[hash] = Path(file.name).stem[:NAME]
            kept.append(hash)
        except StudioError as error:
            ui.failed(error)
    if kept:
        there = of_chosen(list(dict.fromkeys(kept)))
        go(there)
        if len(kept) == len(dropped):
            st.rerun()
        st.page_link(
            PAGE,
            label=f"Go on with the {len(kept):,} that can be",
            icon=":material/arrow_forward:",
            query_params=there,
        )


def go(to: Mapping[str, str]) -> None:
    """Another part of the page: the address says this, and nothing of what it said before."""
    st.query_params.from_dict(dict(to))


def barred() -> None:
    """Why somebody may only look."""
    if not ui.may(RIGHT):
        st.caption(f"Making props is for {rights.who_may(RIGHT)}; you see all of it.")


def ways(found: Asked) -> None:
    """Back to the picture, and to the beginning."""
    with st.container(horizontal=True):
        if found.one is not None and found.one.asset is not None:
            st.page_link(
                "pages/Picture.py",
                label="Picture",
                icon=":material/image:",
                query_params={"id": found.one.asset.id},
            )
        st.page_link(PAGE, label="Another wish or picture", icon=":material/arrow_back:")
