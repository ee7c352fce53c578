"""What was promised of the studio, each figure counted from plain rows.

Rows come from whoever gathers them (`studio.workflows.success_gathering`); here they are counted,
and nothing is looked up. A figure says in `beside` what is to be known next to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from studio.review import statistics, success
from studio.review.success import MONEY, SEQUENCE, Figure, Interval, Measured, Promise, held, share

# Reasons of a verdict that say nothing against a picture's style. Any other does, as does a reason
# that the team wrote itself: nobody here knows what it means.
NOT_OF_STYLE = ("ignores the prompt", "composition")
MINIMAL = ("as is", "recoloured", "touched up")  # how a picture is used with minimal edits
JUDGED = 0.8  # share of a sample that has to be judged: who judges chooses
GOOD = 0.75  # of a criterion's scale, from which on a rating says yes
ALONE = 0.9  # share of all words, above which it is one person's alone
NOTHING_SPENT = "Nothing was spent."

STYLE_MATCH = Promise("style match", "Style match", 0.90, "judged pictures of the sample")
USED = Promise("used", "Used with minimal edits", 0.80, "approved pictures")
TIME_SAVED = Promise("time saved", "Time saved", 0.70, "exported pictures")
SPECIALIST = Promise("specialist", "Specialist better than general", 0.50, "votes")
PALETTE = Promise("palette", "In the palette", 0.95, "pictures of the sample")
PROPORTIONS = Promise("proportions", "Proportions as in real art", 0.80, "pictures of the sample")
SEAMLESS = Promise("seamless", "Seamless edges fit", 0.95, "seamless pictures")
SILHOUETTES = Promise("silhouettes", "Silhouettes named", 0.80, "rated pictures")
CHARACTER = Promise("character", "Same character", 0.80, "rated pictures")
EDITED = Promise("edited", "Edited preferred over from scratch", 0.50, "votes")
RETRAINING = Promise("retraining", "Trained again every month", 1.0, "months", least=1)
COST = Promise("cost", "Cost of an approved picture", None, "approved pictures", MONEY, True)
ROI = Promise("roi", "Return on what was spent", 0.0, "exported pictures")


@dataclass(frozen=True)
class Judged:
    """A picture of the random sample: what is said of it (None: nothing yet), why, and by whom."""

    verdict: str | None
    reasons: tuple[str, ...] = ()
    judge: str = ""


@dataclass(frozen=True)
class Fate:
    """An approved picture: by whom; whether it was exported; and what became of it there, None
    where nobody looked yet. `raised_by` said that it is used with minimal edits where it was
    measured that it is not; "": nobody did."""

    judge: str
    exported: bool = False
    use: str | None = None
    raised_by: str = ""


@dataclass(frozen=True)
class Time:
    """An exported picture: the minutes that one like it takes by hand, and those that passed from
    the request to its first export."""

    by_hand: float
    passed: float

    @property
    def saved(self) -> float:
        """Minutes, below 0 where it took longer."""
        return self.by_hand - self.passed


@dataclass(frozen=True)
class Bout:
    """One side of a ballot against another: its share of each finished block, in their order; how
    many votes these are; and of each vote, unfinished blocks' too, whose it is."""

    scores: tuple[float, ...]
    votes: int
    voters: tuple[str, ...]


@dataclass(frozen=True)
class Rated:
    """A picture that was rated by a criterion: how far up its scale, 0 to 1, on average of these
    raters."""

    score: float
    raters: frozenset[str]


def style_match(sample: Sequence[Judged], drawn: int) -> Figure:
    """How many of a random sample of all finished pictures look like the style. What is rejected
    or sent back without a reason counts as unlike it."""
    judged = [one for one in sample if one.verdict is not None]
    like = sum(map(_is_like, judged))
    judges = voices(one.judge for one in judged)
    beside = f"{len(judged)} of a sample of {len(sample)} are judged, of {drawn} drawn."
    found = share(like, len(judged), judges, beside)
    if sample and len(judged) < JUDGED * len(sample) and len(judged) >= STYLE_MATCH.least:
        told = f"Only {len(judged)} of the sample's {len(sample)} pictures are judged: who judges "
        found = replace(found, lacks=f"{told}some of it chooses.")
    return held(STYLE_MATCH, found)


