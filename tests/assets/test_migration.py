"""Pictures of an older studio become assets: same ids, order, verdicts and files, or nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from studio.assets import contents, family, files, verdicts
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement
from studio.database import engine as db
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, start_pictures
from studio.generation.picture_files import Made

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BEFORE = "0013"


def row(number: int, **changes) -> dict[str, object]:
    """A row of the table `pictures`, as the studio before wrote it."""
    return {
        "number": number,
        "id": f"{number:016x}",
        "style": "props",
        "version": 1,
        "base": "pocket",
        "prompt": f"a RED potion, Größe {number}",
        "full_prompt": "<S> a potion",
        "negative": "",
        "seed": 2**53,
        "steps": 20,
        "guidance": 4.5,
        "strength": 1.0,
        "adapters": [],
        "start": "",
        "change": 0.0,
        "file": f"generated/props/{number}.png",
        "width": 32,
        "height": 24,
        "by": "ana",
        "at": stamp(NOW + timedelta(seconds=number)),
        "job": None,
        "asset": "",
        "variant": 1,
        "verdict": None,
        "reasons": [],
        "note": "",
        "pin_x": None,
        "pin_y": None,
        "painted": None,
        "painted_by": None,
        "judged_by": None,
        "judged_at": None,
        "turn": 0,
        **changes,
    }


JUDGED = {
    "verdict": "edit",
    "reasons": ["blurry"],
    "note": "the *hilt*",
    "pin_x": 0.25,
    "pin_y": 0.5,
    "judged_by": "bo",
    "judged_at": stamp(NOW),
    "turn": 3,
}
OVER = {"painted": "painted/over.png", "painted_by": "cy", "turn": 1}
MIXED = {"adapters": [{"style": "tiles", "version": 2, "strength": 0.5}]}
OLD = [
    row(1, **JUDGED),
    row(2, **OVER),
    row(5, **MIXED, job=4, asset="Crown_gem", variant=2),
    row(6, verdict="approved", judged_by="bo", judged_at=stamp(NOW), turn=1, version=3),
]


@pytest.fixture
def old(tmp_path, either_database):
    """The database of a studio of before, with these pictures; the last that was drawn is gone."""
    engine = db.open_database(tmp_path)
    with engine.begin() as connection:
        db.unmigrate(connection, BEFORE)
        pictures = table(connection)
        connection.execute(pictures.insert(), [*OLD, row(9)])
    yield engine
    engine.dispose()


def table(connection) -> sa.Table:
    return sa.Table("pictures", sa.MetaData(), autoload_with=connection)


def migrate(engine) -> None:
    with db.writing(engine) as connection:
        db.migrate(connection)


def test_every_picture_is_what_it_was(old):
    migrate(old)
    assert not sa.inspect(old).has_table("pictures")
    found = {one.number: one for one in gallery_table.all_of(old, Wanted())}
    assert list(found) == [1, 2, 5, 6, 9]
    for was in OLD:
        now = vars(found[was["number"]])
        assert {**now, "asset": now["name"]}.items() >= was.items()
    assert gallery_table.get(old, f"{1:016x}").judgement == Judgement(
        "edit", ("blurry",), "the *hilt*", (0.25, 0.5)
    )
    newest = [one.number for one in gallery_table.search(old, Wanted()).found]
    assert newest == [9, 6, 5, 2, 1]
    assert gallery_table.ids_of(old, Wanted(text="größe red crown")) == [f"{5:016x}"]
    assert gallery_table.tally(old, Wanted()) == {"open": 3, "edit": 1, "approved": 1}
    with pytest.raises(StudioError, match="bo changed this picture meanwhile"):
        verdicts.judge(old, f"{1:016x}", Judgement("approved"), by="di", now=NOW, turn=2)
    with pytest.raises(StudioError, match="cy changed this picture meanwhile"):
        verdicts.judge(old, f"{2:016x}", Judgement("approved"), by="di", now=NOW, turn=0)
    after = verdicts.judge(old, f"{2:016x}", Judgement("approved"), by="di", now=NOW, turn=1)
    assert after.turn == 2


def test_no_number_is_given_twice(old, tmp_path):
    migrate(old)
    made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", 3, 20, 4.0, 1.0)
    file = picture_files.keep(tmp_path / "generated", "new", Image.new("RGBA", (8, 8)), made)
    kept = [gallery_table.Kept(file, made)]
    (id,) = gallery_table.record(old, tmp_path, kept, by="ana", now=NOW)
    assert gallery_table.get(old, id).number == 10


def test_cut_off_halfway_nothing_has_changed(old, monkeypatch):
    def cut(*words: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("alembic.op.drop_table", cut)
    with pytest.raises(KeyboardInterrupt):
        migrate(old)
    monkeypatch.undo()
    with old.connect() as connection:
        assert db.schema(connection) == BEFORE
        query = sa.select(table(connection)).order_by("number").limit(len(OLD))
        assert [dict(one._mapping) for one in connection.execute(query)] == OLD
    assert not sa.inspect(old).has_table("assets")
    migrate(old)
    assert gallery_table.count(old, Wanted()) == 5


def test_it_goes_back_and_forth_without_loss(old):
    migrate(old)
    with old.begin() as connection:
        db.unmigrate(connection, BEFORE)
        query = sa.select(table(connection)).order_by("number").limit(len(OLD))
        again = [dict(one._mapping) for one in connection.execute(query)]
    assert json.dumps(again) == json.dumps(OLD)
    migrate(old)
    assert gallery_table.count(old, Wanted()) == 5


def test_files_are_read_later_and_starts_become_parents(old, tmp_path):
    drawn = Image.new("RGBA", (32, 24), "red")
    begun = row(11, start=start_pictures.keep_picture(tmp_path, drawn), change=0.5)
    with old.begin() as connection:
        connection.execute(table(connection).insert(), [begun])
    migrate(old)
    for number, colour in ((1, "red"), (2, "blue"), (11, "lime")):
        file = tmp_path / f"generated/props/{number}.png"
        picture_files.write_png(file, Image.new("RGBA", (32, 24), colour))
    picture_files.write_png(tmp_path / "painted/over.png", Image.new("RGBA", (64, 48)))
    (tmp_path / "generated/props/5.png").write_bytes(b"torn")
    assert contents.unknown(old) == 7
    assert gallery_table.read_files(old, tmp_path, most=2) >= 2  # a part, as in each round
    gallery_table.read_files(old, tmp_path)
    assert contents.unknown(old) == 3  # two are gone, one is torn
    painted, picture = files.of(old, f"{2:016x}")
    assert (painted.role, painted.by, picture.role) == ("painted", "cy", "picture")
    assert (painted.content.width, picture.content.width) == (64, 32)
    assert [one.number for one in family.parents(old, f"{11:016x}")] == [1]
    assert [one.number for one in family.children(old, f"{1:016x}")] == [11]
    assert gallery_table.read_files(old, tmp_path) == 0
