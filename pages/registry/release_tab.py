"""How versions of a style reach people: requests, gates, and a rollout to some of them first."""

from typing import Any

import streamlit as st

from pages.registry import stage_moves
from pages.registry.gates import OVERRIDE, OVERRIDE_HELP, shown
from studio import context
from studio.errors import StudioError
from studio.registry import gates, requests, rollout
from studio.registry.models import Version
from studio.registry.requests import Request
from studio.registry.rollout_records import Rollout, current, shares
from studio.web import ui
from studio.workflows import release, rollout_outcomes


def all_of(studio: context.Studio, style: str, found: dict[int, Version], live: int | None) -> None:
    """The style's requests, rollout and gates."""
    st.header("Requests")
    asked(studio, style, found, live)
    st.header("Rollout")
    rolling(studio, style, found, live)
    st.header("Gates")
    asks(studio, style)


def asked(studio: context.Studio, style: str, found: dict[int, Version], live: int | None) -> None:
    """What is asked for and not decided, and the form to ask."""
    waiting = requests.listing(studio.engine, style, "open")
    for request in waiting:
        with st.container(border=True):
            _request(studio, request, live)
    others = [n for n in found if n != live]
    with st.popover(
        "Ask for a version in production", icon=":material/front_hand:", disabled=not others
    ):
        st.selectbox("Version", others, key="ask-number")
        st.text_area("Why this one", key="ask-why", max_chars=2000, height=80)
        st.button(
            "Ask the producers",
            type="primary",
            on_click=_ask,
            args=(style,),
            **ui.only("ask for promotion"),
        )
    if not waiting:
        st.caption("Nobody waits for a decision.")


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
    checked = [] if there else stage_moves.gates_of(studio, request.style, request.version)
    shown(checked)
    key = f"request-{request.id}"
    st.text_input("Your answer or comment", key=key, max_chars=2000)
    missed = any(not one.met for one in checked)
    if missed:
        st.text_input(OVERRIDE, key=f"{key}-over", max_chars=2000, help=OVERRIDE_HELP)
    with st.container(horizontal=True):
        for label, how, right in (
            ("Accept" if there else "Accept and promote", "accept", "promote"),
            ("Refuse", "refuse", "promote"),
            ("Comment", "comment", "ask for promotion"),
        ):
            st.button(
                label,
                key=f"{how}-{request.id}",
                on_click=_answer,
                args=(how, request),
                **ui.only(right),
            )
        if request.asked_by == ui.person():
            st.button(
                "Take it back",
                key=f"withdraw-{request.id}",
                on_click=_answer,
                args=("withdraw", request),
            )


def rolling(
    studio: context.Studio, style: str, found: dict[int, Version], live: int | None
) -> None:
    """The rollout under way with what people approve of in each arm, or the form to begin one."""
    going = current(studio.engine, style)
    if going:
        _under_way(studio, going, live)
        return
    if live is None:
        st.caption("Nothing is in production yet, so the first version goes there at once.")
        return
    others = [n for n in found if n != live]
    with st.popover(
        "Start gradual rollout",
        icon=":material/group:",
        disabled=not others,
        help="Gives a version to some people first.",
    ):
        number = st.selectbox("Version", others, key="roll-number")
        checked = stage_moves.gates_of(studio, style, number) if number else []
        shown(checked)
        st.slider("Share of all people, %", 0, 99, 10, key="roll-percent")
        st.text_input(
            "Always include",
            key="roll-people",
            placeholder="ana, @artist",
            help="Who gets it in any case: names with commas, @artist for all artists.",
        )
        st.text_area("Why", key="roll-why", max_chars=2000, height=80)
        if any(not one.met for one in checked):
            st.text_input(OVERRIDE, key="roll-over", help=OVERRIDE_HELP)
        st.button("Begin", type="primary", on_click=_begin, args=(style,), **ui.only("promote"))
    st.caption("Who is among them stays the same; production stays where it is until 100 %.")


