"""One version: its pictures, what is known of it in a line, what can be done, and the evidence."""

from __future__ import annotations

import html
from urllib.parse import quote

import streamlit as st

from pages.registry import evidence, gates, moves, side_by_side, version_list
from studio import context
from studio.datasets import manifests
from studio.evaluation import comparison, metric_meanings
from studio.evaluation.metric_meanings import ARROWS
from studio.operations.health import mlflow_address
from studio.registry.models import Version
from studio.registry.places import Places
from studio.review import tally
from studio.web import ui
from studio.workflows import release
from studio.workflows.model_kinds import table as kinds

SIDE = 96  # pixels of a picture: six fit beside the table
MORE = "↑ more is better"
Fact = tuple[str, str, str]  # what it is, its value, and what that means


def look(
    studio: context.Studio, found: dict[int, Version], version: Version, where: Places
) -> None:
    """The card of the version."""
    other = where.beside(version.number)
    other = other if other in found else None  # somebody may have deleted it in MLflow
    with st.container(border=True):
        st.subheader(f"Version {version.number}", anchor=False)
        side_by_side.pictures(studio, version.style, version.number, other, where, SIDE)
        _line(facts(studio, version, found[other] if other else None, where))
        warned(studio, version)
        moves.buttons(version.style, version.number, where, kinds.draws(version))
        with st.container(horizontal=True, vertical_alignment="center"):
            _links(studio, version)


def evidence_of(studio: context.Studio, version: Version) -> None:
    """All that speaks for the version, and what it is."""
    st.header("Metrics")
    evidence.metrics(version)
    st.header("Judgement")
    evidence.judged(studio, version)
    st.header("Test sheet")
    evidence.sheets(studio, version)
    st.header("What it is")
    _made(studio, version)


def facts(
    studio: context.Studio, version: Version, other: Version | None, where: Places
) -> list[Fact]:
    """Stage, KID, votes, rating and gates, each against the other version where that is known."""
    found: list[Fact] = [("Stage", where.of(version.number), "")]
    value, _ = version_list.kid(version)
    meaning = metric_meanings.MEANINGS["kid_"]
    kid = f"{ARROWS['lower']}. {_compared(version, other)}" if value else "not measured yet"
    found.append((meaning.label, value or "–", kid))
    said = None
    if other:
        said = release.voted(studio, version.style, version.number, other.number)
    if said and other:
        mine, theirs = said.a_votes, said.b_votes
        if said.a.number != version.number:
            mine, theirs = theirs, mine
        against = f"{MORE}, against version {other.number}. {tally.words(said, False)}"
        found.append(("Votes", f"{mine} to {theirs}", against))
    else:
        beside = f" against version {other.number}" if other else ""
        found.append(("Votes", "–", f"no closed ballot{beside}"))
    rating, raters = release.rating(studio, version)
    if rating is not None:
        people = f"{raters} {'person' if raters == 1 else 'people'}"
        found.append(("Rating", f"{rating:.2f} of 5", f"{ARROWS['higher']}, by {people}"))
    if checked := gates.held(version.style, version.number):
        met = sum(one.met for one in checked)
        missed = ", ".join(one.gate for one in checked if not one.met)
        found.append(("Gates", f"{met} of {len(checked)} met", missed and f"not met: {missed}"))
    return found


def _compared(version: Version, other: Version | None) -> str:
    """What the two versions' KIDs say of each other, in a sentence."""
    if other is None or not other.metrics:
        return ""
    both = {f"version {one.number}": one for one in (version, other)}
    keys = {name: comparison.conditions(one.tags) for name, one in both.items()}
    beside, apart = comparison.together(keys)
    if apart:
        return ui.plain(apart[0])
    # Their own values alone: what the base and real art reach is told below.
    own = {
        name: {n: v for n, v in both[name].metrics.items() if not n.startswith(("base_", "real_"))}
        for name in beside
    }
    rows = [row for row in comparison.rows(own) if row.name.startswith("kid_")]
    row = next((row for row in rows if "_open_clip_" not in row.name), None)
    if row is None:
        return ""
    theirs = next(mark.value for mark in row.marks if mark.label == f"version {other.number}")
    return f"Version {other.number}: {theirs:.{row.meaning.digits}f}. {row.says}"


def _line(found: list[Fact]) -> None:
    cells = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}"
        f"<small>{html.escape(said)}</small></dd></div>"
        for name, value, said in found
    )
    st.html(f'<dl class="hs-facts">{cells}</dl>')


def warned(studio: context.Studio, version: Version) -> None:
    """What is wrong with the version: pictures withdrawn since, and what its kind knows."""
    if gone := release.withdrawn(studio, version):
        count = f"{len(gone)} picture{'s' * (len(gone) > 1)}"
        st.warning(
            f"It learned from {count} withdrawn since, last by {ui.plain(gone[-1].by)}: "
            f"{ui.plain(gone[-1].why)}",
            icon=":material/block:",
        )
        st.page_link(
            "pages/Datasets.py",
            label="What learned from withdrawn pictures",
            query_params={"set": version.dataset, "tab": "Consent"},
        )
    kind = kinds.find(version)
    if kind is None:
        st.warning(
            f"It is of kind {ui.plain(version.kind)}: this program does not know it. Update the "
            "studio, and it can be drawn with and promoted."
        )
        return
    for said in kind.warnings(studio, version):
        st.warning(ui.plain(said))


def _links(studio: context.Studio, version: Version) -> None:
    """Where to go from here: drawing, MLflow, the files."""
    kind = kinds.find(version)
    if kinds.draws(version):
        st.page_link(
            "pages/Generate.py",
            label="Draw with it",
            icon=":material/brush:",
            query_params={"style": version.style, "version": str(version.number)},
        )
    model = f"#/models/{quote(version.style)}/versions/{version.number}"
    st.link_button(
        "Its page in MLflow",
        f"{mlflow_address(studio.settings)}/{model}",
        icon=":material/open_in_new:",
    )
    for label, address in (kind.downloads(version) if kind else {}).items():
        st.link_button(label, address, icon=":material/download:")


def _made(studio: context.Studio, version: Version) -> None:
    """Where it comes from and how it is used."""
    kind = kinds.find(version)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**Kind** {ui.plain(kinds.label(version))}")
        for fact in kind.facts(studio, version) if kind else ():
            if fact.typed:
                label, value = html.escape(fact.label), html.escape(fact.value)
                # not st.code: its highlighter costs the page a quarter of a second
                st.html(f"<strong>{label}</strong> <code>{value}</code>")
            else:
                st.caption(ui.plain(f"{fact.label}: {fact.value}"))
    with right:
        st.markdown(f"**Made** {ui.moment(version.created)}")
        if version.dataset:
            data, digest = version.dataset, version.dataset_digest[:12]
            number = manifests.ordinal(studio.home, data, version.dataset_digest)
            named = f"version {number}" if number else "a version that is gone"
            st.page_link(
                "pages/Datasets.py",
                label=f"Dataset {ui.plain(data)}, {named}",
                icon=":material/photo_library:",
                query_params={"set": data, "version": digest},
            )
