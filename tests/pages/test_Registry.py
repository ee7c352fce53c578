"""Registry: moves with reasons as the ledger has them, refused where somebody was first."""

import json
import re
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.database import engine as db
from studio.evaluation import contact_sheet
from studio.registry import models, stages
from studio.workflows import release
from tests.furnished import bare_files

NOW = datetime.now(UTC)


@pytest.fixture
def style(studio, tmp_path):
    studio.client.create_registered_model("props")
    for number in (1, 2, 3):
        tags = {
            "base": "/pocket",
            "base_name": "pocket",
            "base_licence": "CC0-1.0",
            "trigger_word": "<Props>",
            "stage": "candidate",
            "dataset": "sample",
            "dataset_digest": "0123456789abcdef",
            "against": "sample-held-out@00",
            "metric.pictures": "48",
            "metric.real_pictures": "12",
            "metric.kid_pocket_clip_v2": f"0.0{number}",
            "metric.kid_pocket_clip_v2_low": "0.005",
            "metric.kid_pocket_clip_v2_high": "0.09",
            "metric.base_kid_pocket_clip_v2": "0.5",
        }
        studio.client.create_model_version("props", bare_files(tmp_path), tags=tags)


def put(studio, number, to="production", why="better", actor="bo"):
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=number,
        to=to,
        actor=actor,
        why=why,
        now=NOW,
    )
    with db.writing(studio.engine) as connection:
        db.bump(connection)


def think(at, way):
    """Open the dialog of a move."""
    at.button(key=f"open-{way}").click().run()
    assert not at.exception
    return at


def fill(at, way, number, why, **more):
    """Write into the dialog of a move, and send it."""
    if not any(b.key == f"do-{way}" for b in at.button):
        think(at, way)
    for name, text in {"why": why, **more}.items():
        at.text_area(key=f"draft move/props/{number}/{way} {name}").input(text)
    at.button(key=f"do-{way}").click().run()
    assert not at.exception
    return at


def listed(at) -> dict:
    """What the table of versions is sent."""
    (screen,) = [
        e for e in at.get("bidi_component") if "housestyle_versions" in e.proto.component_name
    ]
    return json.loads(screen.proto.json)


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.error, *at.warning]
    return " ".join(e.value for e in kinds)


def test_a_version_goes_into_production_with_a_reason(studio, style, open_page):
    at = open_page("Registry", style="props", version="2")
    assert "Nothing is in production" in said(at)
    fill(at, "production", 2, "the <b>hilts</b> are right")
    (row,) = stages.history(studio.engine, "props")
    assert (row.actor, row.version, row.to_stage, row.reason, row.state) == (
        "ana",
        2,
        "production",
        "the <b>hilts</b> are right",
        "done",
    )
    assert models.aliases(studio.client, "props") == {"production": 2}
    assert "**Version 2 is in production**" in said(at)
    assert "\\<b\\>hilts" in said(at) and "<b>hilts" not in said(at)
    assert "Version 2 is in production now" in at.success[0].value
    assert [r["place"] for r in listed(at)["rows"]] == ["candidate", "in production", "candidate"]
    assert "do-production" not in {b.key for b in at.button}  # the dialog is closed


def test_a_move_without_a_reason_is_refused(studio, style, open_page):
    at = fill(open_page("Registry", style="props", version="2"), "archived", 2, "  ")
    assert "needs a reason" in at.error[0].value
    assert "do-archived" in {b.key for b in at.button}  # the dialog stays
    assert stages.history(studio.engine, "props") == []


def test_whoever_was_first_is_not_overwritten(studio, style, open_page):
    put(studio, 1)
    at = think(open_page("Registry", style="props", version="2"), "production")
    put(studio, 3, why="bo was quicker")
    fill(at, "production", 2, "mine")
    assert "is version 3 by now, not version 1" in at.error[0].value
    assert "Production was changed meanwhile: version 3" in said(at)
    assert stages.production(studio.engine, "props") == 3
    at = think(open_page("Registry", style="props", version="2"), "archived")
    put(studio, 2, "staging")
    fill(at, "archived", 2, "mine")
    assert "is in staging by now, not in candidate" in at.error[0].value


def test_sent_twice_is_written_once(studio, style, open_page):
    put(studio, 1)
    at, other = (
        think(open_page("Registry", style="props", version="2"), "production") for _ in range(2)
    )
    fill(at, "production", 2, "why")
    fill(other, "production", 2, "why")
    assert not other.error
    assert [r.version for r in stages.history(studio.engine, "props")] == [1, 2]


@pytest.mark.slow
def test_back_to_the_version_before(studio, style, open_page):
    put(studio, 1)
    put(studio, 2)
    at, other = (think(open_page("Registry", style="props"), "back") for _ in range(2))
    assert "Version 2 is archived" in said(at)
    fill(at, "back", 1, "wrong blue")
    assert stages.production(studio.engine, "props") == 1
    assert models.aliases(studio.client, "props") == {"production": 1}
    fill(other, "back", 1, "no, too dark")
    assert "is version 1 by now, not version 2" in other.error[0].value
    at = open_page("Registry", style="props", show="History")
    assert "**ana went back to version 1 from version 2**" in said(at)
    assert "wrong blue" in said(at) and "UTC" not in said(at)


