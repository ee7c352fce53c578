"""What an export would write, file by file, and the button that writes it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from pages.export import profile_choice, sending
from pages.gallery import refusals
from studio import context
from studio.assets.listing import Listed
from studio.errors import StudioError
from studio.export.profiles import Revision
from studio.web import addresses, ui
from studio.web.markup import Shown
from studio.workflows import exports
from studio.workflows.export_preparing import Wanted
from studio.workflows.exports import Plan

SIDE, SHOWN = 96, 24
STATES = {
    "new": "New",
    "changed": "Changed",
    "same": "Unchanged",
    "kept": "Kept: changed in the game",
}


def show(studio: context.Studio, found: list[Listed]) -> None:
    """The assets, the profile, the plan, and the way to do it."""
    refusals.tell()
    sending.tell()
    if not found:
        st.info("No asset is chosen. Choose some in the gallery, then Export there.")
        st.page_link(
            "pages/Gallery.py", label="Choose in the gallery", icon=":material/photo_album:"
        )
        return
    ui.pictures([_shown(one) for one in found[:SHOWN]], SIDE)
    if len(found) > SHOWN:
        st.caption(f"And {len(found) - SHOWN:,} more.")
    profile = profile_choice.chosen(studio, found[0].style)
    if profile is None:
        st.info("No profile yet. It says how your game takes files: make one under Profiles.")
        return
    wanted = _wanted(studio, found, profile)
    try:
        plan = exports.plan(studio, wanted) if _is_told(found) else None
    except StudioError as error:
        ui.failed(error)
        return
    if plan is not None:
        _told(plan)
    wrong = plan is not None and bool(plan.flaws)
    st.button(
        "Export",
        type="primary",
        icon=":material/output:",
        on_click=sending.write,
        args=(wanted,),
        **ui.only(
            exports.RIGHT,
            wrong,
            help="Give other names first: what is wrong with them stands above."
            if wrong
            else "Only changed files are written.",
        ),
    )


def _is_told(found: list[Listed]) -> bool:
    """Whether every file is told: of many only if somebody asks, since all are made for that."""
    if not sending.is_job([one.id for one in found]):
        return True
    return st.toggle(
        "Tell every file",
        **addresses.flag("files", key="export-files"),
        help="It takes as long as the export. Wrong names are told by the job as well, before "
        "anything is written.",
    )


def _wanted(studio: context.Studio, found: list[Listed], profile: Revision) -> Wanted:
    """What is asked, with the fields of a single asset where somebody types some."""
    left, right = st.columns(2)
    overwrite = left.toggle(
        "Overwrite what was changed in the game",
        **addresses.flag("overwrite", key="export-overwrite"),
    )
    delete = right.toggle(
        "Delete their files under earlier names", **addresses.flag("delete", key="export-delete")
    )
    ids = tuple(one.id for one in found)
    names: dict[str, dict[str, str]] = {}
    if len(found) == 1:
        names = _fields(found[0])
    return Wanted(ids, profile.name, names, overwrite=overwrite, delete=delete)


def _fields(one: Listed) -> dict[str, dict[str, str]]:
    """Another name, category or variant for the one asset; "" keeps what it has."""
    typed: dict[str, str] = {}
    columns = st.columns(3)
    for column, (name, label) in zip(
        columns,
        (("category", "Category"), ("name", "Name"), ("variant", "Variant")),
        strict=True,
    ):
        said = column.text_input(
            label,
            placeholder="as it is",
            max_chars=100,
            **addresses.text(name, key=f"export-{name}"),
        )
        if said and said.strip():
            typed[name] = said.strip()
    return {one.id: typed} if typed else {}


def _told(plan: Plan) -> None:
    count = Counter[str](one.state for one in plan.changes)
    told = [f"{STATES[state]}: {count[state]:,}" for state in STATES if count[state]]
    st.markdown(f"**{ui.plain(plan.destination)}** · " + " · ".join(told))
    for flaw in plan.flaws[:10]:
        instead = f" Such as: {flaw.instead}" if flaw.instead else ""
        st.error(ui.plain(f"{flaw.path} {flaw.says}.{instead}"), icon=":material/label_off:")
    rows: list[dict[str, Any]] = [
        {"File": one.path, "State": STATES[one.state], "Bytes": len(one.data)}
        for one in plan.changes
    ]
    st.dataframe(rows, hide_index=True, width="stretch")
    if plan.leftovers:
        st.caption("Files under earlier names: " + ui.plain(", ".join(plan.leftovers[:20])))
    if plan.changed_leftovers:
        st.caption(
            "Files under earlier names that were changed in the game, which stay: "
            + ui.plain(", ".join(plan.changed_leftovers[:20]))
        )


def _shown(one: Listed) -> Shown:
    url = f"/picture/asset/{one.id}"
    return Shown(url, "", one.width, one.height, alt=one.said, href=f"/Picture?id={one.id}")
