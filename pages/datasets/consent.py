"""The tab of consent: who agreed to what, withdrawing pictures, and what had learned from them."""

from __future__ import annotations

from datetime import date

import streamlit as st

from pages.datasets import draft, tab_state
from studio import context
from studio.datasets import manifests, withdrawals
from studio.datasets.edits import Row
from studio.datasets.pictures import Picture
from studio.datasets.withdrawals import GROUNDS, Withdrawal
from studio.errors import StudioError
from studio.registry import places
from studio.web import drafts, record_cache, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import lineage
from studio.workflows.lineage import Learned

AT_ONCE = 10
SOME = 12  # of the drawn pictures that learned, shown


def tab(studio: context.Studio, name: str) -> None:
    """Counts, the form for what is chosen, and the record."""
    if wrong := st.session_state.pop("consent-wrong", None):
        ui.failed(wrong)
    if said := st.session_state.pop("consent-said", None):
        st.toast(ui.plain(said), icon=":material/block:", duration="long")
    rows = tab_state.rows(name, tab_state.newest(name).digest)
    _given(rows)
    _withdraw(name, rows)
    _record(studio, name)


def _given(rows: tuple[Row, ...]) -> None:
    there = [row.picture for row in rows if not row.removed]
    given = [p for p in there if p.consent_by]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{len(given):,} of {tab_state.count(len(there))}** say who gave consent. It is "
            "written under Pictures, for one or for many, and frozen with each version."
        )
        if len(given) < len(there):
            tab_state.link(
                "Show those without", "Pictures", key="no-consent", show="Without a consent"
            )


def _withdraw(name: str, rows: tuple[Row, ...]) -> None:
    chosen = set(tab_state.chosen(name))
    aimed = [row.picture for row in rows if row.picture.hash in chosen and not row.withdrawn]
    st.header("Withdraw pictures")
    if not aimed:
        st.caption(
            "Choose pictures under Pictures, then say here why they are withdrawn. They leave "
            "every dataset's next version; earlier versions keep them and are trained on no more."
        )
        tab_state.link("Choose pictures", "Pictures", key="choose-some")
        return
    ui.pictures([tab_state.shown(p, "", side=64) for p in aimed[:24]], side=64)
    may = ui.only("withdraw pictures")
    typed = drafts.begin(f"withdraw/{name}", {"ground": GROUNDS[0], "asked": "", "why": ""})
    with st.container(border=True):
        drafts.tell(typed)
        one, two = st.columns(2)
        one.selectbox("On what ground", GROUNDS, **drafts.field(typed, "ground"), **may)
        two.text_input(
            "Who asked for it",
            max_chars=100,
            placeholder="the person whose picture it is",
            **drafts.field(typed, "asked"),
            **may,
        )
        st.text_input(
            "Why, in a line",
            max_chars=withdrawals.LONGEST,
            **drafts.field(typed, "why"),
            **may,
        )
        st.button(
            f"Withdraw {tab_state.count(len(aimed))}",
            type="primary",
            key="withdraw",
            on_click=_do,
            args=(name, aimed, typed),
            **may,
        )


