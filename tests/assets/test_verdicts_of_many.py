"""One verdict for many: as one, over nobody's head, and taken back as one."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.assets import records, search, verdicts, verdicts_of_many
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.assets.verdicts import Judgement
from studio.assets.verdicts_of_many import judge_many, put_back
from studio.database import engine as db
from studio.errors import StudioError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
EDIT = Judgement("edit", ("blurry",), "the hilt", (0.25, 0.5))


@pytest.fixture
def engine(tmp_path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def ids(engine) -> list[str]:
    new = [New("picture", f"p{k}", style="props") for k in range(5)]
    return records.put(engine, new, by="ana", now=NOW)


def standing(engine, id):
    with engine.connect() as connection:
        return verdicts.standing(connection, id)


def test_many_are_judged_and_put_back_as_one(engine, ids, monkeypatch):
    monkeypatch.setattr(verdicts_of_many, "BATCH", 2)
    verdicts.judge(engine, ids[1], EDIT, by="bo", now=NOW, turn=0)
    before = db.revision(engine)
    seen = {ids[0]: 0, ids[1]: 1, ids[2]: 0, "gone": 0}
    found = judge_many(engine, seen, "approved", by="ana", now=LATER)
    assert db.revision(engine) == before + 1
    assert sorted(one.id for one in found.changed) == sorted(ids[:3]) and found.left == 0
    assert search.tally(engine, "picture", Wanted()) == {"approved": 3, "open": 2}
    now = standing(engine, ids[1])
    # An approval needs no reasons; what somebody wrote and pinned stays.
    assert now.said == Judgement("approved", (), "the hilt", (0.25, 0.5))
    assert (now.by, now.changed_by, now.turn, now.at[:16]) == ("ana", "ana", 2, "2026-05-01T13:00")
    back = put_back(engine, found.changed, by="ana", now=LATER)
    assert len(back.changed) == 3 and back.left == 0
    assert standing(engine, ids[1]).said == EDIT and standing(engine, ids[0]).turn == 2
    assert search.tally(engine, "picture", Wanted()) == {"edit": 1, "open": 4}


def test_what_somebody_changed_meanwhile_stays(engine, ids):
    verdicts.judge(engine, ids[0], Judgement("rejected"), by="bo", now=NOW, turn=0)
    found = judge_many(engine, dict.fromkeys(ids[:2], 0), "approved", by="ana", now=LATER)
    assert [one.id for one in found.changed] == [ids[1]] and found.left == 1
    assert standing(engine, ids[0]).said.verdict == "rejected"
    verdicts.judge(engine, ids[1], Judgement("edit"), by="bo", now=LATER, turn=1)
    back = put_back(engine, found.changed, by="ana", now=LATER)
    assert back.changed == () and back.left == 1
    assert standing(engine, ids[1]).said.verdict == "edit"


def test_nothing_new_changes_nothing(engine, ids):
    judge_many(engine, {ids[0]: 0}, "rejected", by="ana", now=NOW)
    before = db.revision(engine)
    again = judge_many(engine, {ids[0]: 0}, "rejected", by="bo", now=LATER)
    assert again == verdicts_of_many.Judged((), 0) and db.revision(engine) == before
    assert standing(engine, ids[0]).by == "ana"


def test_who_may_not_and_what_is_no_verdict_are_refused(engine, ids):
    with pytest.raises(NotAllowed):
        judge_many(engine, {ids[0]: 0}, "approved", by=Actor("Vi", "viewer"), now=NOW)
    with pytest.raises(StudioError, match="no verdict 'fine'"):
        judge_many(engine, {ids[0]: 0}, "fine", by="ana", now=NOW)
    with pytest.raises(StudioError, match="at most 2,000"):
        judge_many(engine, {str(k): 0 for k in range(2001)}, "approved", by="ana", now=NOW)
    assert search.tally(engine, "picture", Wanted()) == {"open": 5}
