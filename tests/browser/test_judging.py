"""Voting and rating with the keyboard alone, in a real browser; nothing sent tells a version."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Response, expect
from sqlalchemy import Engine

from studio import context
from studio.database import engine as db
from studio.review import ballots, rating_rounds, rubrics, votes
from studio.review.pictures import Drawn, Side
from studio.review.ratings import standing
from tests.browser.conftest import Running

Visit = Callable[..., Page]
SETTLED_MS = 350  # a key right after a new picture is taken for a slip


@pytest.fixture
def engine(running: Running) -> Engine:
    return db.open_database(running.home)


@pytest.fixture
def drawn(tmp_path: Path) -> list[Drawn]:
    """Two versions that drew three prompts with two seeds; the second one's files are larger."""
    rng, found = np.random.default_rng(3), []
    for number in (1, 2):
        files = {}
        for prompt in ("a red <i>potion</i>", "a gem", "a ring"):
            for seed in (1, 2):
                pixels = rng.integers(0, 256, (32, 32, 4), np.uint8)
                pixels[8 * number :] = 0
                file = tmp_path / f"version-{number}-{len(files)}.png"
                Image.fromarray(pixels, "RGBA").save(file)
                files[prompt, seed] = file
        found.append(Drawn(Side("props", number), "p1", files))
    return found


@pytest.fixture
def ballot(engine: Engine, running: Running, drawn: list[Drawn]) -> ballots.Ballot:
    return ballots.open_ballot(
        engine,
        running.home,
        drawn=drawn,
        question="Which one is <b>ours</b>?",
        voters=2,
        by="Lea",
        key=str(context.now()),
        now=context.now(),
    )


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        expect(page.locator(".pane img").first).to_be_visible()  # or the key counts for nothing
        page.wait_for_timeout(SETTLED_MS)
        page.keyboard.press(key)


def _count(page: Page, said: str) -> None:
    expect(page.locator('[data-part="count"]')).to_have_text(said)


def _stored(engine: Engine, ballot: ballots.Ballot, voter: str) -> list[str]:
    return [v.answer for v in votes.standing_votes(engine, ballot.id) if v.voter == voter]


def test_a_ballot_with_the_keyboard_alone(
    visit: Visit, engine: Engine, ballot: ballots.Ballot
) -> None:
    page = visit(f"/Vote?ballot={ballot.id}")
    expect(page.get_by_role("heading", name="Which one is <b>ours</b>?")).to_be_visible()
    expect(page.locator('[data-part="right"] img')).to_be_visible()
    _press(page, "ArrowLeft")  # the first key, without a click
    _count(page, "1 of 6")
    _press(page, "t", "b", "u")
    _count(page, "2 of 6")
    expect(page.locator('[data-part="last"]')).to_have_text("Taken back: both bad")
    expect(page.get_by_role("button", name="Undo").first).to_be_enabled()
    assert _stored(engine, ballot, "Ana") == ["left", "tie"]

    page.reload()  # in the middle: it goes on where it was, and undo still knows the last vote
    _count(page, "2 of 6")
    expect(page.locator('[data-part="last"]')).to_have_text("Last: tie")
    expect(page.locator('[data-part="left"] img')).to_be_visible()
    _press(page, "ArrowRight", "ArrowRight", "s", "t", "ArrowLeft")
    expect(page.get_by_text("You have voted on all 6 pairs.")).to_be_visible()
    assert _stored(engine, ballot, "Ana") == ["left", "tie", "right", "right", "tie", "left"]
    assert page.get_by_text("preferred").count() == 0  # nothing of the result before
    page.get_by_role("button", name="Hand in and see the result").click()
    expect(page.get_by_text("version 2 preferred")).to_be_visible()


@pytest.mark.slow
def test_two_people_at_once(visit: Visit, engine: Engine, ballot: ballots.Ballot) -> None:
    ana, ben = (visit(f"/Vote?ballot={ballot.id}", person=who) for who in ("Ana", "Ben"))
    for page in (ana, ben):
        expect(page.locator('[data-part="left"] img')).to_be_visible()
    for _ in range(3):
        _press(ana, "ArrowLeft")
        _press(ben, "ArrowRight")
    for page in (ana, ben):
        _count(page, "3 of 6")
    page = visit("/Vote", person="Ana")  # what the server has, not what the browser believes
    expect(page.get_by_text(re.compile("3 of 6 pairs done")).first).to_be_visible()
    assert _stored(engine, ballot, "Ana") == ["left"] * 3
    assert _stored(engine, ballot, "Ben") == ["right"] * 3


