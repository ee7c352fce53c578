"""Who has which webhook, and what signs for it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from studio.accounts import passwords, people, refusal_log, rights, tokens
from studio.accounts.rights import Actor, NotAllowed
from studio.database import ledger
from studio.errors import StudioError
from studio.registry.history_text import sentence
from studio.webhooks import hooks
from studio.webhooks.tables import webhooks
from tests.webhooks.conftest import HERE, NOW

URL = "https://127.0.0.1/hook?key=geheim12"
ADMIN = Actor("x", "admin")


@pytest.fixture
def team(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    refusal_log.keep(tmp_path)
    for name, role in (("Ana", "artist"), ("Bo", "artist"), ("Vi", "viewer"), ("Lea", "admin")):
        people.add(engine, name, role, by=ADMIN, now=NOW, password="three or four words")
    rights.close_house(True)
    yield {one.name: one.actor for one in people.listing(engine)}
    rights.close_house(False)
    refusal_log.keep(None)


def _make(engine, by, url=URL, owner=None, **more):
    return hooks.make(engine, owner or str(by), url, networks=HERE, by=by, now=NOW, **more)


def _keys(engine, id, now=NOW):
    with engine.connect() as connection:
        return hooks.keys(connection, id, now)


def test_its_secret_is_told_once(engine, team):
    made, secret = _make(engine, team["Ana"])
    assert _keys(engine, made.id) == ([secret], "")
    (listed,) = hooks.listing(engine, "Ana")
    assert listed == made and secret not in repr(listed)
    assert made.says == "https://127.0.0.1/hook?key=***"
    (row,) = [row for row in ledger.rows(engine) if row.action == "make webhook"]
    assert sentence(row) == "Ana made a webhook of Ana: https://127.0.0.1/hook?key=***"


def test_another_secret_stands_beside_the_old_one_for_a_day(engine, team):
    made, old = _make(engine, team["Ana"])
    new = hooks.change_secret(engine, made.id, by=team["Ana"], now=NOW)
    assert _keys(engine, made.id)[0] == [new, old] and new != old
    day = NOW + hooks.BOTH
    assert _keys(engine, made.id, day - timedelta(seconds=1))[0] == [new, old]
    assert _keys(engine, made.id, day)[0] == [new]


def test_a_private_network_is_refused_when_it_is_made(engine):
    for url in ("https://127.0.0.1/", "https://10.0.0.1/"):
        with pytest.raises(StudioError, match="no public network"):
            hooks.make(engine, "ana", url, networks=(), by="ana", now=NOW)
    assert hooks.listing(engine) == []


def test_it_is_ones_own_or_for_who_manages_people(engine, team):
    made, _ = _make(engine, team["Ana"])
    for by in (team["Bo"], team["Vi"]):
        for call in (
            lambda by=by: _make(engine, by, owner="Ana"),
            lambda by=by: hooks.change_secret(engine, made.id, by=by, now=NOW),
            lambda by=by: hooks.withdraw(engine, made.id, by=by, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                call()
    with pytest.raises(NotAllowed, match="as viewer"):
        _make(engine, team["Vi"])
    with pytest.raises(StudioError, match="nobody named 'Cleo'"):
        _make(engine, team["Lea"], owner="Cleo")
    assert _make(engine, team["Lea"], owner="bo")[0].owner == "Bo"
    hooks.withdraw(engine, made.id, by=team["Lea"], now=NOW)
    assert hooks.listing(engine, "Ana") == []
    assert _keys(engine, made.id) == ([], "It was withdrawn.")
    with pytest.raises(StudioError, match="no webhook 99"):
        hooks.withdraw(engine, 99, by=team["Lea"], now=NOW)


def test_one_for_the_same_is_refused_and_so_are_too_many(engine, team, monkeypatch):
    made, _ = _make(engine, team["Ana"])
    with pytest.raises(StudioError, match=f"Webhook {made.id} of Ana is for that already"):
        _make(engine, team["Ana"])
    monkeypatch.setattr(hooks, "MOST", 2)
    _make(engine, team["Ana"], url="")
    with pytest.raises(StudioError, match="Ana has 2 webhooks"):
        _make(engine, team["Ana"], url="https://127.0.0.2/")
    _make(engine, team["Bo"])


def test_a_token_must_be_ones_own_and_hold(engine, team):
    ana, now = team["Ana"], {"by": team["Ana"], "now": NOW}
    token, _ = tokens.make(engine, "Ana", "artist", label="engine", days=9, **now)
    with pytest.raises(StudioError, match=f"Bo has no token {token.id}"):
        _make(engine, team["Bo"], token=token.id)
    made, secret = _make(engine, ana, token=token.id)
    assert _keys(engine, made.id) == ([secret], "")
    tokens.withdraw(engine, token.id, **now)
    assert _keys(engine, made.id) == ([], "Its token was withdrawn.")
    with pytest.raises(StudioError, match="has no token"):
        _make(engine, ana, url="", token=token.id)


def test_nothing_is_signed_for_who_is_deactivated(engine, team):
    made, _ = _make(engine, team["Ana"])
    people.shut(engine, "Ana", by=team["Lea"], now=NOW)
    assert _keys(engine, made.id) == ([], "Ana is deactivated.")


def test_a_jobs_own_address_is_signed_by_the_nearest(engine, hook):
    known, _ = hook("http://127.0.0.1:1/known")
    with engine.connect() as connection:
        theirs = hooks.of_job(connection, "ana", None)
    assert hooks.signer(theirs, known.url).id == known.id
    with pytest.raises(StudioError, match="No secret signs") as refused:
        hooks.signer(theirs, "http://127.0.0.1:1/other")
    assert "webhooks create" in refused.value.remedy
    every, _ = hook("")
    with engine.connect() as connection:
        theirs = hooks.of_job(connection, "ana", None)
        assert hooks.of_job(connection, "bo", None) == []
    assert hooks.signer(theirs, "http://127.0.0.1:1/other").id == every.id
    assert hooks.signer(theirs, known.url).id == known.id


def test_no_error_tells_a_secret(engine, hook):
    _, secret = hook("http://127.0.0.1:1/")
    with engine.connect() as connection:
        assert secret in str(connection.execute(sa.select(webhooks)).one())
    assert secret not in str(StudioError(f"It was {secret}."))
    made = hooks.listing(engine)[0]
    hooks.change_secret(engine, made.id, by="ana", now=NOW)
    hooks.withdraw(engine, made.id, by="ana", now=NOW)
    with engine.connect() as connection:  # nothing is left that could sign
        assert "whsec_" not in str(connection.execute(sa.select(webhooks)).one())
