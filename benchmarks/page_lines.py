"""Lines of the table for pages in a browser: first paints beside that of an empty page, and reruns.

A place that does not come is a line that says what it lacks; the others are measured all the same.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as Failed

from benchmarks import browsing
from benchmarks.browsing import Act, NotThere, Place, Took
from benchmarks.table import QUIET, Line, watched

PAINT_MS, RERUN_MS = 1000.0, 200.0
SHARE = 1.35  # of an empty page's first paint, that another may take
# The frame with one line in it: nobody signs in to the studio that is measured.
EMPTY = Place("An empty page", "/You", ("Nobody signs in",))


@dataclass(frozen=True)
class Timed:
    """Milliseconds of repetitions on the wall: the very first, the median and the least of the
    others, what was computed in the median; and the share of all cores that others took."""

    first: float
    middle: float
    least: float
    computed: float
    others: float


def first_paints(
    person: BrowserContext, url: str, web: int, places: Iterable[Place], times: int
) -> Iterator[Line]:
    """A line for an empty page of the server with the process `web`, then one a place."""
    empty: Timed | None = None
    for place in (EMPTY, *places):
        bar = f"< {PAINT_MS:.0f} ms" + (f", {SHARE} x empty" if empty else "")
        what = f"{place.name}: first paint"
        try:
            found = _timed(web, partial(_paints, person, url, place, web, times))
        except (NotThere, Failed) as error:
            yield _failed(what, bar, error)
            continue
        yield line(what, bar, PAINT_MS, found, empty)
        if place is EMPTY:
            empty = found


def reruns(
    person: BrowserContext, url: str, web: int, acts: Iterable[Act], times: int
) -> Iterator[Line]:
    """A line for each thing that is done."""
    bar = f"< {RERUN_MS:.0f} ms"
    for act in acts:
        try:
            found = _timed(web, partial(browsing.rerun, person, url, act, web, times))
        except (NotThere, Failed) as error:
            yield _failed(act.name, bar, error)
        else:
            yield line(act.name, bar, RERUN_MS, found, None)


def tried(what: str, lines: Callable[[], list[Line]]) -> list[Line]:
    """The lines; one that says what went wrong where they can't be had."""
    try:
        return lines()
    except (Failed, RuntimeError) as error:
        return [_failed(what, "", error)]


def line(what: str, bar: str, most_ms: float, found: Timed, empty: Timed | None) -> Line:
    """What was found, held against `most_ms` and, where there is one, against an empty page.

    Where other processes take more than a QUIET share of the machine, the clock on the wall tells
    of them. Then it is enough that the quickest is within the bars, or that the page's main thread
    and the web process together compute for less than four fifths of them.
    """
    share = f", {found.middle / empty.middle:.2f} x empty" if empty else ""
    said = (
        f"{found.middle:.0f} ms{share}, least {found.least:.0f}, first {found.first:.0f}; "
        f"computing {found.computed:.0f}"
    )
    met = _within(found.middle, most_ms, empty.middle if empty else None)
    by_cpu = False
    if found.others > QUIET:
        quick = _within(found.least, most_ms, empty.least if empty else None)
        by_cpu = not quick and _within(
            found.computed, 0.8 * most_ms, empty.computed if empty else None
        )
        met = quick or by_cpu
    return Line(what, said, bar, met, found.others, by_cpu)


def _within(took: float, most: float, empty: float | None) -> bool:
    return took < most and (empty is None or took <= SHARE * empty)


def _paints(person: BrowserContext, url: str, place: Place, web: int, times: int) -> list[Took]:
    return [browsing.paint(person, url, place, web) for _ in range(times + 1)]


def _timed(web: int, measure: Callable[[], list[Took]]) -> Timed:
    """The times of what is done again and again, the first of which is only told."""
    with watched(web) as seen:
        took = measure()
    walls = [one.wall for one in took[1:]]
    return Timed(
        took[0].wall,
        statistics.median(walls),
        min(walls),
        statistics.median(one.computed for one in took[1:]),
        seen.others,
    )


def _failed(what: str, bar: str, error: Exception) -> Line:
    return Line(what, str(error).splitlines()[0][:120], bar, False, 0.0)
