"""A style's figures as a table that prints, and what there is to do so that more of them show."""

from __future__ import annotations

import html
import io
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.report.chosen import Chosen
from studio import context
from studio.accounts import rights
from studio.assets import boards
from studio.charges.report import RIGHT as MONEY
from studio.review import success as values
from studio.review.success import Figure
from studio.web import made_downloads, markup, record_cache, session, ui
from studio.workflows import success, success_gathering
from studio.workflows.success import Report

SIGNS = {"met": "✓", "not met": "✗", "not shown": "–"}  # to be told without colours
# On paper: the sheet lies across; what is left out of it stands in studio.css.
PAPER = "<style>@media print { @page { size: A4 landscape; margin: 12mm; } }</style>"
HEADS = ("Figure", "State", "Value", "Promised", "95 % interval", "Count", "Why")


def shown(studio: context.Studio, asked: Chosen) -> None:
    """The figures of a style and month, the sample to be judged, and the CSV."""
    if not asked.style:
        st.info("Nothing was drawn yet: train a style, and draw with it.", icon=":material/brush:")
        return
    found = success.report(
        studio,
        asked.style,
        asked.month,
        versions=record_cache.versions(asked.style),
        by=ui.person(),
        now=context.now(),
    )
    told, when = found.states, asked.month or "all months"
    st.html(
        markup.lead(
            f"{asked.style}, {when}: {told['met']} met, {told['not met']} not met, "
            f"{told['not shown']} not shown."
        )
    )
    st.html(PAPER)
    st.html(table(found.figures))
    if not ui.may(MONEY):
        st.caption(f"Cost and return are for {rights.who_may(MONEY)}.")
    with st.container(key="report-actions"):
        _sample(found)
        _download(studio)
    st.caption(
        "Met is what the whole interval keeps, not met what none of it does. Fewer than "
        f"{values.LEAST}, one person's word alone, and an interval on both sides of the promise "
        "are not shown. Pictures count in the month in which they were drawn."
    )


def table(found: tuple[Figure, ...]) -> str:
    """The figures as HTML, a row each with what stands beside it."""
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "".join(map(_row, found))
    return (
        f'<div class="hs-report" tabindex="0"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(one: Figure) -> str:
    def said(value: float | None) -> str:
        if value is None:
            return ""
        return html.escape(values.said(value, one.unit)).replace(" ", "&nbsp;")

    promised = ""
    if one.target is not None:
        promised = f"{'at most' if one.at_most else 'at least'} {said(one.target)}"
    interval = f"{said(one.low)} to {said(one.high)}" if one.low is not None else ""
    kind = one.state.replace(" ", "-")
    cells = (
        f'<td class="hs-{kind}"><b>{SIGNS[one.state]}</b> {one.state}</td>',
        f"<td>{said(one.value)}</td>",
        f"<td>{promised}</td>",
        f'<td title="{markup.quoted(one.source)}">{interval}</td>',
        f"<td>{one.n:,} {html.escape(one.of)}</td>",
        f"<td>{html.escape(one.why)}<small>{html.escape(one.beside)}</small></td>",
    )
    return f'<tr><th scope="row">{html.escape(one.name)}</th>{"".join(cells)}</tr>'


def _sample(found: Report) -> None:
    """The random sample on a board, to be judged in the gallery."""
    if not found.open:
        return
    st.button(
        f"Put the sample of {len(found.sample)} on a board",
        icon=":material/casino:",
        on_click=_put_on_board,
        args=(found,),
        **ui.only(
            "edit boards",
            help=f"{len(found.open)} of it are not judged yet. It was drawn at random from all "
            "that the style drew, so judge every one.",
        ),
    )
    if board := _board(found):
        st.page_link(
            "pages/Gallery.py",
            label="Judge it",
            icon=":material/thumbs_up_down:",
            query_params={"board": board, "mode": "judge"},
        )


def _board(found: Report) -> str:
    """The id of the sample's board, "" where nobody made one."""
    name = success.board_name(found).casefold()
    known = boards.all_of(session.studio().engine)
    return next((one.id for one in known if one.name.casefold() == name), "")


def _put_on_board(found: Report) -> None:
    done("The sample is on a board.", _put, found)


def _put(engine: Engine, found: Report, *, by: str, now: datetime) -> None:
    success.put_on_board(session.studio(), found, by=by, now=now)


def _download(studio: context.Studio) -> None:
    versions = record_cache.versions()

    def written(who: str) -> str:
        file = io.StringIO()
        styles = success_gathering.styles(studio.engine)
        reports = success.every(studio, styles, versions=versions, by=who, now=context.now())
        success.write_csv(file, reports)
        return file.getvalue()

    made_downloads.button(
        "Download CSV",
        written,
        file_name="report.csv",
        mime="text/csv",
        icon=":material/download:",
        help="Every figure of every style and month, a line each.",
    )
