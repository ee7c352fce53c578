"""One picture: verdict, reasons, note and pin stored; painted over; judged by two at once."""

import io
import json
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.assets import records, verdicts
from studio.assets.records import New
from studio.assets.verdicts import Judgement
from studio.generation import gallery_table, picture_files, reasons
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

NOW = datetime.now(UTC)


@pytest.fixture
def id(studio) -> str:
    made = Made(
        "props",
        1,
        "pocket",
        "",
        "",
        "a <script>red</script> potion",
        "<S> a potion",
        "",
        3,
        9,
        2.5,
        0.7,
    )
    file = picture_files.keep(
        studio.home / "generated", "p", Image.new("RGBA", (32, 32), "red"), made
    )
    return gallery_table.record(studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW)[0]


def press(at, label):
    return next(b for b in at.button if b.label == label).click().run()


def test_a_verdict_with_reasons_note_and_pin(studio, open_page, id):
    at = open_page("Picture", id=id)
    at.pills(key=f"reasons-{id}").set_value(["blurry", "off model"])
    at.text_area(key=f"note-{id}").input("the *hilt*")
    at.number_input(key=f"x-{id}").set_value(25.0)
    at.number_input(key=f"y-{id}").set_value(50.0)
    press(at, "Needs an edit")
    assert not at.exception
    found = gallery_table.get(studio.engine, id)
    assert found.judgement == Judgement("edit", ("blurry", "off model"), "the *hilt*", (0.25, 0.5))
    assert found.judged_by == "ana"
    assert any("Needs an edit" in m.value for m in at.markdown)
    shown = json.loads(next(e for e in at.get("bidi_component")).proto.json)
    assert shown["pin"] == [0.25, 0.5]
    press(at, "Take the verdict back")
    assert gallery_table.get(studio.engine, id).verdict is None


def test_what_somebody_else_said_meanwhile_is_not_overwritten(studio, open_page, id):
    at = open_page("Picture", id=id)
    verdicts.judge(studio.engine, id, Judgement("rejected"), by="bo", now=NOW, turn=0)
    press(at, "Approved")
    assert "bo changed this picture meanwhile" in at.error[0].value
    assert gallery_table.get(studio.engine, id).verdict == "rejected"


def test_an_artists_version_stands_beside_it(studio, open_page, id):
    written = io.BytesIO()
    Image.new("RGBA", (64, 64), "blue").save(written, format="PNG")
    at = open_page("Picture", id=id)
    at.file_uploader[0].set_value(("over.png", written.getvalue(), "image/png")).run()
    found = gallery_table.get(studio.engine, id)
    assert found.painted_by == "ana"
    with Image.open(studio.home / found.painted) as painted:
        assert painted.size == (64, 64)
    assert any(f"/picture/painted/{id}/" in h.proto.body for h in at.get("html"))
    press(at, "Take it away again")
    assert gallery_table.get(studio.engine, id).painted is None


def test_reasons_are_edited_on_the_page(studio, open_page, id):
    at = open_page("Picture", id=id)
    field = next(t for t in at.text_area if t.label.startswith("Reasons"))
    field.input("too dark\nblurry")
    press(at, "Save the list")
    assert reasons.read(studio.home) == ("too dark", "blurry")


def test_no_picture_or_none_any_more(studio, open_page):
    assert "No picture is chosen" in open_page("Picture").info[0].value
    assert "no picture" in open_page("Picture", id="../../etc").error[0].value


def test_what_people_wrote_is_never_markup(studio, open_page, id):
    at = open_page("Picture", id=id)
    told = " ".join(str(t.value.to_dict()) for t in at.table)
    assert "\\\\<script\\\\>" in told or "\\<script\\>" in told


def test_what_it_was_made_from_and_what_was_made_from_it(studio, open_page, id):
    sheet = New("sheet", "sheets/one", parents=(id,), name="run_cycle")
    made = Made("props", 4, "pocket", "", "", "a gem", "a gem", "", 77, 9, 2.5, 0.7)
    file = picture_files.keep(studio.home / "generated", "q", Image.new("RGBA", (8, 8)), made)
    (other,) = gallery_table.record(
        studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW
    )
    again = New("picture", "generated/r.png", parents=(id, other), style="props", version=5, seed=1)
    records.put(studio.engine, [sheet, again], by="bo", now=NOW)
    at = open_page("Picture", id=id)
    assert [c.value for c in at.caption if c.value.startswith("Made")] == ["Made from this"]
    assert any("sheet run" in m.value for m in at.markdown)
    links = [link.proto.label.replace("\\", "") for link in at.get("page_link")]
    assert "props version 5, seed 1" in links and "props version 4, seed 77" not in links
