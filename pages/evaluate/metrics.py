"""What the metrics say: a sentence and three numbers first, then each on its own line."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from pages.evaluate.evaluation_form import label
from studio.evaluation import comparison
from studio.evaluation.comparison import Row
from studio.evaluation.summary import summary
from studio.registry.models import Version
from studio.web import markup, ui
from studio.workflows.model_kinds import table as kinds

Colour = Literal["green", "red", "gray"]
COLOURS: dict[bool | None, Colour] = {True: "green", False: "red", None: "gray"}


def lead(rows: Sequence[Row], shown: Sequence[Version]) -> None:
    """The version nearest to real art, in a sentence and three numbers, and what to do next."""
    found = summary(rows)
    if found is None:
        return
    st.html(markup.lead(found.says))
    for column, number in zip(st.columns(3), found.numbers, strict=False):
        column.metric(
            f"{number.label} · {number.way}" if number.way else number.label,
            number.value,
            number.beside or None,
            delta_color=COLOURS[number.better],
            delta_arrow="off",
            help=number.line,
            border=True,
        )
    version = next(v for v in shown if label(v.number) == found.label)
    named = {"style": version.style, "version": str(version.number)}
    with st.container(horizontal=True):
        st.page_link("pages/Vote.py", label="Let people vote", icon=":material/how_to_vote:")
        st.page_link(
            "pages/Registry.py",
            label=f"Release {found.label}",
            icon=":material/inventory_2:",
            query_params=named,
        )


def every(rows: Sequence[Row], shown: Sequence[Version]) -> None:
    """Each metric with its meaning, placed between the base and real art."""
    first = shown[0]
    real, count = first.metrics.get("real_pictures", 0), first.metrics.get("pictures", 0)
    against = f", measured against the {real:.0f} real pictures of " + ui.plain(
        first.tags.get("against", "").partition("@")[0]
    )
    finished = comparison.finished(first.tags.get("finishing", ""))
    st.caption(
        f"{count:.0f} pictures of each side, {finished}{against if real else ''}. "
        "Bars are intervals at 95 %; of what the eye sees real art's is its 10th to "
        "90th percentile."
    )
    for version in shown:
        _unfinished(version)
        if why := version.tags.get("not_measured"):
            st.warning(f"{ui.plain(why)} The nearest training picture and copies are not measured.")
        elif seen := version.metrics.get("real_learned"):
            real = version.metrics.get("real_pictures", 0)
            st.caption(
                f"{label(version.number).capitalize()} learned from {seen:.0f} of these "
                f"{real:.0f} pictures; those that it did not see tell most."
            )
    columns = st.columns(2)
    for place, row in enumerate(rows):
        with columns[place % 2].container(border=True):
            way = f" · {row.meaning.way}" if row.meaning.way else ""
            st.markdown(f"**{row.meaning.label}**{way}")
            st.caption(row.meaning.line)
            ui.scale(row.marks, row.meaning.digits)
            if row.says:
                st.markdown(row.says)
    known = [kind for version in shown if (kind := kinds.find(version))]
    compared = any(kind.compares for kind in known)
    if compared and rows and not any(m.kind == "real" for row in rows for m in row.marks):
        st.caption("Real art was not measured beside these yet: measure a version once more.")


def _unfinished(version: Version) -> None:
    """That a version was measured before its pictures were finished as its drawings are, or before
    it was counted what the eye sees of them."""
    if version.metrics and "colours" not in version.metrics and kinds.is_adapter(version):
        st.caption(
            f"{label(version.number).capitalize()} was measured before colours, half-transparent "
            "and orphan pixels, outline and height were: measure it once more to have them."
        )
    if kinds.is_adapter(version) and "finishing" not in version.tags:
        st.caption(
            f"{label(version.number).capitalize()} was measured on pictures as the model drew "
            "them: edges may be softer than in what is delivered. It stays valid; measure it once "
            "more to have it measured as delivered."
        )
