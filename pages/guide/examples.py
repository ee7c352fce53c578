"""Pictures that show what is right and what is wrong."""

from dataclasses import replace
from typing import Literal

import streamlit as st

from pages.guide import saving
from studio.registry import style_guides
from studio.registry.style_guides import Example, Guide
from studio.web import session, ui
from studio.web.markup import Shown
from studio.workflows import review_aids

SIDE = 96


def show(style: str, guide: Guide, part: Literal["do", "dont"], title: str, about: str) -> None:
    """The pictures of one part, each with its words and a way out, and a place to add some."""
    st.header(title)
    shown: tuple[Example, ...] = getattr(guide, part)
    if not shown:
        st.caption(f"{about} None yet.")
    for place, one in enumerate(shown):
        _one(style, guide, part, place, one)
    with st.form(f"add-{part}-{guide.version}", border=False, enter_to_submit=False):
        dropped = st.file_uploader(
            f"Add pictures to {title}",
            type=["png", "webp", "jpg", "jpeg", "gif"],
            accept_multiple_files=True,
            max_upload_size=style_guides.PICTURE_BYTES // 1024**2,
            key=f"files-{part}-{guide.version}",
            **saving.only(),
        )
        says = st.text_input(
            "What they show",
            max_chars=style_guides.LONGEST,
            key=f"says-{part}",
            placeholder="a dark outline of one pixel",
            **saving.only(),
        )
        if st.form_submit_button("Add", **saving.only()) and dropped:

            def added() -> Guide:
                home, by = session.studio().home, ui.person()
                new = [
                    style_guides.keep_picture(home, one.getvalue(), one.name, by=by)[0]
                    for one in dropped
                ]
                held = {one.picture for one in shown}
                more = [Example(digest, says) for digest in new if digest not in held]
                return _with(guide, part, (*shown, *more))

            if saving.keep(style, guide, added):
                st.rerun()


def _one(style: str, guide: Guide, part: str, place: int, one: Example) -> None:
    shown: tuple[Example, ...] = getattr(guide, part)
    picture, words = st.columns([1, 3], vertical_alignment="center")
    with picture:
        ui.pictures([Shown(review_aids.address(style, one.picture), alt=one.says)], SIDE)
    with words.container(horizontal=True, vertical_alignment="center"):
        said = st.text_input(
            "What it shows",
            one.says,
            max_chars=style_guides.LONGEST,
            key=f"say-{part}-{one.picture[:16]}",
            label_visibility="collapsed",
            **saving.only(),
        )
        if said.strip() != one.says:
            changed = (*shown[:place], replace(one, says=said), *shown[place + 1 :])
            if saving.keep(style, guide, lambda: _with(guide, part, changed)):
                st.rerun()
        if st.button(
            "Take out",
            icon=":material/close:",
            type="tertiary",
            key=f"out-{part}-{one.picture[:16]}",
            **saving.only(),
        ):
            rest = (*shown[:place], *shown[place + 1 :])
            if saving.keep(style, guide, lambda: _with(guide, part, rest)):
                st.rerun()


def _with(guide: Guide, part: str, shown: tuple[Example, ...]) -> Guide:
    return replace(guide, do=shown) if part == "do" else replace(guide, dont=shown)
