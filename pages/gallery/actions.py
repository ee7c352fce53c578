"""What can be done with everything that is chosen, each at once and as one: the wall's bar."""

from __future__ import annotations

import streamlit as st

from pages.export import sending
from pages.finish import which
from pages.gallery import dialogs, refusals
from pages.gallery.chosen import Chosen, Done, ask, choose, clear
from pages.upscale import which as enlarging
from studio import context
from studio.assets import boards, listing, verdicts, verdicts_of_many
from studio.assets.boards import Board
from studio.assets.listing import Listed
from studio.assets.search import Wanted
from studio.assets.verdicts import Verdict
from studio.assets.verdicts_of_many import Judged
from studio.web import session, ui

ICONS: dict[Verdict, str] = {
    "approved": ":material/check:",
    "edit": ":material/edit:",
    "rejected": ":material/close:",
}
LABELS: dict[Verdict, str] = {"approved": "Approve", "edit": "Needs an edit", "rejected": "Reject"}
KEYS: dict[Verdict, str] = {"approved": "A", "edit": "E", "rejected": "X"}


def bar(
    chosen: Chosen, shown: list[Listed], wanted: Wanted, total: int, board: Board | None
) -> None:
    """The bar: how many are chosen, and what can be done with them."""
    sending.tell()
    # It stays in sight while something is chosen.
    with st.container(key="gallery-bar" if chosen.turns else "gallery-hint", border=True):
        if chosen.done:
            _undoing(chosen)
        if not chosen.turns:
            st.caption(
                "Choose by the boxes, with Ctrl or Space; Shift takes all between, Ctrl+A the page."
            )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if chosen.turns:
                st.markdown(f"**{len(chosen.turns):,} chosen**", width="content")
                _verdicts(chosen)
                _places(chosen, board)
            st.button(
                f"Choose all {len(shown)} here",
                type="tertiary",
                on_click=choose,
                args=(chosen, shown),
            )
            if total > len(shown):
                most = min(total, verdicts_of_many.MOST)
                st.button(
                    f"Choose all {total:,} found" if most == total else f"The newest {most:,}",
                    type="tertiary",
                    on_click=_choose_found,
                    args=(chosen, wanted),
                )
            if chosen.turns:
                st.button(
                    "None", shortcut="Escape", type="tertiary", on_click=clear, args=(chosen,)
                )


def _verdicts(chosen: Chosen) -> None:
    for verdict, label in LABELS.items():
        st.button(
            label,
            key=f"many-{verdict}",
            icon=ICONS[verdict],
            shortcut=KEYS[verdict],
            on_click=_judge,
            args=(chosen, verdict),
            **ui.only("judge pictures"),
        )


def _places(chosen: Chosen, board: Board | None) -> None:
    """To a board, to a dataset, away as a zip."""
    st.button(
        "To a board",
        icon=":material/dashboard:",
        on_click=ask,
        args=(chosen, "board"),
        **ui.only("edit boards"),
    )
    if board:
        st.button(
            "Off this board",
            icon=":material/remove:",
            on_click=_take_off,
            args=(chosen, board.id, board.name),
            **ui.only("edit boards"),
        )
    st.button(
        "To a dataset",
        icon=":material/photo_library:",
        on_click=ask,
        args=(chosen, "dataset"),
        **ui.only("edit datasets"),
    )
    if st.button("Finish", icon=":material/auto_fix_high:"):
        st.switch_page("pages/Finish.py", query_params=which.of_chosen(chosen.ids))
    if st.button("Enlarge", icon=":material/zoom_out_map:"):
        st.switch_page("pages/Upscale.py", query_params=enlarging.of_chosen(chosen.ids))
    if st.button("Animate", icon=":material/animation:"):
        st.switch_page("pages/Animate.py", query_params=enlarging.of_chosen(chosen.ids))
    if st.button("Make props of them", icon=":material/deployed_code:"):
        st.switch_page("pages/Props.py", query_params=enlarging.of_chosen(chosen.ids))
    sending.of_chosen(chosen.ids)
    st.button("Zip", icon=":material/folder_zip:", on_click=ask, args=(chosen, "zip"))
    if chosen.asks:
        dialogs.DIALOGS[chosen.asks](chosen)


def _undoing(chosen: Chosen) -> None:
    assert chosen.done is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/done_all: {ui.plain(chosen.done.says)}", width="content")
        st.button(
            "Undo",
            shortcut="U",
            icon=":material/undo:",
            type="tertiary",
            on_click=_undo,
            args=(chosen,),
        )


def _judge(chosen: Chosen, verdict: Verdict) -> None:
    with refusals.kept():
        engine, now = session.studio().engine, context.now()
        found = verdicts_of_many.judge_many(engine, chosen.turns, verdict, by=ui.person(), now=now)
        _judged(chosen, verdict, found)


def _judged(chosen: Chosen, verdict: Verdict, found: Judged) -> None:
    says = f"{len(found.changed):,} of {len(chosen.turns):,}: {verdicts.NAMES[verdict]}."
    if found.left:
        says += f" {found.left:,} stay as they are: somebody else changed them meanwhile."
    chosen.done = Done(says, changed=found.changed)
    clear(chosen)


def _take_off(chosen: Chosen, board: str, name: str) -> None:
    with refusals.kept():
        gone = boards.take_off(session.studio().engine, board, chosen.ids, by=ui.person())
        says = f"{len(gone):,} taken off {name}."
        chosen.done = Done(says, board=board, ids=tuple(gone), on=False)
        clear(chosen)


def _undo(chosen: Chosen) -> None:
    done, chosen.done = chosen.done, None
    if done is not None:
        with refusals.kept():
            _take_back(done)
        clear(chosen)


def _take_back(done: Done) -> None:
    engine, by = session.studio().engine, ui.person()
    if done.board and done.on:
        boards.take_off(engine, done.board, done.ids, by=by)
    elif done.board:
        boards.put_on(engine, done.board, done.ids, by=by, now=context.now())
    else:
        found = verdicts_of_many.put_back(engine, done.changed, by=by, now=context.now())
        if found.left:
            st.toast(f"{found.left:,} stay as they are: somebody else changed them meanwhile.")


def _choose_found(chosen: Chosen, wanted: Wanted) -> None:
    engine = session.studio().engine
    choose(chosen, listing.page(engine, wanted, 1, verdicts_of_many.MOST))
