"""A character's fields: what draws it, its reference sheet, palette and size; each save is a
revision."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.characters import which
from pages.gallery import refusals
from pages.upscale.which import FILES, MEGABYTES
from studio import context, numbers
from studio.characters import characters
from studio.characters.characters import HEIGHTS, LORA_STRENGTHS, Character, Revision
from studio.characters.poses import HEADS
from studio.finishing import palettes
from studio.generation import start_pictures, start_room
from studio.numbers import SEEDS
from studio.web import drafts, record_cache, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import characters as workflow
from studio.workflows.characters import RIGHT

SIDE = 128
VIEWS = {
    "front": "Seen from the front.",
    "side": "Seen from the side, facing right; mirrored for the left.",
    "back": "Seen from behind.",
}
OWN = "own colours"  # of a palette that was none of the studio's


def show(studio: context.Studio, found: Revision | None) -> None:
    """The form of a character, of a new one where `found` is None."""
    character = found.character if found else Character()
    subject = f"characters/{found.name if found else '+'}"
    saved = {**characters.to_json(character), "lora": _lora(character)}
    saved["palette"] = character.palette or (OWN if character.colours else "")
    for name in ("colours", "lora_version"):
        saved.pop(name)
    draft = drafts.begin(subject, saved if found else {**saved, "called": ""})
    drafts.tell(draft, "the character")
    if found is None:
        st.text_input(
            "Name", max_chars=40, placeholder="a-z, 0-9, - and _", **_field(draft, "called")
        )
    st.text_area(
        "What it looks like",
        placeholder="a young knight with a red cape, brown hair, silver boots",
        **_field(draft, "prompt", "The same words draw each cell; pose and direction are added."),
    )
    _drawing(draft)
    _reference(draft, subject)
    _size(studio, draft)
    number = found.revision + 1 if found else 1
    st.button(
        f"Save as revision {number}" if found else "Make the character",
        type="primary",
        key=f"{subject} save",
        on_click=_save,
        args=(draft, found),
        **ui.only(RIGHT),
    )
    if found:
        _revisions(studio, found.name)


def _drawing(draft: Draft) -> None:
    """What draws: a style with its version, and the character's own LoRA."""
    versions = record_cache.versions()
    styles = sorted({one.style for one in versions})
    left, middle, right = st.columns([2, 1, 2])
    held = str(drafts.value(draft, "style"))
    left.selectbox(
        "Style",
        list(dict.fromkeys(["", *styles, held])),
        format_func=lambda one: str(one) or "None: the bare base",
        **_field(draft, "style", "Its version in production draws, unless one is named."),
    )
    middle.number_input(
        "Version", 0, 10_000, **_field(draft, "version", "0: the one in production")
    )
    there = [f"{one.style}@{one.number}" for one in versions]
    own = str(drafts.value(draft, "lora"))
    right.selectbox(
        "Its own LoRA",
        list(dict.fromkeys(["", *there, own])),
        format_func=lambda one: str(one) or "None",
        **_field(draft, "lora", "Trained on this one character; it acts beside the style."),
    )
    with st.expander("More about drawing"):
        st.number_input(
            "Strength of its LoRA", *LORA_STRENGTHS, step=0.05, **_field(draft, "lora_strength")
        )
        st.text_input(
            "Base without a style",
            placeholder="the practice base",
            **_field(draft, "base", "A folder of bases/, or OWNER/NAME of the Hub"),
        )
        st.text_input("Negative prompt", **_field(draft, "negative"))
        st.number_input("Seed", 0, SEEDS - 1, **_field(draft, "seed", "Of all cells, at first"))


def _reference(draft: Draft, subject: str) -> None:
    """The reference sheet: three pictures, each by an id of the gallery or a file."""
    st.subheader("Reference sheet")
    for column, (view, help) in zip(st.columns(len(VIEWS)), VIEWS.items(), strict=True):
        with column:
            named = str(drafts.value(draft, view))
            if named:
                kind = "start" if len(named) == 64 else "asset"
                shown = Shown(f"/picture/{kind}/{named}", "", alt=f"The {view} of the character")
                ui.pictures([shown], SIDE)
            st.text_input(
                view.capitalize(),
                placeholder="a picture's id, or drop a file",
                **_field(draft, view, help),
            )
            key = f"{subject} {view} drop {st.session_state.get(f'{subject} drops', 0)}"
            st.file_uploader(
                f"{view.capitalize()} as a file",
                type=FILES,
                key=key,
                max_upload_size=MEGABYTES,
                label_visibility="collapsed",
                on_change=_take,
                args=(draft, subject, view, key),
                **ui.only(RIGHT),
            )


def _take(draft: Draft, subject: str, view: str, key: str) -> None:
    """As a callback: a dropped file becomes the view's picture."""
    state = st.session_state
    dropped = state.get(key)
    if dropped is None:
        return
    state[f"{subject} drops"] = state.get(f"{subject} drops", 0) + 1
    studio, by = session.studio(), ui.person()
    with refusals.kept():
        start_room.check(studio, by)
        hash = start_pictures.keep(studio.home, dropped.getvalue(), dropped.name, by=by)
        drafts.put(draft, **{view: hash})


def _size(studio: context.Studio, draft: Draft) -> None:
    left, middle, right = st.columns(3)
    there = [one.mark for one in palettes.listing(studio.engine)]
    held = str(drafts.value(draft, "palette"))
    left.selectbox(
        "Palette",
        list(dict.fromkeys(["", *there, held])),
        format_func=lambda one: str(one) or "The style's",
        **_field(draft, "palette", "One for all cells: each pixel takes the nearest colour."),
    )
    middle.number_input(
        "Height, px", *HEIGHTS, **_field(draft, "height", "From the top of the head to the feet")
    )
    right.number_input(
        "Heads tall", *HEADS, step=0.5, **_field(draft, "heads", "3 is a toy, 7.5 is grown up")
    )


def _field(draft: Draft, name: str, help: str | None = None) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}


def _save(draft: Draft, before: Revision | None) -> None:
    """As a callback."""
    with refusals.kept():
        told = {name: drafts.value(draft, name) for name in draft.saved if name != "called"}
        told["lora"], told["lora_version"] = _of_lora(str(told["lora"]))
        if told["palette"] == OWN:
            del told["palette"]
        name = before.name if before else str(drafts.value(draft, "called")).strip()
        saved = workflow.save(
            session.studio(),
            name,
            told,
            after=before.revision if before else 0,
            by=ui.person(),
            now=context.now(),
        )
        drafts.drop(draft)
        st.session_state["characters-show"] = "Character" if before else "Matrix"
        st.query_params[which.NAME] = saved.name
        st.toast(f"{saved.name} is revision {saved.revision}.", icon=":material/save:")


def _lora(character: Character) -> str:
    return f"{character.lora}@{character.lora_version}" if character.lora else ""


def _of_lora(said: str) -> tuple[str, int]:
    style, _, version = said.rpartition("@")
    number = numbers.counted(version)
    return (style, number) if style and number else ("", 0)


def _revisions(studio: context.Studio, name: str) -> None:
    with st.expander("Revisions"):
        for one in characters.revisions(studio.engine, name):
            st.caption(
                f"{one.revision}: {one.character.height} px, {ui.plain(one.character.prompt)}, by "
                f"{ui.plain(one.by)}, {ui.moment(one.at)}"
            )
