"""Rating rounds: stored once, blind, each rater in an order of their own, means with intervals."""

import json
import threading

import pytest

from studio.database import ledger
from studio.errors import StudioError
from studio.review import blinding, rater_sitting, rating_rounds, ratings, rubrics
from studio.review.sitting import Sitting

pytestmark = pytest.mark.usefixtures("either_database")

NAMES = ("style match", "prompt accuracy", "technical quality", "usability")


def scores(*values):
    return dict(zip(NAMES, values, strict=True))


@pytest.fixture
def round(engine, home, draw, clock):
    return rating_rounds.open_round(
        engine,
        home,
        drawn=[draw(1), draw(2)],
        rubric=rubrics.load(home),
        by="Lea",
        now=clock(),
    )


def test_a_round_is_opened_once(engine, home, draw, clock, round):
    drawn, rubric = [draw(1), draw(2)], rubrics.load(home)
    again = rating_rounds.open_round(
        engine, home, drawn=drawn, rubric=rubric, by="Max", now=clock()
    )
    assert again == round and len(rating_rounds.pictures_of(engine, round.id)) == 32
    assert [row.action for row in ledger.rows(engine)] == ["open ratings"]
    rating_rounds.close(engine, round.id, "Lea", clock())
    assert rating_rounds.close(engine, round.id, "Max", clock()).closed_by == "Lea"
    after = rating_rounds.open_round(
        engine, home, drawn=drawn, rubric=rubric, by="Max", now=clock()
    )
    assert after.id != round.id and after.open
    for wrong in ([], [drawn[0], drawn[0]]):
        with pytest.raises(StudioError, match="nothing to rate"):
            rating_rounds.open_round(
                engine, home, drawn=wrong, rubric=rubric, by="Max", now=clock()
            )


def test_orders_differ_and_numbers_say_nothing(engine, round):
    shown = rating_rounds.pictures_of(engine, round.id)
    ana, ben = (rating_rounds.unrated(engine, round.id, who) for who in ("Ana", "Ben"))
    assert sorted(ana) == sorted(ben) == sorted(shown) and ana != ben
    by_number = [shown[id].side for id in sorted(shown)]
    assert by_number != sorted(by_number)


def test_a_rating_is_stored_once_with_its_weighted_score(engine, home, clock, round):
    first = rating_rounds.unrated(engine, round.id, "Ana")[0]

    def rate(key, *values):
        return ratings.rate(engine, home, round.id, "Ana", first, scores(*values), key, clock())

    kept = rate("a", 5, 4, 3, 1)
    assert kept.score == pytest.approx(3.45) and kept.scores == scores(5, 4, 3, 1)
    assert rate("a", 1, 1, 1, 1) == kept and rate("b", 1, 1, 1, 1) == kept
    assert ratings.undo(engine, round.id, "Ben", "a", clock()) is None
    assert ratings.undo(engine, round.id, "Ana", "a", clock()).undone_at
    assert ratings.undo(engine, round.id, "Ana", "a", clock()) is None
    assert rating_rounds.unrated(engine, round.id, "Ana")[0] == first
    assert rate("c", 2, 2, 2, 2).score == pytest.approx(2)
    assert [one.key for one in ratings.standing(engine, round.id)] == ["c"]


def test_what_can_not_be_rated(engine, home, clock, round):
    first = rating_rounds.unrated(engine, round.id, "Ana")[0]
    for picture, given, said in (
        (first, scores(5, 4, 3, 9), "usability is 9"),
        (first, {"style match": 5}, "not rated"),
        (999, scores(1, 1, 1, 1), "no picture 999"),
    ):
        with pytest.raises(StudioError, match=said):
            ratings.rate(engine, home, round.id, "Ana", picture, given, "k", clock())
    with pytest.raises(StudioError, match="no ratings 77"):
        ratings.rate(engine, home, 77, "Ana", first, scores(1, 1, 1, 1), "k", clock())
    rating_rounds.close(engine, round.id, "Lea", clock())
    with pytest.raises(StudioError, match="Lea ended"):
        ratings.rate(engine, home, round.id, "Ana", first, scores(1, 1, 1, 1), "k", clock())
    assert ratings.standing(engine, round.id) == []


def test_a_rubric_that_changes_leaves_the_round_alone(engine, home, clock, round):
    rubrics.save(
        engine,
        "standard",
        "criteria:\n- {name: ours, weight: 1}\n",
        after=rubrics.load(home).version,
        by="Lea",
        now=clock(),
    )
    first = rating_rounds.unrated(engine, round.id, "Ana")[0]
    ratings.rate(engine, home, round.id, "Ana", first, scores(5, 5, 5, 5), "k", clock())
    assert set(ratings.results(engine, round.id)[0].criteria) == set(NAMES)


