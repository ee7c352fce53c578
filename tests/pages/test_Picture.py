"""One picture: verdict, reasons, note and pin stored; painted over; judged by two at once."""

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio.assets import boards, records, verdicts
from studio.assets.files import read
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, reasons
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.web import ui

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


def test_a_seamless_picture_says_whether_it_fits_and_is_shown_repeated(studio, open_page):
    told_of = dict(seamless="y", fill="opaque")
    made = Made("props", 1, "pocket", "", "", "grass", "grass", "", 4, 9, 2.5, 0.7, **told_of)
    file = picture_files.keep(studio.home, "g", Image.new("RGBA", (32, 32), "green"), made)
    kept = [Kept(file, made)]
    (id,) = gallery_table.record(studio.engine, studio.home, kept, by="bo", now=NOW)
    at = open_page("Picture", id=id)
    rows = {row["name"]: row["value"] for row in told(at, "recipe")["rows"]}
    assert rows["Seamless"] == "Y only, holes filled" and rows["Seams"].startswith("Y fits (")
    press(at, "Repeat it")
    (shown,) = [e for e in at.get("bidi_component") if "_repeat" in e.proto.component_name]
    assert json.loads(shown.proto.json)["pictures"][0]["way"] == "y"
    assert at.query_params["repeated"] in ("true", ["true"])
    press(at, "One alone")
    assert told(at, "view")["alt"] == "grass"


def field(id, name):
    return f"draft picture/{id} {name}"


def told(at, screen):
    """What a screen's script is told."""
    named = {"view": "copied", "recipe": "rows"}[screen]
    found = (json.loads(e.proto.json) for e in at.get("bidi_component"))
    return next(data for data in found if named in data)


def drafts_told(at):
    return [m.value for m in at.markdown if "not saved" in m.value]


def test_a_verdict_with_reasons_note_and_pin(studio, open_page, id):
    at = open_page("Picture", id=id)
    at.pills(key=field(id, "reasons")).set_value(["blurry", "off model"])
    at.text_area(key=field(id, "note")).input("the *hilt*")
    at.number_input(key=field(id, "x")).set_value(25.0)
    at.number_input(key=field(id, "y")).set_value(50.0)
    press(at, "Needs an edit")
    assert not at.exception
    found = gallery_table.get(studio.engine, id)
    assert found.judgement == Judgement("edit", ("blurry", "off model"), "the *hilt*", (0.25, 0.5))
    assert found.judged_by == "ana"
    assert any("Needs an edit" in m.value for m in at.markdown)
    assert told(at, "view")["pin"] == [0.25, 0.5]
    press(at, "Take the verdict back")
    assert gallery_table.get(studio.engine, id).verdict is None


def test_what_somebody_else_said_meanwhile_is_not_overwritten(studio, open_page, id):
    at = open_page("Picture", id=id)
    verdicts.judge(studio.engine, id, Judgement("rejected"), by="bo", now=NOW, turn=0)
    press(at, "Approve")
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
    at.text_area(key="draft reasons text").input("too dark\nblurry")
    press(at, "Save the list")
    assert reasons.read(studio.home) == ("too dark", "blurry") and not drafts_told(at)


def test_what_was_typed_is_a_draft_until_it_is_saved_or_discarded(studio, open_page, id):
    at = open_page("Picture", id=id)
    assert drafts_told(at) == []
    at.text_area(key=field(id, "note")).input("the hilt")
    at.pills(key=field(id, "reasons")).set_value(["blurry"]).run()
    assert len(drafts_told(at)) == 1
    at = open_page("Picture", id=id)  # reloaded, or come back to
    assert at.text_area(key=field(id, "note")).value == "the hilt"
    assert at.pills(key=field(id, "reasons")).value == ["blurry"]
    assert len(drafts_told(at)) == 1
    assert gallery_table.get(studio.engine, id).note == ""
    press(at, "Save without a verdict")
    found = gallery_table.get(studio.engine, id)
    assert found.judgement == Judgement(None, ("blurry",), "the hilt")
    assert drafts_told(at) == []
    at.text_area(key=field(id, "note")).input("no, the grip").run()
    press(at, "Discard draft")
    assert at.text_area(key=field(id, "note")).value == "the hilt" and drafts_told(at) == []
    assert open_page("Picture", id=id).text_area(key=field(id, "note")).value == "the hilt"


