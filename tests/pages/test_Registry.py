"""Registry: moves with reasons as the ledger has them, refused where somebody was first."""

from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.database import engine as db
from studio.evaluation import contact_sheet
from studio.registry import models, stages
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


def fill(at, name, why):
    """Write the reason of a form and send it."""
    next(t for t in at.text_area if t.key.startswith(f"why-{name}-")).input(why)
    at.button(key=f"do-{name}").click().run()
    assert not at.exception
    return at


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.error]
    return " ".join(e.value for e in kinds)


def test_a_version_goes_into_production_with_a_reason(studio, style, open_page):
    at = open_page("Registry", style="props", version="2")
    assert "Nothing is in production" in said(at)
    fill(at, "production", "the <b>hilts</b> are right")
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


def test_a_move_without_a_reason_is_refused(studio, style, open_page):
    at = fill(open_page("Registry", style="props", version="2"), "archived", "  ")
    assert "needs a reason" in at.error[0].value
    assert stages.history(studio.engine, "props") == []


def test_whoever_was_first_is_not_overwritten(studio, style, open_page):
    put(studio, 1)
    at = open_page("Registry", style="props", version="2")
    put(studio, 3, why="bo was quicker")
    fill(at, "production", "mine")
    assert "is version 3 by now, not version 1" in at.error[0].value
    assert stages.production(studio.engine, "props") == 3
    at = open_page("Registry", style="props", version="2")
    put(studio, 2, "staging")
    fill(at, "archived", "mine")
    assert "is in staging by now, not in candidate" in at.error[0].value


def test_sent_twice_is_written_once(studio, style, open_page):
    put(studio, 1)
    at, other = (open_page("Registry", style="props", version="2") for _ in range(2))
    fill(at, "production", "why")
    fill(other, "production", "why")
    assert not other.error
    assert [r.version for r in stages.history(studio.engine, "props")] == [1, 2]


def test_back_to_the_version_before(studio, style, open_page):
    put(studio, 1)
    put(studio, 2)
    at, other = (open_page("Registry", style="props") for _ in range(2))
    assert "Version 2 is archived" in said(at)
    fill(at, "back", "wrong blue")
    assert stages.production(studio.engine, "props") == 1
    assert models.aliases(studio.client, "props") == {"production": 1}
    fill(other, "back", "no, too dark")
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
    assert at.query_params["version"] == ["2"] or at.query_params["version"] == "2"
    at.selectbox(key="number").select(3).run()
    assert at.query_params["version"] in (["3"], "3") and not at.exception
    at = open_page("Registry", style="props", show="All versions")
    assert list(at.dataframe[0].value["Version"]) == [3, 2, 1]
    assert list(at.dataframe[0].value["KID (style distance)"]) == [0.03, 0.02, 0.01]


def test_no_style_or_one_that_is_gone(studio, open_page, tmp_path):
    assert "no style yet" in said(open_page("Registry"))
    studio.client.create_registered_model("props")
    studio.client.create_model_version("props", bare_files(tmp_path))
    with db.writing(studio.engine) as connection:
        db.bump(connection)
    at = open_page("Registry", style="gone")
    assert "no style 'gone' any more" in at.error[0].value.replace("\\", "")
    assert at.selectbox(key="style").value == "props"
