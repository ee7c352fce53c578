"""A withdrawn picture stays in the record and comes into nothing new."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.database import ledger
from studio.datasets import additions, drafts, drawn_limit, edits, exports, versions, withdrawals
from studio.datasets.edits import Bulk, Change
from studio.datasets.folder_import import import_folder
from studio.datasets.freeze import change
from studio.datasets.manifests import digest
from studio.datasets.pictures import Picture
from studio.errors import StudioError

WHY = {"ground": "consent was taken back", "why": "Kim asked us to"}


@pytest.fixture
def engine(tmp_path: Path):
    made = db.open_database(tmp_path / "home")
    yield made
    made.dispose()


def withdraw(engine, now, *pictures: Picture, **said: str) -> int:
    return withdrawals.withdraw(engine, pictures, **{**WHY, **said}, by="ana", now=now)


def test_a_withdrawn_picture_leaves_the_working_set_and_no_version_forgets_it(
    tmp_path, items, engine, sprite, now
):
    home, red = tmp_path / "home", next(p for p in items.pictures if "red" in p.file_name)
    assert withdraw(engine, now, red, asked_by="Kim") == 1
    assert withdraw(engine, now, red) == 0  # sent twice
    (said,) = withdrawals.listing(home)
    assert (said.file_name, said.by, said.asked_by) == ("potion/red.png", "ana", "Kim")
    rows = edits.applied(items.pictures, (), withdrawals.by(home))
    assert [r.picture.file_name for r in rows if r.removed and r.withdrawn] == ["potion/red.png"]
    assert edits.changes(rows, Bulk("bring back")) == []

    drafts.write(engine, "items", [Change(red.hash, "removed", False)], says="x", by="bo", now=now)
    made = drafts.freeze(engine, home, "items", says="", by="bo", now=now)
    assert red.hash not in {p.hash for p in made.pictures} and len(made.pictures) == 3
    assert made.says == "1 picture removed"
    assert versions.load(home, "items", items.digest).pictures == items.pictures
    with pytest.raises(StudioError, match="1 withdrawn picture: potion/red.png"):
        withdrawals.check_usable(home, items)
    withdrawals.check_usable(home, made)

    again = import_folder(home, "items", tmp_path / "art", now=now, actor="bo")
    assert again.version.digest == made.digest
    assert "ana withdrew it on 2025-01-02: Kim asked us to" in again.refused[-1].reason
    with pytest.raises(StudioError, match="Nothing can be added"):
        additions.add_pictures(
            home,
            "other",
            [additions.NewPicture(versions.picture_path(home, red.hash).read_bytes(), "r.png", "")],
            now=now,
            actor="bo",
        )
    back = change(home, "items", lambda _: (items.look, items.pictures), now=now, actor="bo")
    assert back.digest == made.digest  # going back does not bring it back

    assert withdrawals.take_back(engine, red.hash, why="Kim agrees again", by="ana", now=now)
    assert not withdrawals.take_back(engine, red.hash, why="Kim agrees again", by="ana", now=now)
    withdrawals.check_usable(home, items)
    assert withdrawals.listing(home)[0].back_why == "Kim agrees again"
    assert [r.action for r in ledger.rows(engine)][-2:] == ["freeze", "take a withdrawal back"]


def test_what_was_varied_from_it_goes_too(tmp_path, items, engine, now):
    red = items.pictures[0]
    child = replace(items.pictures[1], hash="f" * 64, origin="augmented", parent=red.hash)
    withdraw(engine, now, red)
    assert withdrawals.among(tmp_path / "home", [*items.pictures, child]) == (red, child)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"ground": "mood"}, "is no ground"),
        ({"why": " "}, "needs a reason"),
        ({"why": "x" * 501}, "too long"),
    ],
)
def test_a_withdrawal_says_why(tmp_path, items, engine, now, said, message):
    with pytest.raises(StudioError, match=message):
        withdraw(engine, now, items.pictures[0], **said)
    assert withdrawals.active(tmp_path / "home") == {}


def test_a_damaged_record_stops_freezing(tmp_path, items, engine, now):
    withdraw(engine, now, items.pictures[0])
    (tmp_path / "home" / "datasets" / "withdrawn.json").write_text("{")
    with pytest.raises(StudioError, match="can't be read"):
        drafts.freeze(engine, tmp_path / "home", "items", says="", by="bo", now=now)


def test_all_withdrawn_leaves_nothing_to_freeze(tmp_path, items, engine, now):
    withdraw(engine, now, *items.pictures)
    with pytest.raises(StudioError, match="Every picture of it was withdrawn"):
        import_folder(tmp_path / "home", "items", tmp_path / "art", now=now, actor="bo")


def test_consent_is_written_for_many_and_frozen(tmp_path, items, engine, now):
    home = tmp_path / "home"
    asked = Bulk("consent", consent=("Kim", "2026-03-31", "", "mail of 31 March"))
    rows = edits.applied(items.pictures, ())
    changes = edits.changes(rows, asked)
    assert len(changes) == 12
    drafts.write(engine, "items", changes, says="consent", by="bo", now=now)
    made = drafts.freeze(engine, home, "items", says="", by="bo", now=now)
    assert made.says == "4 consents changed"
    assert {p.consent_by for p in versions.load(home, "items").pictures} == {"Kim"}
    assert made.pictures[0].consent_for == ""  # what was not said stays
    for wrong, what in (
        (("", "", "", ""), "Nothing is said"),
        (("", "31.3.", "", ""), "is no day"),
    ):
        with pytest.raises(StudioError, match=what):
            edits.changes(rows, Bulk("consent", consent=wrong))


def test_older_manifests_keep_their_digest(items):
    assert digest(items.look, items.pictures) == items.digest
    stored = (
        items.pictures[0],
        replace(items.pictures[0], origin="generated", tags=("generated",)),
    )
    assert all("origin" not in manifests_stored(p) for p in stored)
    assert manifests_stored(replace(stored[0], origin="augmented"))["origin"] == "augmented"


def manifests_stored(picture: Picture) -> dict:
    from studio.datasets.manifests import stored

    return stored(picture)


def test_drawn_pictures_keep_below_their_share(tmp_path, items, engine, now):
    home = tmp_path / "home"
    drawn = [
        replace(items.pictures[0], hash=f"{n:064x}", file_name=f"d{n}.png", origin="generated")
        for n in range(3)
    ]
    assert drawn_limit.room(items.pictures, 0.3) == 1 and drawn_limit.room(drawn, 0.3) == -3
    drawn_limit.check(home, "items", [*items.pictures, drawn[0]], items.pictures)
    with pytest.raises(StudioError, match="3 of 7 pictures of items .* 43%, at most 30%"):
        drawn_limit.check(home, "items", [*items.pictures, *drawn], items.pictures)
    drawn_limit.check(home, "items", [*items.pictures, *drawn], [*items.pictures, *drawn])
    drawn_limit.set_limit(engine, "items", 0.5, seen=0.3, by="ana", now=now)
    with pytest.raises(StudioError, match="50% drawn pictures may be in items by now"):
        drawn_limit.set_limit(engine, "items", 0.2, seen=0.3, by="bo", now=now)
    assert drawn_limit.limit(home, "items") == 0.5
    drawn_limit.check(home, "items", [*items.pictures, *drawn], items.pictures)
    with pytest.raises(StudioError, match="A share of 2"):
        drawn_limit.set_limit(engine, "items", 2, seen=0.5, by="ana", now=now)


def test_consent_and_origin_come_back_from_an_export(tmp_path, items, engine, now):
    home = tmp_path / "home"
    drawn_limit.set_limit(engine, "items", 1, seen=0.3, by="ana", now=now)
    said = {"consent_by": "Kim", "consent_on": "2026-03-31", "origin": "painted"}
    change(
        home,
        "items",
        lambda v: (v.look, [replace(p, **said) for p in v.pictures]),
        now=now,
        actor="ana",
    )
    exported = tmp_path / "exported"
    exported.mkdir()
    (exported / "all.zip").write_bytes(b"".join(exports.zipped(home, versions.load(home, "items"))))
    with zipfile.ZipFile(exported / "all.zip") as packed:
        packed.extractall(exported)
    with pytest.raises(StudioError, match="4 of 4 pictures of again would be drawn"):
        import_folder(home, "again", exported, now=now, actor="ana")
    lines = (exported / "metadata.jsonl").read_text()
    assert lines.count('"origin": "painted"') == 4 == lines.count('"consent_by": "Kim"')
    (exported / "metadata.jsonl").write_text(lines.replace("2026-03-31", "31 March"))
    with pytest.raises(StudioError, match="'consent_on' is '31 March'"):
        import_folder(home, "again", exported, now=now, actor="ana")
