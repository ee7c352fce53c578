"""`character`: made, changed, shown, drawn and packed; what is refused; answers as JSON."""

from __future__ import annotations

import json

import pytest

from studio import context
from studio.characters import poses
from studio.characters.characters import NAMES, VIEWS
from studio.cli import character, main
from studio.jobs import queue
from studio.settings import load_settings
from studio.workflows import animation_files
from tests.characters_drawn import fill
from tests.sheets.drawn import walker


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        home = ["--home", str(tmp_path / "home"), "--user", "ana"]
        code = main.main(["character", *map(str, words), "--json", *home])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return asked


@pytest.fixture
def studio(tmp_path):
    studio = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield studio
    studio.engine.dispose()


@pytest.fixture
def hero(said, tmp_path):
    walker(0).save(tmp_path / "front.png")
    code, told = said(
        "new", "hero", "--prompt", "a knight", "--front", tmp_path / "front.png", "--height", "26"
    )
    assert code == 0, told
    return told


def test_a_character_is_made_changed_and_listed(said, hero):
    assert (hero["name"], hero["revision"]) == ("hero", 1)
    assert hero["character"]["height"] == 26 and len(hero["character"]["front"]) == 64
    code, told = said("set", "hero", "--heads", "3.5", "--negative", "blurry")
    assert code == 0 and told["revision"] == 2
    assert told["character"]["heads"] == 3.5 and told["character"]["prompt"] == "a knight"
    code, told = said("set", "hero", "--front", "")
    assert code == 0 and told["character"]["front"] == ""
    code, told = said("list")
    assert code == 0 and [one["name"] for one in told["characters"]] == ["hero"]
    code, told = said("new", "hero", "--prompt", "another")
    assert code == 2 and "revision 3 by now" in told["error"]


def test_it_is_shown_with_why_it_can_t_be_drawn(said, hero, studio):
    fill(studio, "east")
    code, told = said("show", "hero")
    assert code == 0 and "takes no poses" in told["refused"]["pose"]
    rows = {row["direction"]: row for row in told["rows"]}
    assert all(bar["met"] for bar in rows["east"]["bars"]) and rows["east"]["figures"]
    assert rows["south"]["says"] == "8 of 8 cells are empty."
    code, told = said("draw", "hero")
    assert code == 2 and "takes no poses" in told["error"]
    code, told = said("redraw", "hero", "walk/up/1")
    assert code == 2 and "no cell 'walk/up/1'" in told["error"]


def test_a_job_is_put_in_with_what_was_said(said, hero, studio):
    words = "--action stand --way reference --seed 3 --steps 4 --change 0.5 --detach"
    walker(2).save(studio.home.parent / "side.png")
    walker(1).save(studio.home.parent / "back.png")
    said(
        *("set", "hero", "--side", studio.home.parent / "side.png"),
        *("--back", studio.home.parent / "back.png"),
    )
    code, told = said("draw", "hero", *words.split())
    assert code == 0, told
    (job,) = queue.listing(studio.engine, kind="character")
    asked = job.payload
    assert (asked["seed"], asked["steps"], asked["change"], asked["way"]) == (
        3,
        4,
        0.5,
        "reference",
    )
    assert len(asked["cells"]) == 4 and asked["revision"] == 2


def test_a_sheet_is_made_of_whole_rows(said, hero, studio):
    fill(studio, "east")
    fill(studio, "west")
    code, told = said("sheet", "hero", "--direction", "west", "--duration", "83")
    assert code == 0, told
    kept = animation_files.get(studio.engine, studio.home, told["sheet"])
    assert [one.name for one in kept.animation.tags] == ["walk_west"]
    assert {one.duration_ms for one in kept.animation.frames} == {83}


def test_a_lora_is_named_with_its_version(said, hero):
    code, told = said("set", "hero", "--lora", "hero")
    assert code == 2 and "names no version" in told["error"]
    code, told = said("set", "hero", "--lora", "none")
    assert code == 0 and told["character"]["lora"] == ""


def test_the_command_knows_what_the_studio_knows():
    assert character.ACTIONS == poses.ACTIONS and character.DIRECTIONS == poses.DIRECTIONS
    assert tuple(character.VIEWS) == VIEWS
    flags = {name for name, *_ in character.PLAIN} | set(VIEWS)
    assert set(NAMES) - flags == {"lora", "lora_version", "lora_strength", "colours"}


def test_every_seed_that_draws_a_picture_of_its_own_may_be_named(said, hero):
    code, told = said("set", "hero", "--seed", "4294967295")
    assert code == 0 and told["character"]["seed"] == 2**32 - 1
