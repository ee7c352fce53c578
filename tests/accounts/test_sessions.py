import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import sqlalchemy as sa

from studio.accounts import people, sessions
from studio.accounts.tables import sessions as table
from studio.database import engine as db
from studio.database import ledger
from studio.database.ledger import stamp
from tests.accounts.conftest import NOW, SECRET


@pytest.fixture
def ana(engine):
    return people.add(engine, "Ana", "artist", by="setup", now=NOW, password=SECRET)


def test_only_a_hash_is_kept_and_nothing_else_opens(engine, ana):
    secret = sessions.begin(engine, ana.id, browser="Firefox", now=NOW)
    with engine.connect() as connection:
        stored = connection.execute(sa.select(table.c.hash)).scalar_one()
    assert secret not in stored
    for forged in (stored, "", secret[:-1], secret + "a", "a" * 43, "x" * 5000):
        assert sessions.find(engine, forged, NOW) is None
    assert sessions.find(engine, secret, NOW).person == ana.id


def test_it_ends_by_signing_out_unused_or_after_thirty_days(either_database, engine, ana):
    out, unused, used = (sessions.begin(engine, ana.id, browser="", now=NOW) for _ in range(3))
    sessions.end(engine, out, NOW)
    sessions.end(engine, out, NOW)
    assert sessions.find(engine, out, NOW) is None
    for days in range(1, 31):
        found = sessions.find(engine, used, NOW + timedelta(days=days, minutes=-1))
        assert found is not None, days
    assert sessions.find(engine, used, NOW + timedelta(days=30, minutes=1)) is None
    assert sessions.find(engine, unused, NOW + timedelta(days=7, minutes=1)) is None


def test_a_clock_that_goes_back_signs_nobody_out_and_lengthens_nothing(engine, ana):
    secret = sessions.begin(engine, ana.id, browser="", now=NOW)
    assert sessions.find(engine, secret, NOW - timedelta(days=2)).person == ana.id
    assert sessions.find(engine, secret, NOW + timedelta(hours=1)).person == ana.id
    assert sessions.find(engine, secret, NOW - timedelta(hours=1)).person == ana.id
    assert sessions.find(engine, secret, NOW + timedelta(days=7, hours=2)) is None
    sessions.end(engine, secret, NOW - timedelta(days=1))
    assert sessions.find(engine, secret, NOW) is None


def test_who_is_there_stays_there_while_nothing_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.05)
    engine = db.open_database(tmp_path)
    if engine.dialect.name != "sqlite":
        pytest.skip("the lock is SQLite's")
    ana = people.add(engine, "Ana", "artist", by="setup", now=NOW, password=SECRET)
    secret = sessions.begin(engine, ana.id, browser="", now=NOW)
    later = NOW + timedelta(hours=2)
    with closing(sqlite3.connect(tmp_path / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert sessions.find(engine, secret, later).person == ana.id
        other.execute("ROLLBACK")
    for used, seen in ((False, NOW), (True, later)):
        assert sessions.find(engine, secret, later, used=used).person == ana.id
        assert sessions.listing(engine, later)[0].seen_at == stamp(seen)
    engine.dispose()


def test_a_new_role_holds_at_once(engine, ana):
    secret = sessions.begin(engine, ana.id, browser="", now=NOW)
    people.set_role(engine, "Ana", "producer", before="artist", by="x", now=NOW)
    assert sessions.find(engine, secret, NOW).actor.role == "producer"


def test_all_but_one_are_ended_and_listed(engine, ana):
    kept, *others = (sessions.begin(engine, ana.id, browser=str(n), now=NOW) for n in range(3))
    bo = people.add(engine, "Bo", "artist", by="x", now=NOW, password=SECRET)
    sessions.begin(engine, bo.id, browser="", now=NOW)
    number = sessions.find(engine, kept, NOW).id
    assert sessions.end_of(engine, ana.actor, by=ana.actor, now=NOW, but=number) == 2
    row = ledger.rows(engine)[-1]
    assert (row.actor, row.action, row.reason) == ("Ana", "end sessions", "Ana: 2")
    assert [s.browser for s in sessions.listing(engine, NOW, "Ana")] == ["0"]
    assert len(sessions.listing(engine, NOW)) == 2
    assert [sessions.find(engine, one, NOW) for one in others] == [None, None]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605.1",
            "Safari on macOS",
        ),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_name_it(sent: str, told: str) -> None:
    assert sessions.told(sent) == told
