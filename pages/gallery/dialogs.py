"""What is asked before many pictures go somewhere: which board, which dataset, which size."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.gallery.chosen import Chosen, Done, dismissed
from pages.palettes import indexed_choice
from studio import context
from studio.assets import boards
from studio.datasets import manifests
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.generation.lists import FACTORS
from studio.web import chosen_pictures, session, ui
from studio.workflows import gallery_to_dataset


@st.dialog("To a board", on_dismiss=dismissed)
def to_board(chosen: Chosen) -> None:
    """Which board the chosen go to: one that is there, or a new one by its name."""
    engine = session.studio().engine
    there = {board.name: board for board in boards.all_of(engine)}
    name = st.selectbox(
        "Board",
        list(there),
        index=None,
        key="to-board",
        accept_new_options=True,
        placeholder="Choose one, or type a new name",
    )
    st.caption(f"{len(chosen.ids):,} chosen. A picture can be on many boards; it stays here, too.")
    if st.button("Put on the board", type="primary", **ui.only("edit boards", not name)):
        try:
            by, now = ui.person(), context.now()
            board = there.get(name or "") or boards.create(engine, str(name), by=by, now=now)
            new = boards.put_on(engine, board.id, chosen.ids, by=by, now=now)
        except StudioError as error:
            ui.failed(error)
            return
        chosen.asks = ""
        chosen.done = Done(f"{len(new):,} put on {board.name}.", board=board.id, ids=tuple(new))
        st.rerun()


@st.dialog("To a dataset", on_dismiss=dismissed)
def to_dataset(chosen: Chosen) -> None:
    """The approved ones of these, into a dataset."""
    studio, ids = session.studio(), chosen.ids
    found = gallery_table.of_ids(studio.engine, ids)
    count = sum(one.verdict == "approved" for one in found)
    st.markdown(
        f"**{count:,}** of {len(ids):,} chosen are approved, and can be learned from."
        if count
        else "None of these is approved. Approve first what a style is to learn from."
    )
    name = st.selectbox(
        "Dataset",
        manifests.names(studio.home),
        index=None,
        accept_new_options=True,
        placeholder="Choose one, or type a new name",
    )
    st.caption(
        "Where an artist painted over a picture, that version is taken. Each keeps its prompt as "
        "caption and says which version drew it."
    )
    if st.button("Add them", type="primary", **ui.only("edit datasets", not name or not count)):
        try:
            added = gallery_to_dataset.hand_on(studio, str(name).strip(), found, actor=ui.person())
        except StudioError as error:
            ui.failed(error)
            return
        chosen.asks = ""
        st.success(f"{len(added.new)} added; {len(added.refused)} were there already.")
        st.page_link(
            "pages/Datasets.py", label="See the dataset", query_params={"set": added.version.name}
        )


@st.dialog("Download as a zip", on_dismiss=dismissed)
def to_zip(chosen: Chosen) -> None:
    """These pictures as files, at a whole factor of their size."""
    ids = chosen.ids
    address = f"/download/chosen/{chosen_pictures.offer(ids)}"
    st.caption(
        f"{len(ids):,} pictures with alpha, painted over where an artist did so, by their names."
    )
    download(address, "Download")


# By what a button asks for.
DIALOGS: dict[str, Callable[[Chosen], None]] = {
    "board": to_board,
    "dataset": to_dataset,
    "zip": to_zip,
}


def download(address: str, label: str) -> None:
    """A zip's size and colours, and the way to it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        factor = st.selectbox(
            "Size in the zip",
            FACTORS,
            FACTORS.index("1"),
            key=f"factor {label}",
            width=180,
            format_func=lambda f: f"{f}x" + (" as drawn" if f == "1" else ""),
        )
        indexed = indexed_choice.query(label)
        st.link_button(label, f"{address}?factor={factor}{indexed}", icon=":material/folder_zip:")
