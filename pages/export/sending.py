"""Assets put into the game at once by the project's profile: the key P of Picture and Gallery.
A approves a picture, P sends it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.export import which
from pages.gallery import refusals
from studio import context
from studio.assets import listing, records
from studio.errors import StudioError
from studio.export import profiles
from studio.generation.gallery_table import Picture
from studio.web import session, ui
from studio.worker import submit
from studio.workflows import exports
from studio.workflows.export_preparing import Wanted
from studio.workflows.exports import Done

AT_ONCE = 20  # assets; more are a job's,
PIXELS = 16_000_000  # and so are those that have more together
SENT, KEY = "export-sent", "P"


def of_picture(picture: Picture) -> None:
    """The button on a picture's page, what came of it, and the way to another profile."""
    open = picture.verdict != "approved"
    st.button(
        "Into the game",
        icon=":material/output:",
        shortcut=KEY,
        on_click=send_approved,
        args=((picture.id,),),
        **ui.only(
            exports.RIGHT,
            open,
            help="Approve it first: A."
            if open
            else "By the profile that you last used for this style.",
        ),
    )
    link(picture.id, "Export")


def link(id: str, label: str = "Into the game") -> None:
    """The way of one asset to the page Export."""
    st.page_link(
        "pages/Export.py",
        label=label,
        icon=":material/tune:",
        query_params={"id": id},
    )


def of_chosen(ids: Sequence[str]) -> None:
    """The buttons in the gallery's bar: into the game those that are approved, or see first."""
    st.button(
        "Into the game",
        icon=":material/output:",
        key="gallery-send",
        shortcut=KEY,
        on_click=send_approved,
        args=(tuple(ids),),
        **ui.only(exports.RIGHT, help="The approved ones, by the profile that you last used."),
    )
    if st.button("Export", icon=":material/tune:", key="gallery-export"):
        st.switch_page("pages/Export.py", query_params=which.of_chosen(ids))


def send_approved(ids: Sequence[str]) -> None:
    """Send those that are approved, each by the profile that was taken last for its style."""
    with refusals.kept():
        found = records.of_ids(session.studio().engine, ids)
        approved = [one for one in found if one.verdict == "approved"]
        if not approved:
            raise StudioError("None of these is approved.", "Approve some first: A.")
        by_profile: dict[str, list[str]] = {}
        for one in approved:
            by_profile.setdefault(_profile(one.style), []).append(one.id)
        for name, some in by_profile.items():
            _export(Wanted(tuple(some), name))


def write(wanted: Wanted) -> None:
    """Export what the page Export shows; what is refused is told."""
    with refusals.kept():
        _export(wanted)


def tell() -> None:
    """What was exported last in this window, once: where it went, and its zip."""
    found: list[Done] = st.session_state.pop(SENT, [])
    for done in found:
        st.success(ui.plain(done.says), icon=":material/output:")
        if done.asset and done.destination == profiles.ZIP:
            st.link_button(
                "Download the zip",
                f"/download/export/{done.asset}",
                icon=":material/folder_zip:",
                type="primary",
            )


def is_job(ids: Sequence[str]) -> bool:
    """Whether these are too many, or too large, for a page to make their files itself."""
    if len(ids) > AT_ONCE:
        return True
    found = listing.of_ids(session.studio().engine, ids)
    return sum(one.width * one.height for one in found) > PIXELS


def _profile(style: str) -> str:
    name = profiles.remembered(session.studio().engine, ui.person(), style)
    if not name:
        raise StudioError(
            "No export profile was used yet.",
            "Open Export once: a profile says how your game takes files.",
        )
    return name


def _export(wanted: Wanted) -> None:
    """A few at once, many by a job."""
    studio, who, now = session.studio(), ui.person(), context.now()
    if is_job(wanted.assets):
        payload = {
            "assets": list(wanted.assets),
            "profile": wanted.profile,
            "names": {id: dict(said) for id, said in wanted.names.items()},
            "overwrite": wanted.overwrite,
            "delete": wanted.delete,
        }
        job = submit.ask(studio, "export", payload, asked_by=who, now=now)
        st.toast(f"Job {job.id} exports them.", icon=":material/output:")
        return
    done = exports.export(studio, wanted, by=who, now=now)
    st.session_state.setdefault(SENT, []).append(done)
    st.toast(ui.plain(done.says), icon=":material/output:")