def test_a_draft_outlasts_a_refusal_and_follows_what_is_saved(studio, open_page, id):
    at = open_page("Picture", id=id)
    at.text_area(key=field(id, "note")).input("mine").run()
    said = Judgement("edit", ("off style",), "his")
    verdicts.judge(studio.engine, id, said, by="bo", now=NOW, turn=0)
    press(at, "Reject")
    assert "bo changed this picture meanwhile" in at.error[0].value
    assert at.text_area(key=field(id, "note")).value == "mine" and drafts_told(at)
    assert at.pills(key=field(id, "reasons")).value == ["off style"]  # nobody typed there


@pytest.mark.slow
def test_two_tabs_of_one_person_keep_both_what_was_typed_in_them(studio, open_page, id):
    one, two = open_page("Picture", id=id), open_page("Picture", id=id)
    one.text_area(key=field(id, "note")).input("the hilt").run()
    two.pills(key=field(id, "reasons")).set_value(["blurry"]).run()  # knows nothing of the note
    again = open_page("Picture", id=id)
    assert again.text_area(key=field(id, "note")).value == "the hilt"
    assert again.pills(key=field(id, "reasons")).value == ["blurry"]
    two.text_area(key=field(id, "note")).input("the grip").run()
    assert [c.value for c in two.caption if "In another tab until" in c.value and "hilt" in c.value]
    one.run()
    (told,) = [c.value for c in one.caption if "In another tab since" in c.value]
    assert "the grip" in told and "blurry" in told
    assert one.text_area(key=field(id, "note")).value == "the hilt"
    press(two, "Exchange")
    assert two.text_area(key=field(id, "note")).value == "the hilt"
    assert [c.value for c in two.caption if "In another tab until" in c.value and "grip" in c.value]
    press(two, "Forget it")
    assert not [c.value for c in two.caption if "In another tab" in c.value]


def test_saving_in_one_tab_leaves_the_draft_of_the_other(studio, open_page, id):
    one, two = open_page("Picture", id=id), open_page("Picture", id=id)
    two.pills(key=field(id, "reasons")).set_value(["blurry"]).run()
    one.text_area(key=field(id, "note")).input("the hilt").run()
    press(one, "Save without a verdict")
    assert gallery_table.get(studio.engine, id).judgement == Judgement(None, (), "the hilt")
    assert one.pills(key=field(id, "reasons")).value == ["blurry"] and len(drafts_told(one)) == 1
    press(one, "Discard draft")
    assert one.pills(key=field(id, "reasons")).value == [] and drafts_told(one) == []


def test_others_see_no_draft_of_mine(studio, open_page, id, monkeypatch):
    at = open_page("Picture", id=id)
    at.text_area(key=field(id, "note")).input("mine").run()
    monkeypatch.setattr(ui, "person", lambda: "bo")
    at = open_page("Picture", id=id)
    assert at.text_area(key=field(id, "note")).value == "" and not drafts_told(at)


def test_one_goes_on_among_what_the_filter_found(studio, open_page, id):
    new = [
        New("picture", f"generated/{k}.png", style="props" if k else "tiles", version=1, seed=k)
        for k in range(3)
    ]
    for k, one in enumerate(new):
        file = studio.home / "generated" / f"{k}.png"
        Image.new("RGBA", (8, 8)).save(file)
        recipe = {**made_recipe(studio, id), "prompt": f"gem {k}"}
        files = {"picture": (file, read(file))}
        at = NOW + timedelta(minutes=k + 1)
        records.put(studio.engine, [replace(one, files=files, recipe=recipe)], by="bo", now=at)
    order = gallery_table.ids_of(studio.engine, Wanted(style="props"))
    at = open_page("Picture", id=order[0], style="props")
    assert any(m.value == "1 of 3" for m in at.markdown)
    keys = {b.label: b.proto.shortcut for b in at.button if b.label in ("Previous", "Next")}
    assert keys == {"Previous": "left", "Next": "s"}
    assert next(b for b in at.button if b.label == "Previous").disabled
    press(at, "Next")
    assert query(at, "id") == order[1] and query(at, "style") == "props"
    press(at, "Next")
    assert any(m.value == "3 of 3" for m in at.markdown)
    assert next(b for b in at.button if b.label == "Next").disabled
    back = next(link for link in at.get("page_link") if link.proto.label == "Gallery")
    assert back.proto.query_string == "style=props"


