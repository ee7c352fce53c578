"""A draft is shared, survives, can be taken back step by step, and becomes a version."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from studio.database import engine as db
from studio.database import ledger
from studio.datasets import drafts, edits, versions
from studio.datasets.edits import Change
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from tests.hand_captions import write_caption


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    engine = db.open_database(home)
    yield engine
    engine.dispose()


def put(engine: Engine, now: datetime, hash: str, value: object, **given: object) -> drafts.Written:
    field = given.pop("field", "caption")
    asked = {"says": "a caption", "by": "ana", "now": now, **given}
    return drafts.write(engine, "items", [Change(hash, field, value)], **asked)  # type: ignore[arg-type]


def captions(engine: Engine, version: DatasetVersion) -> list[str]:
    rows = edits.applied(version.pictures, drafts.read(engine, version.name))
    return [row.picture.caption for row in rows if not row.removed]


def test_edits_become_a_version_and_the_draft_is_empty(
    engine: Engine, home: Path, items: DatasetVersion, now: datetime
) -> None:
    blue, green, red, sword = (p.hash for p in items.pictures)
    put(engine, now, red, "a crimson potion")
    put(engine, now, red, "rare", field="category", by="bo")
    put(engine, now, red, ("new", "hot"), field="tags")
    put(engine, now, sword, True, field="removed", by="bo")
    assert versions.load(home, "items") == items  # a draft is no version
    made = drafts.freeze(engine, home, "items", says="", by="cy", now=now)
    assert made == versions.load(home, "items") and made.parent == items.digest
    told = {p.hash: p for p in made.pictures}
    assert sword not in told and len(told) == 3
    assert (told[red].caption, told[red].caption_by) == ("a crimson potion", "hand")
    assert (told[red].category, told[red].tags) == ("rare", ("new", "hot"))
    assert told[blue] == items.pictures[0]
    said = "1 caption, 1 category, 1 picture's tags changed, 1 picture removed"
    assert (made.says, made.actor) == (said, "cy")
    assert drafts.read(engine, "items") == () and drafts.mark(engine, "items") == (0, 0)
    (row,) = ledger.rows(engine)
    assert (row.action, row.actor) == ("freeze", "cy") and made.version in row.reason
    again = drafts.freeze(engine, home, "items", says="", by="cy", now=now)  # sent twice
    assert again == made and len(ledger.rows(engine)) == 1


def test_a_step_taken_back_shows_the_one_before(
    engine: Engine, home: Path, items: DatasetVersion, now: datetime
) -> None:
    hash = items.pictures[0].hash
    put(engine, now, hash, "by ana")
    bo = put(engine, now, hash, "by bo", by="bo").step
    assert captions(engine, items)[0] == "by bo"
    assert [(s.by, s.edits) for s in drafts.history(engine, "items")] == [("bo", 1), ("ana", 1)]
    assert bo is not None and drafts.undo(engine, "items", bo)
    assert not drafts.undo(engine, "items", bo)
    assert captions(engine, items)[0] == "by ana"


def test_whose_edit_was_written_over_is_told(
    engine: Engine, items: DatasetVersion, now: datetime
) -> None:
    one, other = items.pictures[0].hash, items.pictures[1].hash
    seen = put(engine, now, one, "by ana").step or 0
    put(engine, now, one, "by bo", by="bo")
    put(engine, now, other, "by bo", by="bo")
    assert [e.value for e in put(engine, now, one, "ana again", seen=seen).over] == ["by bo"]
    assert put(engine, now, one, "and again", seen=seen).over == ()  # her own is newest now
    last = drafts.mark(engine, "items")[0]
    assert put(engine, now, other, "ana's", seen=last).over == ()  # she had seen it
    assert put(engine, now, other, "ana's", by="cy", seen=0).over == ()  # the same words


def test_the_same_form_counts_once(engine: Engine, items: DatasetVersion, now: datetime) -> None:
    hash = items.pictures[0].hash
    first = put(engine, now, hash, "x a potion", key="k")
    assert put(engine, now, hash, "x x a potion", key="k").step == first.step
    assert put(engine, now, hash, "by bo", key="k", by="bo").step != first.step
    assert drafts.write(engine, "items", [], says="", by="ana", now=now).step is None
    assert drafts.mark(engine, "items")[1] == 2
    with pytest.raises(StudioError, match="empty"):
        put(engine, now, hash, "  ")


def test_discarding_spares_what_nobody_saw(
    engine: Engine, items: DatasetVersion, now: datetime
) -> None:
    put(engine, now, items.pictures[0].hash, "old")
    seen = drafts.mark(engine, "items")[0]
    put(engine, now, items.pictures[1].hash, "new", by="bo")
    assert drafts.discard(engine, "items", by="ana", now=now, upto=seen) == 1
    assert [e.value for e in drafts.read(engine, "items")] == ["new"]
    assert [r.action for r in ledger.rows(engine)] == ["discard draft"]
    assert drafts.discard(engine, "items", by="ana", now=now, upto=seen) == 0


def test_edits_hold_on_a_version_that_came_meanwhile(
    engine: Engine, home: Path, items: DatasetVersion, now: datetime
) -> None:
    put(engine, now, items.pictures[0].hash, "written")
    later = now + timedelta(minutes=1)
    write_caption(home, "items", items.pictures[1].hash, "by hand", now=later)
    made = drafts.freeze(engine, home, "items", says="line", by="ana", now=later)
    assert [p.caption for p in made.pictures[:2]] == ["written", "by hand"]
    assert made.says == "line"


def test_not_everything_can_go(
    engine: Engine, home: Path, items: DatasetVersion, now: datetime
) -> None:
    gone = [Change(p.hash, "removed", True) for p in items.pictures]
    drafts.write(engine, "items", gone, says="all", by="ana", now=now)
    with pytest.raises(StudioError, match="without pictures"):
        drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    assert len(drafts.read(engine, "items")) == 4  # nothing was lost
    with pytest.raises(StudioError, match="no dataset 'none'"):
        drafts.freeze(engine, home, "none", says="", by="ana", now=now)
