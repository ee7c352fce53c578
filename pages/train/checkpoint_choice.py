"""Which checkpoint of a training is kept, and why: its checks, and what outputs came close to."""

import math

import streamlit as st

from studio.evaluation import metric_meanings
from studio.training import checkpoint_choice, loss_chart, training_folders
from studio.training.checkpoint_choice import Check
from studio.web import ui
from studio.web.markup import Shown

LOSS_HELP = (
    "How wrong its guesses are on pictures that it does not learn from. While it falls, the style "
    "is learned; where it rises, your pictures are learned by heart."
)
COLUMNS = ("kid_", "clip_score_", "style_similarity", "nearest")  # metrics by their names' begin


def checkpoint(training: training_folders.Training, ended: bool) -> None:
    """What was checked so far; nothing where the training makes no checks."""
    checks = checkpoint_choice.read(training.folder)
    if not checks:
        return
    settings = training.config
    best = settings.get("choose_best", "True") == "True"
    kept = checkpoint_choice.kept(checks, best)
    assert kept is not None
    st.header("Which checkpoint")
    steps = int(settings["max_train_steps"])
    if ended:
        st.markdown(ui.plain(checkpoint_choice.why(checks, steps, best)))
    elif kept.figures.get(checkpoint_choice.LOSS):
        st.markdown(f"Best so far: step {kept.step:,}.")
    left, right = st.columns([3, 2])
    with left:
        if any(math.isfinite(one.loss) for one in checks):
            ui.chart(loss_chart.checks(checks, kept.step), key=f"checks-{training.run}")
            st.caption("Validation loss; rising means overfitting.", help=LOSS_HELP)
        else:
            st.caption("No picture is held out, so that nothing tells when to stop.")
    with right:
        _closest(checks[-1])
    with st.expander("All checks"):
        st.dataframe(_table(checks), hide_index=True)
        st.caption("Drawn from few pictures, these metrics tell a direction, no more.")


def _closest(check: Check) -> None:
    """The training picture that an output came closest to at the last check."""
    if not check.nearest:
        return
    ui.pictures([Shown(f"/picture/data/{check.nearest}?side=128", alt="Training picture")], 96)
    close = "too close: it may be a copy" if check.copies else "no copy"
    st.caption(
        f"At step {check.step:,} the output closest to any training picture is "
        f"{check.figures['nearest']:.0%} like picture {check.number}, this one: {close}."
    )


def _table(checks: list[Check]) -> dict[str, list[object]]:
    names = [n for b in COLUMNS for n in checks[-1].figures if n.startswith(b)]
    table: dict[str, list[object]] = {"Step": [one.step for one in checks]}
    if checkpoint_choice.LOSS in checks[-1].figures:
        table["Validation loss"] = [
            round(one.figures.get(checkpoint_choice.LOSS, 0), 4) for one in checks
        ]
    for name in names:
        found = metric_meanings.of(name)
        assert found is not None  # each of COLUMNS has one
        table[found.label] = [round(one.figures.get(name, 0), found.digits) for one in checks]
    return table