def _do(name: str, aimed: list[Picture], typed: Draft) -> None:
    try:
        count = withdrawals.withdraw(
            session.studio().engine,
            aimed,
            ground=drafts.value(typed, "ground"),
            why=drafts.value(typed, "why"),
            asked_by=drafts.value(typed, "asked"),
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        st.session_state["consent-wrong"] = error
        return
    drafts.drop(typed)
    tab_state.choose(name, [])
    draft.spent("bulk")
    st.session_state["consent-said"] = f"{tab_state.count(count)} withdrawn."


def _record(studio: context.Studio, name: str) -> None:
    """Withdrawals of pictures that a version of this dataset has."""
    every = withdrawals.listing(studio.home)
    if not every:
        return
    has: set[str] = set()
    for head in manifests.heads(studio.home, name):
        has |= manifests.hashes(studio.home, name, head.digest)
    found = [one for one in every if one.hash in has]
    st.header(f"Withdrawn: {len([one for one in found if not one.back_at]):,}")
    if not found:
        st.caption("None of this dataset.")
        return
    active = [one.hash for one in found if not one.back_at]
    if active:
        _all(studio, active)
    page = tab_state.page("withdrawn", len(found), AT_ONCE)
    for one in found[(page - 1) * AT_ONCE : page * AT_ONCE]:
        _one(studio, one)


def _all(studio: context.Studio, hashes: list[str]) -> None:
    """What learned from any of them, together."""
    box = st.expander(
        "What learned from them, all together",
        icon=":material/account_tree:",
        key="learned-all",
        on_change="rerun",
    )
    if box.open:
        with box:
            _learned(studio, hashes, "all")


def _one(studio: context.Studio, one: Withdrawal) -> None:
    with st.container(border=True):
        shown, said = st.columns([1, 8], vertical_alignment="center")
        with shown:
            url = f"/picture/data/{one.hash}?side=128"
            ui.pictures([Shown(url, "", alt=one.file_name)], side=64)
        asked = f", asked by {ui.plain(one.asked_by)}" if one.asked_by else ""
        said.markdown(
            f"**{ui.plain(one.file_name)}**: {one.ground}. {ui.plain(one.why)}  \n"
            f":small[{ui.plain(one.by)}, {ui.moment(one.at)}{asked}]"
        )
        if one.back_at:
            said.caption(
                f"Taken back by {ui.plain(one.back_by)}, {ui.moment(one.back_at)}: "
                f"{ui.plain(one.back_why)}"
            )
            return
        _way_back(one.hash)
        box = st.expander("What learned from it", key=f"learned-{one.hash}", on_change="rerun")
        if box.open:
            with box:
                _learned(studio, [one.hash], one.hash)


def _way_back(hash: str) -> None:
    """Taking a withdrawal back, with a reason."""
    may = ui.only("withdraw pictures")
    typed = drafts.begin(f"take back/{hash}", {"why": ""})
    with st.expander(
        "Take back",
        icon=":material/undo:",
        key=f"take-back-{hash}",
        expanded=typed.at is not None,
    ):
        drafts.tell(typed)
        st.text_input("Why may it be used again?", **drafts.field(typed, "why"), **may)
        st.button(
            "Take the withdrawal back",
            key=f"back-{hash}",
            on_click=_back,
            args=(hash, typed),
            **may,
        )


def _learned(studio: context.Studio, hashes: list[str], key: str) -> None:
    found = lineage.learned_from(studio, hashes, record_cache.versions())
    if found.nothing:
        st.caption("Nothing: it is in no frozen version.")
        return
    _list(found)
    st.download_button(
        "All of it as CSV",
        lineage.table(found).encode("utf-8-sig"),  # without its mark Excel reads it otherwise
        f"learned-from-{key[:12]}-{date.today()}.csv",
        "text/csv",
        icon=":material/download:",
        key=f"csv-{key}",
    )


def _list(found: Learned) -> None:
    st.markdown(f"**{tab_state.count(len(found.data), 'dataset version')}**")
    for head, how in found.data:
        st.page_link(
            "pages/Datasets.py",
            label=_label(f"{head.name}@{head.version}", how),
            query_params={"set": head.name, "version": head.version},
        )
    st.markdown(f"**{tab_state.count(len(found.trainings), 'training')}**")
    for run, how in found.trainings:
        became = f"version {run.version}" if run.version else "not ended"
        st.page_link("pages/Train.py", label=_label(f"{run.style}, {became}, on {run.named}", how))
    st.markdown(f"**{tab_state.count(len(found.versions), 'style version')}**")
    engine = session.studio().engine
    where = {style: places.places(engine, style) for style in {v.style for v, _ in found.versions}}
    for version, how in found.versions:
        stands = where[version.style].of(version.number)
        named = f"{version.style} version {version.number}, {stands}"
        address = {"style": version.style, "version": str(version.number)}
        st.page_link("pages/Registry.py", label=_label(named, how), query_params=address)
    st.markdown(f"**{tab_state.count(len(found.drawn), 'drawn picture')}**")
    ui.pictures([ui.made(one, "") for one, _ in found.drawn[-SOME:]], side=64)
    if len(found.drawn) > SOME:
        st.caption(f"The newest {SOME}; the table has all.")


def _label(text: str, how: str) -> str:
    return ui.plain(text) + (f" ({how})" if how != lineage.DIRECTLY else "")


def _back(hash: str, typed: Draft) -> None:
    try:
        withdrawals.take_back(
            session.studio().engine,
            hash,
            why=drafts.value(typed, "why"),
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        st.session_state["consent-wrong"] = error
        return
    drafts.drop(typed)
