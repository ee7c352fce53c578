"""A version's best pictures: those that people liked, beside another version's."""

from datetime import UTC, datetime

import pytest
from PIL import Image

from studio import context
from studio.evaluation import contact_sheet
from studio.review import ballots, pair_order, pictures, votes
from studio.settings import load_settings
from studio.workflows import release, version_pictures
from studio.workflows.version_pictures import Pair

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ASKED = [(f"a {thing}", seed) for thing in ("gem", "ring", "axe") for seed in (1, 2)]


@pytest.fixture
def studio(tmp_path):
    """Sheets of two versions; the second was drawn without the axe."""
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    for number, count in ((1, 6), (2, 4)):
        folder = contact_sheet.folder_of(opened.home, "props", number)
        drawn = [Image.new("RGBA", (8, 8), (40 * number, 20 * k, 9)) for k in range(count)]
        contact_sheet.write_sheet(folder, "props", number, "p", ASKED[:count], drawn, drawn)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def ballot(studio):
    """An open ballot in which ana prefers version 1's ring of seed 2, and else version 2's."""
    drawn = []
    for number in (1, 2):
        folder = contact_sheet.folder_of(studio.home, "props", number)
        cells = contact_sheet.read_sheet(folder).cells
        files = {(cell.prompt, cell.seed): folder / cell.version for cell in cells}
        drawn.append(pictures.Drawn(pictures.Side("props", number), "p", files))
    opened = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question="Nicer?",
        voters=1,
        by="ana",
        key="one",
        now=NOW,
    )
    for id, pair in ballots.pairs_of(studio.engine, opened.id).items():
        wanted = pair.a if (pair.prompt, pair.seed) == ("a ring", 2) else pair.b
        left = pair_order.left_side(studio.engine, opened.id, "ana", id)
        answer = "left" if left == wanted else "right"
        votes.cast(studio.engine, opened.id, "ana", id, answer, key=f"k{id}", now=NOW)
    return opened


def test_what_both_drew_comes_first_and_one_of_each_prompt(studio):
    found = version_pictures.best(studio, "props", 1, 2)
    assert [(p.prompt, p.seed) for p in found] == [
        ("a gem", 1),
        ("a ring", 1),
        ("a axe", 1),
        ("a gem", 2),
        ("a ring", 2),
        ("a axe", 2),
    ]
    assert found[0] == Pair("a gem", 1, "version-000.png", "version-000.png")
    assert [p.beside for p in found if p.prompt == "a axe"] == ["", ""]
    assert version_pictures.best(studio, "props", 2, None)[0].beside == ""
    assert version_pictures.best(studio, "props", 3, 1) == []


def test_what_people_liked_comes_first_once_the_ballot_is_closed(studio, ballot):
    assert version_pictures.liked(studio, "props", 1) == {}
    assert release.voted(studio, "props", 1, 2) is None
    ballots.close(studio.engine, ballot.id, "ana", NOW)
    liked = version_pictures.liked(studio, "props", 1)
    assert liked == {(p, s): float((p, s) == ("a ring", 2)) for p, s in ASKED[:4]}
    best = [(p.prompt, p.seed) for p in version_pictures.best(studio, "props", 1, 2)]
    assert best[:2] == [("a ring", 2), ("a gem", 1)]
    found = release.voted(studio, "props", 2, 1)
    assert (found.a.number, found.a_votes, found.b_votes) == (1, 1, 3)
    assert release.voted(studio, "props", 1, 3) is None
