"""Versions beside each other, the base and real art: what they draw and what the metrics say."""

import streamlit as st

from pages.evaluate.contact_sheet import pictures, poses
from pages.evaluate.evaluation_form import label, measure
from studio.evaluation import comparison
from studio.registry.models import Version
from studio.web import addresses, page_frame, record_cache, ui
from studio.workflows.model_kinds import table as kinds


def choose(versions: dict[int, Version], style: str) -> list[Version]:
    """The versions to look at; at first those of the address, or the two newest measured."""
    alone = [n for n in (ui.number_of("version"),) if n in versions]
    measured = [n for n, version in versions.items() if version.metrics and n not in alone]
    first = [*alone, *measured][:2] or list(versions)[
        :1
    ]  # one that is named alone gets a neighbour
    field = addresses.some_of("versions", list(versions), first, key=f"versions-{style}")
    chosen = st.multiselect("Versions", list(versions), format_func=label, **field)
    st.query_params.pop("version", None)
    return [versions[number] for number in chosen]


def metrics(chosen: list[Version]) -> None:
    """Each metric with its meaning, placed between the base and real art."""
    first = chosen[0]
    real, count = first.metrics.get("real_pictures", 0), first.metrics.get("pictures", 0)
    against = f", measured against the {real:.0f} real pictures of " + ui.plain(
        first.tags.get("against", "").partition("@")[0]
    )
    finished = comparison.finished(first.tags.get("finishing", ""))
    st.caption(
        f"{count:.0f} pictures of each side, {finished}{against if real else ''}. "
        "Bars are intervals at 95 %."
    )
    for version in chosen:
        unfinished(version)
        if why := version.tags.get("not_measured"):
            st.warning(f"{ui.plain(why)} The nearest training picture and copies are not measured.")
        elif seen := version.metrics.get("real_learned"):
            real = version.metrics.get("real_pictures", 0)
            st.caption(
                f"{label(version.number).capitalize()} learned from {seen:.0f} of these "
                f"{real:.0f} pictures; those that it did not see tell most."
            )
    columns = st.columns(2)
    rows = comparison.rows({label(v.number): v.metrics for v in chosen})
    for place, row in enumerate(rows):
        with columns[place % 2].container(border=True):
            st.markdown(f"**{row.meaning.label}**")
            st.caption(row.meaning.line)
            ui.scale(row.marks, row.meaning.digits)
            if row.says:
                st.markdown(row.says)
    known = [kind for version in chosen if (kind := kinds.find(version))]
    compared = any(kind.compares for kind in known)
    if compared and rows and not any(m.kind == "real" for row in rows for m in row.marks):
        st.caption("Real art was not measured beside these yet: measure a version once more.")


def unfinished(version: Version) -> None:
    """That a version was measured before its pictures were finished as its drawings are."""
    if kinds.is_adapter(version) and "finishing" not in version.tags:
        st.caption(
            f"{label(version.number).capitalize()} was measured on pictures as the model drew "
            "them: edges may be softer than in what is delivered. It stays valid; measure it once "
            "more to have it measured as delivered."
        )


with page_frame.page("Evaluate", "What versions draw and what the metrics say of them.") as studio:
    styles = sorted({v.style for v in record_cache.versions()})
    if not styles:
        st.info("Nothing was trained yet, so there is nothing to look at.")
        st.page_link("pages/Train.py", label="Train a style", icon=":material/model_training:")
        st.stop()
    ui.gone("style", styles, "style {}")
    style = st.selectbox("Style", styles, **addresses.one_of("style", styles))
    versions = {v.number: v for v in record_cache.versions(style)}
    for key in ("version", "versions"):
        ui.gone(key, versions, f"version {{}} of {style}")
    chosen = choose(versions, style)
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    measured = [v for v in chosen if v.metrics]
    keys = {
        label(v.number): (
            v.tags.get("prompts", ""),
            v.tags.get("against", ""),
            v.tags.get("finishing", ""),
        )
        for v in measured
    }
    beside, apart = comparison.together(keys)
    unmeasured = [v.number for v in chosen if not v.metrics]
    other = [v.number for v in measured if label(v.number) not in beside]
    measure(studio, style, versions, unmeasured + other)
    for sentence in apart:
        st.warning(f"{ui.plain(sentence.capitalize())} It is left out here.")
    together = [v for v in measured if label(v.number) in beside]
    if together:
        st.header("Pictures")
        pictures(studio, together)
        poses(studio, together)
        st.header("Metrics")
        metrics(together)
