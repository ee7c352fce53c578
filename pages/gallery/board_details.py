"""Boards on the page: all of them, one's head, and the forms that make, change and delete one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.gallery import dialogs, refusals
from pages.gallery.wall import board_wall
from studio import context
from studio.accounts import rights
from studio.assets import boards
from studio.assets.boards import NAME, NOTE, Board
from studio.errors import StudioError
from studio.web import drafts, session, ui


def every(studio: context.Studio) -> None:
    """All boards, and a form for a new one."""
    refusals.tell()
    found = boards.all_of(studio.engine)
    if found:
        board_wall(found)
    else:
        st.info("There is no board yet. A board is a named collection with a link of its own.")
    draft = drafts.begin("board/new", {"name": "", "note": ""})
    expanded = not found or draft.at is not None
    with st.expander("New board", icon=":material/add:", expanded=expanded):
        drafts.tell(draft)
        fields(draft)
        st.button(
            "Make the board",
            type="primary",
            on_click=make,
            args=(draft,),
            **ui.only("edit boards", not drafts.value(draft, "name").strip()),
        )


def make(draft: drafts.Draft) -> None:
    """The new board, of what stands in the fields."""
    name, note = drafts.value(draft, "name"), drafts.value(draft, "note")
    with refusals.kept():
        boards.create(session.studio().engine, name, note, by=ui.person(), now=context.now())
        drafts.drop(draft)


def header(board: Board) -> None:
    """What a board is, and what can be done with it as a whole."""
    made = f"made by {ui.plain(board.by)}, {ui.moment(board.at)}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/dashboard: **{ui.plain(board.name)}** · {made}")
            if st.button("Name and note", icon=":material/edit:", **only_its(board)):
                change(board.id)
            if st.button("Delete the board", icon=":material/delete:", **only_its(board)):
                delete(board.id)
            if board.count and st.button("Zip of the board", icon=":material/folder_zip:"):
                packed(board)
        if board.note:
            st.markdown(ui.plain(board.note))


def only_its(board: Board) -> dict[str, Any]:
    """For a button: only who made the board, and those who may change others'."""
    me = ui.person()
    if isinstance(me, rights.Actor) and str(me) == board.by:
        return ui.only("edit boards")
    return ui.only("change others' boards")


def fields(draft: drafts.Draft) -> None:
    """Name and note."""
    may = ui.only("edit boards")
    st.text_input("Name", max_chars=NAME, **drafts.field(draft, "name"), **may)
    st.text_area("Note", height=80, max_chars=NOTE, **drafts.field(draft, "note"), **may)


@st.dialog("Name and note of the board")
def change(id: str) -> None:
    """Another name or note; its link stays."""
    board = boards.get(session.studio().engine, id)
    draft = drafts.begin(f"board/{id}", {"name": board.name, "note": board.note})
    drafts.tell(draft)
    fields(draft)
    st.caption("Links to the board go on leading to it.")
    if st.button("Save", type="primary", **ui.only("edit boards")):
        name, note = drafts.value(draft, "name"), drafts.value(draft, "note")
        try:
            engine = session.studio().engine
            boards.describe(engine, id, name, note, board, by=ui.person(), now=context.now())
        except StudioError as error:
            ui.failed(error)
            return
        drafts.drop(draft)
        st.rerun()


@st.dialog("Delete the board")
def delete(id: str) -> None:
    """Whether really."""
    board = boards.get(session.studio().engine, id)
    st.markdown(
        f"**{ui.plain(board.name)}** goes for everybody; its link leads nowhere any more. "
        f"The {board.count:,} on it stay in the gallery."
    )
    if st.button("Delete it", type="primary", **only_its(board)):
        try:
            boards.delete(session.studio().engine, id, by=ui.person(), now=context.now())
        except StudioError as error:
            ui.failed(error)
            return
        st.query_params.pop("board", None)
        st.rerun()


@st.dialog("Download the board as a zip")
def packed(board: Board) -> None:
    """Its pictures as files."""
    dialogs.download(f"/download/board/{board.id}", "Download")
