"""What people say of a picture: stored once, never over another's head; painted over; reasons."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.database import engine as db
from studio.database import ledger
from studio.database.engine import home_of
from studio.errors import StudioError
from studio.generation import gallery_table, painted_over, picture_files, reasons
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MADE = Made("props", 1, "pocket", "r", "d", "a gem", "<S> a gem", "", 3, 20, 4.0, 1.0)
EDIT = Judgement("edit", ("wrong colours", "blurry"), "the <b>hilt</b>", (0.25, 0.75))


@pytest.fixture
def engine(tmp_path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def id(engine, tmp_path) -> str:
    file = picture_files.keep(tmp_path / "generated", "one", Image.new("RGBA", (32, 32)), MADE)
    return gallery_table.record(engine, tmp_path, [Kept(file, MADE)], by="ana", now=NOW)[0]


def judge(engine, id, said, turn, by="ana"):
    return verdicts.judge(engine, id, said, by=by, now=NOW, turn=turn)


def test_a_verdict_is_stored_with_reasons_note_and_pin(engine, id):
    judge(engine, id, EDIT, 0)
    found = gallery_table.get(engine, id)
    assert (found.verdict, found.reasons, found.note) == (
        "edit",
        ["wrong colours", "blurry"],
        "the <b>hilt</b>",
    )
    assert (found.pin_x, found.pin_y) == (0.25, 0.75)
    assert (found.judged_by, found.judged_at[:10], found.turn) == ("ana", "2026-05-01", 1)
    assert found.judgement == EDIT


def test_sent_twice_is_stored_once_and_nobody_overwrites_the_unseen(engine, id):
    judge(engine, id, EDIT, 0)
    before = db.revision(engine)
    assert judge(engine, id, EDIT, 0).turn == 1 and db.revision(engine) == before
    with pytest.raises(StudioError, match="ana changed this picture meanwhile.*Needs an edit"):
        judge(engine, id, Judgement("approved"), 0, by="bo")
    assert gallery_table.get(engine, id).judged_by == "ana"
    judge(engine, id, Judgement("approved"), 1, by="bo")
    undone = judge(engine, id, EDIT, 2, by="bo")  # undo: what stood before, as a change of its own
    assert undone.said == EDIT and undone.turn == 3
    assert judge(engine, id, Judgement(None), 3).said.verdict is None


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (Judgement("fine"), "fine"),
        (Judgement("edit", note="x" * 2001), "2,001 characters"),
        (Judgement("edit", ("x" * 61,)), "too long"),
        (Judgement("edit", pin=(0.5, 1.2)), "outside"),
        (Judgement("edit", pin=(float("nan"), 0.2)), "outside"),
    ],
)
def test_what_cannot_be_said(engine, id, said, named):
    with pytest.raises(StudioError, match=named):
        judge(engine, id, said, 0)
    assert gallery_table.get(engine, id).turn == 0


def png(colour, size=(64, 48)) -> bytes:
    written = io.BytesIO()
    Image.new("RGBA", size, colour).save(written, format="PNG")
    return written.getvalue()


def test_a_painted_over_version_stands_beside_the_picture(engine, id, tmp_path):
    def paint(data):
        return painted_over.paint_over(engine, tmp_path, id, data, by="cy", now=NOW)

    first = paint(png("red"))
    assert (first.painted_by, first.turn, first.verdict) == ("cy", 1, None)
    with Image.open(tmp_path / first.painted) as kept:
        assert (kept.mode, kept.size, kept.getpixel((0, 0))) == ("RGBA", (64, 48), (255, 0, 0, 255))
    assert paint(png("red")).turn == 1
    second = paint(png("blue"))
    assert second.painted != first.painted and (tmp_path / first.painted).is_file()
    with pytest.raises(StudioError, match="painted-over picture.*not a picture"):
        paint(b"<script>")
    with pytest.raises(StudioError, match="meanwhile"):
        painted_over.take_off(engine, id, turn=1)
    assert painted_over.take_off(engine, id, turn=2).painted is None
    with pytest.raises(StudioError, match="no picture"):
        painted_over.paint_over(engine, tmp_path, "../../x", png("red"), by="cy", now=NOW)


def test_reasons_are_a_list_that_people_edit(engine):
    home = home_of(engine)

    def write(new, before):
        return reasons.write(engine, new, before, by="ana", now=NOW)

    usual = reasons.read(home)
    assert "off model" in usual and len(usual) == 6
    mine = write([*usual, " too   dark ", "", "blurry"], usual)
    assert mine == (*usual, "too dark") == reasons.read(home)
    with pytest.raises(StudioError, match="meanwhile.*too dark"):
        write(["blurry"], usual)
    assert write(["blurry"], mine) == ("blurry",)
    first, second = ledger.rows(engine)
    assert (first.actor, first.action, first.reason) == ("ana", "change reasons", "added too dark")
    assert second.reason.startswith("took out wrong colours, off style")
    with pytest.raises(StudioError, match="0 reasons"):
        write([" "], ("blurry",))
    for text in ("reasons: [", "reasons: 3", "reasons: [[1]]", "- a"):
        (home / "reasons.yaml").write_text(text)
        with pytest.raises(StudioError, match="reasons.yaml"):
            reasons.read(home)
    (home / "reasons.yaml").write_text("reasons: [no, 2 left hands, 3]")
    assert reasons.read(home) == ("no", "2 left hands", "3")  # words, whatever else they are