def test_results_are_means_over_pictures(engine, home, clock, round):
    shown = rating_rounds.pictures_of(engine, round.id)
    first = [id for id in shown if shown[id].side == 0][:3]
    second = next(id for id in shown if shown[id].side == 1)
    plan = [("Ana", first[0], 5), ("Ben", first[0], 3), ("Ana", first[1], 2), ("Ana", first[2], 3)]
    for who, picture, value in [*plan, ("Ana", second, 1)]:
        given = scores(value, value, value, value)
        ratings.rate(engine, home, round.id, who, picture, given, f"k{picture}", clock())
    one, two = ratings.results(engine, round.id)
    assert (one.side.name, one.ratings, one.raters, one.weighted.count) == ("version 1", 4, 2, 3)
    assert one.weighted.mean == pytest.approx(3)  # of 4, 2 and 3
    assert one.weighted.low == pytest.approx(3 - 4.30265 / 3**0.5, abs=1e-4)
    assert one.criteria["usability"].mean == pytest.approx(3)
    assert (two.weighted.mean, two.weighted.low) == (1, None)


def test_a_sitting_with_the_keyboard(engine, home, clock, round):
    sat = Sitting(round.id, "Ana")
    seen = rater_sitting.view(engine, home, sat)
    order = rating_rounds.unrated(engine, round.id, "Ana")
    assert [one["item"] for one in seen["queue"]] == order[:4]
    told = json.dumps(seen)
    assert "version" not in told and "seed" not in told and "sample" not in told
    token = seen["queue"][0]["picture"].rsplit("/", 1)[1]
    assert blinding.opened(blinding.secret(engine), "Ana", token) == ("r", order[0], "l")

    def act(id, say, item, **more):
        rater_sitting.take(
            engine, home, sat, [{"id": id, "say": say, "item": item, **more}], clock()
        )
        return rater_sitting.view(engine, home, sat)

    seen = act("1", "rate", order[0], scores=scores(5, 4, 3, 1))
    assert (seen["done"], seen["total"], seen["last"]["words"]) == (1, 32, "3.45")
    assert act("2", "skip", order[1])["queue"][0]["item"] == order[2]
    assert "not rated" in act("3", "rate", order[2], scores={})["said"]
    assert "no scores" in act("4", "rate", order[2], scores=None)["said"]
    seen = act("5", "undo", None, of="1")
    assert seen["queue"][0]["item"] == order[0] and seen["done"] == 0 and seen["last"] is None
    while sat.queue:
        seen = act(f"r{len(sat.taken)}", "rate", sat.queue[0], scores=scores(1, 2, 3, 4))
    assert seen["done"] == 32
    assert [one.picture for one in ratings.standing(engine, round.id)][-1] == order[1]
    assert rating_rounds.waiting(engine, "Ana") == []
    ((left, done, count),) = rating_rounds.waiting(engine, "Ben")
    assert (left.id, done, count) == (round.id, 0, 32)


def test_raters_at_once_and_in_two_windows(engine, home, clock, round):
    failed = []

    def sit(who, window):
        try:
            while left := rating_rounds.unrated(engine, round.id, who):
                key = f"{window}-{left[0]}"
                ratings.rate(engine, home, round.id, who, left[0], scores(3, 3, 3, 3), key, clock())
        except Exception as error:  # noqa: BLE001  shown below
            failed.append(error)

    threads = [threading.Thread(target=sit, args=who) for who in (("Ana", 1), ("Ana", 2), ("B", 3))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = [(one.rater, one.picture) for one in ratings.standing(engine, round.id)]
    assert len(found) == len(set(found)) == 64


def test_pictures_are_served_at_one_length(engine, home, round):
    sizes = {
        len(rating_rounds.picture(engine, home, id) or b"")
        for id in rating_rounds.pictures_of(engine, round.id)
    }
    assert sizes == {round.length}
    assert rating_rounds.picture(engine, home, 999) is None


def test_a_clock_that_goes_back_loses_no_rating(engine, home, clock, round):
    """Ratings are ordered by their number; an undo takes back what it names, whatever the time."""
    early, late, later = clock(), clock(), clock()
    one, two = rating_rounds.unrated(engine, round.id, "Ana")[:2]
    ratings.rate(engine, home, round.id, "Ana", one, scores(5, 5, 5, 5), "k1", late)
    ratings.rate(engine, home, round.id, "Ana", two, scores(1, 1, 1, 1), "k2", early)
    assert [r.key for r in ratings.standing(engine, round.id, "Ana")] == ["k1", "k2"]
    taken = ratings.undo(engine, round.id, "Ana", "k2", early)
    assert taken is not None and taken.picture == two
    ratings.rate(engine, home, round.id, "Ana", two, scores(3, 3, 3, 3), "k3", early)
    assert rating_rounds.close(engine, round.id, "Lea", early).closed_by == "Lea"
    with pytest.raises(StudioError, match="Lea ended these ratings"):
        ratings.rate(engine, home, round.id, "Ben", one, scores(1, 1, 1, 1), "k1", later)
    assert [r.score for r in ratings.standing(engine, round.id)] == [5, 3]
