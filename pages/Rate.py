"""Rate pictures one at a time by a rubric, without knowing which version made them."""

import streamlit as st

from studio import judging, ledger, ui, workflows
from studio.accounts import rights
from studio.db import writing
from studio.errors import StudioError
from studio.review import rating, ratings, rubrics
from studio.review.ratings import Round, Score
from studio.review.rubrics import Rubric
from studio.review.sitting import Sitting


def sitting(round: Round) -> Sitting:
    """This window's sitting, a new one where the round or the person changed."""
    held = st.session_state.get("rate-sitting")
    if held is None or (held.at, held.person) != (round.id, ui.person()):
        held = st.session_state["rate-sitting"] = Sitting(round.id, ui.person())
    return held


def said(round: Round) -> None:
    """The browser sent what it has not been told of as done."""
    studio, actions = ui.opened(), st.session_state["rate"].said
    rating.take(studio.engine, studio.home, sitting(round), actions, workflows.now())


def pressed(round: Round, say: str, id: str) -> None:
    """A plain button: the same as the key, on the picture that is shown."""
    studio, sat = ui.opened(), sitting(round)
    mine = ratings.standing(studio.engine, round.id, sat.person)
    names = [one.name for one in rubrics.named(studio.home, round.rubric).criteria]
    scores = {name: st.session_state.get(f"score-{name}") for name in names}
    given = {name: value for name, value in scores.items() if value is not None}
    action = {"id": id, "say": say, "item": sat.queue[0] if sat.queue else None, "scores": given}
    action |= {"of": mine[-1].key if mine else None}
    rating.take(studio.engine, studio.home, sat, [action], workflows.now())
    for name in names:
        st.session_state[f"score-{name}"] = None


@st.fragment
def desk(round: Round) -> None:
    """The picture that is shown; only this part of the page is drawn anew after a rating."""
    studio, sat = ui.opened(), sitting(round)
    seen = rating.view(studio.engine, studio.home, sat)
    if not seen["queue"]:
        st.rerun()  # the whole page, which shows the result
    ui.screen("rate", ("sitting", "stage"))(
        key="rate", data=seen, on_said_change=lambda: said(round)
    )


def finished(round: Round) -> None:
    """All is rated; the last one can still be taken back."""
    sat, count = sitting(round), len(ratings.pictures_of(ui.opened().engine, round.id))
    st.success(f"You have rated all {count} pictures.", icon=":material/done_all:")
    st.button(
        "Undo the last one", key="say-undo", on_click=pressed, args=(round, "undo", sat.next_id)
    )


def plain_buttons(round: Round, rubric: Rubric) -> None:
    """For whoever has no keyboard at hand, or a browser that keeps the keys to itself."""
    with st.expander("Plain buttons, if the keys do nothing here"):
        numbers = list(range(rubric.low, rubric.high + 1))
        for one in rubric.criteria:
            st.radio(
                one.name, numbers, index=None, horizontal=True, key=f"score-{one.name}",
                help=ui.plain(one.help),
            )  # fmt: skip
        with st.container(horizontal=True):
            for say, label in {"rate": "Next picture", "undo": "Undo", "skip": "Skip"}.items():
                st.button(
                    label, key=f"say-{say}", on_click=pressed,
                    args=(round, say, sitting(round).next_id),
                )  # fmt: skip


def result(round: Round) -> None:
    """The weighted score of each version, and its criteria."""
    found = ratings.results(ui.opened().engine, round.id)
    if not found:
        st.info("Nobody has rated a picture yet.")
        return
    st.header("Scores")
    st.dataframe([_line(one) for one in found], hide_index=True)
    st.caption(
        "Means over pictures, with the interval in which the mean of further pictures lies, as "
        f"these people rate them. Rubric {ui.plain(round.rubric)}."
    )


def _line(one: Score) -> dict[str, object]:
    mean = one.weighted
    between = "needs 2 pictures" if mean.low is None else f"{mean.low:.2f} to {mean.high:.2f}"
    return {
        "version": one.side.name,
        "weighted score": round(mean.mean, 2),
        "95 % between": between,
        "raters": one.raters,
        "pictures": mean.count,
        **{name: round(part.mean, 2) for name, part in one.criteria.items()},
    }


