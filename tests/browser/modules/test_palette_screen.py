"""The palette's screen in chromium: ordered and edited by keys and by hand."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.modules.screens import last_said


def _palette(**more: Any) -> dict[str, Any]:
    table = {
        "colours": ["#2b1a0f", "#5c3a1c", "#a87848", "#e8f0f8"],
        "names": ["", "", "", "<b>snow</b>"],
        "ramps": [{"name": "wood", "places": [0, 1, 2]}],
    }
    return {"table": table, "mark": "a:1", "editable": True, **more}


def test_a_palette_is_ordered_and_edited_by_keys(blank, mount):
    mount("palette", _palette())
    swatches = blank.get_by_role("option")
    expect(swatches).to_have_count(4)
    expect(swatches.nth(3)).to_have_accessible_name("#e8f0f8, <b>snow</b>, colour 4 of 4")
    swatches.first.focus()
    blank.keyboard.press("End")
    expect(blank.get_by_role("status")).to_have_text("#e8f0f8, <b>snow</b>, colour 4 of 4")
    blank.keyboard.press("Shift+ArrowLeft")
    assert last_said(blank)["colours"] == ["#2b1a0f", "#5c3a1c", "#e8f0f8", "#a87848"]
    assert last_said(blank)["ramps"] == [{"name": "wood", "places": [0, 1, 3]}]
    blank.keyboard.press("Enter")
    blank.keyboard.type("#FFFFFF")
    blank.keyboard.press("Tab")
    assert last_said(blank)["colours"][2] == "#ffffff"
    blank.get_by_label("Hex").fill("#2b1a0f")
    blank.keyboard.press("Tab")
    expect(blank.get_by_role("status")).to_have_text("#2b1a0f is colour 1 already.")
    swatches.nth(2).focus()
    blank.keyboard.press("Delete")
    assert len(last_said(blank)["colours"]) == 3
    blank.keyboard.press("Control+z")
    assert len(last_said(blank)["colours"]) == 4
    # What Streamlit draws meanwhile undoes nothing; a new mark does.
    mount("palette", _palette())
    assert swatches.nth(2).get_attribute("title").startswith("#ffffff")
    mount("palette", _palette(mark="a:2"))
    assert swatches.nth(2).get_attribute("title").startswith("#a87848")


def test_a_palette_is_ordered_by_dragging_and_gathered_into_ramps(blank, mount):
    mount("palette", _palette())
    swatches = blank.get_by_role("option")
    swatches.nth(3).drag_to(swatches.nth(0), target_position={"x": 2, "y": 10})
    assert last_said(blank)["colours"][0] == "#e8f0f8"
    swatches.nth(0).click()
    swatches.nth(1).click(modifiers=["Control"])
    blank.get_by_role("button", name="Make a ramp").click()
    assert last_said(blank)["ramps"][1] == {"name": "ramp 2", "places": [1, 0]}
    blank.keyboard.type("snow")
    blank.keyboard.press("Tab")
    assert last_said(blank)["ramps"][1]["name"] == "snow"
    blank.get_by_role("button", name="Dissolve wood").click()
    assert [one["name"] for one in last_said(blank)["ramps"]] == ["snow"]


def test_a_locked_palette_is_looked_at_only(blank, mount):
    mount("palette", _palette(editable=False))
    expect(blank.get_by_role("button")).to_have_count(0)
    blank.get_by_role("option").first.focus()
    for key in ("Delete", "Shift+ArrowRight", "Enter"):
        blank.keyboard.press(key)
    assert blank.evaluate("window.said") == []
    expect(blank.get_by_role("option")).to_have_count(4)
