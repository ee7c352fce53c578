"""Each figure of the report, of rows that were counted by hand."""

import pytest

from studio.review import success_figures as figures
from studio.review.success_figures import Bout, Fate, Judged, Rated, Time

ANA, BO = frozenset({"ana"}), frozenset({"ana", "bo"})
THREE = ("ana", "bo", "cy") * 10


def judged(verdict, count, *reasons, judge="ana"):
    return [Judged(verdict, reasons, judge)] * count


def test_style_match_counts_reasons_and_not_approvals_alone():
    sample = [
        *judged("approved", 80),
        *judged("approved", 10, judge="bo"),
        *judged("rejected", 5, "ignores the prompt"),
        *judged("edit", 2, "composition"),
        *judged("rejected", 1, "composition", "off style"),
        *judged("edit", 1, "blurry"),
        *judged("rejected", 1),
    ]
    found = figures.style_match(sample, 312)
    assert (found.value, found.n, found.state) == (0.97, 100, "met")
    assert (found.low, found.high) == pytest.approx((0.91548, 0.98975), abs=1e-4)
    assert found.beside == "100 of a sample of 100 are judged, of 312 drawn."
    alone = figures.style_match(judged("approved", 100), 100)
    assert (alone.state, alone.value) == ("not shown", 1.0)
    nearly = [*judged("approved", 91), *judged("approved", 9, judge="bo")]
    assert "one person alone" in figures.style_match(nearly, 100).why
    two = [*judged("approved", 90), *judged("approved", 10, judge="bo")]
    assert figures.style_match(two, 100).state == "met"


def test_a_sample_that_is_judged_in_part_shows_nothing():
    sample = [*judged("approved", 40), *judged("approved", 39, judge="bo"), *[Judged(None)] * 21]
    found = figures.style_match(sample, 500)
    assert (found.state, found.n) == ("not shown", 79)
    assert found.why.startswith("Only 79 of the sample's 100 pictures are judged")
    few = figures.style_match([*judged("approved", 19), *[Judged(None)] * 81], 500)
    assert few.why == "19 of the 20 judged pictures of the sample that it takes."


def fates(**uses):
    return [
        Fate("ana" if n % 2 else "bo", True, use.replace("_", " "))
        for use, count in uses.items()
        for n in range(count)
    ]


def test_used_is_of_all_that_was_approved():
    approved = [*fates(as_is=20, recoloured=2, touched_up=2), Fate("ana")]
    found = figures.used(approved, 40)
    assert (found.value, found.n, found.state) == (0.96, 25, "met")
    assert found.low == pytest.approx(0.80456, abs=1e-4)
    assert found.beside == (
        "Approved: 25 of 40 drawn (62.5 %); exported: 24; as is: 20; recoloured: 2; "
        "touched up: 2; redrawn: 0; dropped: 0"
    )
    bad = figures.used(fates(as_is=12, redrawn=8, dropped=5), 40)
    assert (bad.value, bad.state) == (0.48, "not met")
    unknown = figures.used([*fates(as_is=24), Fate("bo", True, None)], 40)
    assert unknown.state == "not shown" and "1 exported pictures" in unknown.why


def test_time_saved_is_that_of_the_median_picture():
    times = [Time(60, 6)] * 15 + [Time(60, 600)] * 5
    found = figures.time_saved(times, without=3)
    assert (found.value, found.n, found.state) == (0.9, 20, "met")
    assert found.beside == (
        "By hand 1,200 minutes, from request to export 3,090; 3 more have no time by hand"
    )
    slow = figures.time_saved([Time(60, 30)] * 20)
    assert (slow.value, slow.state) == (0.5, "not met")
    assert (
        figures.time_saved([Time(60, 6)] * 19).why
        == "19 of the 20 exported pictures that it takes."
    )
    assert figures.time_saved([], without=4).why.startswith("Nobody said how long")
    assert figures.time_saved([]).why == "There are no exported pictures yet."


@pytest.mark.parametrize("of", [figures.specialist, figures.edited])
def test_ballots_are_counted_by_blocks_and_voters(of):
    clear = [Bout((1.0,) * 6 + (0.5,), 21, THREE[:21]), Bout((0.0, 1.0, 1.0), 9, THREE[:9])]
    found = of(clear)
    assert (found.value, found.n) == (8 / 9, 30)
    assert found.beside == "8 blocks won, 1 lost, 1 even; 2 ballots"
    assert found.state == "not shown"  # after six wins 2^6 / 7 = 9.1, and 20 are needed
    won = of([Bout((1.0,) * 10, 30, THREE)])
    assert (won.state, won.value) == ("met", 1.0) and won.low > 0.5
    assert of([Bout((1.0,) * 20, 20, ("ana",) * 20)]).state == "not shown"  # one person alone
    nearly = Bout((1.0,) * 20, 20, ("ana",) * 19 + ("bo",))
    assert "one person alone" in of([nearly]).why
    many = Bout((1.0,) * 20, 20, tuple(map(str, range(20))))
    assert of([many]).state == "met"
    assert of([Bout((0.0,) * 10, 30, THREE)]).state == "not met"
    assert of([Bout((1.0,) * 10, 19, THREE[:19])]).why == "19 of the 20 votes that it takes."
    assert of([]).why == "There are no votes yet."


