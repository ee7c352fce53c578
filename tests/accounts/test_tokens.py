from datetime import timedelta

import pytest
import sqlalchemy as sa

from studio.accounts import people, sign_in, tokens
from studio.accounts.rights import RIGHTS, Actor, NotAllowed, allowed
from studio.accounts.tables import tokens as table
from studio.errors import StudioError
from tests.accounts.conftest import NOW


def _make(engine, by, name=None, role="artist", **more):
    asked = {"label": "nightly", "days": 30, **more}
    return tokens.make(engine, name or str(by), role, by=by, now=NOW, **asked)


def test_a_token_acts_as_its_owner_until_it_ends_or_is_withdrawn(either_database, engine, team):
    artist = team["artist"]
    made, secret = _make(engine, artist)
    found = tokens.find(engine, secret, NOW)
    assert (found, found.role) == ("the artist", "artist")
    with engine.connect() as connection:
        assert secret not in str(connection.execute(sa.select(table)).all())
    assert tokens.find(engine, secret, NOW + timedelta(days=30, seconds=1)) is None
    for forged in ("", "hs_", secret[:-1], secret.upper(), made.label, "hs_" + "a" * 43):
        assert tokens.find(engine, forged, NOW) is None
    tokens.withdraw(engine, made.id, by=artist, now=NOW)
    tokens.withdraw(engine, made.id, by=artist, now=NOW)
    assert tokens.find(engine, secret, NOW) is None and tokens.listing(engine, NOW) == []


def test_its_role_is_at_most_its_owners_also_later(engine, team):
    lead = team["art lead"]
    with pytest.raises(NotAllowed, match="can be art lead"):
        _make(engine, lead, role="producer")
    _, secret = _make(engine, lead, role="art lead")
    _, lesser = _make(engine, lead, role="viewer")
    assert tokens.find(engine, lesser, NOW).role == "viewer"
    people.set_role(engine, str(lead), "artist", before="art lead", by=team["admin"], now=NOW)
    assert tokens.find(engine, secret, NOW).role == "artist"
    people.shut(engine, str(lead), by=team["admin"], now=NOW)
    assert tokens.find(engine, secret, NOW) is None


def test_nobody_makes_or_withdraws_anothers_but_who_manages_people(engine, team):
    made, _ = _make(engine, team["artist"])
    for who in ("viewer", "art lead", "producer"):
        with pytest.raises(NotAllowed):
            _make(engine, team[who], name="the artist")
        with pytest.raises(NotAllowed):
            tokens.withdraw(engine, made.id, by=team[who], now=NOW)
    with pytest.raises(NotAllowed):
        _make(engine, team["viewer"], role="viewer")
    _make(engine, team["admin"], name="the viewer", role="viewer")
    tokens.withdraw(engine, made.id, by=team["admin"], now=NOW)
    assert [one.name for one in tokens.listing(engine, NOW)] == ["the viewer"]


@pytest.mark.parametrize("more", [{"label": " "}, {"label": "x" * 61}, {"days": 0}, {"days": 367}])
def test_what_is_no_token(engine, team, more):
    with pytest.raises(StudioError, match="token"):
        _make(engine, team["artist"], **more)


def test_one_person_has_fifty_at_most(engine, team, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 2)
    for _ in range(2):
        _make(engine, team["artist"])
    with pytest.raises(StudioError, match="has 2 tokens"):
        _make(engine, team["artist"])
    with pytest.raises(StudioError, match="no token 99"):
        tokens.withdraw(engine, 99, by=team["admin"], now=NOW)


def test_who_was_more_when_the_page_was_drawn_is_less_when_they_click(engine, team):
    lead, admin = team["art lead"], team["admin"]
    people.set_role(engine, str(lead), "viewer", before="art lead", by=admin, now=NOW)
    with pytest.raises(NotAllowed, match="as viewer"):
        _make(engine, lead, role="viewer")
    people.add(engine, "Second", "admin", by=admin, now=NOW, password="three words more")
    second = Actor("Second", "admin")
    people.set_role(engine, str(admin), "producer", before="admin", by=second, now=NOW)
    for call in (
        lambda: _make(engine, admin, name="Second", role="viewer"),
        lambda: people.set_role(engine, "Second", "viewer", before="admin", by=admin, now=NOW),
        lambda: people.shut(engine, "Second", by=admin, now=NOW),
        lambda: people.set_password(engine, "Second", "four other words", by=admin, now=NOW),
        lambda: sign_in.unlock(engine, "Second", by=admin, now=NOW),
    ):
        with pytest.raises(NotAllowed, match="as producer"):
            call()
    assert tokens.listing(engine, NOW) == []


def test_a_token_for_one_purpose_may_nothing_else(either_database, engine, team):
    producer = team["producer"]
    made, secret = _make(engine, producer, role="producer", scope="metrics")
    actor = tokens.find(engine, secret, NOW)
    assert (made.scope, actor.scope, actor.token) == ("metrics", "metrics", made.id)
    assert [right.name for right in RIGHTS if allowed(actor, right.name)] == ["read metrics"]
    with pytest.raises(NotAllowed):
        _make(engine, actor, name=str(producer), role="viewer")
    with pytest.raises(NotAllowed):  # not even with what is its owner's own
        tokens.withdraw(engine, made.id, by=actor, now=NOW)
    for who, role in (("art lead", "art lead"), ("producer", "artist")):
        with pytest.raises(NotAllowed, match="may not read the metrics"):
            _make(engine, team[who], role=role, scope="metrics")
    with pytest.raises(StudioError, match="no scope 'all'"):
        _make(engine, producer, scope="all")
    _, whole = _make(engine, producer, role="producer")
    assert tokens.find(engine, whole, NOW).scope == ""
