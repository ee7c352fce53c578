"""The tab of versions: when, who, what; look at one, compare, download, make it the newest."""

from __future__ import annotations

import streamlit as st

from pages.datasets import tab_state
from studio import context
from studio.datasets import manifests, withdrawals
from studio.datasets.freeze import change
from studio.datasets.manifests import DatasetVersion, Head, Look, Picture
from studio.web import session, ui

AT_ONCE = 20


def tab(studio: context.Studio, name: str) -> None:
    """The newest first."""
    heads = manifests.heads(studio.home, name)
    page = tab_state.page("versions", len(heads), AT_ONCE)
    for head in heads[(page - 1) * AT_ONCE : page * AT_ONCE]:
        _version(name, head, heads)


def _version(name: str, head: Head, heads: list[Head]) -> None:
    newest, home = head is heads[0], session.studio().home
    withdrawn = withdrawals.active(home).keys()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        says = head.says or ("The first version" if head.parent is None else "No line was written")
        gone = len(manifests.hashes(home, name, head.digest) & withdrawn) if withdrawn else 0
        mark = (
            f" :red-badge[{tab_state.count(gone)} withdrawn: nothing is trained on it]"
            if gone
            else ""
        )
        st.markdown(
            f"**{ui.plain(says)}**{' :green-badge[newest]' * newest}{mark}  \n"
            f":small[{ui.moment(head.created)} · {ui.plain(head.actor or 'unknown')} · "
            f"{tab_state.count(head.pictures)} · {ui.plain(f'{name}@{head.version}')}]"
        )
        if not newest:
            st.button("Look", key=f"look-{head.version}", on_click=_look, args=(head.version,))
        before = next((other for other in heads if other.digest == head.parent), None)
        if before is not None:
            st.button(
                "What changed",
                key=f"compare-{head.version}",
                on_click=_compare,
                args=(before.version, head.version),
            )
        st.link_button(
            "Download", f"/download/data/{name}/{head.version}", icon=":material/download:"
        )
        if not newest:
            if st.button("Go back to it …", key=f"back-{head.version}", **ui.only("edit datasets")):
                _ask_back(name, head, says)


def _look(version: str) -> None:
    tab_state.go("Pictures")
    st.query_params["version"] = version


def _compare(before: str, after: str) -> None:
    tab_state.go("Compare")
    st.session_state.update(before=before, after=after)


@st.dialog("Go back to an earlier version")
def _ask_back(name: str, head: Head, says: str) -> None:
    """Whether really, and from which version on everybody then goes on."""
    tab_state.lead_on()
    st.markdown(
        f"**{ui.plain(says)}**, of {ui.moment(head.created)}, becomes the newest version again, "
        f"with its {tab_state.count(head.pictures)}. Nothing is lost: the versions after it stay."
    )
    st.button(
        "Go back",
        type="primary",
        key="back-now",
        on_click=_back,
        args=(name, head.digest),
        **ui.only("edit datasets"),
    )


def _back(name: str, digest: str) -> None:
    def make(_: DatasetVersion | None) -> tuple[Look, tuple[Picture, ...]]:
        asked = tab_state.version(name, digest)
        return asked.look, asked.pictures

    change(
        session.studio().home, name, make, now=context.now(), actor=ui.person(), says="Went back"
    )
    tab_state.draw_anew()
