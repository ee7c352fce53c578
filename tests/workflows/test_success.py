"""The report over a studio whose pictures were counted by hand."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from studio import context
from studio.accounts.rights import Actor
from studio.assets import boards
from studio.charges import by_hand, prices
from studio.charges.money import MICRO, Money
from studio.charges.prices import Price
from studio.errors import StudioError
from studio.finishing import style_recipes
from studio.finishing.recipe import Recipe
from studio.jobs import queue
from studio.registry.models import Version
from studio.review import hand_minutes
from studio.settings import load_settings
from studio.workflows import success, success_gathering, uses
from tests.exported_pictures import draw, export, judge

AUGUST = datetime(2026, 8, 3, 9, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INK = ("#140c1c", "#c82832", "#fafafa")  # of tests.exported_pictures


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """In August 25 gems: 24 approved by two people and exported ten minutes after they were asked
    for, one rejected as off style. In September three that nobody judged."""
    settings = load_settings({}, home=str(tmp_path_factory.mktemp("home")))
    engine, tracking = context.open_records(settings)
    studio = context.Studio(settings, engine, None, tracking)
    home = studio.home
    style_recipes.save(
        engine, "gems", Recipe(colours=INK), after=0, why="its own", by="lea", now=AUGUST
    )
    job = queue.submit(
        engine, kind="generate", lane="interactive", payload={}, asked_by="ana", now=AUGUST
    )
    ids = [draw(engine, home, seed, AUGUST + 5 * MINUTE, job=job.id) for seed in range(25)]
    for number, id in enumerate(ids[:24]):
        judge(engine, id, "approved", by="ana" if number % 2 else "bo", now=AUGUST)
    judge(engine, ids[24], "rejected", "off style", by="bo", now=AUGUST)
    files = [(id, f"props/gem{n}.png", b"as written") for n, id in enumerate(ids[:24])]
    export(engine, files, AUGUST + 10 * MINUTE)
    export(engine, files[:1], AUGUST + 900 * MINUTE)  # again, later
    for seed in (30, 31, 32):
        draw(engine, home, seed, SEPTEMBER)
    yield studio
    engine.dispose()


def figures(studio, month="2026-08", by="ana", versions=()):
    told = {"versions": versions, "by": by, "now": SEPTEMBER}
    return {one.key: one for one in success.report(studio, "gems", month, **told).figures}


def version(created: str, number: int = 1, dataset: str = "gems") -> Version:
    return Version(
        style="gems",
        number=number,
        stage="candidate",
        run_id="",
        dataset=dataset,
        dataset_digest="d" if dataset else "",
        metrics={"real_height_low": 0.7, "real_height_high": 0.8},
        params={},
        tags={},
        created=created,
    )


def test_every_figure_is_as_it_was_counted_by_hand(studio):
    engine = studio.engine
    first = figures(studio)
    assert first["used"].why == (
        "What the game took of 24 exported pictures was not looked at yet."
    )
    assert first["time saved"].why.startswith("Nobody said how long")
    assert first["roi EUR"].why == "What an hour of people's work costs in EUR is not known."
    assert first["cost EUR"].why == "Nothing was spent."

    looked = uses.look(studio, by="ana", now=SEPTEMBER)
    assert (looked.looked, looked.changed, looked.unread, looked.left) == (24, 24, (), 0)
    told = {"by": "ana", "now": AUGUST}
    hand_minutes.put(engine, "props", 100, before=None, why="as timed", **told)
    wages = [Price("artist", "hour", 30 * MICRO)]
    prices.save(engine, "people", "EUR", wages, after=0, why="as planned", **told)
    next_year, dearer = datetime(2027, 1, 1, tzinfo=UTC), [Price("artist", "hour", 60 * MICRO)]
    prices.save(
        engine, "people", "EUR", dearer, after=1, since=next_year, why="from then on", **told
    )
    paid = Money(24 * MICRO, "EUR")
    by_hand.enter(engine, paid, "a licence", key="k", month="2026-08", style="gems", **told)

    found = figures(studio)
    match = found["style match"]
    assert (match.value, match.n, match.state) == (24 / 25, 25, "not shown")
    assert match.why.startswith("It lies between 80.4 % and 99.2 %")
    assert match.beside == "25 of a sample of 25 are judged, of 25 drawn."
    used = found["used"]
    assert (used.value, used.n, used.state) == (1.0, 24, "met")
    assert used.low == pytest.approx(24 / (24 + 3.841459), abs=1e-5)
    assert used.beside.startswith("Approved: 24 of 25 drawn (96 %); exported: 24; as is: 24;")
    time = found["time saved"]
    assert (time.value, time.low, time.high, time.state) == (0.9, 0.9, 0.9, "met")
    assert time.beside == "By hand 2,400 minutes, from request to export 240"
    cost = found["cost EUR"]
    assert (cost.value, cost.target, cost.n, cost.state) == (1.0, 50.0, 24, "met")
    # 24 times 90 minutes at 0.50 EUR are 1,080 EUR, for 24 EUR.
    assert (found["roi EUR"].value, found["roi EUR"].state) == (pytest.approx(44.0), "met")
    ink = found["palette"]
    assert (ink.value, ink.n, ink.state) == (1.0, 25, "not shown")
    assert ink.beside == "A palette of 3 colours"
    for key in ("specialist", "edited", "silhouettes", "character", "seamless"):
        assert (found[key].n, found[key].state) == (0, "not shown")

    both = figures(studio, "")
    assert (both["style match"].n, both["used"].n, both["time saved"].n) == (25, 24, 24)
    september = figures(studio, "2026-09")
    assert september["style match"].why == "There are no judged pictures of the sample yet."
    lead = figures(studio, by=Actor("ben", "artist"))
    assert "cost EUR" not in lead and lead["used"].value == 1.0


def test_proportions_are_those_of_the_versions_real_art(studio):
    measured = version("2026-08-01T10:00:00+00:00", dataset="")
    found = figures(studio, versions=[measured])["proportions"]
    assert (found.value, found.n, found.state) == (1.0, 25, "met")  # 12 of 16 pixels are 0.75


def test_a_month_without_a_new_version_is_missed_and_this_one_is_not_over():
    made = [version("2026-06-20T10:00:00+00:00"), version("2026-08-02T10:00:00+00:00", 2)]
    assert success.trained(made, "", "2026-09") == [False, True]
    assert success.trained(made, "", "2026-08") == [False, True]
    assert success.trained(made, "2026-07", "2026-09") == [False]
    assert success.trained(made[:1], "", "2026-06") == []  # trained once, and not again yet
    assert success.trained(made, "2026-06", "2026-09") == []
    assert success.trained(made, "2026-09", "2026-09") == []
    assert success.trained([], "", "2026-09") == []
    over = [version("2026-11-20T10:00:00+00:00"), version("2027-01-02T10:00:00+00:00", 2)]
    assert success.trained(over, "", "2027-01") == [False, True]


def test_the_sample_is_the_same_whoever_looks_and_is_judged_on_a_board(studio):
    drawn = success_gathering.drawn(studio.engine, "gems", "2026-08")
    ids = [one.id for one in success_gathering.sampled(drawn, 10)]
    assert ids == [one.id for one in success_gathering.sampled(drawn[::-1], 10)]
    assert len(set(ids)) == 10 and ids != [one.id for one in drawn[:10]]
    told = {"versions": (), "by": "ana", "now": SEPTEMBER}
    found = success.report(studio, "gems", "2026-09", **told)
    assert len(found.sample) == 3 and set(found.open) == set(found.sample)
    board = success.put_on_board(studio, found, by="ana", now=SEPTEMBER)
    assert (board.name, board.count) == ("Sample of gems, 2026-09", 3)
    assert success.put_on_board(studio, found, by="bo", now=SEPTEMBER).id == board.id
    assert len(boards.all_of(studio.engine)) == 1


def test_everything_stands_in_the_csv(studio):
    told = {"versions": (), "by": "ana", "now": SEPTEMBER}
    reports = success.every(studio, ["gems"], **told)
    assert [one.month for one in reports] == ["", "2026-09", "2026-08"]
    file = io.StringIO()
    count = success.write_csv(file, reports)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert count == len(rows) == sum(len(one.figures) for one in reports)
    (row,) = [r for r in rows if (r["month"], r["figure"]) == ("2026-08", "Style match")]
    assert (row["style"], row["value"], row["target"], row["n"]) == ("gems", "0.96", "0.9", "25")
    assert row["state"] == "not shown" and row["low"].startswith("0.804")
    assert {r["month"] for r in rows} == {"all", "2026-08", "2026-09"}


def test_what_nobody_knows_is_named(studio):
    told = {"versions": (), "by": "ana", "now": SEPTEMBER}
    with pytest.raises(StudioError, match="no style 'rocks'"):
        success.report(studio, "rocks", **told)
    with pytest.raises(StudioError, match="'november' is no month"):
        success.report(studio, "gems", "november", **told)


def test_what_was_spent_in_another_currency_keeps_the_return_from_being_shown(studio):
    """The last test here: its charges stay."""
    told = {"by": "ana", "now": AUGUST}
    for key, paid in (("k", Money(24 * MICRO, "EUR")), ("u", Money(9 * MICRO, "USD"))):
        by_hand.enter(
            studio.engine, paid, "a licence", key=key, month="2026-08", style="gems", **told
        )
    found = figures(studio)
    why = "Something was spent in USD as well, and the studio converts nothing."
    assert (found["cost EUR"].state, found["cost EUR"].why) == ("not shown", why)
    assert found["roi EUR"].state == "not shown"
    assert found["roi USD"].why == "What an hour of people's work costs in USD is not known."