def test_what_is_seen_on_the_sample():
    found = figures.palette([True] * 99 + [False], 16)
    assert (found.value, found.state) == (0.99, "not shown")
    assert found.beside == "A palette of 16 colours"
    assert figures.palette([True] * 100, 16).state == "met"
    assert figures.palette([], 0).why == "The style's recipe names no palette."
    assert figures.proportions([True] * 50 + [False] * 2).state == "met"
    assert figures.proportions([]).state == "not shown"
    assert figures.seamless([True] * 60 + [False] * 40).state == "not met"
    assert figures.seamless([True] * 100).state == "met"


@pytest.mark.parametrize("of", [figures.named, figures.same_character])
def test_ratings_count_from_three_quarters_of_the_scale_on(of):
    rated = [Rated(0.75, BO)] * 23 + [Rated(1.0, ANA), Rated(0.7, ANA)]
    found = of(rated)
    assert (found.value, found.n, found.state) == (0.96, 25, "met")
    assert of([Rated(1.0, ANA)] * 25).why.startswith("It is the word of one person")
    nearly = [Rated(1.0, ANA)] * 24 + [Rated(1.0, BO)]
    assert "one person alone" in of(nearly).why


def test_months_and_money():
    assert figures.retraining([True, True]).state == "met"
    late = figures.retraining([True, False, True])
    assert (late.value, late.n, late.state) == (2 / 3, 3, "not met")
    assert figures.retraining([]).state == "not shown"
    assert figures.cost(1.5, 20, "EUR", 10.0).state == "met"
    assert figures.cost(12.0, 20, "EUR", 10.0).state == "not met"
    assert figures.cost(1.5, 19, "EUR", 10.0).why == "19 of the 20 approved pictures that it takes."
    assert "by hand is not known" in figures.cost(1.5, 20, "EUR", None).why
    assert figures.cost(None, 0, "EUR", None).why == "There are no approved pictures yet."


def test_the_return_is_what_was_saved_beyond_what_was_spent():
    times = [Time(60, 6)] * 20
    found = figures.roi(times, 0.5, 100.0, "EUR")
    assert (found.value, found.low, found.high) == pytest.approx((4.4, 4.4, 4.4))
    assert (found.state, found.name) == ("met", "Return on what was spent, EUR")
    assert found.beside == "Saved 540.00 EUR, spent 100.00 EUR"
    assert figures.roi([Time(60, 90)] * 20, 0.5, 100.0, "EUR").state == "not met"
    assert figures.roi(times, None, 100.0, "EUR").why == (
        "What an hour of people's work costs in EUR is not known."
    )
    assert figures.roi(times, 0.5, 0.0, "EUR").why == "Nothing was spent."
    assert figures.roi([], 0.5, 10.0, "EUR").why == "There are no exported pictures yet."


def test_a_reason_that_the_team_wrote_itself_counts_against_the_style():
    sample = [*judged("approved", 90), *judged("rejected", 10, "nicht unser Stil", judge="bo")]
    assert figures.style_match(sample, 100).value == 0.9
    sample = [*judged("approved", 90), *judged("rejected", 10, "composition", judge="bo")]
    assert figures.style_match(sample, 100).value == 1.0


def test_one_persons_corrections_alone_make_nothing_met():
    raised = [Fate("ana" if n % 2 else "bo", True, "as is", "lea") for n in range(10)]
    found = figures.used([*fates(as_is=20), *raised], 40)
    assert (found.value, found.state) == (1.0, "not shown")
    assert "one person alone" in found.why
    few = figures.used([*fates(as_is=40), *raised[:1]], 60)  # met without that one, too
    assert few.state == "met"


def test_money_that_is_not_known_in_all_is_not_shown():
    assert figures.cost(None, 20, "EUR", 10.0).why == "Nothing was spent."
    also = figures.cost(1.5, 20, "EUR", 10.0, others=["USD"])
    assert also.state == "not shown" and also.why.startswith("Something was spent in USD as well")
    times = [Time(60, 6)] * 20
    assert figures.roi(times, 0.5, 100.0, "EUR", others=["USD"]).state == "not shown"
    told = figures.roi(times, 0.5, 100.0, "EUR", without=3)
    assert told.beside.endswith("; 3 more exported pictures have no time by hand")
