"""What test_success.py's studio has nothing of, through the records that it is counted from: seams,
ballots and ratings, each counted by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.review import rating_rounds, ratings, rubrics
from studio.review.pictures import HAND, Side
from studio.settings import load_settings
from studio.workflows import success
from tests.workflows.test_success_votes import sheet, voted

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
RUBRIC = """\
scale: [0, 1]
criteria:
  - {name: silhouette named, weight: 0.5}
  - {name: same character, weight: 0.5}
"""
WHOLE, CUT, CLEAR, UNNAMED = 20, 4, 3, 3


@pytest.fixture
def studio(tmp_path):
    settings = load_settings({}, home=str(tmp_path / "home"))
    opened = context.open_studio(settings)
    yield opened
    opened.engine.dispose()


def figures(studio, month="2026-08"):
    told = {"versions": (), "by": "ana", "now": NOW}
    return {one.key: one for one in success.report(studio, "gems", month, **told).figures}


def tile(seed, axis, alpha=255):
    """It goes from dark to light along x, and is all alike along y."""
    pixels = np.full((32, 32, 4), alpha, np.uint8)
    pixels[..., :3] = np.linspace(20 + seed, 230, 32).astype(np.uint8)[None, :, None]
    made = Made(
        "gems", 1, "pocket", "", "", "ground", "ground", "", seed, 9, 2.0, 1.0, seamless=axis
    )
    return Image.fromarray(pixels, "RGBA"), made


def tiles(studio):
    """Along y it fits, over both edges it does not, and where nothing is nobody can tell."""
    kept = []
    for seed in range(WHOLE + CUT + CLEAR):
        axis = "y" if seed < WHOLE else "both"
        picture, made = tile(seed, axis, 0 if seed >= WHOLE + CUT else 255)
        file = picture_files.keep(studio.home / "generated" / "gems", f"t{seed}", picture, made)
        kept.append(Kept(file, made))
    gallery_table.record(studio.engine, studio.home, kept, by="ana", now=NOW)


def rated(studio, tmp_path):
    """24 silhouettes, of which two people named all but three; all are the same character."""
    rubric = rubrics.save(studio.engine, "figures", RUBRIC, after=None, by="lea", now=NOW)
    drawn = [sheet(tmp_path / "rated", Side("gems", n), n, 24) for n in (1, 0)]
    round = rating_rounds.open_round(
        studio.engine, studio.home, drawn=drawn, rubric=rubric, by="lea", now=NOW
    )
    unnamed = {f"a thing {number}" for number in range(UNNAMED)}
    for id, one in rating_rounds.pictures_of(studio.engine, round.id).items():
        told = {"silhouette named": int(one.prompt not in unnamed), "same character": 1}
        for rater in ("ana", "bo"):
            key = f"{rater} {id}"
            ratings.rate(studio.engine, studio.home, round.id, rater, id, told, key, NOW)


@pytest.mark.slow
def test_seams_ballots_and_ratings_are_as_they_were_counted_by_hand(studio, tmp_path):
    tiles(studio)
    voted(studio, tmp_path, Side("gems", 0), Side("gems", 2), wins=1, prompts=12)
    sides = Side("gems", 1), Side("edited", HAND), Side("from scratch", HAND)
    voted(studio, tmp_path, *sides, wins=1, prompts=12)
    rated(studio, tmp_path)
    found = figures(studio)
    seams = found["seamless"]
    assert (seams.value, seams.n, seams.state) == (20 / 24, 24, "not met")
    assert (seams.low, seams.high) == pytest.approx((0.6415, 0.9332), abs=1e-3)
    for key in ("specialist", "edited"):
        assert (found[key].value, found[key].n, found[key].state) == (1.0, 24, "met")
        assert found[key].beside == "12 blocks won, 0 lost, 0 even; 1 ballot"
    named, same = found["silhouettes"], found["character"]
    assert (named.value, named.n, named.state) == (21 / 24, 24, "not shown")
    assert (named.low, named.high) == pytest.approx((0.6900, 0.9566), abs=1e-3)
    assert (same.value, same.n, same.state) == (1.0, 24, "met")
    later = figures(studio, "2026-09")
    assert {later[key].n for key in ("seamless", "specialist", "edited", "silhouettes")} == {0}
