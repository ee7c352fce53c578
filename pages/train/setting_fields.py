"""The fields of a training's settings; what is typed is a draft, for each preset and base."""

from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from studio.training import setting_help
from studio.training.config import TrainConfig
from studio.training.setting_values import BOUNDS, CHOICES, TARGETS
from studio.web import drafts, ui
from studio.web.drafts import Draft

# Empty: the style's own, also after another style was chosen.
OWN = {"trigger_word": ""}
FEWEST_BETWEEN = 10  # steps between two previews, which take as long as some steps


def begun(usual: TrainConfig, preset: str, several: bool) -> Draft:
    """The settings as the person left them, else those of the preset: with a preview every tenth
    of the way, but for trials of a sweep."""
    subject = f"training/{preset}/{usual.base}"
    draft = drafts.begin(subject, _fields(usual) | OWN)
    if several:
        return draft
    every = max(FEWEST_BETWEEN, int(drafts.value(draft, "max_train_steps")) // 10)
    return drafts.begin(subject, _fields(replace(usual, preview_every_n_steps=every)) | OWN)


def filled(usual: TrainConfig, preset: str, config: TrainConfig) -> None:
    """As a callback: put a training's settings into the fields."""
    drafts.put(begun(usual, preset, True), **_fields(config))


def chosen(draft: Draft) -> dict[str, Any]:
    """All settings but the base as the fields have them; no trigger word where none is typed."""
    found = {name: drafts.value(draft, name) for name in draft.saved}
    if not found["trigger_word"].strip():
        del found["trigger_word"]
    return found | {"targets": ",".join(t for t in TARGETS if t in found["targets"])}


def main(draft: Draft, usual: TrainConfig) -> None:
    """The settings that matter, in one row."""
    for column, name in zip(st.columns(len(setting_help.MATTER)), setting_help.MATTER, strict=True):
        _field(column, name, usual, draft)


def others(draft: Draft, usual: TrainConfig) -> None:
    """The settings that are folded away, one group of them open at a time: forty fields at once
    could not be read, and would make every click wait."""
    folded = st.expander("All other settings", key="others", on_change="rerun")
    names = [name for name, words in setting_help.HELP.items() if words.group]
    if not folded.open:
        _keep(draft, names)
        return
    group = folded.segmented_control(
        "Settings of",
        setting_help.GROUPS,
        default=setting_help.GROUPS[0],
        required=True,
        key="group",
        label_visibility="collapsed",
    )
    shown = [name for name in names if setting_help.HELP[name].group == group]
    _keep(draft, [name for name in names if name not in shown])
    shown.sort(key=lambda name: isinstance(getattr(usual, name), bool))  # what is ticked comes last
    for first in range(0, len(shown), 3):
        for column, name in zip(folded.columns(3), shown[first : first + 3], strict=False):
            _field(column, name, usual, draft)


def _keep(draft: Draft, names: list[str]) -> None:
    """Streamlit forgets what was typed into a field that is not drawn, unless it is set anew."""
    for name in names:
        key = drafts.field(draft, name)["key"]
        st.session_state[key] = st.session_state[key]


def _field(place: Any, name: str, usual: TrainConfig, draft: Draft) -> None:
    """One setting with its line of help."""
    words, value, kept = setting_help.HELP[name], getattr(usual, name), drafts.field(draft, name)
    label = words.label
    if name == "targets":
        place.multiselect(label, TARGETS, **kept)
    elif name in CHOICES:
        place.selectbox(label, CHOICES[name], **kept)
    elif isinstance(value, bool):
        place.checkbox(label, **kept)
    elif isinstance(value, int):
        # The most is told in words where it is passed; a field would change the number silently.
        place.number_input(label, min_value=int(BOUNDS[name][0]), **kept)
    elif isinstance(value, float):
        step = 1.0 if value >= 5 else value / 10 or 0.01
        place.number_input(label, 0.0, step=step, format="%g", **kept)
    elif name in OWN:
        place.text_input(label, placeholder=str(value), **kept, **ui.only("train"))
    else:
        place.text_input(label, **kept, **ui.only("train"))
    place.caption(words.help)


def _fields(config: TrainConfig) -> dict[str, Any]:
    """Settings as their fields hold them."""
    found = {name: value for name, value in asdict(config).items() if name != "base"}
    return found | {"targets": config.targets.split(",")}
