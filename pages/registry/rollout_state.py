"""A rollout under way: who gets the new version, what people approve of, and its next step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.registry import moves
from studio import context
from studio.errors import StudioError
from studio.registry import rollout
from studio.registry.places import Places
from studio.registry.rollout_records import Rollout, current, shares
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.workflows import rollout_outcomes

SO_FAR = {"a": "people approve of it less", "b": "people approve of it more"}


def look(studio: context.Studio, style: str, where: Places) -> None:
    """The style's rollout; the card of a version begins one."""
    st.header("Rollout")
    going = current(studio.engine, style)
    if going:
        with st.container(border=True):
            _under_way(studio, going, where)
    elif where.state.holder("production") is None:
        st.caption("Nothing is in production yet, so the first version goes there at once.")
    else:
        st.caption(
            "None is under way. A version's card starts one: some people get it first, and "
            "production stays where it is until everybody does."
        )


def _under_way(studio: context.Studio, going: Rollout, where: Places) -> None:
    overtaken, live = where.going is None, where.state.holder("production")
    st.markdown(
        f"**Version {going.version}** goes to {ui.plain(shares(going))}"
        f"{' · paused' if going.state == 'paused' else ''}  \n"
        f"Begun by {ui.plain(going.begun_by)} {ui.moment(going.begun_at)}"
    )
    if overtaken:
        st.warning(
            "Production was changed meanwhile, so nobody gets this version any more. "
            "End the rollout, or begin it anew."
        )
    _outcome(studio, going, overtaken)
    draft = drafts.begin(f"rollout/{going.id}", {"percent": int(going.percent), "why": ""})
    if not overtaken:
        may = ui.only("promote")
        st.slider("Share of all people, %", 0, 99, **drafts.field(draft, "percent"), **may)
        st.text_input("Why", max_chars=2000, **drafts.field(draft, "why"), **may)
    with st.container(horizontal=True):
        if not overtaken:
            _button("Set the share", "share", going, draft)
            paused = going.state == "paused"
            _button("Resume" if paused else "Pause", "pause", going, draft)
            moves.button("whole", going.style, going.version, live, primary=True)
        moves.button("end", going.style, going.version, live)
    drafts.tell(draft)


def _outcome(studio: context.Studio, going: Rollout, overtaken: bool) -> None:
    found = rollout_outcomes.look(studio.engine, going)
    columns = st.columns(3)
    names = ("before" if overtaken else "production", "new")
    for column, arm, name in zip(columns, (found.old, found.new), names, strict=False):
        rate = "–" if arm.rate is None else f"{arm.rate:.0%}"
        column.metric(
            f"Version {arm.version} ({name}): approved",
            rate,
            f"{arm.approved} of {arm.judged} judged",
            delta_color="off",
            delta_arrow="off",
        )
    columns[2].metric("So far", SO_FAR.get(found.verdict.decision, "undecided"))
    few = (
        f", which takes {rollout_outcomes.PEOPLE}" if found.people < rollout_outcomes.PEOPLE else ""
    )
    st.caption(
        "↑ more approved is better. Stops automatically if approval drops: where people approve of "
        f"it less, by the rule of the ballots. {found.people} "
        f"{'person' if found.people == 1 else 'people'} judged both versions so far{few}; each has "
        "one voice."
    )


def _button(label: str, how: str, going: Rollout, draft: Draft) -> None:
    st.button(
        label,
        key=f"roll-{how}",
        on_click=_change,
        args=(how, going, draft),
        **ui.only("promote"),
    )


def _change(how: str, going: Rollout, draft: Draft) -> None:
    """Another share, or a pause, unless somebody changed the rollout meanwhile."""
    studio = session.studio()
    new: Any = {"percent": float(drafts.value(draft, "percent"))}
    if how == "pause":
        new = {"paused": going.state == "running"}
    try:
        rollout.change(
            studio.engine,
            studio.client,
            style=going.style,
            actor=ui.person(),
            why=drafts.value(draft, "why"),
            now=context.now(),
            expect=going.id,
            seen=going,
            **new,
        )
    except StudioError as error:
        st.session_state["refused"] = error
    else:
        drafts.drop(draft)
        st.session_state["moved"] = "Done."