def _is_like(one: Judged) -> bool:
    if one.verdict == "approved":
        return True
    return bool(one.reasons) and set(one.reasons) <= set(NOT_OF_STYLE)


def used(approved: Sequence[Fate], drawn: int) -> Figure:
    """How many of the approved pictures the game has with minimal edits; what was not exported is
    not used."""
    exported = [one for one in approved if one.exported]
    unknown = sum(one.use is None for one in exported)
    uses = [one.use for one in exported]
    minimal = sum(one in MINIMAL for one in uses)
    parts = [
        f"Approved: {len(approved)} of {drawn} drawn{_of(len(approved), drawn)}",
        f"exported: {len(exported)}",
        *(f"{use}: {uses.count(use)}" for use in (*MINIMAL, "redrawn", "dropped")),
    ]
    judges = voices(one.judge for one in approved)
    beside = "; ".join(parts)
    found = share(minimal, len(approved), judges, beside)
    if unknown and len(approved) >= USED.least:
        found = replace(
            found, lacks=f"What the game took of {unknown} exported pictures was not looked at yet."
        )
    figure = held(USED, found)
    if (raised := _raised(approved)) and figure.state == "met":
        without = held(USED, share(minimal - raised, len(approved), judges, beside))
        if without.state != "met":
            return held(USED, replace(found, judges=1))
    return figure


def _raised(approved: Sequence[Fate]) -> int:
    """How many pictures one person, at most, said more of than was measured."""
    return max(Counter(one.raised_by for one in approved if one.raised_by).values(), default=0)


def time_saved(times: Sequence[Time], without: int = 0) -> Figure:
    """The share of the time by hand that the median picture saves. `without`: exported pictures
    whose category has no time by hand."""
    if not times:
        lacks = ""
        if without:
            lacks = "Nobody said how long the exported pictures' categories take by hand."
        return held(TIME_SAVED, Measured(None, 0, lacks=lacks))
    shares = [one.saved / one.by_hand for one in times]
    by_hand, passed = sum(one.by_hand for one in times), sum(one.passed for one in times)
    beside = f"By hand {by_hand:,.0f} minutes, from request to export {passed:,.0f}"
    if without:
        beside += f"; {without} more have no time by hand"
    interval = success.bootstrap(shares)
    return held(TIME_SAVED, Measured(float(np.median(shares)), len(times), interval, beside=beside))


def specialist(bouts: Sequence[Bout]) -> Figure:
    """How many blocks of votes the style's own versions win against a base without a LoRA and
    against other styles' versions."""
    return held(SPECIALIST, _won(bouts))


def edited(bouts: Sequence[Bout]) -> Figure:
    """How many blocks of votes pictures that were drawn and edited win against those that were
    made from scratch."""
    return held(EDITED, _won(bouts))


def _won(bouts: Sequence[Bout]) -> Measured:
    verdict = statistics.decide([score for one in bouts for score in one.scores])
    decided, votes = verdict.a + verdict.b, sum(one.votes for one in bouts)
    if not decided:
        return Measured(None, votes)
    count = "1 ballot" if len(bouts) == 1 else f"{len(bouts)} ballots"
    beside = f"{verdict.b} blocks won, {verdict.a} lost, {verdict.level} even; {count}"
    return Measured(
        verdict.b / decided,
        votes,
        Interval(verdict.low, verdict.high, SEQUENCE),
        voices(name for one in bouts for name in one.voters),
        beside,
    )


def voices(names: Iterable[str]) -> int:
    """How many people's word it is, by the name of whoever said each; 1 where one of them said
    nearly all: a few words of somebody else add nothing to it."""
    counts = Counter(names)
    alone = counts and max(counts.values()) > ALONE * counts.total()
    return 1 if alone else len(counts)


