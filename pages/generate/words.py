"""The prompts, what becomes of them, and the fields of a prompt that has some."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.generate.beginning import begin_from
from studio.generation import prompt_templates, prompts
from studio.registry.models import Version
from studio.web import components, drafts, session, ui
from studio.workflows import prompt_reading
from studio.workflows.model_kinds import table as kinds

HEIGHT = 116  # pixels of the prompt's field; longer ones scroll in it
PICTURE = "prompt-reading"


def prompt_field() -> str:
    """The field. It takes any length, so that what stands in it is what a drawing is asked for."""
    return st.text_area(
        "Prompt", key="prompt", placeholder="a red potion", height=HEIGHT, **ui.only("generate")
    )


def negative_field(version: Version) -> str:
    """What should not be there, where the version can be told."""
    if not kinds.takes(version, "negative"):
        return ""
    said = "What should not be there: blurry, text"
    return st.text_input("Negative prompt", key="negative", **ui.only("generate", help=said))


def told(
    version: Version,
    adapters: Sequence[dict[str, Any]],
    values: dict[str, str],
    known: Sequence[Version],
) -> None:
    """How the style takes both prompts, counted on while somebody types."""
    state = st.session_state
    prompt = state.get("prompt", "")
    negative = state.get("negative", "") if kinds.takes(version, "negative") else ""
    read = prompt_reading.read(session.studio(), version, prompt, negative, adapters, values, known)
    data = {
        "style": version.style,
        "version": version.number,
        "adapters": list(adapters),
        "values": values,
        "prompt": prompt,
        "negative": negative,
        "read": read.as_json(),
        "most": prompt_reading.MOST,
        "hint": _hint(version),
        "tab": drafts.tab(),
    }
    components.screen("prompt")(key=PICTURE, data=data, on_picture_change=_pasted)


def _hint(version: Version) -> str:
    word = version.trigger_word
    where = f"is put before it, or where you write {prompts.TOKEN}."
    return f"The style's word {word} {where}" if word else "Say what to draw. Ctrl+Enter draws."


def _pasted() -> None:
    start = st.session_state[PICTURE].picture
    if isinstance(start, str):
        begin_from(start)


def fields(prompt: str, negative: str) -> dict[str, str]:
    """Inputs for the fields in braces, and what stands in them."""
    names = prompt_templates.fields(f"{prompt}\n{negative}")
    values = {}
    columns = st.columns(2) if names else []
    for place, name in enumerate(names):
        key = f"field {name}"
        values[name] = columns[place % 2].text_input(
            name,
            key=key,
            max_chars=prompt_templates.VALUE,
            placeholder=f"{{{name}}}",
            **ui.only("generate"),
        )
    return values
