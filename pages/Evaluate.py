"""Versions beside each other, the base and real art: what they draw and what the metrics say."""

import streamlit as st

from pages.evaluate.contact_sheet import pictures, poses
from pages.evaluate.evaluation_form import label, measure
from pages.evaluate.metrics import every, lead
from studio import numbers
from studio.evaluation import comparison
from studio.registry.models import Version
from studio.web import addresses, components, page_frame, record_cache, ui


def choose(versions: dict[int, Version], style: str) -> list[Version]:
    """The versions to look at; at first those of the address, or the two newest measured."""
    given = _numbers("version", versions)  # one that is named alone gets a neighbour
    newest = [n for n, version in versions.items() if version.metrics and n not in given]
    usual = [*given, *newest[: 2 - len(given)]] or list(versions)[:1]
    key = f"versions-{style}"
    chosen = st.multiselect(
        "Versions",
        list(versions),
        format_func=label,
        **addresses.some_of("versions", list(versions), usual, key=key),
    )
    st.query_params.pop("version", None)
    return [versions[number] for number in chosen]


def _numbers(name: str, versions: dict[int, Version]) -> list[int]:
    said = map(numbers.counted, st.query_params.get(name, "").split(","))
    return [number for number in said if number in versions]


with page_frame.page("Evaluate", "What versions draw and what the metrics say of them.") as studio:
    styles = sorted({v.style for v in record_cache.versions()})
    if not styles:
        st.info("Nothing was trained yet, so there is nothing to look at.")
        st.page_link("pages/Train.py", label="Train a style", icon=":material/model_training:")
        st.stop()
    ui.gone("style", styles, "style {}")
    left, right = st.columns([1, 2])
    with left:
        style = st.selectbox("Style", styles, **addresses.one_of("style", styles))
    versions = {v.number: v for v in record_cache.versions(style)}
    for key in ("version", "versions"):
        ui.gone(key, versions, f"version {{}} of {style}")
    with right:
        chosen = choose(versions, style)
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    measured = [v for v in chosen if v.metrics]
    keys = {label(v.number): comparison.conditions(v.tags) for v in measured}
    beside, apart = comparison.together(keys)
    together = [v for v in measured if label(v.number) in beside]
    rows = comparison.rows({label(v.number): v.metrics for v in together})
    lead(rows, together)
    unmeasured = [v.number for v in chosen if not v.metrics]
    other = [v.number for v in measured if label(v.number) not in beside]
    measure(studio, style, versions, unmeasured + other)
    for sentence in apart:
        st.warning(f"{ui.plain(sentence.capitalize())} It is left out here.")
    if together:
        components.enlarging()
        st.header("Pictures")
        pictures(studio, together)
        poses(studio, together)
        st.header("Metrics")
        every(rows, together)
