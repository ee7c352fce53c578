"""The person's calls of services: how far each is, and what can be done that costs nothing."""

from __future__ import annotations

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.props.providers import calls, tables
from studio.props.providers.calls import Call
from studio.web import session, ui
from studio.workflows import provider_results
from studio.workflows.props import RIGHT

SHOWN = 6
STATES = {
    "meant": "About to be sent",
    "sent": "Being sent",
    "known": "Being made",
    "done": "Made",
    "failed": "Failed; what it cost stands on Costs",
    "moderated": "Refused for its content; it is not sent again",
    "cancelled": "Cancelled",
    "unsure": "Unconfirmed: its answer was lost, and it may cost its estimate",
    "late": "Late: not ready in time",
}
REFERENCE = "props-reference"
FETCHED = ("late", "failed", "cancelled", "unsure")


def show(studio: context.Studio) -> None:
    """The newest of them, kept up to date while one is under way."""
    found = _newest(studio)
    going = any(not one.ended or (one.state == "done" and not one.asset) for one in found)
    (_live if going else _listed)(studio)


def _newest(studio: context.Studio) -> list[Call]:
    return calls.listing(studio.engine, person=str(ui.person()), limit=SHOWN)


def _listed(studio: context.Studio) -> None:
    if not (found := _newest(studio)):
        return
    st.caption("Your calls of services, the newest first:")
    for one in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            _one(one)


_live = st.fragment(run_every=3.0)(_listed)


def _one(call: Call) -> None:
    label = tables.PROVIDERS[call.provider].label if call.provider in tables.PROVIDERS else ""
    number = f", their number {ui.plain(call.reference)}" if call.reference else ""
    share = f" ({call.percent} %)" if call.state == "known" and call.percent else ""
    note = f"  \n{ui.plain(call.note)}" if call.note else ""
    st.markdown(
        f"**{ui.plain(call.what)}** at {ui.plain(label or call.provider)}, "
        f"{ui.moment(call.made_at)}{number}  \n{STATES[call.state]}{share}{note}"
    )
    if call.asset:
        st.page_link(
            "pages/Props.py",
            label="See it",
            icon=":material/deployed_code:",
            query_params={"prop": call.asset},
        )
    if call.state == "unsure":
        st.text_input(
            "Their number for it",
            key=f"{REFERENCE} {call.id}",
            max_chars=200,
            **ui.only(RIGHT, help="Found on the service's own pages."),
        )
    if call.state in FETCHED or (call.state == "done" and not call.asset):
        st.button(
            "Fetch again",
            key=f"props-fetch {call.id}",
            icon=":material/refresh:",
            on_click=_fetch,
            args=(call.id,),
            **ui.only(RIGHT, help="Looks for its result once more. Sends nothing, costs nothing."),
        )
    if call.state == "known" and not call.cancel_by:
        st.button(
            "Cancel",
            key=f"props-cancel {call.id}",
            icon=":material/close:",
            on_click=_cancel,
            args=(call.id,),
            **ui.only(RIGHT, help="Where the service does that; what it costs then it says."),
        )


def _fetch(id: int) -> None:
    """As a callback: look once more, by the number that somebody found."""
    with refusals.kept():
        named = str(st.session_state.get(f"{REFERENCE} {id}", ""))
        provider_results.fetch_again(session.studio(), id, by=ui.person(), reference=named)


def _cancel(id: int) -> None:
    with refusals.kept():
        provider_results.cancel(session.studio(), id, by=ui.person())
