"""Asking for a sweep: which settings are tried, from what to what, and how many times."""

from typing import Any

import streamlit as st

from studio import context
from studio.jobs import idempotency
from studio.jobs.table import Job
from studio.training import setting_help
from studio.training.config import TrainConfig
from studio.web import drafts, ui
from studio.web.drafts import Draft
from studio.worker import submit
from studio.workflows.sweeps import ranges

TRIALS = 12


def fields(usual: TrainConfig) -> tuple[dict[str, str], int]:
    """The fields of what to try; StudioError for what can't be tried."""
    st.caption(
        "Write a range like 0.0005..0.01, or values like 8, 16, 32; leave empty what stays as it "
        "is above. Trials that do worse than most are stopped early. None becomes a version "
        "until you say so."
    )
    columns = st.columns(len(ranges.SWEPT) + 1)
    draft, may = _begun(usual), ui.only("train")
    for column, name in zip(columns, ranges.SWEPT, strict=False):
        label = f"{setting_help.HELP[name].label} to try"
        column.text_input(label, **drafts.field(draft, name), **may)
    columns[-1].number_input("Trials", 2, ranges.MOST, **drafts.field(draft, "trials"), **may)
    return wanted(usual)


def wanted(usual: TrainConfig) -> tuple[dict[str, str], int]:
    """What the fields say now: ranges as people write them, and how many trials."""
    draft = _begun(usual)
    found = ranges.parse({name: drafts.value(draft, name) for name in ranges.SWEPT})
    return {name: one.text for name, one in found.items()}, int(drafts.value(draft, "trials"))


def ask(studio: context.Studio, training: dict[str, Any], usual: TrainConfig, begin: Any) -> Job:
    """Ask for the sweep, however often the button was hit; `training` is one trial's payload."""
    texts, trials = wanted(usual)
    payload = {**training, "ranges": texts, "trials": trials}
    who, now = ui.person(), context.now()
    key = idempotency.key(studio.engine, "sweep", {**payload, "not_before": begin}, who)
    return submit.ask(studio, "sweep", payload, asked_by=who, now=now, key=key, not_before=begin)


def _begun(usual: TrainConfig) -> Draft:
    subject = f"sweep/{usual.base}/{usual.max_train_steps}"
    return drafts.begin(subject, {**ranges.usual(usual), "trials": TRIALS})
