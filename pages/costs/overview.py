"""What was spent: in all, by style, kind, person and machine, and for an approved picture."""

from __future__ import annotations

import io

import streamlit as st

from pages.costs import fields, months
from studio import context
from studio.charges import report, settling
from studio.charges.money import grouped
from studio.charges.report import Total
from studio.web import addresses, made_downloads, ui
from studio.workflows import spending

BY = {
    "style": "Style",
    "kind": "Kind",
    "person": "Person",
    "machine": "Machine",
    "provider": "Provider",
    "source": "Source",
    "month": "Month",
}
NONE = "(none)"


def shown(studio: context.Studio) -> None:
    """The totals of a month, by what is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        month = months.choice(studio)
        by = st.selectbox(
            "By",
            list(BY),
            format_func=BY.__getitem__,
            width=200,
            **addresses.one_of("by", list(BY)),
        )
        _download(studio, month)
    who, now = ui.person(), context.now()
    _in_all(report.totals(studio.engine, "source", month, by=who, now=now))
    if lost := settling.unconfirmed(studio.engine):
        st.warning(
            f"Unconfirmed calls: {len(lost)}. Their answers were lost, and nobody knows what they "
            "cost.",
            icon=":material/help:",
        )
    totals = report.totals(studio.engine, str(by), month, by=who, now=now)
    if not totals:
        st.info(
            "Nothing was spent. What an hour of your own machines costs is set under Prices; "
            "what calls of others' services may cost, under Limits.",
            icon=":material/savings:",
        )
        return
    _table(totals, BY[by])
    _approved(studio, month)


def _in_all(totals: list[Total]) -> None:
    """Each currency's sum; they are never added."""
    codes = sorted({one.currency for one in totals})
    with st.container(horizontal=True):
        for code in codes:
            spent = sum(one.spent for one in totals if one.currency == code)
            st.metric(f"Spent, {code}", grouped(spent, code))


def _table(totals: list[Total], label: str) -> None:
    st.dataframe(
        [
            {
                label.lower(): one.name or NONE,
                "currency": one.currency,
                "spent": grouped(one.spent, one.currency),
                "under way": grouped(one.open, one.currency) if one.open else "",
                "unconfirmed": grouped(one.unconfirmed, one.currency) if one.unconfirmed else "",
                "charges": one.count,
            }
            for one in totals
        ],
        column_config=fields.amounts("spent", "under way", "unconfirmed"),
        hide_index=True,
    )


def _approved(studio: context.Studio, month: str) -> None:
    found = spending.approved(studio.engine, month, by=ui.person(), now=context.now())
    if not found:
        return
    st.subheader("What an approved picture cost")
    st.caption(
        "All that was spent on the style, trainings and failures too, shared among its pictures "
        "that were made in the same time and are approved by now. What names no style is left out."
    )
    if len(found) > len({one.style for one in found}):
        st.caption("Of a style with several currencies a picture cost all of its lines together.")
    st.dataframe(
        [
            {
                "style": one.style,
                "currency": one.currency,
                "cost": grouped(one.spent, one.currency),
                "approved pictures": one.approved,
                "each": "" if one.each is None else grouped(one.each, one.currency),
            }
            for one in found
        ],
        column_config=fields.amounts("cost", "each"),
        hide_index=True,
    )


def _download(studio: context.Studio, month: str) -> None:
    def written(who: str) -> str:
        file = io.StringIO()
        report.write_csv(studio.engine, file, month, by=who)
        return file.getvalue()

    made_downloads.button(
        "Download CSV",
        written,
        file_name=f"costs-{month or 'all'}.csv",
        mime="text/csv",
        icon=":material/download:",
        help="Every charge of the month, a line each, for spreadsheets and bookkeeping.",
    )
