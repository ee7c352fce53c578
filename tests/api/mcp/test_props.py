"""Props by an assistant: made by one job, once for a key, and found again."""

from __future__ import annotations

from studio.api.mcp import tool
from studio.api.mcp.tools import props
from studio.jobs import queue
from studio.worker.kinds.prop import KIND
from tests.api.mcp.calling import words
from tests.prop_pictures import kept, sprite
from tests.worker.kinds.step_by_step import begun, ran


def test_pictures_become_props_by_one_job_and_once_for_a_key(call, studio):
    ids = [kept(studio, sprite(), name) for name in ("mcp-axe", "mcp-bow")]
    asked = {
        "pictures": ids,
        "method": "voxels",
        "height_m": 2.0,
        "triangles": 400,
        "idempotency_key": "props-once",
    }
    job = call("make_props", **asked).structured_content["job"]
    assert job["kind"] == "prop"
    assert call("make_props", **asked).structured_content["job"]["id"] == job["id"]
    payload = queue.get(studio.engine, job["id"]).payload
    assert payload["pictures"] == ids and payload["settings"]["method"] == "voxels"
    assert payload["edits"] == [{"edit": "decimate", "triangles": 400}]


def test_props_are_found_with_their_figures(call, studio):
    id = kept(studio, sprite(), "mcp-lantern")
    given, wish = begun(studio, "prop", pictures=[id], settings={"method": "card"})
    (made,) = ran(KIND, given, wish)["props"]
    told = call("list_props", text="mcp-lantern").structured_content
    (one,) = told["items"]
    assert (one["id"], one["method"], one["cost"]) == (made, "card", "")
    both = call("list_props", kind="", text="mcp-lantern").structured_content
    assert {one["kind"] for one in both["items"]} == {"prop", "picture"}
    found = call("search_pictures", kind="prop", verdict="all", text="mcp-lantern")
    assert [one["id"] for one in found.structured_content["items"]] == [made]


def test_a_prop_is_edited_and_drawn_and_pictures_are_made_ready(call, studio):
    id = kept(studio, sprite(), "mcp-chest")
    given, wish = begun(studio, "prop", pictures=[id], settings={"method": "card"})
    (made,) = ran(KIND, given, wish)["props"]
    edits = [{"edit": "scale", "height_m": 0.4}]
    for name, asked, kind in (
        ("edit_prop", {"prop": made, "edits": edits}, "prop_edit"),
        ("draw_prop_sheet", {"prop": made, "directions": {"count": 1}}, "prop_sheet"),
        ("edit_pictures", {"pictures": [id], "edits": [{"edit": "trim"}]}, "picture_edit"),
    ):
        asked["idempotency_key"] = f"{name}-once"
        job = call(name, **asked).structured_content["job"]
        assert job["kind"] == kind
        assert call(name, **asked).structured_content["job"]["id"] == job["id"]
    assert "glow" in words(call("edit_prop", prop=made, edits=[{"edit": "glow"}]))


def test_what_it_costs_is_said(call, studio):
    assert props.MAKE_PROPS.costs == f"{tool.LITTLE} {tool.FREE}"
    assert props.LIST_PROPS.costs == tool.NOTHING


def test_what_can_t_be_is_named(call, studio):
    id = kept(studio, sprite(), "mcp-door")
    assert "no picture 'none'" in words(call("make_props", pictures=["none"]))
    assert "no setting 'glow'" in words(call("make_props", pictures=[id], settings={"glow": 1}))
    assert "size is 0" in words(call("list_props", size=0))
