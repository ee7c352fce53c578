"""How raters agree, where not, who is removed, and the exported tables."""

import csv
import io
import math

import pyarrow.parquet as pq
import pytest

from studio.errors import StudioError
from studio.review import rater_agreement, rating_rounds, ratings, rubrics

TWO = """
scale: [1, 5]
criteria:
  - name: style
    weight: 0.75
  - name: "=clean"
    weight: 0.25
    scale: [0, 1]
    help: No stray pixels?
"""


@pytest.fixture
def round(engine, home, draw, clock):
    rubric = rubrics.save(engine, "two", TWO, after=None, by="ana", now=clock())
    return rating_rounds.open_round(
        engine,
        home,
        drawn=[draw(1, prompts=2), draw(2, prompts=2)],
        rubric=rubric,
        by="Lea",
        now=clock(),
    )


def rate(engine, home, round, clock, who, picture, style, clean=1):
    return ratings.rate(
        engine,
        home,
        round.id,
        who,
        picture,
        {"style": style, "=clean": clean},
        f"{who}-{picture}",
        clock(),
    )


def test_a_scale_of_its_own_is_put_on_the_rubrics(engine, home, round, clock):
    one, two, *_ = rating_rounds.pictures_of(engine, round.id)
    assert rate(engine, home, round, clock, "Ana", one, 3, 1).score == pytest.approx(3.5)
    assert rate(engine, home, round, clock, "Ana", two, 5, 0).score == pytest.approx(4.0)
    with pytest.raises(StudioError, match="from 0 to 1"):
        rate(engine, home, round, clock, "Ben", one, 3, 2)
    kept = rubrics.load(home, "two")
    assert [(c.low, c.high) for c in kept.criteria] == [(1, 5), (0, 1)]
    assert rubrics.names(home) == ["standard", "two"]


def test_agreement_and_where_it_ends(engine, home, round, clock):
    ids = list(rating_rounds.pictures_of(engine, round.id))
    for place, id in enumerate(ids):
        for who in ("Ana", "Ben", "Cem"):
            style = 1 + place % 5
            rate(engine, home, round, clock, who, id, style)
    found = rater_agreement.alphas(engine, round.id)
    assert found["style"] == pytest.approx(1) and math.isnan(found["=clean"])
    ratings.undo(engine, round.id, "Cem", f"Cem-{ids[2]}", clock())
    ratings.rate(engine, home, round.id, "Cem", ids[2], {"style": 5, "=clean": 0}, "x", clock())
    found = rater_agreement.alphas(engine, round.id)
    assert 0.5 < found["style"] < 1 and found["=clean"] == pytest.approx(0)
    first, second, *_ = rater_agreement.apart(engine, home, round.id)
    assert first.picture.id == ids[2] and second.spread == 0
    assert first.scores["Cem"] == {"style": 5, "=clean": 0} and set(first.scores) == {
        "Ana",
        "Ben",
        "Cem",
    }
    ana, _, cem = rater_agreement.raters(engine, round.id)
    assert (ana.name, ana.rated) == ("Ana", 8) and ana.milder < 0 < cem.milder


def test_a_rater_removed_in_the_middle(engine, home, round, clock):
    one, two, *_ = rating_rounds.pictures_of(engine, round.id)
    rate(engine, home, round, clock, "Ana", one, 5)
    rate(engine, home, round, clock, "Ben", one, 1)
    rating_rounds.remove(engine, round.id, "Ben", "Lea", clock())
    rating_rounds.remove(engine, round.id, "Ben", "Lea", clock())
    assert [o.rater for o in ratings.standing(engine, round.id)] == ["Ana"]
    (score,) = ratings.results(engine, round.id)
    assert score.raters == 1 and score.weighted.mean == pytest.approx(5)
    assert rating_rounds.unrated(engine, round.id, "Ben") == []
    assert [r[0].id for r in rating_rounds.waiting(engine, "Ben")] == []
    with pytest.raises(StudioError, match="no longer among those who rate"):
        rate(engine, home, round, clock, "Ben", two, 1)
    assert len(ratings.standing(engine, round.id)) == 1


def test_several_are_wanted_and_no_more(engine, home, draw, clock):
    rubric = rubrics.load(home)
    round = rating_rounds.open_round(
        engine, home, drawn=[draw(3, prompts=2)], rubric=rubric, by="Lea", now=clock(), wanted=2
    )
    scores = {one.name: 3 for one in rubric.criteria}
    for who in ("Ana", "Ben", "Cem", "Dea"):
        while left := rating_rounds.unrated(engine, round.id, who)[:2]:
            for id in left:
                ratings.rate(engine, home, round.id, who, id, scores, f"{who}{id}", clock())
            if who in ("Ana", "Ben"):
                break
    by = [o.rater for o in ratings.standing(engine, round.id)]
    assert {who: by.count(who) for who in "Ana Ben Cem".split()} == {"Ana": 2, "Ben": 2, "Cem": 4}
    assert len(by) == 8 and rating_rounds.unrated(engine, round.id, "Dea") == []


def test_export_as_csv_and_parquet(engine, home, round, clock):
    for place, id in enumerate(rating_rounds.pictures_of(engine, round.id)):
        rate(engine, home, round, clock, "=cmd()", id, 1 + place % 5)
    rows = rater_agreement.table(engine, home, round.id)
    read = list(csv.DictReader(io.StringIO(rater_agreement.as_csv(rows).decode("utf-8-sig"))))
    assert len(read) == 8 and read[0]["rater"] == "'=cmd()" and read[3]["style"] in "12345"
    assert {r["version"] for r in read} == {"version 1", "version 2"}
    back = pq.read_table(io.BytesIO(rater_agreement.as_parquet(rows))).to_pylist()
    assert back == rows
    assert rater_agreement.as_csv([]).strip() and rater_agreement.as_parquet([])
