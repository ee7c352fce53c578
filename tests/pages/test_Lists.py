"""Lists: what is wrong is named, what is right becomes one job."""

from datetime import UTC, datetime

import pytest

from studio.jobs import queue
from studio.registry import stages
from studio.web import ui
from tests.furnished import bare_files

NOW = datetime.now(UTC)


@pytest.fixture
def style(studio, tmp_path):
    studio.client.create_registered_model("props")
    tags = {"base": "/pocket", "stage": "candidate", "trigger_word": "<S>"}
    studio.client.create_model_version("props", bare_files(tmp_path), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=NOW,
    )


def draw(at):
    return next(b for b in at.button if b.label.startswith("Draw"))


def test_a_list_becomes_one_job(studio, style, open_page):
    at = open_page("Lists")
    assert draw(at).disabled
    at.text_area(key="list").input(
        "name, prompt, count, seed\ngem, a <b>gem</b>, 3, 9\nring, a ring"
    )
    at.run()
    assert draw(at).label == "Draw 7 pictures"  # a line without a count gets 4
    draw(at).click().run()
    draw(at).click().run()
    (job,) = queue.listing(studio.engine, kind="batch")
    assert (job.lane, job.asked_by, job.payload["version"]) == ("work", "ana", 1)
    assert job.payload["assets"][0] == {
        "prompt": "a <b>gem</b>",
        "name": "gem",
        "seed": 9,
        "count": 3,
        "width": None,
        "height": None,
        "category": "",
        "negative": "",
        "seamless": "",
    }
    assert (job.payload["width"], job.payload["height"]) == (None, None)
    assert any("0 of 7 drawn" in c.value for c in at.caption)
    at.button(key=f"cancel-{job.id}").click().run()
    assert queue.get(studio.engine, job.id).state == "cancelled"


@pytest.mark.slow
def test_sizes_categories_and_alternatives_are_told_before_drawing(studio, style, open_page):
    at = open_page("Lists", size="32x48")
    at.text_area(key="list").input(
        "name, prompt, count, width, height, category\n"
        "chest, a {wood,iron} chest, 2, 16, 16, props\nknight, a knight"
    )
    at.run()
    assert not at.exception
    told = " ".join(one.value for one in at.markdown)
    assert "**8 pictures** from 2 lines, 3 with their alternatives: " in told
    assert "4 of 16 x 16, 4 of 32 x 48" in told
    assert not any("middle cut out" in one.value for one in at.caption)
    shown = at.dataframe[0].value
    assert list(shown["name"]) == ["chest_wood", "chest_iron", "knight"]
    assert list(shown.columns) == [
        *("name", "prompt", "count", "seed", "width", "height", "category")
    ]
    at.text_input(key="list-negative").input("blur").run()
    at.text_input(key="list-set").input("level 3").run()
    assert draw(at).label == "Draw 8 pictures"
    draw(at).click().run()
    (job,) = queue.listing(studio.engine, kind="batch")
    assert (job.payload["width"], job.payload["height"]) == (32, 48)
    assert (job.payload["set"], job.payload["negative"]) == ("level 3", "blur")
    assert [(a["width"], a["category"]) for a in job.payload["assets"]] == [
        (16, "props"),
        (16, "props"),
        (None, ""),
    ]
    assert any("level 3" in one.value for one in at.markdown)
    at.text_area(key="list").input("name, prompt, width, height\na, a cave, 160, 90").run()
    assert any("160 x 90 is drawn as 160 x 96" in one.value for one in at.caption)
    at.text_area(key="list").input("a, a {red,blue gem, 2\nb, a gem, 2, 3, 4").run()
    said = [e.value.replace("\\", "") for e in at.error]
    assert "Line 1: in prompt a { is not closed" in said[0]
    assert "Line 2: width is '4'" in said[1] and draw(at).disabled


@pytest.mark.slow
def test_what_was_written_is_there_after_a_reload_for_that_person_alone(
    studio, style, open_page, monkeypatch
):
    open_page("Lists").text_area(key="list").input("gem, a gem, 2").run()
    at = open_page("Lists")
    assert at.text_area(key="list").value == "gem, a gem, 2"
    assert draw(at).label == "Draw 2 pictures"
    monkeypatch.setattr(ui, "person", lambda: "bo")
    assert open_page("Lists").text_area(key="list").value == ""


@pytest.mark.slow
def test_a_wrong_line_is_named_and_nothing_is_asked(studio, style, open_page):
    at = open_page("Lists")
    at.text_area(key="list").input("gem, a gem\n../x, a gem\nring, , 3").run()
    said = [e.value for e in at.error]
    assert "Line 2" in said[0] and "Line 3" in said[1]
    assert draw(at).disabled
    at.file_uploader[0].set_value(("list.csv", b"name;prompt\ngem;a gem\n", "text/csv")).run()
    assert draw(at).label == "Draw 4 pictures" and not draw(at).disabled


@pytest.mark.slow
def test_a_dropped_list_is_decoded_or_refused(studio, style, open_page):
    at = open_page("Lists")
    text = "name;prompt\ngem;ein grüner Edelstein\n"
    for codec, said in (("utf-16", ""), ("utf-16-le", "UTF-16-LE"), ("cp1252", "Windows-1252")):
        at.file_uploader[0].set_value(("list.csv", text.encode(codec), "text/csv")).run()
        assert list(at.dataframe[0].value["prompt"]) == ["ein grüner Edelstein"]
        assert (said in " ".join(c.value for c in at.caption)) and not draw(at).disabled
    at.file_uploader[0].set_value(("list.csv", b"\xe4\n", "text/csv")).run()
    assert "list.csv, line 1" in at.error[0].value.replace("\\", "") and draw(at).disabled


def test_without_production_the_page_says_what_to_do(studio, open_page):
    assert "nothing is yet" in open_page("Lists").info[0].value


@pytest.mark.slow
def test_long_and_bracketed_lines_are_told_before_drawing(studio, style, open_page):
    at = open_page("Lists")
    long = "; ".join(f"gem {k} with gold" for k in range(20))
    at.text_area(key="list").input(f'name,prompt\na,"{long}"\nb,a [gem]\nc,a gem').run()
    told = [one.value.replace("\\", "") for one in at.info]
    assert any(t.startswith("a: ") and "estimate" in t for t in told)
    assert any(t.startswith("b: ") and "as it stands" in t for t in told)
    assert not any(t.startswith("c: ") for t in told) and not draw(at).disabled
    at.text_area(key="list").input("name,prompt\na,a gem <lora:ink:1>").run()
    assert "Line 2" in at.error[0].value and "Further LoRAs" in at.error[0].value
    assert draw(at).disabled
