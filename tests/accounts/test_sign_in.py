import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from studio.accounts import passwords, people, refusal_log, sessions
from studio.accounts import sign_in as limits
from studio.accounts.sign_in import FREE, Sender, forget_tries, sender_of, sign_in, unlock
from studio.database import ledger
from tests.accounts.conftest import NOW, SECRET


@pytest.fixture
def ana(engine):
    return people.add(engine, "Ana", "artist", by="setup", now=NOW, password=SECRET)


def _come(engine, name="ana", password=SECRET, after=0, sender=None):
    at = NOW + timedelta(seconds=after)
    return sign_in(engine, name, password, browser="x", now=at, sender=sender or Sender("10.0.0.1"))


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


def test_wrong_ones_of_other_senders_keep_nobody_out(either_database, engine, ana):
    for number in range(36):
        for _ in range(FREE + 1):
            assert _come(engine, password="wrong", sender=Sender(f"10.0.1.{number}")) is None
    assert _come(engine) is not None
    assert _come(engine, sender=Sender("10.0.1.1")) is None  # it rests itself
    forget_tries(engine, "Ana")
    assert _come(engine, sender=Sender("10.0.1.1")) is not None


def test_very_many_lock_a_name_but_for_browsers_it_signed_in_with(engine, ana, monkeypatch):
    monkeypatch.setattr(limits, "EVERY", 20)
    secret = _come(engine)
    for number in range(20):
        assert _come(engine, password="wrong", sender=Sender(f"10.0.1.{number}")) is None
    assert _come(engine) is None
    sessions.end(engine, secret, NOW)
    own = sender_of(engine, "ANA", "10.0.0.1", sessions.hashed(secret))
    assert own.known and _come(engine, sender=own) is not None
    for _ in range(FREE):  # which has no more tries than others
        _come(engine, password="wrong", sender=own)
    assert _come(engine, sender=own) is None


def test_many_who_sign_in_well_from_one_address_lock_nothing(engine, ana, monkeypatch):
    monkeypatch.setattr(limits, "EVERY", 3)
    assert all(_come(engine) for _ in range(5))


def test_a_sender_is_an_address_a_line_or_a_browser_of_that_persons(engine, ana):
    secret = _come(engine)
    people.add(engine, "Bo", "artist", by="x", now=NOW, password=SECRET)
    hash = sessions.hashed(secret)
    assert sender_of(engine, "ana", "10.0.0.1", hash) == Sender(hash, known=True)
    assert sender_of(engine, "bo", "10.0.0.1", hash) == Sender("10.0.0.1")
    assert sender_of(engine, "ana", "10.0.0.1", secret) == Sender("10.0.0.1")
    assert sender_of(engine, "ana", "testclient", "x") == Sender("testclient")
    line = {sender_of(engine, "ana", f"2001:db8::{n}:1", "").name for n in range(5)}
    assert line == {"2001:db8::/64"}


def test_a_locked_name_costs_no_look_at_the_password(engine, ana, monkeypatch):
    for _ in range(FREE):
        _come(engine, password="wrong")
    looked = []
    monkeypatch.setattr(passwords, "fits", lambda *given: looked.append(given))
    assert _come(engine) is None and not looked


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


@pytest.mark.slow
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
