"""A move sent again, because no answer came or two people pressed at once, counts once."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.cli.main import main
from studio.database.availability import Unsure
from studio.database.engine import home_of
from studio.errors import StudioError
from studio.registry import stages

pytestmark = pytest.mark.usefixtures("either_database")

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _promoted(engine, client, new_style, count):
    """A style whose versions came into production one after the other."""
    style = new_style(count)
    for number in range(1, count + 1):
        stages.promote(
            engine,
            client,
            style=style,
            number=number,
            to="production",
            actor="ana",
            why=f"better {number}",
            now=START,
        )
    return style


def test_the_same_sent_twice_is_done_once(engine, client, new_style):
    style = new_style(3)

    def send(call, seconds, **given):
        now = START + timedelta(seconds=seconds)
        return call(engine, client, style=style, actor="ana", now=now, **given)

    first = {"number": 1, "to": "production", "why": "first", "expect": 0}
    assert send(stages.promote, 0, **first) == send(stages.promote, 2, **first)
    send(stages.promote, 3, number=2, to="production", why="better", expect=1)
    send(stages.promote, 4, number=3, to="production", why="better still", expect=2)
    back = send(stages.rollback, 5, why="wrong blue", expect=3)
    assert send(stages.rollback, 6, why="wrong blue", expect=3) == back
    assert stages.production(engine, style) == 2  # not one further back
    assert len(stages.history(engine, style)) == 4
    with pytest.raises(StudioError, match="already"):
        send(stages.promote, 100, number=2, to="production", why="wrong blue")
    with pytest.raises(StudioError, match="somebody changed it meanwhile"):
        send(stages.rollback, 100, why="wrong blue", expect=3)


def test_a_rollback_pressed_again_without_an_answer_goes_no_further(engine, client, new_style):
    style = _promoted(engine, client, new_style, 4)

    def back(seconds, actor="ana", why="too dark", **given):
        return stages.rollback(
            engine,
            client,
            style=style,
            actor=actor,
            why=why,
            **given,
            now=START + timedelta(seconds=seconds),
        )

    once = back(0)
    assert (once.number, once.previous) == (3, 4)
    assert back(50, why=" too dark\n") == once
    with pytest.raises(StudioError, match="from version 4 to version 3.*same words") as told:
        back(70)  # whoever waited for the database to come back first
    assert "--from 3" in told.value.remedy
    with pytest.raises(StudioError, match="is version 3 by now, not version 4"):
        back(70, expect=4)
    assert stages.production(engine, style) == 3
    assert back(71, expect=3).number == 2  # meant
    assert back(72, actor="bo").number == 1  # somebody else, who saw version 2
    assert [row.version for row in stages.history(engine, style)[4:]] == [3, 2, 1]


@pytest.mark.slow
def test_a_rollback_from_what_was_seen_does_not_add_to_one_that_was_cut_off(
    engine, client, new_style, monkeypatch
):
    """The intent of whoever was cut off is finished first: that was the way back already."""
    style = _promoted(engine, client, new_style, 3)

    def back(actor, seconds):
        return stages.rollback(
            engine,
            client,
            style=style,
            actor=actor,
            why=f"says {actor}",
            now=START + timedelta(seconds=seconds),
        )

    def interrupted(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stages, "project", interrupted)
        with pytest.raises(KeyboardInterrupt):
            back("ana", 1)
    assert stages.production(engine, style) == 3
    with pytest.raises(StudioError, match="is version 2 by now, not version 3"):
        back("bo", 2)
    assert back("ana", 3).number == 2  # her own, which is done by now
    assert stages.production(engine, style) == 2


@pytest.mark.slow
def test_the_command_says_from_where_and_counts_once(
    engine, client, new_style, place, url_of, monkeypatch, capsys
):
    style = _promoted(engine, client, new_style, 3)
    for name, value in (
        ("STUDIO_HOME", home_of(engine)),
        ("STUDIO_DATABASE_URL", url_of(engine)),
        ("MLFLOW_TRACKING_URI", place.uri),
    ):
        monkeypatch.setenv(name, str(value))

    def rollback(*words):
        code = main(["rollback", style, "--user", "ana", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    once = (0, f"{style} version 2 is in production again, in place of version 3.\n")
    assert rollback("--why", "too dark", "--from", "3") == once
    assert rollback("--why", "too dark", "--from", "3") == once
    assert rollback("--why", "too dark") == once
    code, said = rollback("--why", "much too dark", "--from", "3")
    assert code == 2 and "is version 2 by now, not version 3" in said
    assert stages.production(engine, style) == 2

    def unanswered(*given, **more):
        raise Unsure("It may be stored.", "Look first.")

    monkeypatch.setattr(stages, "rollback", unanswered)
    code, said = rollback("--why", "dim")
    assert code == 2 and "With --from 2 the same command counts once" in said
