"""The screens of votes and ratings in chromium: keys, what is sent, and the scene."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.modules.screens import DOT, SCENE, last_said, press


def _sitting(**more: Any) -> dict[str, Any]:
    """Two pairs to vote on, or two pictures to rate."""
    queue = [
        {"item": item, "prompt": f"prompt {item}", "left": DOT, "right": DOT, "picture": DOT}
        for item in (1, 2)
    ]
    return {
        "at": 7,
        "person": "Ana",
        "question": "Which?",
        "queue": queue,
        "taken": [],
        "last": None,
        "done": 0,
        "total": 2,
        "strip": [],
        "said": "",
        "size": 0,
        **more,
    }


def test_a_vote_is_sent_again_until_it_is_taken(blank, mount):
    mount("vote", _sitting())
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    press(blank, "ArrowLeft")
    (vote,) = last_said(blank)
    assert (vote["say"], vote["item"]) == ("left", 1) and "entry" not in vote
    expect(blank.locator('[data-part="count"]')).to_have_text("1 of 2")
    press(blank, "t")
    assert [(action["say"], action["item"]) for action in last_said(blank)] == [
        ("left", 1),
        ("tie", 2),
    ]
    mount("vote", _sitting(taken=[vote["id"]], done=1, queue=[]))
    stored = blank.evaluate("JSON.parse(sessionStorage.getItem('housestyle vote 7 Ana'))")
    assert [action["say"] for action in stored] == ["tie"]  # a reload sends what is not taken
    expect(blank.locator('[data-part="count"]')).to_have_text("2 of 2")


def test_undo_names_the_vote_and_brings_its_pair_back(blank, mount):
    mount("vote", _sitting())
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    press(blank, "b", "u")
    vote, undo = last_said(blank)
    assert (vote["say"], undo["say"], undo["of"], undo["item"]) == ("bad", "undo", vote["id"], 1)
    expect(blank.locator('[data-part="prompt"]')).to_have_text("“prompt 1”")
    expect(blank.locator('[data-part="last"]')).to_have_text("Taken back: both bad")


@pytest.mark.slow
def test_keys_too_soon_or_with_control_say_nothing(blank, mount):
    mount("vote", _sitting())
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    press(blank, "t")
    blank.keyboard.press("t")  # before the next pair can have been seen
    press(blank, "Control+b", "q")
    assert len(last_said(blank)) == 1


@pytest.mark.slow
def test_a_rating_goes_from_criterion_to_criterion_and_waits_for_all(blank, mount):
    criteria = [
        {"name": name, "help": "", "low": 1, "high": 5} for name in ("style", "craft", "prompt")
    ]
    mount("rate", _sitting(criteria=criteria))
    expect(blank.locator('[data-part="pane"] img')).to_be_visible()
    press(blank, "5", "9", "4", "Enter")  # 9 is no score, and one is missing
    assert last_said(blank) is None
    blank.keyboard.press("ArrowLeft")  # from above the scale one down
    blank.keyboard.press("Enter")
    (rating,) = last_said(blank)
    assert rating["scores"] == {"style": 5, "craft": 4, "prompt": 5}


GUIDE = {
    "facts": [{"label": "View", "says": "<b>from the front</b>"}],
    "palette": ["#aabbcc"],
    "do": [{"url": DOT, "says": "a clean edge"}],
    "dont": [],
}


@pytest.mark.slow
def test_c_shows_both_pictures_of_a_pair_in_the_scene_and_back(blank, mount):
    pair = {"item": 1, "prompt": "a gem", "left": f"{DOT}#left", "right": f"{DOT}#right"}
    mount("vote", _sitting(scene=SCENE, guide=GUIDE, queue=[pair]))
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    expect(blank.locator('[data-part="guide"]')).to_contain_text("<b>from the front</b>")
    expect(blank.locator('[data-part="guide"] figure.do')).to_have_text("a clean edge")
    press(blank, "c")
    for side in ("left", "right"):
        expect(blank.locator(f'[data-part="{side}"].scene img')).to_have_count(3)
    press(blank, "w")  # wiping shows them as they were
    expect(blank.locator(".scene:visible")).to_have_count(0)
    press(blank, "c", "c")
    expect(blank.locator('[data-part="right"] img')).to_have_count(1)
    expect(blank.locator(".scene:visible")).to_have_count(0)


def test_without_a_scene_c_does_nothing(blank, mount):
    mount("rate", _sitting(criteria=[{"name": "match", "help": "", "low": 1, "high": 5}]))
    expect(blank.locator('[data-part="pane"] img')).to_be_visible()
    expect(blank.locator("[data-do=scene]")).to_be_hidden()
    press(blank, "c")
    expect(blank.locator(".scene:visible")).to_have_count(0)
