"""What ratings say: scores, how far raters agree, where they do not, and tables to take along."""

import math
from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.evaluation.comparison import Mark
from studio.review import blinding, pictures, rater_agreement, rating_rounds, sitting
from studio.review.rater_agreement import Apart
from studio.review.rating_rounds import Rated, Round
from studio.review.ratings import Score, Scored, results, scored
from studio.review.statistics import Mean
from studio.web import components, session, ui

SHOWN = 8  # pictures on which raters disagree most
ENDS = 6  # of a version's pictures, the best and the weakest


def result(round: Round) -> None:
    """The weighted score of each version, its criteria, and how far they can be trusted."""
    engine = session.studio().engine
    found = results(engine, round.id)
    if not found:
        st.info("Nobody has rated a picture yet.")
        return
    names = dict(zip(round.sides, pictures.names(round.sides), strict=True))
    st.header("Scores", help=f"Higher is better. Rubric {ui.plain(round.rubric)}.")
    found.sort(key=lambda one: -one.weighted.mean)
    ui.scale([_mark(names[one.side], one) for one in found], 2)
    components.enlarging()
    rated = scored(engine, round.id)
    for one in found:
        side = round.sides.index(one.side)
        _pictures(round, names[one.side], one, [r for r in rated if r.picture.side == side])
    with st.expander("Each criterion, with intervals"):
        given = sorted(found, key=lambda one: round.sides.index(one.side))
        st.dataframe([_line(names[one.side], one) for one in given], hide_index=True)
        st.caption(
            "Means over pictures, with the interval in which the mean of further pictures lies, "
            "as these people rate them."
        )
    _agreement(round)
    _raters(round)
    _export(round)


def _mark(name: str, one: Score) -> Mark:
    mean = one.weighted
    return Mark(name, mean.mean, mean.low, mean.high, "version" if one.side.number else "base")


def _pictures(round: Round, name: str, one: Score, rated: Sequence[Scored]) -> None:
    """A version's score, and its pictures with theirs: the best first, some of the weakest last."""
    raters = "1 rater" if one.raters == 1 else f"{one.raters} raters"
    with st.container(border=True):
        band = f" ({_band(one.weighted)})" if _band(one.weighted) else ""
        st.markdown(
            f"**{ui.plain(name)}** · {one.weighted.mean:.2f}{band} · {raters}, {len(rated)} "
            "pictures, the best first"
        )
        ends = rated if len(rated) <= 2 * ENDS else [*rated[:ENDS], *rated[-ENDS:]]
        ui.pictures(
            [_shown(round, r.picture, f"{r.score:.2f} · {r.picture.prompt}") for r in ends],
            side=128,
        )
        if len(ends) < len(rated):
            st.caption(f"The {ENDS} best and the {ENDS} weakest of {len(rated)}.")


def _shown(round: Round, picture: Rated, says: str) -> ui.Shown:
    key = blinding.secret(session.studio().engine)
    address = sitting.ROUTE + blinding.address(key, ui.person(), "r", picture.id, "l")
    return ui.Shown(address, says, round.size, round.size)


def _line(name: str, one: Score) -> dict[str, object]:
    return {
        "version": name,
        "weighted score": _round(one.weighted.mean),
        "95 % between": _band(one.weighted) or "needs 2 pictures",
        "raters": one.raters,
        "pictures": one.weighted.count,
        **{
            criterion: f"{part.mean:.2f} ({_band(part)})" if _band(part) else f"{part.mean:.2f}"
            for criterion, part in one.criteria.items()
        },
    }


def _band(mean: Mean) -> str:
    return "" if mean.low is None else f"{mean.low:.2f} to {mean.high:.2f}"


