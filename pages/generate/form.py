"""What is asked for: style, words, numbers, other styles, pictures to begin from and to lead."""

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.generate import draft, prompt_beside
from pages.generate.beginning import beginning, mask_of
from pages.generate.further_loras import mixed
from pages.generate.leading import leading
from pages.generate.settings import settings
from pages.generate.templates import templates
from pages.generate.words import fields, negative_field, prompt_field, told
from studio.errors import StudioError
from studio.generation import prompt_templates
from studio.registry import places, version_choice
from studio.registry.models import Version
from studio.web import addresses, session, ui, where_boxes
from studio.workflows.model_kinds import table as kinds


@dataclass(frozen=True)
class Asked:
    """The payload of a job, and the place beside the button for what is said of it."""

    payload: dict[str, Any]
    beside: DeltaGenerator


def asked(found: list[Version]) -> Asked | None:
    """The whole form; what it asks for once the button is hit."""
    kept = draft.held()
    draft.restore(kept)
    version, usual = which(found, kept)
    found = [one for one in found if kinds.draws(one)]
    kind = kinds.of(version)
    for said in kind.warnings(session.studio(), version):
        st.warning(ui.plain(said))
    prompt = prompt_field()
    reading, inputs = st.container(), st.container()
    where_boxes.shown("generate")
    hit, beside = button(version)
    negative = negative_field(version)
    with inputs:
        values = fields(prompt, negative)
    numbers = settings(version, kept)
    others = mixed(version, found) if kinds.is_adapter(version) else []
    start = beginning() if "start" in kind.takes else {}
    led = leading(version) if {"leads", "reference"} <= kind.takes else {}
    templates(version.style)
    draft.keep(None if usual else version.number)
    with reading:
        told(version, others, values, found)
        prompt_beside.tell()
    if not hit:
        return None
    with beside:
        try:
            words = {
                "prompt": prompt_templates.filled(prompt, values),
                "negative": prompt_templates.filled(negative, values),
            }
            start |= mask_of(start)
        except StudioError as error:
            ui.failed(error)
            return None
    payload = {
        "style": version.style,
        "version": version.number,
        **words,
        "adapters": others,
        **numbers,
        **start,
        **led,
    }
    if start.get("mask"):
        payload["width"] = payload["height"] = None  # the picture's own
    return Asked(payload, beside)


def button(version: Version) -> tuple[bool, DeltaGenerator]:
    """Whether the button is hit, and the place below it."""
    with st.container(key="draw-row", horizontal=True, vertical_alignment="center"):
        # Not by on_click: its arguments would be those of the page before the last word typed.
        hit = st.button(
            "Draw",
            type="primary",
            icon=":material/brush:",
            shortcut="Ctrl+Enter",
            **ui.only("generate"),
        )
        st.page_link(
            "pages/Lists.py",
            label="Draw a list overnight",
            query_params={"style": version.style},
            icon=":material/bedtime:",
        )
    return hit, st.container()


def which(found: list[Version], kept: dict[str, Any]) -> tuple[Version, bool]:
    """The style's version, and whether it is the usual one: what is in production, unless another
    is chosen."""
    all_of, found = found, [v for v in found if kinds.draws(v)]
    live = {v.style: v for v in found if v.stage == "production"}
    styles = sorted({v.style for v in found}, key=lambda style: (style not in live, style))
    ui.gone("style", styles, "style {}")
    columns = st.columns(2)
    at_first = addresses.one_of("style", styles, first=kept.get("style"))
    style = columns[0].selectbox("Style", styles, **at_first)
    mine = {v.number: v for v in found if v.style == style}
    if addresses.asked_anew(
        "version"
    ):  # else it is the version of the style that was chosen before
        ui.gone("version", mine, f"version {{}} of {style}")
    chosen = version_choice.choose(session.studio().engine, style, ui.person())
    there = chosen.version in mine
    usual = chosen.version if chosen.version in mine else max(mine)
    before = kept.get("version") if kept.get("style") == style else None
    first = before if before in mine else usual
    where = places.places(session.studio().engine, style)
    labels = {n: f"{n} · {where.of(n)}" for n in mine}
    ui.relabelled(f"version of {style}", labels)
    number = columns[1].selectbox(
        "Version",
        list(mine),
        format_func=labels.__getitem__,
        **addresses.one_of("version", list(mine), first=first, key=f"version of {style}"),
    )
    if chosen.version is not None and not there:
        named = (style, chosen.version)
        silent = next((v for v in all_of if (v.style, v.number) == named), None)
        ui.failed(_why_not(silent) if silent else version_choice.lost(style, chosen))
    elif style not in live:
        st.caption("Nothing of this style is in production; the newest version draws.")
    elif number != usual:
        st.caption(f"Default: {ui.plain(chosen.why)}")
    else:
        st.caption(ui.plain(chosen.why))
    return mine[number], number == usual


def _why_not(version: Version) -> StudioError:
    """Why a version that should draw does not, though it is there."""
    try:
        kinds.check_takes(version)
    except StudioError as error:
        return error
    raise AssertionError(f"{version} draws")
