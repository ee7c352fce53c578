"""Prompts that are kept under a name: put into the fields, saved from them, deleted."""

from typing import Any

import streamlit as st

from studio import context
from studio.errors import StudioError
from studio.generation import prompt_templates
from studio.generation.prompt_templates import Template
from studio.web import session, ui


def templates(style: str) -> None:
    """The templates that can be used with the style, folded away."""
    box = st.expander("Templates", key="templates", on_change="rerun", icon=":material/bookmarks:")
    with box:
        if not box.open:
            return
        if wrong := st.session_state.pop("template-wrong", None):
            ui.failed(wrong)
        kept = prompt_templates.listing(session.studio().engine, style)
        if kept:
            _use(kept)
        else:
            st.caption(
                "A prompt kept under a name. What stands in {braces} becomes a field: "
                "`a {material} sword, front view`"
            )
        _save(style)


def _use(kept: list[Template]) -> None:
    found = {one.id: one for one in kept}
    chosen = st.selectbox(
        "Use a template",
        list(found),
        index=None,
        key="template",
        format_func=lambda id: _named(found[id]) if id in found else "",
        placeholder="Choose one",
        on_change=_fill,
        args=(found,),
    )
    if chosen in found:
        one = found[chosen]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{ui.plain(one.prompt)} · by {ui.plain(one.by)}")
            st.button(
                "Delete", key="template-delete", on_click=_delete, args=(one.id,), **_own(one)
            )


def _named(one: Template) -> str:
    return one.name if one.style else f"{one.name} · all styles"


def _own(one: Template) -> dict[str, Any]:
    """For the button that deletes it: whose it is, and leads, may."""
    mine = one.by == str(ui.person()) and ui.may("generate")
    return {} if mine else ui.only(prompt_templates.OTHERS)


def _fill(found: dict[int, Template]) -> None:
    if one := found.get(st.session_state["template"]):
        st.session_state["prompt"], st.session_state["negative"] = one.prompt, one.negative


def _save(style: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Save this prompt as",
            key="template-name",
            max_chars=prompt_templates.NAME,
            placeholder="sword",
            width=200,
            **ui.only("generate"),
        )
        st.checkbox("For all styles", key="template-all", **ui.only("generate"))
        st.button(
            "Save",
            key="template-save",
            icon=":material/bookmark_add:",
            on_click=_keep,
            args=(style,),
            **ui.only("generate"),
        )


def _keep(style: str) -> None:
    state = st.session_state
    try:
        made = prompt_templates.save(
            session.studio().engine,
            state.get("template-name", ""),
            state["prompt"],
            state.get("negative", ""),
            style="" if state.get("template-all") else style,
            by=ui.person(),
            now=context.now(),
        )
        state["template"], state["template-name"] = made.id, ""
        st.toast(f"{ui.plain(made.name)} is saved.")
    except StudioError as error:
        state["template-wrong"] = error


def _delete(id: int) -> None:
    try:
        prompt_templates.delete(session.studio().engine, id, by=ui.person())
        st.session_state["template"] = None
    except StudioError as error:
        st.session_state["template-wrong"] = error
