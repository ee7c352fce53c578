"""A style's gates as a form, with the file that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from studio import context
from studio.errors import StudioError
from studio.evaluation import metric_meanings
from studio.evaluation.metric_meanings import ARROWS
from studio.registry import gates, gates_written
from studio.registry.gates import LICENCES, VOTES, Bound, Gates
from studio.registry.models import Version
from studio.registry.places import Places
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.workflows import release

NONE = "not asked for"
RIGHT = "change gates"
LICENCE_WORDS = {"": NONE, "known": "known", "commercial": "pictures may be sold"}
NOT_KEPT = "gates not kept"  # in the session: what somebody else's change was quicker than
# The metrics that may gate, by the beginning of their names.
USUAL = {
    start.rstrip("_"): meaning
    for start, meaning in metric_meanings.MEANINGS.items()
    if meaning.decides and meaning.better and "_open_clip" not in start
}


def look(studio: context.Studio, style: str, found: Mapping[int, Version], where: Places) -> None:
    """The form, and the file behind it."""
    version, text = gates.in_use(studio.home, style), gates.text_of(studio.home, style)
    st.caption(
        "What a version must show before it goes into production; empty fields ask for nothing."
    )
    if mine := st.session_state.pop(NOT_KEPT, None):
        st.caption("What you wrote, which was not kept:")
        st.code(mine, language=None)
    try:
        held = gates.load(studio.home, style)
    except StudioError as error:
        ui.failed(error)
    else:
        if not text:
            st.info("This style asks for nothing yet: any version may go into production.")
        live = where.state.holder("production")
        _form(style, version, held, found.get(live or 0))
    with st.expander("The file behind it (YAML)", expanded=True):
        _file(style, version, text)


def _form(style: str, version: str, held: Gates, live: Version | None) -> None:
    bounds = {bound.metric: bound for bound in held.metrics}
    saved: dict[str, Any] = {
        "rating": held.rating,
        "raters": held.raters,
        "vote": held.vote,
        "copies": held.copies,
        "data": held.data,
        "base": held.base,
    }
    names = [*USUAL, *(name for name in bounds if name not in USUAL)]
    for name in names:
        bound = bounds.get(name, Bound(name))
        saved |= {f"{name} at_least": bound.at_least, f"{name} at_most": bound.at_most}
        saved |= {f"{name} within": bool(bound.within)} if _ranged(name) else {}
    # The version in the subject: after somebody's change the fields show what is there now.
    draft = drafts.begin(f"gates/{style}/{version}", saved)
    st.subheader("Metrics", anchor=False)
    with st.container(key="gate-metrics"):
        for name in names:
            _metric(name, draft, live)
    st.subheader("People", anchor=False)
    left, middle, right = st.columns(3)
    _number(left, "Rated at least (of 5)", draft, "rating")
    middle.number_input(
        "By at least so many people", min_value=0, step=1, **_field(draft, "raters")
    )
    right.selectbox(
        "Voted, against production",
        ["", *VOTES],
        format_func=lambda vote: vote or NONE,
        **_field(draft, "vote"),
    )
    st.subheader("Safety", anchor=False)
    left, middle, right = st.columns(3)
    _number(left, "Copies of training pictures, at most", draft, "copies", step=1)
    for column, name, label in (
        (middle, "data", "Licence of every picture"),
        (right, "base", "Licence of the base"),
    ):
        column.selectbox(
            label,
            ["", *LICENCES[name]],
            format_func=LICENCE_WORDS.__getitem__,
            **_field(draft, name),
        )
    if "#" in held.text.replace(gates_written.HEAD, ""):
        st.caption("Comments of the file are not kept by the form; edit the file to keep them.")
    st.button(
        "Keep these gates",
        type="primary",
        key="gates-keep",
        on_click=_keep_form,
        args=(style, version, draft, names),
        **ui.only(RIGHT),
    )
    drafts.tell(draft, "the gates")


def _metric(name: str, draft: Draft, live: Version | None) -> None:
    """Where a metric has to lie, with what production reaches beside it."""
    meaning = USUAL.get(name) or metric_meanings.of(name)
    label = meaning.label if meaning and name in USUAL else name
    about, least, most = st.columns([2, 1, 1], vertical_alignment="center")
    metrics = live.metrics if live else {}
    value = next((v for n, v in metrics.items() if _is(n, name)), None)
    digits = meaning.digits if meaning else 4
    reached = "" if value is None else f"Production reaches {value:.{digits}f}; "
    arrow = ARROWS.get(meaning.better, "") if meaning else ""
    about.markdown(f"**{ui.plain(label)}**  \n{reached}{arrow}")
    short = label.partition(" (")[0]  # a label each, for who hears them one by one
    _number(least, f"{short} at least", draft, f"{name} at_least")
    _number(most, f"{short} at most", draft, f"{name} at_most")
    if _ranged(name):
        percentiles = "Its 10th to 90th percentile, as measured with the version."
        about.checkbox(
            f"{short} within real art's range",
            **{
                **drafts.field(draft, f"{name} within"),
                **ui.only(RIGHT, help=percentiles),
            },
        )


def _number(
    place: Any, label: str, draft: Draft, name: str, step: float | int | None = None
) -> None:
    """A number that may be left empty."""
    kind: dict[str, Any] = {"format": "%g"} if step is None else {"step": step, "min_value": 0}
    place.number_input(label, value=None, placeholder="any", **kind, **_field(draft, name))


def _field(draft: Draft, name: str) -> dict[str, Any]:
    """A field of the draft, for those who may keep what is written."""
    return {**drafts.field(draft, name), **ui.only(RIGHT)}


def _ranged(name: str) -> bool:
    meaning = USUAL.get(name)
    return meaning is not None and meaning.ranged


def _is(metric: str, name: str) -> bool:
    usual = metric.startswith(name) and metric_meanings.stem(metric) == metric
    return usual and ("_open_clip_" not in metric or "_open_clip" in name)


def _keep_form(style: str, version: str, draft: Draft, names: list[str]) -> None:
    said = {name: drafts.value(draft, name) for name in draft.saved}
    bounds = [
        Bound(
            name,
            said[f"{name} at_least"],
            said[f"{name} at_most"],
            gates.REAL_ART if said.get(f"{name} within") else "",
        )
        for name in names
    ]
    text = gates_written.text_of(
        Gates(
            metrics=tuple(bound for bound in bounds if bound.asks()),
            rating=said["rating"],
            raters=said["raters"],
            vote=said["vote"],
            copies=said["copies"],
            data=said["data"],
            base=said["base"],
        )
    )
    _keep(style, version, text, draft)


def _file(style: str, version: str, text: str) -> None:
    if version:
        st.caption(f"Version {version} of gates/{ui.plain(style)} in the studio's folder.")
    draft = drafts.begin(f"gates file/{style}/{version}", {"text": text or gates.EXAMPLE})
    st.text_area("Gates of this style (YAML)", height=280, **_field(draft, "text"))
    st.button(
        "Keep this file",
        key="gates-file-keep",
        on_click=_keep_file,
        args=(style, version, draft),
        **ui.only(RIGHT),
    )
    drafts.tell(draft, "the file")


def _keep_file(style: str, version: str, draft: Draft) -> None:
    _keep(style, version, drafts.value(draft, "text"), draft)


def _keep(style: str, version: str, text: str, draft: Draft) -> None:
    try:
        release.save_gates(
            session.studio(), style, text, after=version, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["refused"] = error
        if gates.in_use(session.studio().home, style) != version:
            st.session_state[NOT_KEPT] = text  # the fields show what is there now
    else:
        drafts.drop(draft)
        st.session_state["moved"] = "These gates hold from now on."
