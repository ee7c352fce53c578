"""Who may call which tool, what tools say of themselves, and how errors are told."""

import dataclasses
import json
import re

import jsonschema
import pytest
from mcp.shared.exceptions import MCPError

from studio.accounts.rights import ROLES, Actor, may
from studio.api.mcp import tool as tools
from studio.api.mcp.server import INSTRUCTIONS
from studio.api.mcp.tool_table import TOOLS
from studio.api.mcp.tools import drawing, finishing, waiting
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.worker.kind_table import KINDS
from tests.api.mcp.calling import ANA, connected, words

LINES = [{"name": "gem", "prompt": "a gem"}]
# Enough to come as far as the check of who may.
LEAST = {
    "get_status": {},
    "list_styles": {},
    "generate": {"style": "props", "prompt": "a gem", "wait": 0},
    "check_list": {"assets": LINES},
    "draw_list": {"style": "props", "assets": LINES},
    "wait_for_job": {"job": 1, "wait": 0},
    "cancel_job": {"job": 2_000_000},
    "search_pictures": {},
    "get_picture": {"asset": "x"},
    "list_palettes": {},
    "finish_pictures": {"ids": ["x"]},
    "upscale_pictures": {"pictures": ["x"]},
    "get_upscale_tiles": {"job": 1},
    "list_upscaling": {},
    "make_props": {"pictures": ["x"]},
    "edit_prop": {"prop": "x", "edits": [{"edit": "pivot", "where": "top"}]},
    "draw_prop_sheet": {"prop": "x"},
    "make_sheet": {"pictures": ["x"]},
    "get_character": {"character": "x"},
    "draw_character_cells": {"character": "x"},
    "make_character_sheet": {"character": "x"},
    "edit_pictures": {"pictures": ["x"], "edits": [{"edit": "trim"}]},
    "list_props": {},
    "plan_export": {"assets": ["x"], "profile": "none"},
    "export_assets": {"assets": ["x"], "profile": "none"},
    "expand_wishes": {"wishes": ["a gem"], "by": "rules", "wait": 0},
    "search_wishes": {},
    "get_wish": {"wish": "x"},
    "edit_wish": {"wish": "x"},
    "get_report": {"style": "x"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_told_of_what_it_may_call_and_refused_the_rest(studio, role):
    by = Actor("vi", role)

    async def use(client):
        listed = {one.name for one in (await client.list_tools()).tools}
        return listed, {name: await client.call_tool(name, LEAST[name]) for name in TOOLS}

    before = len(queue.listing(studio.engine, limit=10_000))
    listed, told = connected(studio, by, use)
    allowed = {name for name, tool in TOOLS.items() if may(role, tool.right)}
    refused = {name for name, one in told.items() if one.is_error and "may not" in words(one)}
    assert listed == allowed and refused == set(TOOLS) - allowed
    asked = len(queue.listing(studio.engine, limit=10_000)) - before
    assert asked == (3 if may(role, "generate") else 0)


def test_nothing_judges():
    rights = {"look", "generate", "finish pictures", "export"}
    assert {tool.right for tool in TOOLS.values()} == rights
    assert "decided by people" in INSTRUCTIONS


def test_every_tool_declares_shapes_that_clients_can_check():
    for tool in TOOLS.values():
        told = tool.listed()
        for schema in (told.input_schema, told.output_schema):
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
        assert told.input_schema["additionalProperties"] is False
        assert told.annotations.read_only_hint is not tool.changes
        assert told.annotations.destructive_hint is False


def test_costs_are_those_of_the_kind_of_job(monkeypatch):
    assert drawing.GENERATE.costs == f"{tools.SHARED} {tools.FREE}"
    assert finishing.FINISH_PICTURES.costs == f"{tools.LITTLE} {tools.FREE}"
    assert waiting.WAIT_FOR_JOB.costs == tools.NOTHING
    paid = dataclasses.replace(KINDS["generate"], costs=True)
    monkeypatch.setitem(KINDS, "generate", paid)
    assert drawing.GENERATE.listed().description.endswith(tools.MONEY)


def test_the_document_names_every_tool_with_its_right():
    text = (CHECKOUT / "docs/mcp.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \|.* \| ([\w ]+) \|$", text, re.MULTILINE)
    assert {name: right for name, right, _ in rows} == {
        name: tool.right for name, tool in TOOLS.items()
    }
    said = {"time": tools.SHARED, "little time": tools.LITTLE, "nothing": tools.NOTHING}
    for name, _, costs in rows:
        assert TOOLS[name].costs.startswith(said[costs])


def test_an_unknown_tool_is_an_error_of_the_protocol(studio):
    async def use(client):
        with pytest.raises(MCPError, match="There is no tool 'vote'. There are: get_status"):
            await client.call_tool("vote", {})

    connected(studio, ANA, use)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("generate", {}, "style is missing"),
        ("generate", {"style": "props"}, "prompt is missing"),
        ("generate", {"prompt": "a gem", "colour": "red"}, "no setting 'colour' here"),
        ("generate", {"prompt": ""}, "prompt is empty"),
        ("generate", {"prompt": "x" * 3_000}, "length is 3000"),
        ("generate", {"prompt": "a\0b"}, "characters that are no text"),
        ("generate", {"prompt": 5}, "prompt is 5"),
        ("generate", {"prompt": "a gem", "count": 65}, "Count is 65"),
        ("generate", {"prompt": "a gem", "count": "2"}, "count is '2'"),
        ("generate", {"prompt": "a gem", "count": True}, "count is True"),
        ("generate", {"prompt": "a gem", "seed": -1}, "seed is -1"),
        ("generate", {"prompt": "a gem", "seed": 10**50}, "more than 40 digits"),
        ("generate", {"prompt": "a gem", "steps": 0}, "steps is 0"),
        ("generate", {"prompt": "a gem", "guidance": -1}, "guidance is -1"),
        ("generate", {"prompt": "a gem", "width": 7}, "width is 7"),
        ("generate", {"prompt": "a gem", "seamless": "z"}, "seamless is 'z'"),
        ("generate", {"prompt": "a gem", "wait": 51}, "wait is 51"),
        ("generate", {"prompt": "a gem", "version": 9}, "9"),
        ("generate", {"prompt": "a gem", "style": ""}, "No style is named"),
        ("generate", {"prompt": "a gem", "style": "../x"}, "(?i)no name for a style"),
        ("generate", {"prompt": "a gem", "style": "nope"}, "nope"),
        ("generate", {"prompt": "a gem", "idempotency_key": "ü"}, "Idempotency-Key"),
        ("draw_list", {"assets": []}, "list is empty"),
        ("draw_list", {"assets": "[["}, "assets is '\\[\\['"),
        ("draw_list", {"assets": "7"}, "assets is '7'"),
        ("draw_list", {"assets": [7]}, "Line 1"),
        ("draw_list", {"assets": [{"name": "a b", "prompt": "x"}]}, "Line 1: name is 'a b'"),
        ("draw_list", {"assets": [{"name": "a", "prompt": "x", "hue": 1}]}, "Line 1: .*'hue'"),
        ("draw_list", {"assets": LINES * 2}, "Line 2: the name 'gem' stands in line 1 too"),
        ("wait_for_job", {"job": 10**12}, "job is 1000000000000"),
        ("wait_for_job", {"job": 999_999}, "There is no job 999999"),
        ("get_picture", {"asset": "../../etc/passwd"}, "There is no asset"),
        ("search_pictures", {"verdict": "nice"}, "verdict is 'nice'"),
        ("search_pictures", {"cursor": "x"}, "cursor is none"),
        ("search_pictures", {"since": "yesterday"}, "since is 'yesterday'"),
        ("search_pictures", {"limit": 51}, "limit is 51"),
        ("finish_pictures", {"ids": []}, "None of these"),
        ("finish_pictures", {"ids": ["x"] * 2_001}, "2,001 pictures"),
        ("make_props", {"pictures": []}, "No picture is named"),
        ("make_props", {"pictures": ["x"] * 21}, "21 pictures"),
        ("edit_prop", {"prop": "x", "edits": []}, "'x'"),
        ("draw_prop_sheet", {"prop": "x"}, "'x'"),
        ("make_sheet", {"pictures": []}, "No frame"),
        ("make_sheet", {"pictures": ["x"] * 257}, "257 pictures"),
        ("edit_pictures", {"pictures": ["x"] * 21, "edits": []}, "21 pictures"),
        ("list_props", {"size": 51}, "size is 51"),
        ("list_props", {"cost": "dear"}, "cost is 'dear'"),
        ("get_status", {"verbose": True}, "no setting 'verbose' here"),
    ],
)
def test_odd_arguments_are_refused_by_name(call, studio, name, arguments, said):
    draws = name in ("generate", "draw_list")
    if draws and arguments:
        arguments = {"style": "props", "wait": 0, **arguments}
    before = len(queue.listing(studio.engine, limit=10_000))
    told = words(call(name, **arguments))
    assert re.search(said, told), told
    assert "(error " not in told and "Traceback" not in told
    assert len(queue.listing(studio.engine, limit=10_000)) == before


def test_what_nobody_thought_of_is_told_by_a_number(call, monkeypatch, caplog):
    def crash(caller, asked):
        raise ZeroDivisionError("the password is x")

    monkeypatch.setitem(TOOLS, "get_status", dataclasses.replace(TOOLS["get_status"], run=crash))
    told = words(call("get_status"))
    (number,) = re.findall(r"\(error ([0-9a-f]{8})\)", told)
    assert "password" not in told
    (entry,) = (one for one in caplog.records if number in one.getMessage())
    assert entry.exc_info[0] is ZeroDivisionError


def test_the_status_says_who_one_is_and_what_waits(call):
    assert call("generate", style="props", prompt="a gem", wait=0)
    told = call("get_status")
    said = told.structured_content
    assert (said["name"], said["role"]) == ("ana", "artist")
    assert "generate" in said["rights"] and "promote" not in said["rights"]
    assert said["parts"]["database"]["ok"] and not said["parts"]["worker"]["ok"]
    assert said["lanes"]["interactive"] == {"queued": 1, "running": 0} and len(said["jobs"]) == 1
    assert json.loads(told.content[0].text) == said
