"""Exports by an assistant: told first, then done by one job, once for a key."""

from __future__ import annotations

from studio.export import profiles
from studio.export.profiles import Profile
from studio.jobs import queue
from tests.api.mcp.calling import words
from tests.export.drawn import sprite
from tests.export_assets import LEAD, NOW, drawn


def test_an_export_is_planned_and_asked_for_once_for_a_key(call, studio):
    profiles.save(studio.engine, "mcp", Profile(), after=0, by=LEAD, now=NOW)
    id = drawn(studio, sprite(), name="mcp-gem")
    asked = {"assets": [id], "profile": "mcp", "names": {id: {"name": "ruby"}}}
    plan = call("plan_export", **asked).structured_content
    assert plan["changes"][0] == {"path": "gems/ruby_1.png", "state": "new"}
    asked["idempotency_key"] = "export-once"
    job = call("export_assets", **asked).structured_content["job"]
    assert job["kind"] == "export"
    assert call("export_assets", **asked).structured_content["job"]["id"] == job["id"]
    assert queue.get(studio.engine, job["id"]).payload["names"] == {id: {"name": "ruby"}}
    assert "no export profile" in words(call("plan_export", assets=[id], profile="none"))
    assert "101 assets" in words(call("export_assets", assets=["x"] * 101, profile="mcp"))
