"""Generate: seamless textures, chosen, told of and shown repeated."""

import json

from studio.jobs import queue
from studio.workflows import seamless_styles
from tests.pages.generate_page import NOW, address, draw, keep, said


def test_seamless_is_chosen_beside_the_size_and_goes_into_the_job(studio, style, open_page):
    at = open_page("Generate")
    way = at.selectbox(key="seamless of props 1")
    assert (way.value, address(at, "seamless")) == ("", "no")
    way.select("both").run()
    assert address(at, "seamless") == "both" and "Seamless: X and Y, holes filled" in said(at)
    at.segmented_control(key="holes of textures").set_value("open").run()
    assert address(at, "holes") == "open"
    at.text_area(key="prompt").input("grass").run()
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["seamless"], job.payload["fill"]) == ("both", "")
    again = open_page("Generate")  # as the draft has it
    assert again.selectbox(key="seamless of props 1").value == "both"
    at = open_page("Generate", seamless="x")
    assert at.selectbox(key="seamless of props 1").value == "x"


def test_a_style_of_a_tileable_dataset_begins_seamless(studio, style, open_page, monkeypatch):
    ways = {"tiles": "both"}
    monkeypatch.setattr(
        seamless_styles, "proposed", lambda studio, version: ways.get(version.style, "")
    )
    at = open_page("Generate", style="tiles")
    assert at.selectbox(key="seamless of tiles 1").value == "both"
    at.selectbox(key="style").select("props").run()
    assert at.selectbox(key="seamless of props 1").value == ""


def test_what_was_drawn_seamless_says_whether_it_fits_and_is_shown_repeated(
    studio, style, open_page
):
    job = queue.submit(
        studio.engine,
        kind="generate",
        payload={"style": "props"},
        lane="interactive",
        asked_by="ana",
        now=NOW,
    )
    keep(studio, seed=4, job=job.id, seamless="both", fill="opaque")
    at = open_page("Generate", job=str(job.id))
    assert "1 of 1 seamless picture fits at the edges" in said(at)
    at.button(key="repeat-switch").click().run()
    assert address(at, "repeated") == "true"
    shown = [e for e in at.get("bidi_component") if "_repeat" in e.proto.component_name]
    (picture,) = json.loads(shown[0].proto.json)["pictures"]
    assert picture["way"] == "both" and picture["verdict"].startswith("X fits")
    at.button(key="repeat-switch").click().run()
    assert "repeated" not in at.query_params


def test_a_seamless_picture_gone_on_with_brings_its_edges(studio, style, open_page):
    id = keep(studio, seed=5, seamless="y")
    at = open_page("Generate", again=id)
    assert at.selectbox(key="seamless of props 1").value == "y"
    assert at.segmented_control(key="holes of textures").value == "open"