def palette(inside: Sequence[bool], colours: int) -> Figure:
    """How many pictures of the sample have no colour that is not in their style's palette."""
    if not colours:
        return held(PALETTE, Measured(None, 0, lacks="The style's recipe names no palette."))
    beside = f"A palette of {colours} colours"
    return held(PALETTE, share(sum(inside), len(inside), beside=beside))


def proportions(within: Sequence[bool]) -> Figure:
    """How many pictures of the sample are as high on their canvas as four of five of real art."""
    if not within:
        lacks = "No version that drew them was measured beside real art."
        return held(PROPORTIONS, Measured(None, 0, lacks=lacks))
    return held(PROPORTIONS, share(sum(within), len(within)))


def seamless(fits: Sequence[bool]) -> Figure:
    """How many seamless pictures fit over their edges."""
    return held(SEAMLESS, share(sum(fits), len(fits)))


def named(rated: Sequence[Rated]) -> Figure:
    """How many pictures were told what they are by their silhouettes alone."""
    return held(SILHOUETTES, _yes(rated))


def same_character(rated: Sequence[Rated]) -> Figure:
    """How many pictures were taken for the same character."""
    return held(CHARACTER, _yes(rated))


def _yes(rated: Sequence[Rated]) -> Measured:
    raters = voices(name for one in rated for name in one.raters)
    return share(sum(one.score >= GOOD for one in rated), len(rated), raters)


def retraining(kept: Sequence[bool]) -> Figure:
    """How many months, of those after the first version's, saw a new version."""
    if not kept:
        return held(RETRAINING, Measured(None, 0))
    return held(RETRAINING, Measured(sum(kept) / len(kept), len(kept)))


def cost(
    each: float | None,
    approved: int,
    currency: str,
    by_hand: float | None,
    *,
    others: Sequence[str] = (),
) -> Figure:
    """What an approved picture cost, against what it costs by hand; both in units of a currency,
    None where nobody knows, or nothing was spent. `others` are the currencies that something was
    spent in besides: with them nobody knows what it cost in all."""
    promise = replace(
        COST, key=f"cost {currency}", name=f"{COST.name}, {currency}", unit=currency, target=by_hand
    )
    lacks = ""
    if each is None and approved:
        lacks = NOTHING_SPENT
    elif each is not None and others:
        lacks = _also(others)
    elif each is not None and by_hand is None:
        lacks = "What one costs by hand is not known: it takes minutes and the price of an hour."
    return held(promise, Measured(each, approved, lacks=lacks))


def roi(
    times: Sequence[Time],
    minute: float | None,
    spent: float,
    currency: str,
    *,
    others: Sequence[str] = (),
    without: int = 0,
) -> Figure:
    """What the minutes that were saved are worth beyond what was spent, as a share of that: 0 pays
    for itself, 1 twice over. `minute` is what a minute of people's work costs, in units of the
    currency, None where nobody knows; `others` as for `cost`, `without` as for `time_saved`."""
    promise = replace(ROI, name=f"{ROI.name}, {currency}", key=f"{ROI.key} {currency}")
    lacks = ""
    if minute is None:
        lacks = f"What an hour of people's work costs in {currency} is not known."
    elif not spent:
        lacks = NOTHING_SPENT
    elif others:
        lacks = _also(others)
    if lacks or not times or minute is None:
        return held(promise, Measured(None, len(times), lacks=lacks))
    saved = [one.saved * minute for one in times]
    interval = success.bootstrap(saved, of=np.sum)
    low, high = ((end - spent) / spent for end in (interval.low, interval.high))
    worth, paid = success.said(sum(saved), currency), success.said(spent, currency)
    beside = f"Saved {worth}, spent {paid}"
    if without:
        beside += f"; {without} more exported pictures have no time by hand"
    return held(
        promise,
        Measured(
            (sum(saved) - spent) / spent,
            len(times),
            Interval(low, high, interval.source),
            beside=beside,
        ),
    )


def _also(others: Sequence[str]) -> str:
    return f"Something was spent in {', '.join(others)} as well, and the studio converts nothing."


def _of(part: int, whole: int) -> str:
    return f" ({success.said(part / whole, success.SHARE)})" if whole else ""
