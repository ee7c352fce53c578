"""A new training: from what, how, and how long it will take."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from pages.train import (
    base_choice,
    cost_estimate,
    reused_settings,
    sweep_form,
    sweep_progress,
    training_progress,
    training_queue,
)
from studio import context
from studio.datasets import manifests
from studio.datasets.manifests import DatasetVersion
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import idempotency, queue
from studio.training import setting_help
from studio.training.config import PRESETS, TrainConfig, load_config
from studio.training.setting_values import BOUNDS, CHOICES, TARGETS
from studio.web import addresses, record_cache, session, ui
from studio.worker import submit
from studio.workflows import train_examples
from studio.workflows.sweeps import sweep_run

KEPT: dict[str, Any] = {"persist_state": "session"}  # folding away changes no setting
WHEN = ("Now", "At a time")
PRESET_HELP = {
    "fast": "a first look",
    "balanced": "the usual one",
    "quality": "more detail, much longer",
}


def form(studio: context.Studio) -> None:
    """Everything that a training is asked with, and the button that asks for it."""
    names = manifests.names(studio.home)
    if not names:
        st.info("A training learns from a dataset, and there is none yet.")
        st.page_link("pages/Datasets.py", label="Bring pictures in", icon=":material/upload:")
        return
    ui.gone("data", names, "dataset {}")
    columns = st.columns([2, 3, 3])
    name = columns[0].selectbox("Dataset", names, **addresses.one_of("data", names))
    heads = manifests.heads(studio.home, name)
    spoken = {
        h.version: f"version {n} · {h.pictures:,} pictures · frozen {ui.moment(h.created)}"
        for n, h in zip(range(len(heads), 0, -1), heads, strict=True)
    }
    version = columns[1].selectbox(
        "Version",
        list(spoken),
        format_func=spoken.__getitem__,
        **addresses.one_of("frozen", list(spoken), key=reused_settings.versions(name, heads)),
    )
    new = st.session_state.get("style") or st.query_params.get("style")  # stays to be chosen
    known = sorted({v.style for v in record_cache.versions()} | ({new} if new else set()))
    style = columns[2].selectbox(
        "Style",
        known,
        index=None,
        accept_new_options=True,
        **addresses.one_of("style", known, empty=True, free=True),
        placeholder="Choose one, or type a new name",
    )
    device = reused_settings.device(studio)
    offer = base_choice.chosen(studio, device)
    if offer is None:
        return
    preset = st.segmented_control(
        "Preset",
        list(PRESETS),
        required=True,
        format_func=str.capitalize,
        **addresses.one_of("preset", list(PRESETS), first="balanced", once=str.capitalize),
    )
    st.caption(f"{preset.capitalize()}: {PRESET_HELP.get(preset, '')}. Change what you like below.")
    usual = load_config(preset, None, {"base": offer.name})
    settings: dict[str, Any] = {"base": offer.name}
    for column, field in zip(
        st.columns(len(setting_help.MATTER)), setting_help.MATTER, strict=True
    ):
        settings[field] = _setting(column, field, usual, preset)
    settings |= _others(usual, preset)
    try:
        config = load_config(preset, None, settings)
        data = record_cache.dataset(name, version)
        trials, tried = 1, dict[str, str]()
        if st.toggle("Hyperparameter sweep", key="several", help=sweep_progress.SEVERAL):
            tried, trials = sweep_form.fields(usual)
            sweep_run.comparable(data, config)
        train_examples.check(data, config)
        seconds = cost_estimate.told(
            studio,
            config,
            offer,
            device,
            len(data.pictures),
            config.resolution or data.look.size,
            trials,
            tried,
        )
        _masks(data)
        if said := train_examples.too_long(data, config, base_offers.folder_of(offer)):
            st.warning("  \n".join(map(ui.plain, said)), icon=":material/content_cut:")
    except StudioError as error:
        ui.failed(error)
        return
    _running(studio, style)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        later = st.segmented_control(
            "When", WHEN, default=WHEN[0], required=True, key="when", **KEPT
        )
        if later == WHEN[1]:
            st.time_input("At", training_queue.USUAL, key="begin-at", width=140, **KEPT)
        st.button(
            "Queue it" if later == WHEN[1] else "Start sweep" if trials > 1 else "Start training",
            type="primary",
            icon=":material/play_arrow:" if later == WHEN[0] else ":material/bedtime:",
            on_click=_ask,
            args=(f"{name}@{version}", offer.name),
            **ui.only("train", not style),
        )
    begin = (
        training_queue.at(st.session_state.get("begin-at") or training_queue.FIRST)
        if later == WHEN[1]
        else None
    )
    cost_estimate.ready(studio, device, seconds, begin)
    if not style:
        st.caption("Say above which style this becomes a version of.")


def _others(usual: TrainConfig, preset: str) -> dict[str, Any]:
    """The settings that are folded away, one group of them open at a time: forty fields at once
    could not be read, and would make every click wait."""
    folded = st.expander("All other settings", key="others", on_change="rerun")
    names = [name for name, words in setting_help.HELP.items() if words.group]
    settings = {name: _kept(name, usual, preset) for name in names}
    if not folded.open:
        return settings
    group = folded.segmented_control(
        "Settings of",
        setting_help.GROUPS,
        default=setting_help.GROUPS[0],
        required=True,
        key="group",
        label_visibility="collapsed",
    )
    shown = [name for name in names if setting_help.HELP[name].group == group]
    shown.sort(key=lambda name: isinstance(getattr(usual, name), bool))  # what is ticked comes last
    for first in range(0, len(shown), 3):
        for column, name in zip(folded.columns(3), shown[first : first + 3], strict=False):
            settings[name] = _setting(column, name, usual, preset)
    return settings


def _setting(place: Any, name: str, usual: TrainConfig, preset: str) -> Any:
    """One setting with its line of help; what it begins with is the preset's."""
    words, value = setting_help.HELP[name], getattr(usual, name)
    label, kept = words.label, {"key": _key(name, usual, preset), **KEPT}
    if name == "targets":
        value = _joined(place.multiselect(label, TARGETS, default=value.split(","), **kept))
    elif name in CHOICES:
        value = place.selectbox(label, CHOICES[name], CHOICES[name].index(value), **kept)
    elif isinstance(value, bool):
        value = place.checkbox(label, value, **kept)
    elif isinstance(value, int):
        # The most is told in words where it is passed; a field would change the number silently.
        value = place.number_input(label, min_value=int(BOUNDS[name][0]), value=value, **kept)
    elif isinstance(value, float):
        step = 1.0 if value >= 5 else value / 10 or 0.01
        value = place.number_input(label, 0.0, value=value, step=step, format="%g", **kept)
    else:
        value = place.text_input(label, value, **kept)
    place.caption(words.help)
    return value