def test_a_version_shows_what_speaks_for_it(studio, style, open_page):
    pictures = [Image.new("RGBA", (8, 8), colour) for colour in ("red", "blue")]
    folder = contact_sheet.folder_of(studio.home, "props", 2)
    contact_sheet.write_sheet(
        folder, "props", 2, "p", [("a <i>gem</i>", 11)], pictures[:1], pictures[1:]
    )
    at = open_page("Registry", style="props", version="2")
    assert any("<code>&lt;Props&gt;</code>" in block.proto.body for block in at.get("html"))
    assert "licence CC0" in said(at) and "KID" in said(at)
    drawn = " ".join(h.proto.body for h in at.get("html"))
    assert "/picture/sheet/props/2/base-000.png" in drawn
    assert "/picture/sheet/props/2/version-000.png" in drawn
    assert "a &lt;i&gt;gem&lt;/i&gt; · seed 11" in drawn
    assert at.query_params["style"] in (["props"], "props")
    assert at.query_params["version"] in (["2"], "2")
    at.session_state["version-props"] = 3  # as a click on its row does
    at.run()
    assert at.query_params["version"] in (["3"], "3") and not at.exception
    assert listed(at)["current"] == 3 and "Version 3" in [s.value for s in at.subheader]


def test_the_table_has_a_page_of_versions_by_stage_and_in_order(studio, style, tmp_path, open_page):
    for _ in range(9):
        studio.client.create_model_version("props", bare_files(tmp_path))
    put(studio, 2)
    at = open_page("Registry", style="props")
    # The page of the version that is looked at: production, where no address says another.
    assert [row["number"] for row in listed(at)["rows"]] == [4, 3, 2, 1]
    assert listed(at)["current"] == 2
    at.selectbox(key="stage").select("Candidates").run()
    assert [row["number"] for row in listed(at)["rows"]][0] == 12
    at.selectbox(key="order").select("Lowest KID").run()
    rows = listed(at)["rows"]
    told = [(row["number"], row["kid"]) for row in rows]
    assert told[:3] == [(1, "0.0100"), (3, "0.0300"), (12, "")] and len(told) == 8
    assert rows[0]["href"] == "/Registry?style=props&version=1"


def test_a_version_stands_beside_production_with_its_best_pictures(studio, style, open_page):
    red, blue = (Image.new("RGBA", (8, 8), colour) for colour in ("red", "blue"))
    asked = [("a gem", 11), ("a gem", 12), ("a ring", 11)]
    for number in (1, 2):
        folder = contact_sheet.folder_of(studio.home, "props", number)
        contact_sheet.write_sheet(folder, "props", number, "p", asked, [red] * 3, [blue] * 3)
    put(studio, 1)
    at = open_page("Registry", style="props", version="2")
    assert "Above: version 2, candidate. Below: version 1, in production" in said(at)
    bodies = [h.proto.body for h in at.get("html")]
    (pairs,) = [body for body in bodies if 'class="hs-pair"' in body]
    files = re.findall(r"/picture/sheet/props/(\d)/version-(\d{3})", pairs)
    # One of each prompt, then the others.
    assert [f for f in files if f[0] == "2"] == [("2", "000"), ("2", "002"), ("2", "001")]
    assert len(files) == 6
    (line,) = [body for body in bodies if 'class="hs-facts"' in body]
    assert "0.0200" in line and "↓ lower is better" in line and "Version 1: 0.0100" in line
    assert "the intervals overlap" in line and "no closed ballot" in line
    hrefs = [e.proto.url for e in at.get("link_button")]
    assert any(href.endswith("#/models/props/versions/2") for href in hrefs)


def test_the_dialog_of_a_move_keeps_what_was_typed_and_shows_the_gates(studio, style, open_page):
    put(studio, 1)
    kid = "metrics: {kid: {at_most: 0.015}}"
    release.save_gates(studio, "props", kid, after="", by="ana", now=NOW)
    at = think(open_page("Registry", style="props", version="2"), "production")
    assert "Everybody draws with version 2 from then on" in said(at)
    assert ":red[✗ missed] **kid**" in said(at)
    fill(at, "production", 2, "the hands", override="")
    assert "does not pass 1" in at.error[0].value
    at = think(open_page("Registry", style="props", version="2"), "production")
    why = at.text_area(key="draft move/props/2/production why")
    assert why.value == "the hands"  # also in another session
    fill(at, "production", 2, "the hands", override="the demo")
    assert stages.production(studio.engine, "props") == 2
    at = open_page("Registry", style="props", show="History")
    assert "**Overridden** kid: the demo" in said(at)


def test_the_first_in_production_says_what_there_is_instead_of_a_way_back(studio, style, open_page):
    put(studio, 1)
    at = open_page("Registry", style="props")
    assert "there is none to go back to" in said(at)
    assert "open-back" not in {b.key for b in at.button}
    assert "Take out of production" in at.button(key="open-archived").label
    fill(at, "archived", 1, "nobody shall draw with it")
    assert stages.production(studio.engine, "props") is None
    assert "Nothing is in production" in said(at)


def test_no_style_or_one_that_is_gone(studio, open_page, tmp_path):
    assert "no style yet" in said(open_page("Registry"))
    studio.client.create_registered_model("props")
    studio.client.create_model_version("props", bare_files(tmp_path))
    with db.writing(studio.engine) as connection:
        db.bump(connection)
    at = open_page("Registry", style="gone")
    assert "no style gone any more" in at.warning[0].value
    assert at.selectbox(key="style").value == "props"
    at = open_page("Registry", version="7")
    assert "no version 7 of this style any more" in at.warning[0].value


def test_a_label_that_changes_while_it_is_shown_is_sent_to_the_browser(studio, style, open_page):
    put(studio, 1)
    at = open_page("Generate", style="props")
    assert at.selectbox(key="version of props").proto.options[-1] == "1 · in production"
    put(studio, 2)
    at.run()
    told = at.selectbox(key="version of props").proto
    assert told.options[-2:] == ["2 · in production", "1 · archived"]
    assert told.set_value and told.raw_value == "1 · archived"
