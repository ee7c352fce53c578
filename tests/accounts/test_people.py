import pytest
import sqlalchemy as sa

from studio.accounts import people, sessions, tokens
from studio.accounts.rights import Actor, NotAllowed
from studio.accounts.tables import people as table
from studio.database import ledger
from studio.errors import StudioError
from tests.accounts.conftest import NOW, SECRET


def _add(engine, name="Ana", role="artist", **more):
    return people.add(engine, name, role, by="setup", now=NOW, **{"password": SECRET, **more})


def test_a_person_is_stored_with_a_hash_and_written_down(either_database, engine):
    made = _add(engine, "  Zoë   O'Neil ")
    assert (made.name, made.role, made.local, made.shut) == ("Zoë O'Neil", "artist", True, False)
    with engine.connect() as connection:
        stored = connection.execute(sa.select(table.c.password)).scalar_one()
    assert stored.startswith("$argon2id$") and SECRET not in stored
    row = ledger.rows(engine)[-1]
    assert (row.actor, row.action, row.reason) == ("setup", "add person", "Zoë O'Neil: artist")


@pytest.mark.parametrize("name", ["ana", "ＡＮＡ", "Ana ", "ANA"])
def test_no_two_names_look_alike(engine, name):
    _add(engine)
    with pytest.raises(StudioError, match="already"):
        _add(engine, name)


@pytest.mark.parametrize(
    "name", ["", " ", "<b>", "a" * 41, "a\nb\x00", "=x", "The  Studio", "MLflow"]
)
def test_a_name_that_will_not_do(engine, name):
    with pytest.raises(StudioError, match="person's name"):
        _add(engine, name)


@pytest.mark.parametrize("password", ["", "short", "x" * 201, "aaaaaaaaaaaaa", "christina1"])
def test_a_password_that_will_not_do(engine, password):
    with pytest.raises(StudioError, match="password"):
        _add(engine, "Christina", password=password)
    assert people.listing(engine) == []


def test_a_role_changes_and_the_last_admin_stays(engine):
    _add(engine, "Ana", "admin")
    for change in (
        lambda: people.set_role(engine, "Ana", "viewer", before="admin", by="x", now=NOW),
        lambda: people.shut(engine, "Ana", by="x", now=NOW),
    ):
        with pytest.raises(StudioError, match="last admin"):
            change()
    _add(engine, "Bo", "admin")
    demoted = people.set_role(engine, "ana", "viewer", before="admin", by="Bo", now=NOW)
    assert demoted.role == "viewer" and ledger.rows(engine)[-1].reason == "Ana: admin -> viewer"


def test_of_two_who_change_a_role_at_once_one_is_told(engine):
    _add(engine, "Ana", "artist")
    people.set_role(engine, "Ana", "viewer", before="artist", by="Bo", now=NOW)
    with pytest.raises(StudioError, match="Ana is viewer by now, not artist"):
        people.set_role(engine, "Ana", "producer", before="artist", by="Cy", now=NOW)
    again = people.set_role(engine, "Ana", "viewer", before="artist", by="Bo", now=NOW)
    assert again.role == "viewer"  # sent twice
    assert len([r for r in ledger.rows(engine) if r.action == "change role"]) == 1


def test_who_is_kept_out_loses_sessions_and_tokens_and_may_come_back(engine):
    ana = _add(engine)
    session = sessions.begin(engine, ana.id, browser="", now=NOW)
    _, token = tokens.make(engine, "Ana", "artist", label="x", days=1, by=ana.actor, now=NOW)
    people.shut(engine, "Ana", by="x", now=NOW)
    assert people.password_hash(engine, "Ana") is None
    people.let_in(engine, "Ana", by="x", now=NOW)
    assert sessions.find(engine, session, NOW) is None and tokens.find(engine, token, NOW) is None
    assert people.password_hash(engine, "Ana")


def test_a_new_password_ends_the_other_sessions_and_all_tokens(engine):
    ana = _add(engine)
    _, token = tokens.make(engine, "Ana", "artist", label="x", days=1, by=ana.actor, now=NOW)
    here, there = (sessions.begin(engine, ana.id, browser="", now=NOW) for _ in range(2))
    keep = sessions.find(engine, here, NOW).id
    with pytest.raises(StudioError, match="old password"):
        people.change_password(engine, "Ana", "wrong", "four new words here", now=NOW)
    people.change_password(engine, "Ana", SECRET, "four new words here", now=NOW, keep=keep)
    assert sessions.find(engine, here, NOW) and sessions.find(engine, there, NOW) is None
    assert tokens.find(engine, token, NOW) is None
    _, token = tokens.make(engine, "Ana", "artist", label="y", days=1, by=ana.actor, now=NOW)
    people.set_password(engine, "Ana", SECRET, by="x", now=NOW)
    assert tokens.find(engine, token, NOW) is None


def test_only_admins_manage_people(engine, team):
    ana = team["producer"]
    for call in (
        lambda: people.add(engine, "New", "admin", by=ana, now=NOW, password=SECRET),
        lambda: people.set_role(engine, "the artist", "admin", before="artist", by=ana, now=NOW),
        lambda: people.set_role(engine, str(ana), "admin", before="producer", by=ana, now=NOW),
        lambda: people.shut(engine, "the admin", by=ana, now=NOW),
        lambda: people.let_in(engine, "the admin", by=ana, now=NOW),
        lambda: people.set_password(engine, "the admin", SECRET, by=ana, now=NOW),
        lambda: sessions.end_of(engine, "the admin", by=ana, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert [one.role for one in people.listing(engine) if one.name == str(ana)] == ["producer"]


def test_who_comes_from_a_provider_is_made_once_and_has_its_role(either_database, engine):
    def come(role, names=("Ana", "ana at x")):
        return people.provided(engine, "https://id 7", list(names), role, NOW)

    _add(engine, "ana")
    made = come("artist")
    assert (made.name, made.provided, made.local) == ("ana at x", True, False)
    assert come("producer", ("Else",)).name == "ana at x"
    assert people.named(engine, "ana at x").role == "producer"
    with pytest.raises(StudioError, match="identity provider"):
        people.set_role(engine, "ana at x", "admin", before="producer", by="x", now=NOW)
    with pytest.raises(StudioError, match="identity provider"):
        people.set_password(engine, "ana at x", SECRET, by="x", now=NOW)
    people.shut(engine, "ana at x", by=Actor("Bo", "admin"), now=NOW)
    with pytest.raises(StudioError, match="not come in"):
        come("producer")
