"""Animation sheets by an assistant: of pictures, of cells, of a motion, and once for a key."""

from __future__ import annotations

from PIL import Image

from studio.finishing import colour_table, palettes
from studio.jobs import queue
from tests.api.mcp.calling import words
from tests.prop_pictures import kept
from tests.sheets.drawn import walker
from tests.worker.kinds.step_by_step import NOW


def payload(studio, told):
    return queue.get(studio.engine, told.structured_content["job"]["id"]).payload


def test_pictures_become_a_sheet_by_one_job_and_once_for_a_key(call, studio):
    ids = [kept(studio, walker(stride), f"mcp{stride}") for stride in (1, 2)]
    asked = {"pictures": ids, "duration_ms": 83, "idempotency_key": "sheet-once"}
    told = call("make_sheet", **asked)
    assert payload(studio, told)["frames"] == [{"picture": one, "duration_ms": 83} for one in ids]
    again = call("make_sheet", **asked)
    assert again.structured_content["job"]["id"] == told.structured_content["job"]["id"]


def test_a_picture_is_cut_or_moves(call, studio):
    strip = Image.new("RGBA", (48, 32))
    strip.paste(walker(1), (0, 0))
    strip.paste(walker(2), (24, 0))
    id = kept(studio, strip, "mcp-strip")
    told = call("make_sheet", pictures=[id], cut={"width": 24, "height": 32})
    assert [one["box"] for one in payload(studio, told)["frames"]] == [
        [0, 0, 24, 32],
        [24, 0, 24, 32],
    ]
    told = call("make_sheet", pictures=[id], motion={"motion": "hover", "frames": 4})
    assert payload(studio, told)["motion"]["frames"] == 4
    told = call("make_sheet", pictures=[id, id], cut={"width": 24, "height": 32})
    assert told.is_error and "2 pictures are named, and a cut" in words(told)


def test_all_frames_come_into_the_colours_of_a_palette(call, studio):
    table = colour_table.ColourTable(("#000000", "#ffffff"))
    palettes.save(studio.engine, "mcp-two", table, after=0, by="ana", now=NOW)
    id = kept(studio, walker(1), "mcp-palette")
    told = call("make_sheet", pictures=[id], palette="mcp-two")
    assert payload(studio, told)["colours"] == ["#000000", "#ffffff"]
