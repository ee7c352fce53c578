"""Requests: versions that somebody asks to have in production, and their answers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.registry import gates, moves
from studio import context
from studio.errors import StudioError
from studio.registry import requests
from studio.registry.places import Places
from studio.registry.requests import Request
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

SAID = {
    "accept": "The request is closed.",
    "refuse": "Refused.",
    "comment": "Said.",
    "withdraw": "Taken back.",
}


def look(studio: context.Studio, style: str, where: Places) -> None:
    """What is asked for and not decided."""
    st.header("Requests")
    waiting = requests.listing(studio.engine, style, "open")
    for request in waiting:
        with st.container(border=True):
            _request(studio, request, where.state.holder("production"))
    if not waiting:
        st.caption("Nobody waits for a decision. A version is asked for on its card.")


def _request(studio: context.Studio, request: Request, live: int | None) -> None:
    st.markdown(
        f"**Version {request.version}** for production, asked by "
        f"{ui.plain(request.asked_by)} {ui.moment(request.asked_at)}  \n"
        f"{ui.plain(request.why)}"
    )
    for said in requests.comments_of(studio.engine, request.id):
        st.caption(f"{ui.plain(said.by)}, {ui.moment(said.at)}: {ui.plain(said.text)}")
    there = request.version == live
    if there:
        st.info("It is in production by now; accepting closes the request.")
    else:
        gates.shown(gates.held(request.style, request.version))
    draft = drafts.begin(f"request/{request.id}", {"answer": ""})
    st.text_input(
        "Your answer or comment",
        max_chars=2000,
        **drafts.field(draft, "answer"),
        **ui.only("ask for promotion"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if there:
            _button("Accept", "accept", "promote", request, draft)
        else:
            moves.button("accept", request.style, request.version, live, request=request.id)
        _button("Refuse", "refuse", "promote", request, draft)
        _button("Comment", "comment", "ask for promotion", request, draft)
        if request.asked_by == ui.person():
            _button("Take it back", "withdraw", "ask for promotion", request, draft)
    drafts.tell(draft)


def _button(label: str, how: str, right: str, request: Request, draft: Draft) -> None:
    st.button(
        label,
        key=f"{how}-{request.id}",
        on_click=_answer,
        args=(how, request, draft),
        **ui.only(right),
    )


def _answer(how: str, request: Request, draft: Draft) -> None:
    engine, said = session.studio().engine, drafts.value(draft, "answer")
    about: Any = {"now": context.now()}
    try:
        match how:
            case "comment":
                requests.comment(engine, request.id, said, by=ui.person(), **about)
            case "withdraw":
                requests.withdraw(engine, request.id, actor=ui.person(), **about)
            case _:
                answer = said.strip() or ("It is there." if how == "accept" else "")
                accepted = how == "accept"
                requests.decide(
                    engine, request.id, accepted, actor=ui.person(), answer=answer, **about
                )
    except StudioError as error:
        st.session_state["refused"] = error
    else:
        drafts.drop(draft)
        st.session_state["moved"] = SAID[how]