def overview() -> None:
    """What waits for me, new ratings, results, and the rubric."""
    engine, me = ui.opened().engine, ui.person()
    waiting = ratings.waiting(engine, me)
    for one, done, count in waiting:
        row(one, f"{done} of {count} pictures done", "Go on" if done else "Rate")
    if not waiting:
        st.info("No ratings wait for you.")
    known = ratings.listing(engine)
    with st.expander("Rate more versions", expanded=not known):
        new_round()
    with st.expander("What is rated: the rubric"):
        edit_rubric()
    seen = {one.id for one, _, _ in waiting}
    others = [one for one in known if one.id not in seen]
    if others:
        st.header("Results")
    for one in others[:50]:
        row(one, "still open" if one.open else f"ended by {one.closed_by}", "Result")


def row(one: Round, state: str, label: str) -> None:
    """One round in a list."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        sides = ", ".join(side.name for side in one.sides)
        st.markdown(
            f"**{ui.plain(one.style)}: {sides}**  \n"
            f"opened by {ui.plain(one.opened_by)}, {ui.moment(one.opened_at)}: {ui.plain(state)}"
        )
        query = {"round": str(one.id)}
        st.page_link(
            "pages/Rate.py", label=label, icon=":material/arrow_forward:", query_params=query
        )


def new_round() -> None:
    """Choose versions; who rates several at once does not know which made a picture."""
    studio = ui.opened()
    found = ui.sheets_of_style("style")
    if found is None:
        return
    style, ready = found
    known = {0: "base (without a LoRA)", **{v.number: f"version {v.number}" for v in ready}}
    chosen = st.multiselect(
        "Versions", list(known), default=[v.number for v in ready[:2]], format_func=known.get
    )
    if not chosen:
        st.info("Choose one or more versions.")
    elif st.button("Start rating", type="primary", **ui.only("open ballots")):
        with st.spinner("Keeping the pictures"):
            made = ratings.open_round(
                studio.engine, studio.home, drawn=judging.drawn(studio, style, chosen),
                rubric=rubrics.load(studio.home), strip=judging.strip(studio, ready[0]),
                by=ui.person(), now=workflows.now(),
            )  # fmt: skip
        st.switch_page("pages/Rate.py", query_params={"round": str(made.id)})


def edit_rubric() -> None:
    """The rubric as YAML. A change is a new version; ratings keep the one they were made by."""
    studio = ui.opened()
    rubric = rubrics.load(studio.home)
    st.caption("Weights add up to 1. Ratings that have begun keep the rubric they began with.")
    # The version in the key: after somebody's change the field shows what is there now.
    text = st.text_area("Rubric", rubric.text, height=340, key=f"rubric-{rubric.version}")
    if st.button("Keep this rubric", **ui.only("change rubrics")):
        try:
            kept = rubrics.save(studio.home, rubrics.STANDARD, text, after=rubric.version,
                                by=ui.person())  # fmt: skip
        except StudioError as error:
            ui.failed(error)
            return
        if kept.version != rubric.version:
            with writing(studio.engine) as connection:
                ledger.record(
                    connection, at=workflows.now(), actor=ui.person(), action="change rubric",
                    reason=kept.reference,
                )  # fmt: skip
        st.rerun()


asked = st.query_params.get("round", "")
ABOUT = "One picture at a time, blind, by the same few questions."
with ui.page("Rate", "" if asked else ABOUT) as studio:
    if not asked.isdecimal():
        overview()
        st.stop()
    st.page_link("pages/Rate.py", label="All ratings", icon=":material/arrow_back:")
    shown = ratings.get(studio.engine, int(asked))
    left = ratings.unrated(studio.engine, shown.id, ui.person())
    if shown.open and not ui.may("rate"):
        st.info(f"These ratings are open. Ratings are for {rights.who_may('rate')}.")
        st.stop()
    if shown.open and left:
        desk(shown)
        plain_buttons(shown, rubrics.named(studio.home, shown.rubric))
    else:
        if shown.open:
            finished(shown)
        result(shown)
    if shown.open:
        with st.popover("End these ratings", icon=":material/lock:"):
            st.markdown("Nobody can rate any more then, and everybody sees the result.")
            if st.button("End these ratings for everybody", type="primary",
                         **ui.only("open ballots")):  # fmt: skip
                ratings.close(studio.engine, shown.id, ui.person(), workflows.now())
                st.rerun()
