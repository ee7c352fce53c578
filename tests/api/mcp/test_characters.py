"""Characters by an assistant: looked at, drawn once for a key, made a sheet, refused in words."""

from __future__ import annotations

from studio.jobs import queue
from tests import small_bases
from tests.api.mcp.calling import words
from tests.characters_drawn import fill, saved


def payload(studio, told):
    return queue.get(studio.engine, told.structured_content["job"]["id"]).payload


def test_a_character_is_told_with_its_bars(call, studio):
    saved(studio)
    fill(studio, "east")
    told = call("get_character", character="hero").structured_content
    rows = {row["direction"]: row for row in told["rows"]}
    assert len(rows["east"]["bars"]) == 6 and "takes no poses" in told["refused"]["pose"]
    told = call("get_character", character="herro")
    assert told.is_error and "Did you mean hero" in words(told)


def test_cells_are_drawn_once_for_a_key(call, studio):
    saved(studio)
    told = call("draw_character_cells", character="hero")
    assert told.is_error and "takes no poses" in words(told)
    saved(studio, after=1, base=small_bases.brought(studio.home, "sd1"))
    asked = {"character": "hero", "cells": ["walk/east/1"], "idempotency_key": "cell-once"}
    told = call("draw_character_cells", **asked)
    assert payload(studio, told)["cells"] == ["walk/east/1"]
    again = call("draw_character_cells", **asked)
    assert again.structured_content["job"]["id"] == told.structured_content["job"]["id"]


def test_whole_rows_become_a_sheet(call, studio):
    saved(studio)
    fill(studio, "south")
    told = call("make_character_sheet", character="hero")
    assert payload(studio, told)["tags"][0]["name"] == "walk_south"


def test_a_key_stands_for_what_was_asked_whatever_is_in_the_cells_by_then(call, studio):
    saved(studio, name="page")
    fill(studio, "south", name="page")
    asked = {"character": "page", "idempotency_key": "sheet-of-page"}
    told = call("make_character_sheet", **asked)
    fill(studio, "east", name="page")
    again = call("make_character_sheet", **asked)
    assert not again.is_error, words(again)
    assert again.structured_content["job"]["id"] == told.structured_content["job"]["id"]
    other = call("make_character_sheet", **asked, directions=["east"])
    assert other.is_error
