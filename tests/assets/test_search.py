"""Assets of several kinds found together, page by page, and what stands beside one."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.assets import listing, records, search, verdicts
from studio.assets.files import Content
from studio.assets.records import New
from studio.assets.search import Neighbours, Wanted
from studio.assets.verdicts import Judgement
from studio.database import engine as db
from studio.errors import StudioError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def ids(engine, tmp_path) -> list[str]:
    """Six things of three kinds in turn, each made a minute after the one before; two of one job
    at the end, of one moment."""
    found = []
    for k, kind in enumerate(("picture", "sheet", "prop", "picture", "sheet", "picture")):
        files = {"sheet" if kind == "sheet" else "picture": _file(tmp_path, k)}
        recipe = {"prompt": f"gem {k}"} if kind == "picture" else {}
        new = New(
            kind,
            f"k{k}",
            files if kind != "prop" else {},
            style="props" if k < 4 else "tiles",
            version=k,
            name="" if kind == "picture" else f"{kind} {k}",
            text=f"gem {k}",
            recipe=recipe,
        )
        at, job = NOW + timedelta(minutes=min(k, 4)), 7 if k > 3 else None
        found += records.put(engine, [new], by="ana" if k % 2 else "bo", now=at, job=job)
    return found


def _file(home, k):
    return home / "made" / f"{k}.png", Content("h", 9, 32 + k, 16, "p")


def test_all_kinds_are_found_in_one_order(engine, ids):
    newest = [*ids[4:], *ids[3::-1]]
    assert search.kinds(engine) == ["picture", "prop", "sheet"]
    assert search.ids(engine, "", Wanted(), 9) == newest
    pages = [[one.id for one in listing.page(engine, Wanted(), n, 2)] for n in (1, 2, 3, 4)]
    assert pages == [newest[:2], newest[2:4], newest[4:], []]
    assert search.ids(engine, "", Wanted(kind="sheet"), 9) == [ids[4], ids[1]]
    assert search.ids(engine, "", Wanted(style="tiles", by="bo"), 9) == [ids[4]]
    assert search.ids(engine, "", Wanted(job=7), 9) == ids[4:]  # a job's as made
    assert search.ids(engine, "", Wanted(text="GEM 3"), 9) == [ids[3]]
    styles, people = search.choices(engine, "")
    assert styles == {"props": [3, 2, 1, 0], "tiles": [5, 4]} and people == ["ana", "bo"]
    assert search.tally(engine, "", Wanted()) == {"open": 6}


def test_each_is_listed_with_the_picture_that_shows_it(engine, ids):
    picture, sheet, prop = listing.of_ids(engine, ids[:3])
    assert (picture.said, picture.width, picture.height) == ("gem 0", 32, 16)
    assert (sheet.said, sheet.kind, sheet.width) == ("sheet 1", "sheet", 33)
    assert (prop.said, prop.width, prop.turn) == ("prop 2", 0, 0)
    assert listing.picture_path(engine, ids[1]) == "made/1.png"
    for id in (ids[2], "gone"):
        with pytest.raises(StudioError, match="no picture"):
            listing.picture_path(engine, id)
    verdicts.judge(engine, ids[0], Judgement("edit"), by="ana", now=NOW, turn=0)
    (judged,) = listing.of_ids(engine, ["gone", ids[0]])
    assert (judged.verdict, judged.turn) == ("edit", 1)


def beside(engine, id, **wanted):
    return search.neighbours(engine, "", Wanted(**wanted), id)


def test_what_stands_beside_one_among_what_is_wanted(engine, ids):
    order = search.ids(engine, "", Wanted(), 9)
    for place, id in enumerate(order):
        before = order[place - 1] if place else ""
        after = order[place + 1] if place < 5 else ""
        assert beside(engine, id) == Neighbours(before, after, place + 1, 6)
    assert beside(engine, ids[3], kind="picture") == Neighbours(ids[5], ids[0], 2, 3)
    assert beside(engine, ids[5], job=7) == Neighbours(ids[4], "", 2, 2)
    assert beside(engine, "gone") == Neighbours("", "", 0, 0)


def test_what_was_judged_out_of_the_filter_still_has_neighbours(engine, ids):
    verdicts.judge(engine, ids[3], Judgement("approved"), by="ana", now=NOW, turn=0)
    found = beside(engine, ids[3], kind="picture", verdict="open")
    assert found == Neighbours(ids[5], ids[0], 0, 2)