@pytest.mark.slow
def test_pictures_differ_in_nothing_but_pixels(
    visit: Visit, engine: Engine, ballot: ballots.Ballot
) -> None:
    got: list[Response] = []
    sent: list[str | bytes] = []
    page = visit("/Vote", person="Cem")
    page.on("response", lambda r: got.append(r) if "/picture/side/" in r.url else None)
    page.on("response", lambda r: sent.append(r.url))
    page.on("websocket", lambda ws: ws.on("framereceived", lambda f: sent.append(f)))
    page.goto(re.sub(r"/Vote.*", f"/Vote?ballot={ballot.id}", page.url))
    sent.append(page.content())
    expect(page.locator('[data-part="left"] img')).to_be_visible()
    _press(page, *["t"] * 6)
    expect(page.get_by_text("You have voted on all")).to_be_visible()
    assert len(got) == 6  # both pictures of a pair come together
    told = set()
    for response in got:
        headers = {k: v for k, v in response.headers.items() if k not in ("date", "x-request-id")}
        assert not {"etag", "last-modified", "content-encoding", "server-timing"} & set(headers)
        body = response.body()
        for part in (body[: len(body) // 2], body[len(body) // 2 :]):
            with Image.open(io.BytesIO(part)) as picture:
                told.add((len(body), picture.size, *sorted(headers.items())))
                assert not picture.info
        assert not re.search(r"version|props", response.url)
    assert len(told) == 1
    # Neither frames nor pages nor addresses name a picture as it is stored, or its seed and sides.
    all_of_it = b"".join(one.encode() if isinstance(one, str) else one for one in sent)
    assert b"/picture/side/" in all_of_it and b"a red <i>potion</i>" in all_of_it
    for pair in ballots.pairs_of(engine, ballot.id).values():
        for stored in (pair.a_picture, pair.b_picture):
            assert stored.encode() not in all_of_it
    for word in (b'"seed"', b'"left_side"', b'"swapped"', b'"sides"', b"a_picture", b"version-1"):
        assert word not in all_of_it


@pytest.mark.slow
def test_both_are_looked_at_in_the_same_way(visit: Visit, ballot: ballots.Ballot) -> None:
    page = visit(f"/Vote?ballot={ballot.id}", person="Eva")
    left, right = (page.locator(f'[data-part="{side}"] img') for side in ("left", "right"))
    expect(right).to_be_visible()
    _press(page, "+", "+")
    styles = [one.evaluate("i => [i.style.transform, i.style.width]") for one in (left, right)]
    assert styles[0] == styles[1] and "scale(2.25)" in styles[0][0]
    box = page.locator('[data-part="left"]').bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2 + 10, steps=4)
    page.mouse.up()
    moved = [one.evaluate("i => i.style.transform") for one in (left, right)]
    assert moved[0] == moved[1] != styles[0][0] and re.search(r"\(40\S*px, 10\S*px\)", moved[0])
    _press(page, "w")  # both in one pane, the right one from the divider on
    expect(page.locator('[data-part="left"] img')).to_have_count(2)
    clips = page.locator('[data-part="left"] img').evaluate_all(
        "all => all.map(i => i.style.clipPath)"
    )
    assert sum(bool(clip) for clip in clips) == 1
    _press(page, "f")
    expect(page.locator('[data-part="which"]')).to_have_text("right")
    expect(page.locator('[data-part="which"]')).to_have_text("left")
    _press(page, "f", "g")
    grounds = [one.evaluate("i => i.style.background") for one in (left, right)]
    assert grounds[0] == grounds[1] != ""
    _press(page, "z")
    assert right.evaluate("i => i.style.width") == "32px"
    _press(page, "ArrowLeft")
    _count(page, "1 of 6")
    assert left.evaluate("i => i.style.transform") == ""  # the next pair as it stands
    expect(page.locator("h2", has_text="ours")).to_be_visible()


@pytest.mark.slow
def test_ratings_with_the_keyboard_alone(
    visit: Visit, engine: Engine, running: Running, drawn: list[Drawn]
) -> None:
    round = rating_rounds.open_round(
        engine,
        running.home,
        drawn=drawn[:1],
        rubric=rubrics.load(running.home),
        by="Lea",
        now=context.now(),
    )
    page = visit(f"/Rate?round={round.id}", person="Dea")
    expect(page.locator('[data-part="pane"] img')).to_be_visible()
    page.wait_for_timeout(SETTLED_MS)
    for key in ("5", "4", "3", "1", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    _count(page, "1 of 6")
    expect(page.locator('[data-part="last"]')).to_have_text(re.compile(r"Last: (rated|3\.65)"))
    _press(page, "u")
    _count(page, "0 of 6")
    # What was taken back is there to be changed: style match from 5 to 2.
    _press(page, "2", "Enter")
    _count(page, "1 of 6")
    for _ in range(5):
        page.wait_for_timeout(SETTLED_MS)
        for key in ("3", "3", "3", "3", "Enter"):
            page.keyboard.press(key)
    expect(page.get_by_text("You have rated all 6 pictures.")).to_be_visible()
    kept = standing(engine, round.id)
    assert [one.rater for one in kept] == ["Dea"] * 6
    assert list(kept[0].scores.values()) == [2, 4, 3, 2]
    assert [one.score for one in kept[1:]] == pytest.approx([3] * 5)
