"""One prop: live in the viewer, what it is, its files, its edits, its sheets, and its family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.export import sending
from pages.props import (
    again,
    beginning,
    model_edits,
    relatives,
    sheets,
    starting,
    texturing,
    verdict_fields,
    which,
)
from studio import context
from studio.assets.records import Asset
from studio.charges.money import Money
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.web import ui
from studio.workflows import prop_exports, prop_files, props

HEIGHT = 620  # pixels of the viewer
FIRST = ("glb", "obj", "zip")  # downloads that stand above
SHORT = {"glb": "GLB", "obj": "OBJ", "zip": "All (zip)"}


def show(studio: context.Studio, id: str) -> None:
    """The prop that the address names; that there is none is said."""
    try:
        prop = prop_files.get(studio.engine, id)
    except StudioError:
        st.warning("This prop is not there any more. Choose another.", icon=":material/search_off:")
        beginning.show(studio)
        return
    _desk(studio, prop)


@st.fragment
def _desk(studio: context.Studio, prop: Asset) -> None:
    starting.tell()
    _ways(studio, prop)
    job = starting.watched(studio)
    _lead_on(job, prop)
    left, right = st.columns([13, 7], gap="medium")
    with left:
        theme = "dark" if st.context.theme.type == "dark" else "light"
        st.iframe(
            f"/props/viewer/{prop.id}?theme={theme}",
            height=HEIGHT,
            alt=f"{prop.name or 'The prop'} in 3D: turned by the mouse or the arrow keys",
        )
        _downloads(studio, prop)
        sheets.show(studio, prop, job)
    with right:
        st.subheader(ui.plain(prop.name or prop.kind))
        st.caption(f"By {ui.plain(prop.by)}, {ui.moment(prop.at)}")
        _figures(studio, prop)
        verdict_fields.show(studio, prop)
        model_edits.show(studio, prop)
        texturing.show(studio, prop)
    relatives.show(studio, prop.id)


def _ways(studio: context.Studio, prop: Asset) -> None:
    """The version before, the same with other settings, and the beginning."""
    with st.container(horizontal=True):
        if before := props.before(studio, prop.id):
            st.page_link(
                which.PAGE,
                label="Undo: the version before",
                icon=":material/undo:",
                query_params={"prop": before},
            )
        if told := again.address(studio, prop.id):
            st.page_link(
                which.PAGE,
                label="Again with these settings",
                icon=":material/replay:",
                query_params=told,
            )
        st.page_link(which.PAGE, label="Another wish or picture", icon=":material/arrow_back:")
        st.page_link(
            which.PAGE,
            label="History",
            icon=":material/history:",
            query_params={"show": "History", "kind": prop_files.KIND},
        )


def _lead_on(job: Job | None, prop: Asset) -> None:
    """Once, to the version that came of an edit; nothing of the old one is lost."""
    made = starting.made(job) if job and job.kind == "prop_edit" else []
    if job is not None and len(made) == 1 and made[0] != prop.id:
        starting.lead(job, {"prop": made[0]})


def _downloads(studio: context.Studio, prop: Asset) -> None:
    forms = prop_exports.forms_of(studio.engine, prop.id)
    with st.container(horizontal=True):
        for form in FIRST:
            st.link_button(
                SHORT[form], f"/download/prop/{prop.id}/{form}", icon=":material/download:"
            )
        sending.link(prop.id)
    st.caption("GLB for Godot, Blender, Unreal, and Unity with glTFast; OBJ for Unity alone.")
    box = st.expander("Other files", key="props-files", on_change="rerun")
    if box.open:
        with box, st.container(horizontal=True):
            for form in forms:
                if form not in FIRST:
                    label, address = prop_exports.FORMS[form], f"/download/prop/{prop.id}/{form}"
                    st.link_button(label, address, icon=":material/download:")


def _figures(studio: context.Studio, prop: Asset) -> None:
    """What it is, in a table, and what there was to say of it."""
    recipe = prop.recipe
    figures: Mapping[str, Any] = recipe.get("figures") or {}
    named = (figures.get(name) for name in ("width_m", "height_m", "depth_m"))
    sides = [f"{side:.3g}" for side in named if side is not None]
    rows = {
        "Made by": str(recipe.get("method") or ""),
        "Size": f"{' x '.join(sides)} m" if sides else "",
        "Triangles": f"{figures.get('triangles', 0):,}",
        "File": f"{figures.get('bytes', 0) / 1000:,.0f} kB",
        "Surface": surface(figures),
        "Style": f"{prop.style} version {prop.version}" if prop.version else prop.style,
        "Service": str(recipe.get("provider") or ""),
        "Paid": _paid(recipe.get("cost")),
        "Licence of the shape": str(recipe.get("licence") or ""),
    }
    st.markdown(
        "  \n".join(f"{name}: **{ui.plain(value)}**" for name, value in rows.items() if value)
    )
    for remark in recipe.get("remarks") or ():
        st.caption(f":material/info: {ui.plain(str(remark))}")


def surface(figures: Mapping[str, Any]) -> str:
    """Whether the surface is closed and 2-manifold, in words; "" where nobody measured it."""
    if "closed" not in figures:
        return ""
    if not figures["closed"]:
        return f"open, {figures.get('open_edges', 0):,} open edges"
    if figures.get("manifold"):
        return "closed and 2-manifold"
    return f"closed; {figures.get('nonmanifold_edges', 0):,} edges are not 2-manifold"


def _paid(cost: object) -> str:
    if not isinstance(cost, dict) or not cost.get("micros"):
        return ""
    return str(Money(int(cost["micros"]), str(cost.get("currency") or "")))
