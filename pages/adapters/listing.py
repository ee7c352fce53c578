"""All adapters in a table, and one of them: its files, labels, what uses it, its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from studio import context
from studio.errors import StudioError
from studio.registry import imported_adapters, places, stages
from studio.registry.models import Version
from studio.web import addresses, drafts, record_cache, ui
from studio.web.drafts import Draft
from studio.workflows import adapters
from studio.workflows.model_kinds import table as kinds

ROWS = 15  # on one page: the size of each is looked up in its folder
ORIGINS = {"imported": "brought in", "merged": "merged"}


def look(studio: context.Studio) -> None:
    """The table and the chosen adapter."""
    found = {name(v): v for v in record_cache.versions() if kinds.is_adapter(v)}
    if not found:
        st.info("There is no adapter yet. Train a style, or bring a LoRA file in.")
        return
    styles = sorted({v.style for v in found.values()})
    one, labels = st.columns([1, 2])
    choices = ["all", *styles]
    style = one.selectbox("Style", choices, **addresses.one_of("of", choices, key="of-style"))
    known = sorted({label for v in found.values() for label in imported_adapters.labels_of(v)})
    wanted: list[str] = []
    if known:
        wanted = labels.multiselect(
            "With all of these labels", known, **addresses.some_of("labels", known)
        )
    shown = {
        key: v
        for key, v in found.items()
        if style in ("all", v.style) and set(wanted) <= set(imported_adapters.labels_of(v))
    }
    if not shown:
        st.caption("No file has all of these labels.")
        return
    table = st.container()
    pages, page = -(-len(shown) // ROWS), 1
    if pages > 1:
        at = addresses.one_of("list", range(1, pages + 1), key="files-page")
        page = st.pagination(pages, **at)
    chosen = st.selectbox("Adapter", list(shown), **addresses.one_of("adapter", list(shown)))
    rows = list(shown.values())[(page - 1) * ROWS : page * ROWS]
    needed = {s: adapters.used(studio, s) for s in {v.style for v in (*rows, shown[chosen])}}
    where = {s: places.places(studio.engine, s) for s in needed}
    table.dataframe(
        [_row(studio, v, where[v.style].of(v.number), needed[v.style]) for v in rows],
        hide_index=True,
        height=35 * (len(rows) + 1) + 3,
    )
    _one(studio, shown[chosen], needed[shown[chosen].style])


def name(version: Version) -> str:
    """How an adapter is called in choices."""
    return f"{version.style} version {version.number}"


def done(call: Callable[[], Any], said: str, draft: Draft) -> None:
    """Do it; what became of it is told on the next run of the page."""
    try:
        call()
    except StudioError as error:
        st.session_state["refused"] = error
    else:
        drafts.drop(draft)
        st.session_state["moved"] = said


def _row(
    studio: context.Studio, version: Version, stage: str, needed: dict[int, list[str]]
) -> dict[str, Any]:
    size = adapters.size(studio, version)
    return {
        "Adapter": name(version),
        "Stage": stage,
        "Made": ui.moment(version.created),
        "From": ORIGINS.get(version.tags.get(imported_adapters.ORIGIN, ""), "trained here"),
        "Base": version.tags.get("base_name", version.base),
        "Rank": version.params.get("rank", ""),
        "MB": None if size is None else round(size / 1024**2, 1),
        "Trigger word": version.trigger_word,
        "Labels": ", ".join(imported_adapters.labels_of(version)),
        "Used": "; ".join(needed.get(version.number, [])) or "by nothing",
    }


def _one(studio: context.Studio, version: Version, needed: dict[int, list[str]]) -> None:
    tags = version.tags
    with st.container(border=True):
        st.markdown(f"**{ui.plain(name(version))}**")
        for label, tag in (
            ("From", "source"),
            ("Made by", "author"),
            ("Licence", "licence"),
            ("File", "file"),
        ):
            if tags.get(tag):
                st.caption(f"{label}: {ui.plain(tags[tag])}")
        address = f"/download/adapter/{version.style}/{version.number}"
        with st.container(horizontal=True):
            st.link_button(
                "For ComfyUI, A1111, sd-scripts",
                f"{address}?layout=kohya",
                icon=":material/download:",
            )
            st.link_button("For diffusers", address, icon=":material/download:")
        held = ", ".join(imported_adapters.labels_of(version))
        draft = drafts.begin(f"labels/{version.style}/{version.number}", {"labels": held})
        may = ui.only(imported_adapters.RIGHT)
        labels = drafts.field(draft, "labels")
        st.text_input("Labels, with commas between", max_chars=400, **labels, **may)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Keep the labels",
                on_click=_label,
                args=(studio, version, draft),
                key="label",
                **may,
            )
            st.page_link(
                "pages/Registry.py",
                label="Its version",
                icon=":material/inventory_2:",
                query_params={"style": version.style, "version": str(version.number)},
            )
        drafts.tell(draft)
        reasons = needed.get(version.number, [])
        if reasons:
            st.caption(f"It can't be deleted: {ui.plain('; '.join(reasons))}.")
            return
        with st.expander("Delete it", icon=":material/delete:"):
            st.markdown("It leaves the registry for good; its number is not given again.")
            draft = drafts.begin(f"delete/{version.style}/{version.number}", {"why": ""})
            why = drafts.field(draft, "why")
            st.text_area("Why", max_chars=stages.REASON, height=80, **why, **may)
            st.button(
                f"Delete {ui.plain(name(version))}",
                type="primary",
                key="delete",
                on_click=_delete,
                args=(studio, version, draft),
                **may,
            )


def _label(studio: context.Studio, version: Version, draft: Draft) -> None:
    labels = drafts.value(draft, "labels")
    done(
        lambda: imported_adapters.label(
            studio.engine, studio.client, version, labels, by=ui.person(), now=context.now()
        ),
        "The labels are kept.",
        draft,
    )


def _delete(studio: context.Studio, version: Version, draft: Draft) -> None:
    why = drafts.value(draft, "why")
    done(
        lambda: adapters.delete(studio, version.style, version.number, by=ui.person(), why=why),
        f"{ui.plain(name(version))} is deleted.",
        draft,
    )