def _under_way(studio: context.Studio, going: Rollout, live: int | None) -> None:
    found = rollout_outcomes.look(studio.engine, going)
    said = {"a": "people approve of it less", "b": "people approve of it more"}
    with st.container(border=True):
        st.markdown(
            f"**Version {going.version}** goes to {ui.plain(shares(going))}"
            f"{' · paused' if going.state == 'paused' else ''}  \n"
            f"Begun by {ui.plain(going.begun_by)} {ui.moment(going.begun_at)}"
        )
        overtaken = live != going.against
        if overtaken:
            st.warning(
                "Production was changed meanwhile, so nobody gets this version any more. "
                "End the rollout, or begin it anew."
            )
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
        columns[2].metric("So far", said.get(found.verdict.decision, "undecided"))
        few = (
            f", which takes {rollout_outcomes.PEOPLE}"
            if found.people < rollout_outcomes.PEOPLE
            else ""
        )
        st.caption(
            "Stops automatically if approval drops: where people approve of it less, by the rule "
            f"of the ballots. {found.people} {'person' if found.people == 1 else 'people'} judged "
            f"both versions so far{few}; each has one voice."
        )
        st.text_input("Why", key="change-why", max_chars=2000)
        if not overtaken:
            st.slider(
                "Share of all people, %",
                0,
                100,
                int(going.percent),
                key="change-percent",
                help="At 100 % it is put into production.",
            )
            checked = stage_moves.gates_of(studio, going.style, going.version)
            known = rollout.overridden(studio.engine, going)
            if any(not one.met and one.gate not in known for one in checked):
                shown([one for one in checked if not one.met])
                st.text_input(
                    f"At 100 %: {OVERRIDE[:1].lower()}{OVERRIDE[1:]}",
                    help=OVERRIDE_HELP,
                    key="change-over",
                    max_chars=2000,
                )
        with st.container(horizontal=True):
            for label, how in (
                ()
                if overtaken
                else (
                    ("Set the share", "share"),
                    ("Resume" if going.state == "paused" else "Pause", "pause"),
                )
            ):
                st.button(
                    label,
                    key=f"roll-{how}",
                    on_click=_change,
                    args=(how, going),
                    **ui.only("promote"),
                )
            st.button(
                "End it",
                key="roll-abort",
                on_click=_change,
                args=("abort", going),
                **ui.only("roll back"),
            )


def asks(studio: context.Studio, style: str) -> None:
    """What the style asks of a version, as YAML to be edited."""
    version, text = gates.in_use(studio.home, style), gates.text_of(studio.home, style)
    try:
        gates.load(studio.home, style)
    except StudioError as error:
        ui.failed(error)
    else:
        if not text:
            st.caption(
                "This style asks for nothing yet: any version may go into production. "
                "Below is an example."
            )
    # The version in the key: after somebody's change the field shows what is there now.
    key = f"gates-{style}-{version}-{hash(text)}"
    field = st.text_area("Gates of this style (YAML)", text or gates.EXAMPLE, height=280, key=key)
    mine = st.session_state.pop("gates-not-kept", field)
    if mine != field:
        st.caption("What you wrote, which was not kept:")
        st.code(mine, language=None)
    st.button(
        "Keep these gates", on_click=_keep, args=(style, key, version), **ui.only("change gates")
    )


def _ask(style: str) -> None:
    number = st.session_state["ask-number"]  # as the form is now, not as it was drawn
    stage_moves.done(
        lambda studio, why: release.ask(
            studio,
            style=style,
            number=number,
            actor=ui.person(),
            why=why,
            now=context.now(),
        ),
        "Asked. The producers see it on Home.",
        "ask-why",
    )


def _answer(how: str, request: Request) -> None:
    key = f"request-{request.id}"

    def do(studio: context.Studio, said: str) -> Any:
        about: Any = {"now": context.now()}
        if how == "comment":
            return requests.comment(studio.engine, request.id, said, by=ui.person(), **about)
        if how == "withdraw":
            return requests.withdraw(studio.engine, request.id, actor=ui.person(), **about)
        if how == "refuse":
            return requests.decide(
                studio.engine, request.id, False, actor=ui.person(), answer=said, **about
            )
        over = st.session_state.get(f"{key}-over", "")
        return release.accept(
            studio, request.id, actor=ui.person(), answer=said, override=over, **about
        )

    ended = {
        "accept": f"Version {request.version} is in production now.",
        "refuse": "Refused.",
        "comment": "Said.",
        "withdraw": "Taken back.",
    }
    stage_moves.done(do, ended[how], key)


def _begin(style: str) -> None:
    state = st.session_state
    number = state["roll-number"]

    def do(studio: context.Studio, why: str) -> Any:
        return release.begin_rollout(
            studio,
            style=style,
            number=number,
            percent=float(state["roll-percent"]),
            people=state["roll-people"].split(","),
            actor=ui.person(),
            why=why,
            now=context.now(),
            override=state.get("roll-over", ""),
        )

    stage_moves.done(do, f"Version {number} is tried now.", "roll-why")


def _change(how: str, going: Rollout) -> None:
    def do(studio: context.Studio, why: str) -> Any:
        about: Any = {
            "style": going.style,
            "actor": ui.person(),
            "why": why,
            "now": context.now(),
            "expect": going.id,
        }
        if how == "abort":
            return rollout.abort(studio.engine, studio.client, **about)
        share = float(st.session_state.get("change-percent", going.percent))
        if how == "share" and share == 100:
            over = st.session_state.get("change-over", "")
            return release.complete_rollout(studio, override=over, **about)
        if how == "pause":
            about["paused"] = going.state == "running"
        else:
            about["percent"] = share
        return rollout.change(studio.engine, studio.client, seen=going, **about)

    stage_moves.done(do, "Done.", "change-why")


def _keep(style: str, key: str, version: str) -> None:
    text = st.session_state[key]
    stage_moves.done(
        lambda studio, _: release.save_gates(
            studio, style, text, after=version, by=ui.person(), now=context.now()
        ),
        "These gates hold from now on.",
        "",
    )
    if "refused" in st.session_state:
        st.session_state["gates-not-kept"] = text
