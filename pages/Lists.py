"""Lists: paste one, check it, let it be drawn overnight, judge it in the morning."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from pages.generate import seamless_choice, size_choice
from pages.lists.earlier_lists import earlier
from pages.lists.written_list import comes_to, given, shown
from studio import context
from studio.diffusion import families, prompt_tokens, vocabulary
from studio.errors import StudioError
from studio.generation import prompts
from studio.generation.lists import PictureList
from studio.jobs import idempotency
from studio.registry import version_choice, version_pins
from studio.registry.models import Version
from studio.web import addresses, page_frame, record_cache, session, ui, where_boxes
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds
from studio.workflows.version_loading import base_of

TOLD = 10  # lines that are told of


def ask(payload: dict[str, object]) -> None:
    """Ask for the whole list as one job, however often the button is hit."""
    studio, who = session.studio(), ui.person()
    where = where_boxes.chosen("batch")
    key = idempotency.key(studio.engine, "batch", {**payload, "where": where}, who)
    job = submit.ask(
        studio, "batch", payload, asked_by=who, now=context.now(), key=key, where=where
    )
    st.toast(f"{job.payload['style']} draws the list; judge it here when it is done.")


def which(studio: context.Studio, style: str, named: str) -> int | None:
    """The version that draws the set, why, and the pin that keeps it for the set."""
    chosen = version_choice.choose(studio.engine, style, ui.person(), named)
    there = chosen.version is None or chosen.version in {
        v.number for v in record_cache.versions(style)
    }
    if there:
        st.caption(ui.plain(chosen.why))
    else:
        ui.failed(version_choice.lost(style, chosen))
    if not named:
        return chosen.version
    pinned = next(
        (p for p in version_pins.pins_of(studio.engine, style, ui.person()) if p.assets == named),
        None,
    )
    label = f"Draw “{ui.plain(named)}” with version {chosen.version} whatever is promoted later"
    st.checkbox(
        label,
        pinned is not None,
        key=f"pin-{style}-{named}",
        on_change=pin,
        args=(style, named, chosen.version),
        **ui.only("generate"),
    )
    return chosen.version


def pin(style: str, named: str, version: int) -> None:
    """Keep the version for the person's list, or take the pin off."""
    kept = st.session_state[f"pin-{style}-{named}"]
    version_pins.pin(
        session.studio().engine,
        style,
        ui.person(),
        named,
        version if kept else None,
        why=f"kept for {named}",
        now=context.now(),
    )


def new(studio: context.Studio) -> None:
    """A list, what is wrong with it, and what draws it."""
    found = given(studio)
    styles = sorted({v.style for v in record_cache.versions() if v.stage == "production"})
    if not styles:
        st.info("A list is drawn with what is in production, and nothing is yet.")
        st.page_link("pages/Registry.py", label="Promote a version", icon=":material/inventory_2:")
        return
    if found:
        shown(found)
    columns = st.columns([2, 1, 1, 1])
    ui.gone("style", styles, "style {} in production")
    style = columns[0].selectbox("Style", styles, **addresses.one_of("style", styles))
    steps = columns[1].number_input("Steps", 1, 60, 20, **_kept("steps"))
    guidance = columns[2].number_input("Guidance", 0.0, 15.0, 4.0, 0.5, **_kept("guidance"))
    strength = columns[3].number_input("Style strength", 0.0, 2.0, 1.0, 0.05, **_kept("strength"))
    may = ui.only("generate")
    negative = st.text_input(
        "Negative prompt, where a line gives none", max_chars=2000, **_kept("negative"), **may
    )
    named = st.text_input(
        "Name of this list", max_chars=200, placeholder="level 3 props", **_kept("set"), **may
    ).strip()
    number = which(studio, style, named)
    version = next((v for v in record_cache.versions(style) if v.number == number), None)
    size = size_choice.chosen(version) if version and kinds.takes(version, "size") else {}
    edges = seamless_choice.chosen(version) if version and kinds.takes(version, "seamless") else {}
    if found and version:
        native = kinds.of(version).size(version) or families.native_side(base_of(studio, version))
        told_of(studio, found, negative, version)
        comes_to(found, size.get("width"), size.get("height"), native)
    payload: dict[str, object] = {
        "style": style,
        "set": named,
        "version": number,
        "steps": steps,
        "guidance": guidance,
        "strength": strength,
        "negative": negative,
        "assets": [asdict(line) for line in found.lines] if found else [],
        **size,
        **edges,
    }
    ready = found is not None and not found.problems
    where_boxes.shown("batch")
    label = f"Draw {found.pictures:,} pictures" if found and ready else "Draw the list"
    if st.button(
        label, type="primary", icon=":material/bedtime:", **ui.only("generate", not ready)
    ):
        try:
            ask(payload)
        except StudioError as error:
            ui.failed(error)


def told_of(studio: context.Studio, found: PictureList, negative: str, version: Version) -> None:
    """Lines whose prompt is not drawn as it stands, or not at once, before anything is drawn."""
    if not kinds.is_adapter(version):
        return
    reader = prompt_tokens.of_base(base_of(studio, version))
    base, word = version.tags.get("base_name", ""), version.trigger_word
    said = prompt_tokens.said(reader, negative, "The negative prompt")
    said += [
        f"{line.name}: {sentence}"
        for line in found.lines
        for sentence in (
            *prompt_tokens.said(reader, prompts.with_trigger(line.prompt, word)),
            *vocabulary.said(base, prompts.without_trigger(line.prompt, word)),
        )
    ]
    for sentence in said[:TOLD]:
        st.info(ui.plain(sentence), icon=":material/segment:")
    if len(said) > TOLD:
        st.info(f"And {len(said) - TOLD:,} more like these.")


def _kept(name: str) -> dict[str, Any]:
    """A field of this page's own, whose value outlives a look at another page and a reload."""
    return {"key": f"list-{name}", "bind": "query-params", "persist_state": "session"}


with page_frame.page("Lists", "A list in the evening, a contact sheet in the morning.") as studio:
    st.page_link("pages/Generate.py", label="Generate", icon=":material/arrow_back:")
    new(studio)
    st.header("Lists so far")
    earlier(studio)
