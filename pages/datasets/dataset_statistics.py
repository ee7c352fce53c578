"""The tab of numbers: what the set is made of, and what would make the style hard to learn."""

from __future__ import annotations

import streamlit as st

from pages.datasets import draft, picture_grid, tab_state
from studio import context
from studio.datasets import duplicate_groups, statistics
from studio.datasets.edits import Change
from studio.datasets.inspection import Findings
from studio.datasets.pictures import Picture
from studio.jobs import queue
from studio.web import job_boxes, markup, session, ui
from studio.worker import submit

SHOW = {value: key for key, value in picture_grid.SHOW.items()}


def tab(studio: context.Studio, name: str) -> None:
    """Of the newest version with what the draft changes."""
    head = tab_state.newest(name)
    pictures = [row.picture for row in tab_state.rows(name, head.digest) if not row.removed]
    groups = tab_state.groups(name, head.digest)
    found_out = tab_state.found_out(name, head.digest)
    found = tab_state.numbers(name, head.digest)
    looked = groups is not None and found_out is not None
    _warnings(name, found, pictures, found_out, looked)
    with st.container(horizontal=True):
        _look_over(studio, name, found_out is None)
        if groups is None:
            _look(studio, name, head.digest)
    count, kinds, tags, near = st.columns(4)
    count.metric("Pictures", f"{found.pictures:,}")
    kinds.metric("Categories", f"{len(found.categories):,}")
    tags.metric("Tags", f"{len(found.tags):,}")
    near.metric("Near duplicates", "?" if found.alike is None else f"{found.alike:,}")
    left, right = st.columns(2)
    with left:
        _table("Category", [(name or "none given", n) for name, n in found.categories], found)
        _table("Licence", [(name or "none given", n) for name, n in found.licences], found)
    with right:
        _table("Words in the caption", [(str(words), n) for words, n in found.words], found)
        _table("Size in pixels", [(f"{w} × {h}", n) for (w, h), n in found.sizes], found)
        if found.tags:
            _table("Tag", list(found.tags), found)


def _warnings(
    name: str,
    found: statistics.Numbers,
    pictures: list[Picture],
    found_out: Findings | None,
    looked: bool,
) -> None:
    if not found.warnings and looked:
        st.success("Nothing to worry about.", icon=":material/check:")
    elif not found.warnings:
        st.info("Nothing to worry about so far; not all has been looked for yet.")
    for number, warned in enumerate(found.warnings):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":orange[:material/warning:] **{ui.plain(warned.says)}**  \n{ui.plain(warned.why)}"
            )
            filters = {} if warned.show == "all" else {"show": SHOW[warned.show]}
            if warned.category is not None:
                filters["category"] = warned.category or tab_state.NONE
            if filters:
                tab_state.link("Show them", "Pictures", key=f"warned-{number}", **filters)
            if warned.out and found_out:
                there = {picture.hash for picture in pictures}
                hashes = [hash for hash in found_out.of[warned.show] if hash in there]
                st.button(
                    "Leave them out",
                    key=f"out-{number}",
                    on_click=_out,
                    args=(name, hashes, warned.says),
                    **ui.only("edit datasets"),
                )


def _out(name: str, hashes: list[str], says: str) -> None:
    changes = [Change(hash, "removed", True) for hash in hashes]
    draft.write(name, changes, f"Left out: {says}")


def _look_over(studio: context.Studio, name: str, unknown: bool) -> None:
    """A job looks at every picture once; only new ones the next time."""
    going = [
        job
        for job in queue.listing(studio.engine, kind="look", limit=10)
        if job.payload.get("dataset") == name and not job.ended
    ]
    if going:
        job_boxes.show(going[0].id)
    elif unknown:
        st.button(
            "Look every picture over",
            icon=":material/troubleshoot:",
            key="look-over",
            on_click=_ask_look,
            args=(name,),
            **ui.only(
                "edit datasets",
                help="For pictures unlike the others, odd scaling, "
                "smoothed pixels and stray colours. A worker does it.",
            ),
        )


def _ask_look(name: str) -> None:
    submit.ask(
        session.studio(),
        "look",
        {"dataset": name},
        asked_by=ui.person(),
        now=context.now(),
        key=draft.token("look"),
    )
    draft.spent("look")


def _look(studio: context.Studio, name: str, digest: str) -> None:
    """Near duplicates are looked for once; an upload does it by itself."""
    if not st.button("Look for near duplicates", icon=":material/compare:", key="look-now"):
        return
    pictures = tab_state.version(name, digest).pictures
    bar = st.progress(0.0, "Comparing")

    def told(done: int, all: int) -> None:
        if done % 50 == 0 or done == all:
            bar.progress(done / all, f"Comparing {done:,} of {all:,}")

    duplicate_groups.find(studio.home, pictures, told)
    st.rerun()


def _table(label: str, counted: list[tuple[str, int]], found: statistics.Numbers) -> None:
    """Plain HTML: Streamlit's own tables cost a second when the page is opened."""
    st.html(markup.shares(label, counted, max(1, found.pictures)))