def _kept(name: str, usual: TrainConfig, preset: str) -> Any:
    """What a folded setting was left at."""
    value = st.session_state.get(_key(name, usual, preset), getattr(usual, name))
    return _joined(value) if isinstance(value, list) else value


def _key(name: str, usual: TrainConfig, preset: str) -> str:
    return reused_settings.field(name, preset, usual.base)


def _joined(chosen: list[str]) -> str:
    return ",".join(target for target in TARGETS if target in chosen)


def _masks(data: DatasetVersion) -> None:
    """How many pictures have a mask, and what it does."""
    told, stale = train_examples.masked(data)
    if told:
        st.caption(ui.plain(told))
    if stale:
        st.warning(ui.plain(stale), icon=":material/contrast:")


def _running(studio: context.Studio, style: str | None) -> None:
    """Say so where the same style is being trained already."""
    for job in queue.listing(studio.engine, kind="train", states=("queued", "running")):
        if style and job.payload.get("style") == style.strip():
            st.warning(
                f"{ui.plain(job.asked_by)} is training {ui.plain(style)} already; a second "
                "training waits for the first and becomes a version of its own."
            )
            st.button(
                "Watch it", key=f"watch-{job.id}", on_click=training_progress.show, args=(job.id,)
            )


def _ask(dataset: str, base_name: str) -> None:
    """Ask for the training, however often the button was hit, and show it.

    Settings come from the fields as they are now: what is drawn may be older than the last word
    that was typed before the click.
    """
    studio, who, state = session.studio(), ui.person(), st.session_state
    preset = state["preset"]
    try:
        usual = load_config(preset, None, {"base": base_name})
        settings = {name: _kept(name, usual, preset) for name in setting_help.HELP}
        settings["base"] = base_name
        payload = {
            "style": (state.get("style") or "").strip(),
            "dataset": dataset,
            "preset": preset,
            "settings": asdict(load_config(preset, None, settings)),
        }
        begin = training_queue.at(state["begin-at"]) if state.get("when") == WHEN[1] else None
        if state.get("several"):
            state[sweep_progress.ASKED] = sweep_form.ask(studio, payload, usual, begin).id
            state["show"] = training_queue.QUEUE if begin else sweep_progress.SWEEPS
            return
        wish = {**payload, "not_before": begin}
        key = idempotency.key(studio.engine, "train", wish, who)
        job = submit.ask(
            studio, "train", payload, asked_by=who, now=context.now(), key=key, not_before=begin
        )
        if begin:
            state["show"] = training_queue.QUEUE
        else:
            training_progress.show(job.id)
    except StudioError as error:
        state["refused"] = error
