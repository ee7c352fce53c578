"""Asking for a sweep: which settings are tried, from what to what, and how many times."""

from typing import Any

import streamlit as st

from studio import context
from studio.jobs import idempotency
from studio.jobs.table import Job
from studio.training import setting_help
from studio.training.config import TrainConfig
from studio.web import ui
from studio.worker import submit
from studio.workflows.sweeps import ranges

TRIALS = 12
KEPT: dict[str, Any] = {"persist_state": "session"}


def fields(usual: TrainConfig) -> tuple[dict[str, str], int]:
    """The fields of what to try; StudioError for what can't be tried."""
    st.caption(
        "Write a range like 0.0005..0.01, or values like 8, 16, 32; leave empty what stays as it "
        "is above. Trials that do worse than most are stopped early. None becomes a version "
        "until you say so."
    )
    columns = st.columns(len(ranges.SWEPT) + 1)
    begun = ranges.usual(usual)
    for column, name in zip(columns, ranges.SWEPT, strict=False):
        column.text_input(
            f"{setting_help.HELP[name].label} to try", begun[name], key=_key(name, usual), **KEPT
        )
    columns[-1].number_input("Trials", 2, ranges.MOST, TRIALS, key="trials", **KEPT)
    return wanted(usual)


def wanted(usual: TrainConfig) -> tuple[dict[str, str], int]:
    """What the fields say now: ranges as people write them, and how many trials."""
    state, begun = st.session_state, ranges.usual(usual)
    texts = {name: state.get(_key(name, usual), begun[name]) for name in ranges.SWEPT}
    found = ranges.parse(texts)
    return {name: one.text for name, one in found.items()}, int(state.get("trials", TRIALS))


def ask(studio: context.Studio, training: dict[str, Any], usual: TrainConfig, begin: Any) -> Job:
    """Ask for the sweep, however often the button was hit; `training` is one trial's payload."""
    texts, trials = wanted(usual)
    payload = {**training, "ranges": texts, "trials": trials}
    who, now = ui.person(), context.now()
    key = idempotency.key(studio.engine, "sweep", {**payload, "not_before": begin}, who)
    return submit.ask(studio, "sweep", payload, asked_by=who, now=now, key=key, not_before=begin)


def _key(name: str, usual: TrainConfig) -> str:
    return f"try-{name}-{usual.base}-{usual.max_train_steps}"
