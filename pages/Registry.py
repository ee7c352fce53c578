"""Styles, their versions and stages, what speaks for each, and who did what."""

import html

import streamlit as st

from pages.registry import evidence, release_tab, stage_moves
from studio import context
from studio.database.ledger import LedgerRow
from studio.datasets import manifests
from studio.errors import StudioError
from studio.evaluation import metric_meanings
from studio.registry import history_text, stages
from studio.registry.models import Version
from studio.registry.stage_state import Standing, fold
from studio.web import addresses, page_frame, record_cache, ui
from studio.workflows import release
from studio.workflows.model_kinds import table as kinds

VERSION, ALL, RELEASE, HISTORY = "One version", "All versions", "Release", "History"


def choose(found: dict[int, Version], state: Standing) -> Version:
    """The version that is looked at: the address's, else production, else the newest."""
    ui.gone("version", found, "version {} of this style")
    live = state.holder("production")  # which may have been deleted in MLflow
    number = st.selectbox(
        "Version",
        list(found),
        **addresses.one_of("version", list(found), first=live, key="number"),
        format_func=lambda n: f"Version {n}, {history_text.STAGES[state.of(n)]}",
    )
    return found[number]


def facts(studio: context.Studio, version: Version) -> None:
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
            st.page_link(
                "pages/Datasets.py",
                label=f"Dataset {ui.plain(data)}, {of_set(studio, version)}",
                icon=":material/photo_library:",
                query_params={"set": data, "version": digest},
            )
        with st.container(horizontal=True):
            for label, address in (kind.downloads(version) if kind else {}).items():
                st.link_button(label, address, icon=":material/download:")
        if kinds.draws(version):
            st.page_link(
                "pages/Generate.py",
                label="Draw with it",
                icon=":material/brush:",
                query_params={"style": version.style, "version": str(version.number)},
            )


def warned(studio: context.Studio, version: Version) -> None:
    """What is wrong with the version on this machine, as its kind knows it."""
    kind = kinds.find(version)
    if kind is None:
        st.warning(
            f"It is of kind {ui.plain(version.kind)}: this program does not know it. Update the "
            "studio, and it can be drawn with and promoted."
        )
        return
    for said in kind.warnings(studio, version):
        st.warning(ui.plain(said))


def withdrawn(studio: context.Studio, version: Version) -> None:
    """A warning where pictures that it learned from were withdrawn since."""
    gone = release.withdrawn(studio, version)
    if gone:
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


def of_set(studio: context.Studio, version: Version) -> str:
    """Which version of its dataset it learned from, as people count them."""
    number = manifests.ordinal(studio.home, version.dataset, version.dataset_digest)
    return f"version {number}" if number else "a version that is gone"


def table(studio: context.Studio, found: dict[int, Version], state: Standing) -> None:
    """Every version with its metrics that decide."""
    names = {n for v in found.values() for n in v.metrics if metric_meanings.stem(n) == n}
    decide = [
        n
        for n in sorted(names, key=metric_meanings.order)
        if (m := metric_meanings.of(n)) and m.decides
    ]
    decide = [n for n in decide if n not in metric_meanings.COUNTS][:6]
    # Hundreds of versions have learned from a few datasets.
    one = {(v.dataset, v.dataset_digest): v for v in found.values() if v.dataset}
    of = {key: f"{v.dataset}, {of_set(studio, v)}" for key, v in one.items()}
    rows = [
        {
            "Version": v.number,
            "Kind": kinds.label(v),
            "Stage": state.of(v.number),
            "Made": ui.moment(v.created),
            "Dataset": of[v.dataset, v.dataset_digest] if v.dataset else "",
            **typed(studio, v),
            **{(m.label if (m := metric_meanings.of(n)) else n): v.metrics.get(n) for n in decide},
        }
        for v in found.values()
    ]
    st.dataframe(rows, hide_index=True)


def typed(studio: context.Studio, version: Version) -> dict[str, str]:
    """What people type of a version, as its trigger word."""
    kind = kinds.find(version)
    facts = kind.facts(studio, version) if kind else []
    return {fact.label: fact.value for fact in facts if fact.typed}


def history(studio: context.Studio, rows: list[LedgerRow]) -> None:
    """Who did what and why, the newest first, with the gates as they stood then."""
    if not rows:
        st.caption("Nothing has been moved yet.")
    for row in reversed(rows[-100:]):
        with st.container(border=True):
            st.markdown(f"**{ui.plain(history_text.sentence(row))}**  \n{ui.plain(row.reason)}")
            st.caption(ui.moment(row.at))
            if row.to_stage == "production":
                for one, over in stages.gates_at(studio.engine, row.id):
                    release_tab.shown([one])
                    if over:
                        st.markdown(f"Overridden: {ui.plain(over)}")
    if len(rows) > 100:
        st.caption(f"And {len(rows) - 100:,} earlier ones.")


def look(studio: context.Studio, style: str) -> None:
    """One style: what is in production, a version, all of them, their history."""
    found = {v.number: v for v in record_cache.versions(style)}
    rows = stages.history(studio.engine, style)
    state = fold(rows)
    stage_moves.live(style, state, rows)
    part = st.segmented_control(
        "Show",
        [VERSION, ALL, RELEASE, HISTORY],
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", [VERSION, ALL, RELEASE, HISTORY]),
    )

    if part == HISTORY:
        history(studio, rows)
    elif part == ALL:
        table(studio, found, state)
    elif part == RELEASE:
        release_tab.all_of(studio, style, found, state.holder("production"))
    else:
        version = choose(found, state)
        withdrawn(studio, version)
        warned(studio, version)
        stage_moves.forms(version, state)
        facts(studio, version)
        st.header("Metrics")
        evidence.metrics(version)
        st.header("Judgement")
        evidence.judged(studio, version)
        st.header("Test sheet")
        evidence.sheets(studio, version)


ABOUT = "Every version of every style: what it is worth and where it is used."
with page_frame.page("Registry", ABOUT) as studio:
    styles = sorted({v.style for v in record_cache.versions()})
    if not styles:
        st.info("There is no style yet. A style is learned from pictures of yours.")
        st.page_link("pages/Train.py", label="Train the first", icon=":material/model_training:")
        st.stop()
    asked = st.query_params.get("style")
    if asked and asked not in styles:
        ui.failed(StudioError(f"There is no style {asked[:80]!r} any more.", "Choose another."))
    style = st.selectbox("Style", styles, **addresses.one_of("style", styles))
    stage_moves.told()
    look(studio, style)
