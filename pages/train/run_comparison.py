"""Several trainings side by side: their losses on one chart, and where their settings differ."""

from datetime import UTC, datetime

import streamlit as st

from studio import context
from studio.jobs import queue
from studio.training import loss_chart, setting_help, training_folders
from studio.web import addresses, session, ui


def several(studio: context.Studio) -> None:
    """The losses of several trainings on one chart, and the settings in which they differ."""
    known = training_folders.trainings(studio.home)
    given = st.query_params.get("runs", "").split(",")
    asked = {*given, *st.session_state.get("compared", [])}
    # Trials of sweeps are many and became no versions: they come when somebody asks for them.
    if any(t.trial for t in known):
        st.toggle(
            "Trials of sweeps too",
            key="trials-too",
            value=any(t.trial and t.run in asked for t in known),
        )
    too = st.session_state.get("trials-too", False)
    found = {t.run: t for t in known if too or not t.trial or t.run in asked}
    if not found:
        st.info("No training has begun yet. Begin one under New.")
        return

    def spoken(run: str) -> str:
        one = found[run]
        if one.version:
            return f"{one.style} · version {one.version}"
        began = ui.moment(datetime.fromtimestamp(one.at / 1000, UTC).isoformat())
        name = f"{one.style} · {'trial · ' * one.trial}{one.steps:,} steps"
        if one.trial:  # begun at the same moment, they differ by what was tried
            rate = float(one.config.get("learning_rate", 0))
            name += f" · rank {one.config.get('rank')} · rate {rate:.3g}"
        return f"{name} · {began}" if one.at else f"{name} · not begun"

    two = addresses.some_of("runs", list(found), list(found)[:2], key="compared")
    chosen = st.multiselect("Trainings", list(found), format_func=spoken, **two)
    running = queue.listing(studio.engine, kind="train", states=["running"])
    names = _apart({run: spoken(run) for run in chosen})
    if chosen:
        st.fragment(_curves, run_every=5.0 if running else None)(names)
    differing = training_folders.differing([found[run] for run in chosen])
    if differing and len(chosen) > 1:
        st.markdown("**Where they differ**")
        words = {name: setting_help.HELP[name].label for name in setting_help.HELP} | {
            "dataset": "Dataset"
        }
        table = {"setting": [words.get(name, name) for name in differing]}
        for place, run in enumerate(chosen):
            table[names[run]] = [values[place] for values in differing.values()]
        st.dataframe(table, hide_index=True)


def _apart(names: dict[str, str]) -> dict[str, str]:
    """The names, numbered where several trainings, begun within a minute, have the same."""
    given = list(names.values())
    return {
        run: f"{name} ({given[: place + 1].count(name)})" if given.count(name) > 1 else name
        for place, (run, name) in enumerate(names.items())
    }


def _curves(names: dict[str, str]) -> None:
    """The losses of the trainings, by what each is called."""
    home = session.studio().home
    found = {name: training_folders.find(home, run) for run, name in names.items()}
    curves = {name: training_folders.losses(t) for name, t in found.items() if t}
    if any(curves.values()):
        ui.chart(loss_chart.losses(curves), key="side-by-side")
    else:
        st.caption("The first losses come when the pictures are read and a few steps are done.")
