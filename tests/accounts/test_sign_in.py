import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from studio.accounts import passwords, people, refusal_log, sessions
from studio.accounts.sign_in import FREE, sign_in, unlock
from studio.database import ledger
from tests.accounts.conftest import NOW, SECRET


@pytest.fixture
def ana(engine):
    return people.add(engine, "Ana", "artist", by="setup", now=NOW, password=SECRET)


def _come(engine, name="ana", password=SECRET, after=0):
    return sign_in(engine, name, password, browser="x", now=NOW + timedelta(seconds=after))


def test_name_and_password_make_a_session(either_database, engine, ana):
    held = sessions.find(engine, _come(engine), NOW)
    assert (held.actor, held.actor.role) == ("Ana", "artist")


def test_everything_else_makes_none_and_is_logged(engine, ana, tmp_path):
    people.provided(engine, "id 1", ["Bo"], "artist", NOW)
    people.add(engine, "Cy", "artist", by="x", now=NOW, password=SECRET)
    people.shut(engine, "Cy", by="x", now=NOW)
    for name, password in [
        ("ana", "wrong"),
        ("nobody", SECRET),
        ("Bo", ""),
        ("Cy", SECRET),
        ("", ""),
        ("ana' or 1=1", SECRET),
        ("ana", SECRET + "\0"),
    ]:
        assert _come(engine, name, password) is None
    logged = refusal_log.newest(tmp_path)
    assert len(logged) == 7 and {row["what"] for row in logged} == {"sign-in"}
    assert SECRET not in (tmp_path / "logs" / "strangers.jsonl").read_text()


def test_after_five_wrong_ones_a_name_rests_and_longer_each_time(engine, ana):
    for _ in range(FREE):
        assert _come(engine, password="wrong") is None
    assert _come(engine) is None and _come(engine, after=59) is None
    assert _come(engine, password="wrong", after=61) is None
    assert _come(engine, after=61 + 119) is None
    assert _come(engine, after=61 + 121) is not None
    assert _come(engine, password="wrong", after=183) is None  # counted from the beginning again
    assert _come(engine, after=184) is not None


def test_a_name_that_is_none_rests_in_the_same_way_and_one_is_unlocked(engine, ana, tmp_path):
    for name in ("ana", "nobody"):
        for _ in range(FREE + 1):
            _come(engine, name, "wrong")
    whys = [row["why"] for row in refusal_log.newest(tmp_path)]
    assert whys.count("locked") == 2
    unlock(engine, "ANA", by="lea", now=NOW)
    assert _come(engine) is not None
    row = ledger.rows(engine)[-1]
    assert (row.actor, row.action, row.reason) == ("lea", "unlock", "Ana")


def test_a_clock_that_goes_back_does_not_lengthen_the_lock(engine, ana):
    for _ in range(FREE):
        _come(engine, password="wrong", after=7200)
    assert _come(engine, after=0) is None
    assert _come(engine, password="wrong", after=7261) is None  # a try that counts again
    assert _come(engine, after=7261 + 121) is not None


def test_many_tries_at_once_are_all_counted(either_database, engine, ana):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: _come(engine, password=f"wrong {n}"), range(24)))
    assert found == [None] * 24
    assert _come(engine) is None


def test_a_name_that_is_none_takes_as_long(engine, monkeypatch):
    """With the costs that hold outside of tests."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    assert not PasswordHasher().check_needs_rehash(passwords.NOBODYS)
    stored = passwords.hashed(SECRET)

    def spent(hash):
        began = time.process_time()
        assert not passwords.fits(hash, "wrong")
        return time.process_time() - began

    times = [(spent(stored), spent(None)) for _ in range(5)]
    there, not_there = (statistics.median(column) for column in zip(*times, strict=True))
    assert not_there == pytest.approx(there, rel=0.5)


def test_a_password_typed_as_a_name_is_kept_nowhere(engine, ana, tmp_path):
    assert _come(engine, name=SECRET, password="ana") is None
    assert _come(engine, name="  ANA ", password="wrong") is None
    assert [row["who"] for row in refusal_log.newest(tmp_path)] == ["Ana", refusal_log.UNKNOWN]
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert SECRET.encode() not in kept and SECRET.casefold().encode() not in kept
