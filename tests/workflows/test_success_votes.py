"""Ballots and ratings as the report counts them."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.review import ballots, rating_rounds, ratings, rubrics, votes
from studio.review.pictures import HAND, Drawn, Side
from studio.settings import load_settings
from studio.workflows import success_votes

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
RUBRIC = """\
scale: [1, 5]
criteria:
  - {name: style match, weight: 0.5}
  - {name: Silhouette named, weight: 0.5, scale: [0, 1]}
"""


@pytest.fixture
def studio(tmp_path):
    settings = load_settings({}, home=str(tmp_path / "home"))
    engine, tracking = context.open_records(settings)
    yield context.Studio(settings, engine, None, tracking)
    engine.dispose()


def sheet(folder, side: Side, place: int, prompts: int = 4) -> Drawn:
    """Noise of a side's own, by prompt."""
    rng, files = np.random.default_rng(place), {}
    folder.mkdir(exist_ok=True)
    for prompt in range(prompts):
        file = folder / f"{place}-{prompt}.png"
        Image.fromarray(rng.integers(0, 256, (8, 8, 4), np.uint8), "RGBA").save(file)
        files[f"a thing {prompt}", 1] = file
    return Drawn(side, "", files)


def voted(studio, tmp_path, *sides, wins, prompts=4, voters=("ana", "bo"), now=NOW):
    """A closed ballot in which all voters prefer the side `wins` on every pair that it is in."""
    drawn = [sheet(tmp_path / "sheets", side, place, prompts) for place, side in enumerate(sides)]
    ballot = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question="Which one?",
        voters=len(voters),
        by="lea",
        key=f"{sides}",
        now=now,
    )
    for voter in voters:
        for id, pair in ballots.pairs_of(studio.engine, ballot.id).items():
            if wins not in (pair.a, pair.b):
                answer = "tie"
            else:
                left = votes.left_side(studio.engine, ballot.id, voter, id)
                answer = "left" if left == wins else "right"
            votes.cast(studio.engine, ballot.id, voter, id, answer, f"{voter} {id}", now)
    ballots.close(studio.engine, ballot.id, "lea", now)


def test_a_styles_version_against_its_base_counts_whichever_side_it_is(studio, tmp_path):
    voted(studio, tmp_path, Side("gems", 0), Side("gems", 2), wins=1)
    voted(studio, tmp_path, Side("gems", 3), Side("items", 1), wins=0)
    voted(studio, tmp_path, Side("gems", 4), Side("gems", 5), wins=0)  # both are special
    found = success_votes.specialist(studio.engine, "gems")
    assert [one.scores for one in found] == [(1.0,) * 4, (1.0,) * 4]
    assert [(one.votes, sorted(one.voters)) for one in found] == [(8, ["ana"] * 4 + ["bo"] * 4)] * 2
    # For the other style the same ballot was lost.
    (lost,) = success_votes.specialist(studio.engine, "items")
    assert lost.scores == (0.0,) * 4
    assert success_votes.specialist(studio.engine, "gems", "2026-09") == []
    assert success_votes.specialist(studio.engine, "rocks") == []


def test_edited_stands_against_from_scratch_by_their_names(studio, tmp_path):
    sides = (Side("gems", 1), Side("Edited", HAND), Side("from scratch", HAND))
    voted(studio, tmp_path, *sides, wins=1)
    (found,) = success_votes.edited(studio.engine, "gems")
    assert (found.scores, found.votes, set(found.voters)) == ((1.0,) * 4, 8, {"ana", "bo"})
    voted(studio, tmp_path, Side("gems", 2), Side("by hand", HAND), wins=1)
    assert len(success_votes.edited(studio.engine, "gems")) == 1


def test_ratings_count_by_the_criterions_own_scale(studio, tmp_path):
    rubric = rubrics.save(studio.engine, "shapes", RUBRIC, after=None, by="lea", now=NOW)
    drawn = [sheet(tmp_path / "sheets", Side("gems", n), n, 2) for n in (1, 0)]
    round = rating_rounds.open_round(
        studio.engine, studio.home, drawn=drawn, rubric=rubric, by="lea", now=NOW
    )
    shown = rating_rounds.pictures_of(studio.engine, round.id)
    for id, one in shown.items():
        named = int(one.prompt == "a thing 0")
        for rater, given in (("ana", named), ("bo", 1)):
            told = {"style match": 3, "Silhouette named": given}
            key = f"{rater} {id}"
            ratings.rate(studio.engine, studio.home, round.id, rater, id, told, key, NOW)
    found = success_votes.rated(studio, "gems", success_votes.SILHOUETTE)
    assert sorted(one.score for one in found) == [0.5, 1.0]  # the base's do not count
    assert {one.raters for one in found} == {frozenset({"ana", "bo"})}
    assert success_votes.rated(studio, "gems", success_votes.CHARACTER) == []
    assert success_votes.rated(studio, "gems", success_votes.SILHOUETTE, "2026-07") == []
