"""A new training: from what, how, and how long it will take."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import streamlit as st

from pages.train import (
    base_choice,
    cost_estimate,
    reused_settings,
    setting_fields,
    sweep_form,
    sweep_progress,
    training_progress,
    training_queue,
)
from studio import context
from studio.accounts import rights
from studio.datasets import manifests
from studio.datasets.manifests import DatasetVersion
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import idempotency
from studio.training import setting_help
from studio.training.config import PRESETS, load_config
from studio.web import addresses, drafts, record_cache, session, ui, where_boxes
from studio.web.drafts import Draft
from studio.worker import schedule_words, submit, train_schedule
from studio.worker.train_schedule import Schedule
from studio.workflows import train_examples, trigger_words
from studio.workflows.sweeps import sweep_run

KEPT: dict[str, Any] = {"persist_state": "session"}  # folding away changes no setting
WHEN, SWEEP = ("Now", "At a time"), "Hyperparameter sweep"
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
    if not ui.may("train"):
        st.info(f"Trainings are started by {rights.who_may('train')}; here stands what they take.")
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
        placeholder="Choose one, or type a new name",
        **addresses.one_of("style", known, empty=True, free=True),
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
    word = _word(style)
    often = train_examples.folder_repeats(record_cache.dataset(name, version))
    own: dict[str, Any] = {"trigger_word": word, "repeats": often}
    usual = load_config(preset, None, {"base": offer.name}, **own)
    several = bool(st.session_state.get("several"))
    draft = setting_fields.begun(usual, preset, several)
    setting_fields.main(draft, usual)
    setting_fields.others(draft, usual)
    drafts.tell(draft, "settings")
    try:
        settings = _settings(draft, offer.name)
        config = load_config(preset, None, settings, **own)
        if often and config.repeats == often:
            st.caption(f"How often pictures are seen an epoch, by their folders: {ui.plain(often)}")
        data = record_cache.dataset(name, version)
        trials, tried = 1, dict[str, str]()
        if st.toggle(SWEEP, help=sweep_progress.SEVERAL, **addresses.flag("several")):
            tried, trials = sweep_form.fields(usual)
            sweep_run.check_size(data)
            compared, config = config, sweep_run.comparing(config)
            if config != compared:
                st.caption(
                    f"“{setting_help.HELP['held_out'].label}” is set to {config.held_out:g}: "
                    "trials are compared by pictures that they did not learn from."
                )
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
    found = train_schedule.schedule(studio, context.now(), device)
    _already(found, (style or "").strip())
    if trials == 1:
        where_boxes.shown("train")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        later = st.segmented_control("When", WHEN, required=True, **addresses.one_of("when", WHEN))
        if later == WHEN[1]:
            st.time_input("At", training_queue.USUAL, key="begin-at", width=140, **KEPT)
        st.button(
            "Queue it" if later == WHEN[1] else "Start sweep" if trials > 1 else "Start training",
            type="primary",
            icon=":material/play_arrow:" if later == WHEN[0] else ":material/bedtime:",
            on_click=_ask,
            args=(f"{name}@{version}", offer.name, draft),
            **ui.only("train", not style),
        )
    begin = (
        training_queue.at(st.session_state.get("begin-at") or training_queue.FIRST)
        if later == WHEN[1]
        else None
    )
    length = timedelta(seconds=seconds)
    st.caption(schedule_words.asked_for(found, begin, length, training_queue.shown))
    if not style:
        st.caption("Say above which style this becomes a version of.")


def _settings(draft: Draft, base_name: str) -> dict[str, Any]:
    return {**setting_fields.chosen(draft), "base": base_name}


def _word(style: str | None) -> str:
    """The trigger word that a training of the style has unless another is typed."""
    style = (style or "").strip()
    return trigger_words.usual(session.studio().home, style, record_cache.versions())


def _masks(data: DatasetVersion) -> None:
    """How many pictures have a mask, and what it does."""
    told, stale = train_examples.masked(data)
    if told:
        st.caption(ui.plain(told))
    if stale:
        st.warning(ui.plain(stale), icon=":material/contrast:")


def _already(found: Schedule, style: str) -> None:
    """Say so where the same style is trained already, or waits for it."""
    said = schedule_words.of_style(found, style, training_queue.shown) if style else ""
    if not said:
        return
    running = [one.job for one in found.running if one.job.payload.get("style") == style]
    (st.warning if running else st.info)(ui.plain(said))
    with st.container(horizontal=True):
        for job in running:
            if job.kind == "train":
                show = training_progress.show
                st.button("Watch it", key=f"watch-{job.id}", on_click=show, args=(job.id,))
        st.button("See the queue", on_click=_see_queue)


def _see_queue() -> None:
    st.session_state["show"] = training_queue.QUEUE


def _ask(dataset: str, base_name: str, draft: Draft) -> None:
    """Ask for the training, however often the button was hit, and show it.

    Settings come from the fields as they are now: what is drawn may be older than the last word
    that was typed before the click.
    """
    studio, who, state = session.studio(), ui.person(), st.session_state
    preset = state["preset"]
    try:
        word = _word(state.get("style"))
        usual = load_config(preset, None, {"base": base_name}, trigger_word=word)
        settings = _settings(draft, base_name)
        payload = {
            "style": (state.get("style") or "").strip(),
            "dataset": dataset,
            "preset": preset,
            "settings": asdict(load_config(preset, None, settings, trigger_word=word)),
        }
        begin = training_queue.at(state["begin-at"]) if state.get("when") == WHEN[1] else None
        if state.get("several"):
            state[sweep_progress.ASKED] = sweep_form.ask(studio, payload, usual, begin).id
            state["show"] = training_queue.QUEUE if begin else sweep_progress.SWEEPS
            return
        where = where_boxes.chosen("train")
        wish = {**payload, "not_before": begin, "where": where}
        key = idempotency.key(studio.engine, "train", wish, who)
        job = submit.ask(
            studio,
            "train",
            payload,
            asked_by=who,
            now=context.now(),
            key=key,
            not_before=begin,
            where=where,
        )
        if begin:
            state["show"] = training_queue.QUEUE
        else:
            training_progress.show(job.id)
    except StudioError as error:
        state["refused"] = error
