"""The success report: what was promised of the studio, style by style and month by month, with what
is known of it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from studio.accounts.rights import allowed, check
from studio.assets import boards
from studio.charges.charge import checked_month, month_of
from studio.charges.report import RIGHT as MONEY
from studio.context import Studio
from studio.errors import StudioError
from studio.registry.models import Version
from studio.review import success_figures
from studio.review.success import Figure
from studio.text.cells import tame
from studio.workflows import success_gathering as gathering
from studio.workflows import success_looks, success_money, success_votes

RIGHT = "look"
COLUMNS = (
    "style",
    "month",
    "figure",
    "state",
    "value",
    "target",
    "unit",
    "low",
    "high",
    "n",
    "of",
    "interval",
    "why",
    "beside",
)


@dataclass(frozen=True)
class Report:
    """A style's figures of a month, "" for all of them. `sample` has the ids of the pictures that
    stand for all, and `open` those of them that nobody judged yet."""

    style: str
    month: str
    figures: tuple[Figure, ...]
    sample: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def states(self) -> Counter[str]:
        """How many figures are met, not met and not shown."""
        return Counter(figure.state for figure in self.figures)


def report(
    studio: Studio,
    style: str,
    month: str = "",
    *,
    versions: Sequence[Version],
    by: str,
    now: datetime,
) -> Report:
    """All figures of a style; those of money only for who may see costs. `versions` are all of the
    style's. StudioError for what is no month, and for a style that nobody knows."""
    check(by, RIGHT)
    found = _drawn(studio, style, month, versions)
    sample = gathering.sampled(found)
    engine, own = studio.engine, [v for v in versions if v.style == style]
    colours = success_looks.palette_of(studio, style, own)
    looks = success_looks.looks(studio, sample, colours)
    times, without = gathering.times(engine, found)

    def rated(criterion: str) -> list[success_figures.Rated]:
        return success_votes.rated(studio, style, criterion, month)

    figures = [
        success_figures.style_match(gathering.judged(sample), len(found)),
        success_figures.used(gathering.fates(engine, found), len(found)),
        success_figures.time_saved(times, without),
        success_figures.specialist(success_votes.specialist(engine, style, month)),
        success_figures.palette([one.inside for one in looks], len(colours)),
        success_figures.proportions(success_looks.within(looks, style, own)),
        success_figures.seamless(gathering.seams_fit(engine, style, found)),
        success_figures.named(rated(success_votes.SILHOUETTE)),
        success_figures.same_character(rated(success_votes.CHARACTER)),
        success_figures.edited(success_votes.edited(engine, style, month)),
        success_figures.retraining(trained(own, month, month_of(now))),
    ]
    if allowed(by, MONEY):
        hand = gathering.by_hand(engine, found)
        figures += success_money.figures(
            engine,
            style,
            month,
            times,
            hand,
            approved=sum(one.approver is not None for one in found),
            without=without,
            by=by,
            now=now,
        )
    ids = tuple(one.id for one in sample)
    open = tuple(one.id for one in sample if one.verdict is None)
    return Report(style, month, tuple(figures), ids, open)


def headlines(studio: Studio, style: str, month: str, *, by: str) -> list[Figure]:
    """The three figures that stand first, of which none opens a file: style match, used with
    minimal edits, and time saved."""
    check(by, RIGHT)
    found = gathering.drawn(studio.engine, style, month)
    sample = gathering.sampled(found)
    return [
        success_figures.style_match(gathering.judged(sample), len(found)),
        success_figures.used(gathering.fates(studio.engine, found), len(found)),
        success_figures.time_saved(*gathering.times(studio.engine, found)),
    ]


def every(
    studio: Studio,
    styles: Iterable[str],
    *,
    versions: Sequence[Version],
    by: str,
    now: datetime,
) -> list[Report]:
    """The reports of each of these styles: each month in which something was drawn, the newest
    first, and all months together."""
    return [
        report(studio, style, month, versions=versions, by=by, now=now)
        for style in styles
        for month in ("", *gathering.months(studio.engine, style))
    ]


def trained(versions: Sequence[Version], month: str, now: str) -> list[bool]:
    """Of each month after that of a style's first training whether it saw a new version; of `month`
    alone where one is named. The month that is `now` counts once it has: it is not over."""
    made = {one.created[:7] for one in versions if one.created and one.dataset}
    if not made:
        return []
    found = [one for one in _months(min(made), now)[1:] if one != now or one in made]
    return [one in made for one in found if month in ("", one)]


def check_known(studio: Studio, style: str, versions: Sequence[Version]) -> None:
    """StudioError for a style that has neither a version nor a picture."""
    if any(one.style == style for one in versions):
        return
    known = gathering.styles(studio.engine)
    if style not in known:
        there = f"There are: {', '.join(known)}." if known else "There is none yet: draw something."
        raise StudioError(f"There is no style {style[:80]!r}.", there)


def board_name(one: Report) -> str:
    """What the board with a report's sample is called."""
    return f"Sample of {one.style[:48]}, {one.month or 'all months'}"


def put_on_board(studio: Studio, one: Report, *, by: str, now: datetime) -> boards.Board:
    """A board with the sample's pictures, to be judged in the gallery; the one that is there
    already gets those that are new. StudioError where there is no picture."""
    if not one.sample:
        raise StudioError(f"Nothing was drawn in {one.style} then.", "Choose another month.")
    name = board_name(one)
    known = {board.name.casefold(): board for board in boards.all_of(studio.engine)}
    board = known.get(name.casefold())
    if board is None:
        note = "Drawn at random for the success report: judge all of them."
        board = boards.create(studio.engine, name, note, by=by, now=now)
    boards.put_on(studio.engine, board.id, one.sample, by=by, now=now)
    return boards.get(studio.engine, board.id)


def write_csv(file: TextIO, reports: Iterable[Report]) -> int:
    """A line a figure, with numbers as they are and shares from 0 to 1; how many."""
    writer, count = csv.writer(file), 0
    writer.writerow(COLUMNS)
    for one in reports:
        for figure in one.figures:
            writer.writerow(_cells(one, figure))
            count += 1
    return count


def _cells(one: Report, figure: Figure) -> list[str | int]:
    def plain(value: float | None) -> str:
        return "" if value is None else f"{value:.6g}"

    return [
        tame(one.style),
        one.month or "all",
        figure.name,
        figure.state,
        plain(figure.value),
        plain(figure.target),
        figure.unit,
        plain(figure.low),
        plain(figure.high),
        figure.n,
        figure.of,
        figure.source,
        figure.why,
        figure.beside,
    ]


def _drawn(
    studio: Studio, style: str, month: str, versions: Sequence[Version]
) -> list[gathering.Drawn]:
    if month:
        checked_month(month)
    check_known(studio, style, versions)
    return gathering.drawn(studio.engine, style, month)


def _months(first: str, last: str) -> list[str]:
    """Every month from the first to the last, "2026-11" each; at least the first."""
    year, month = map(int, first.split("-"))
    found = [first]
    while found[-1] < last:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        found.append(f"{year:04d}-{month:02d}")
    return found