def query(at, name):
    found = at.query_params[name]
    return found if isinstance(found, str) else found[0]


def made_recipe(studio, id):
    return records.get(studio.engine, id).recipe


def test_a_pasted_picture_is_a_painted_over_version(studio, open_page, id, monkeypatch):
    from pages.picture import painted_over

    written = io.BytesIO()
    Image.new("RGBA", (48, 48), "blue").save(written, format="PNG")
    at = open_page("Picture", id=id)
    assert told(at, "view")["pasting"] and told(at, "view")["copied"].endswith(f"{id}?factor=1")
    painted_over.keep(id, painted_over._decoded(base64.b64encode(written.getvalue()).decode()))
    with Image.open(studio.home / gallery_table.get(studio.engine, id).painted) as painted:
        assert painted.size == (48, 48)
    with pytest.raises(StudioError, match="clipboard"):
        painted_over._decoded("no base64!")


def test_how_it_was_made_can_be_copied(studio, open_page, id):
    rows = {row["name"]: row for row in told(open_page("Picture", id=id), "recipe")["rows"]}
    assert rows["Prompt"] == {
        "name": "Prompt",
        "value": "a <script>red</script> potion",
        "copied": True,
    }
    assert rows["Seed"]["copied"] and not rows["Size"]["copied"]


def test_the_boards_that_it_is_on(studio, open_page, id):
    board = boards.create(studio.engine, "Forest", by="ana", now=NOW)
    boards.put_on(studio.engine, board.id, [id], by="ana", now=NOW)
    at = open_page("Picture", id=id)
    link = next(one for one in at.get("page_link") if one.proto.label == "Forest")
    assert link.proto.query_string == f"board={board.id}"


def test_no_picture_or_none_any_more(studio, open_page):
    assert "No picture is chosen" in open_page("Picture").info[0].value
    assert "no picture" in open_page("Picture", id="../../etc").error[0].value


def test_what_people_wrote_is_never_markup(studio, open_page, id):
    at = open_page("Picture", id=id)
    parts = [*at.markdown, *at.caption]
    assert not any("<script>" in element.value for element in parts)


def test_what_it_was_made_from_and_what_was_made_from_it(studio, open_page, id):
    sheet = New("sheet", "sheets/one", parents=(id,), name="run_cycle")
    made = Made("props", 4, "pocket", "", "", "a gem", "a gem", "", 77, 9, 2.5, 0.7)
    file = picture_files.keep(studio.home / "generated", "q", Image.new("RGBA", (8, 8)), made)
    (other,) = gallery_table.record(
        studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW
    )
    again = New("picture", "generated/r.png", parents=(id, other), style="props", version=5, seed=1)
    made_sheet, _ = records.put(studio.engine, [sheet, again], by="bo", now=NOW)
    at = open_page("Picture", id=id)
    assert [c.value for c in at.caption if c.value.startswith("Made")] == ["Made from this"]
    links = [link.proto.label.replace("\\", "") for link in at.get("page_link")]
    assert "sheet run_cycle" in links
    assert "props version 5, seed 1" in links and "props version 4, seed 77" not in links
    at = open_page("Picture", id=made_sheet)  # what is no picture is shown, too
    assert at.header[0].value.replace("\\", "") == "Sheet run_cycle"
    links = [link.proto.label.replace("\\", "") for link in at.get("page_link")]
    assert "props version 1, seed 3" in links
