"""A database that goes away while it stores something: what is said is what is stored."""

import threading
from contextlib import suppress

import pytest
import sqlalchemy as sa

from studio.database import availability
from studio.database import engine as db
from studio.database.availability import DatabaseAway, Unsure
from tests.cut_off import a_line, studio_beyond  # noqa: F401


def test_a_change_whose_answer_was_lost_is_known_to_be_stored(engine, line):
    line.cut("after")
    with db.writing(engine) as connection:
        db.bump(connection)
    assert line.cuts == 1 and db.revision(engine) == 1


def test_a_change_that_never_arrived_is_refused(engine, line):
    line.cut("before")
    with pytest.raises(DatabaseAway, match="does not answer") as told:
        with db.writing(engine) as connection:
            db.bump(connection)
    assert not isinstance(told.value, Unsure)
    assert line.cuts == 1 and db.revision(engine) == 0


def test_where_nobody_can_be_asked_it_is_said_that_it_may_be_stored(engine, line, monkeypatch):
    monkeypatch.setattr(availability, "ASKED", 0.3)
    line.cut("for good")
    with pytest.raises(Unsure, match="may be stored") as told:
        with db.writing(engine) as connection:
            db.bump(connection)
    assert "before you do it again" in told.value.remedy
    line.mend()
    assert db.revision(engine) == 1


def test_a_database_that_comes_back_in_time_is_asked(engine, line):
    line.cut("for good")
    threading.Timer(0.7, line.mend).start()
    with db.writing(engine) as connection:
        db.bump(connection)
    assert line.cuts == 1 and db.revision(engine) == 1


def test_a_transaction_that_only_looked_has_nothing_to_ask_about(engine, line):
    line.cut("after")
    with pytest.raises(DatabaseAway, match="does not answer") as told:
        with db.writing(engine) as connection:
            assert availability.transaction(connection) is None
    assert not isinstance(told.value, Unsure)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_the_server_ends(engine, when):
    """pg_terminate_backend, before COMMIT and right after it."""

    def end_all():
        with db.make_engine(db.home_of(engine), engine.url.render_as_string(False)).connect() as c:
            c.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )

    if when == "before":
        with pytest.raises(DatabaseAway, match="does not answer"):
            with db.writing(engine) as connection:
                db.bump(connection)
                end_all()
        assert db.revision(engine) == 0
    else:
        with db.writing(engine) as connection:
            db.bump(connection)
        end_all()
        assert db.revision(engine) == 1  # the next one finds a connection of its own


def test_a_number_that_a_killed_server_gave_to_another_is_told_apart(cluster, tmp_path):
    """What had not reached the server's log is lost, its number too, and the next one has it."""
    engine = db.open_database(tmp_path / "home", cluster.database(ready=True))
    number = sa.text("SELECT CAST(pg_current_xact_id() AS text)")
    for _ in range(5):  # one is enough, but where a page of the log was full just then
        with suppress(DatabaseAway), engine.connect() as connection:
            db.bump(connection)
            lost = availability.transaction(connection)
            cluster.kill()
        cluster.start()
        with db.writing(engine) as connection:
            db.bump(connection)
            others = connection.execute(number).scalar()
            kept = availability.transaction(connection)
        assert availability.stored(engine, kept, DatabaseAway("", ""))
        assert not availability.stored(engine, lost, DatabaseAway("", ""))
        if others == lost.number:
            break
    assert others == lost.number
    engine.dispose()


def test_a_number_that_no_transaction_has_yet_is_of_none(engine):
    number = sa.text("SELECT CAST(pg_current_xact_id() AS text)")
    with engine.connect() as connection:
        last = int(connection.execute(number).scalar())
    never = availability.Transaction(str(last + 1_000_000), "left by nobody")
    assert not availability.stored(engine, never, DatabaseAway("", ""))