def _agreement(round: Round) -> None:
    """Krippendorff's alpha, and the pictures that raters see differently."""
    studio = session.studio()
    apart = rater_agreement.apart(studio.engine, studio.home, round.id)
    if not apart:
        st.caption("Two people must rate the same picture before one can say how they agree.")
        return
    st.header("How far raters agree")
    alphas = rater_agreement.alphas(studio.engine, round.id)
    st.dataframe(
        [
            {
                "criterion": name,
                "agreement (alpha)": None if math.isnan(alpha) else f"{alpha:.2f}",
                "which means": _said(alpha),
            }
            for name, alpha in alphas.items()
        ],
        hide_index=True,
    )
    st.caption("Krippendorff's alpha for ordered scales: 1 all agree, 0 no better than chance.")
    if apart[0].spread:
        st.header("Where they disagree most")
        _map(round, apart)


def _said(alpha: float) -> str:
    if math.isnan(alpha):
        return "all gave the same number, which says nothing"
    steps = ((0.8, "can be relied on"), (0.667, "good enough for a first look"))
    return next(
        (said for least, said in steps if alpha >= least),
        "people mean different things: talk it over",
    )


def _map(round: Round, apart: list[Apart]) -> None:
    """A table of pictures by criteria, darker where raters are further apart; the worst shown."""
    criteria = list(apart[0].criteria)
    names = pictures.names(round.sides)
    values = [
        {
            "picture": f"{place + 1}",
            "prompt": one.picture.prompt,
            "criterion": name,
            "apart": one.criteria[name],
        }
        for place, one in enumerate(apart[:40])
        for name in criteria
    ]
    across = {"field": "picture", "type": "ordinal", "sort": None, "title": "picture, worst first"}
    ui.chart(
        {
            "data": {"values": values},
            "height": 34 * len(criteria) + 40,
            "mark": {"type": "rect", "tooltip": True},
            "encoding": {
                "x": across,
                "y": {"field": "criterion", "type": "nominal", "title": None, "sort": criteria},
                "color": {
                    "field": "apart",
                    "type": "quantitative",
                    "title": "apart, of the scale",
                    "scale": {"scheme": "teals", "domainMin": 0},
                },
            },
        },
        key="apart",
    )
    ui.pictures(
        [
            _shown(
                round,
                one.picture,
                f"{place + 1}. {names[one.picture.side]}: {one.picture.prompt}. {_scores(one)}",
            )
            for place, one in enumerate(apart[:SHOWN])
            if one.spread
        ],
        side=192,
    )


def _scores(one: Apart) -> str:
    """What each gave on the criterion on which they are furthest apart."""
    worst = max(one.criteria, key=lambda name: one.criteria[name])
    return f"{worst}: " + ", ".join(f"{who} {s[worst]}" for who, s in sorted(one.scores.items()))


def _raters(round: Round) -> None:
    """Who rated how, and taking somebody out."""
    studio = session.studio()
    found = rater_agreement.raters(studio.engine, round.id)
    with st.expander(f"Raters: {len(found)}"):
        st.dataframe(
            [
                {
                    "rater": one.name,
                    "pictures": one.rated,
                    "mean score": _round(one.mean),
                    "milder than others by": None if one.milder is None else _round(one.milder),
                }
                for one in found
            ],
            hide_index=True,
        )
        if round.open and ui.may("open ballots"):
            who = st.selectbox("Take somebody out", [one.name for one in found], index=None)
            st.caption("Their ratings stay stored and count no more.")
            if st.button("Take out", disabled=not who):
                rating_rounds.remove(studio.engine, round.id, str(who), ui.person(), context.now())
                st.rerun()


def _round(value: float) -> float:
    """Two digits, as scores are read."""
    return math.floor(value * 100 + 0.5) / 100


def _export(round: Round) -> None:
    """All ratings as files."""
    with st.container(horizontal=True):
        for kind, label in (("csv", "CSV"), ("parquet", "Parquet")):
            address = f"/download/ratings/{round.id}/{kind}"
            st.link_button(f"Download as {label}", address, icon=":material/download:")
