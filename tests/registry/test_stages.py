"""Promotion, rollback and repair, with MLflow's aliases asserted beside the ledger."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from studio.database.engine import home_of
from studio.errors import StudioError
from studio.registry import models, reconcile, stages

pytestmark = pytest.mark.usefixtures("either_database")

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def move(engine, client):
    """promote(...) with the arguments that a test does not care about filled in."""
    clock = [START]

    def call(style, number, to="production", **given):
        clock[0] += timedelta(hours=1)
        given = {"actor": "ana", "why": "better hands", "now": clock[0], **given}
        return stages.promote(engine, client, style=style, number=number, to=to, **given)

    return call


@pytest.fixture
def back(engine, client):
    def call(style, **given):
        given = {"actor": "bo", "why": "wrong blue", "now": START + timedelta(days=1), **given}
        return stages.rollback(engine, client, style=style, **given)

    return call


def seen(client, style):
    return {v.number: v.stage for v in models.list_versions(client, style)}


def agree(engine, client, style):
    return reconcile.reconcile(engine, client, style, now=START, mend=False) == []


def test_promotion_moves_alias_tag_and_ledger(engine, client, new_style, move):
    style = new_style(3)
    made = move(style, 1, "staging")
    assert (made.from_stage, made.to_stage, made.previous) == ("candidate", "staging", None)
    assert seen(client, style) == {1: "staging", 2: "candidate", 3: "candidate"}
    assert stages.production(engine, style) is None
    move(style, 1)
    assert models.aliases(client, style) == {"production": 1}
    made = move(style, 2)
    assert made.previous == 1
    assert seen(client, style) == {1: "archived", 2: "production", 3: "candidate"}
    assert models.stage_tags(client, style) == {1: "archived", 2: "production", 3: "candidate"}
    assert stages.production(engine, style) == 2
    row = stages.history(engine, style)[-1]
    assert (row.actor, row.action, row.reason, row.state) == ("ana", "promote", row.reason, "done")
    assert (row.version, row.previous, row.from_stage, row.to_stage) == (
        2,
        1,
        "candidate",
        "production",
    )
    move(style, 1, "staging")
    move(style, 3, "staging")
    assert seen(client, style) == {1: "candidate", 2: "production", 3: "staging"}
    assert agree(engine, client, style)


def test_what_is_refused_leaves_no_row(engine, client, new_style, move):
    style = new_style(2)
    move(style, 1)
    for given, words in [
        (dict(number=2, to="live"), "no stage 'live'"),
        (dict(number=2, why="  "), "needs a reason"),
        (dict(number=9), "no version 9"),
        (dict(number=1), "in production already"),
        (dict(number=2, expect=2), "is version 1 by now, not version 2"),
        (dict(number=2, expect=0), "is version 1 by now, not empty"),
    ]:
        with pytest.raises(StudioError, match=words):
            move(style, **given)
    assert len(stages.history(engine, style)) == 1
    assert move(style, 2, expect=1).previous == 1


def test_rollback_goes_further_back_each_time(engine, client, new_style, move, back):
    style = new_style(4)
    for number in (1, 2, 3):
        move(style, number)
    assert back(style).number == 2
    assert back(style, expect=2).number == 1
    assert stages.production(engine, style) == 1
    assert models.aliases(client, style) == {"production": 1}
    with pytest.raises(StudioError, match="Version 1 is the first of .* none to go back"):
        back(style, why="still too dark")
    move(style, 4)
    assert back(style).number == 1  # not 3 and not 2: they were rolled back
    assert seen(client, style) == {1: "production", 2: "archived", 3: "archived", 4: "archived"}
    with pytest.raises(StudioError, match="is version 1 by now"):
        back(style, expect=4, why="too dark")
    assert agree(engine, client, style)


def test_a_withdrawn_production_is_not_rolled_back_to(engine, client, new_style, move, back):
    style = new_style(2)
    move(style, 1)
    move(style, 2)
    move(style, 2, "archived")
    assert stages.production(engine, style) is None
    assert models.aliases(client, style) == {}
    assert back(style).number == 1


def test_rollback_without_history_and_to_a_deleted_version(client, new_style, move, back):
    style = new_style(2)
    with pytest.raises(StudioError, match="none before to go back to"):
        back(style)
    move(style, 1)
    move(style, 2)
    client.delete_model_version(style, "1")
    with pytest.raises(StudioError, match="version 1, which was deleted"):
        back(style)


def test_in_production_at(engine, new_style, move, back):
    style = new_style(2)
    move(style, 1, now=START)
    move(style, 2, now=START + timedelta(hours=2))
    back(style, now=START + timedelta(hours=4))
    at = [
        stages.in_production_at(engine, style, START + timedelta(hours=h))
        for h in (-1, 0, 1, 2, 3, 4)
    ]
    assert at == [None, 1, 1, 2, 2, 1]
    with pytest.raises(ValueError, match="time zone"):
        stages.in_production_at(engine, style, datetime(2026, 1, 1))


CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from studio.database.engine import open_database
from studio.database.engine import home_of
from studio.errors import StudioError
from studio.tracking.client import connect, tracking
from studio.registry import stages
home, url, uri, style, what = sys.argv[1:6]
engine = open_database(Path(home), url)
client = connect(tracking(Path(home), Path(home) / "mlruns", uri))
def go(call, why="race", **given):
    return call(engine, client, style=style, actor=what, why=why, now=datetime.now(UTC), **given)
if what.startswith("kill"):
    project = stages.project
    def dying(*given):
        if what == "kill-after":
            project(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    stages.project = dying
    go(stages.promote, number=2, to="production")
print("ready", flush=True)
sys.stdin.readline()
for turn in range(8):
    try:
        if what == "back":
            go(stages.rollback, f"race {turn}")
        else:
            go(stages.promote, number=2 + turn % 3, to="production")
    except StudioError as error:
        assert "already" in str(error) or "none to go back to" in str(error), error
"""


@pytest.fixture
def child(engine, place, url_of):
    return lambda style, what: _child(home_of(engine), url_of(engine), place.uri, style, what)


def _child(*words):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=os.path.dirname(os.path.dirname(stages.__file__)) + "/..",
    )


@pytest.mark.slow
def test_two_processes_at_once_serialise(engine, client, new_style, move, child):
    style = new_style(4)
    move(style, 1)
    both = [child(style, what) for what in ("forward", "back")]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:  # only now, so that both are at work at the same time
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(250) for process in both] == [0, 0]
    rows = stages.history(engine, style)
    assert len(rows) > 4 and {row.state for row in rows} == {"done"}
    held = None
    for row in rows:  # each change saw the one before it
        assert row.previous == held
        held = row.version
    assert models.aliases(client, style) == {"production": held}
    assert stages.production(engine, style) == held
    assert agree(engine, client, style)


@pytest.mark.parametrize("what", ["kill-before", "kill-after"])
def test_a_killed_change_is_finished(engine, client, new_style, move, child, what):
    style = new_style(2)
    move(style, 1)
    assert child(style, what).wait(250) == -signal.SIGKILL
    assert stages.history(engine, style)[-1].state == "intent"
    assert stages.production(engine, style) == 1
    said = reconcile.reconcile(engine, client, style, now=START, mend=False)
    assert len(said) >= 1 and "was interrupted" in said[0]
    assert stages.history(engine, style)[-1].state == "intent"  # looking changes nothing
    said = reconcile.reconcile(engine, client, style, now=START, mend=True)
    assert said == [f"Promote of '{style}' version 2 to production was interrupted; finished."]
    assert stages.production(engine, style) == 2
    assert seen(client, style) == {1: "archived", 2: "production"}
    assert [row.state for row in stages.history(engine, style)] == ["done", "done"]
    assert agree(engine, client, style)


def test_mlflow_failing_midway_is_taken_back(engine, client, new_style, move, monkeypatch):
    style = new_style(2)
    move(style, 1)
    real = client.set_model_version_tag

    def broken(name, version, key, value):
        if value == "archived":
            raise OSError("disk full")
        real(name, version, key, value)

    monkeypatch.setattr(client, "set_model_version_tag", broken)
    with pytest.raises(StudioError, match="disk full.*Nothing was changed"):
        move(style, 2)
    assert [row.state for row in stages.history(engine, style)] == ["done", "failed"]
    assert seen(client, style) == {1: "production", 2: "candidate"}
    monkeypatch.undo()
    assert agree(engine, client, style)


def test_a_move_by_hand_is_recorded(engine, client, new_style, move, back):
    style = new_style(3)
    move(style, 1)
    client.set_registered_model_alias(style, "production", "3")
    said = reconcile.reconcile(engine, client, style, now=START, mend=False)
    assert said[0] == f"Production of '{style}' is version 1 in the ledger and version 3 in MLflow."
    assert stages.production(engine, style) == 1
    reconcile.reconcile(engine, client, style, now=START + timedelta(days=1), mend=True)
    row = stages.history(engine, style)[-1]
    assert (row.actor, row.version, row.previous, row.state) == ("mlflow", 3, 1, "done")
    assert seen(client, style) == {1: "archived", 2: "candidate", 3: "production"}
    assert agree(engine, client, style)
    assert back(style).number == 1

    client.delete_registered_model_alias(style, "production")
    client.set_registered_model_alias(style, "staging", "2")
    assert len(reconcile.reconcile(engine, client, style, now=START, mend=True)) >= 2
    assert stages.production(engine, style) is None
    assert seen(client, style) == {1: "archived", 2: "staging", 3: "archived"}
    client.set_registered_model_alias(style, "production", "2")  # one version, both aliases
    reconcile.reconcile(engine, client, style, now=START, mend=True)
    assert models.aliases(client, style) == {"production": 2}
    assert agree(engine, client, style)


def test_a_move_by_hand_is_seen_by_the_next_change(engine, client, new_style, move, back):
    style = new_style(3)
    move(style, 1)
    client.set_registered_model_alias(style, "production", "3")
    with pytest.raises(StudioError, match="is version 3 by now, not version 1"):
        move(style, 2, expect=1)
    assert move(style, 2).previous == 3
    assert [row.actor for row in stages.history(engine, style)] == ["ana", "mlflow", "ana"]
    assert back(style).number == 3


def test_tags_changed_by_hand_and_deleted_versions(engine, client, new_style, move):
    style = new_style(3)
    move(style, 1)
    move(style, 2, "staging")
    client.set_model_version_tag(style, "3", "stage", "production")
    said = reconcile.reconcile(engine, client, style, now=START, mend=True)
    assert said == [
        f"The stage tag of '{style}' version 3 says 'production', the ledger 'candidate'; "
        "written again."
    ]
    client.delete_model_version(style, "2")
    move(style, 3)  # the deleted one in staging is not in the way
    assert stages.production(engine, style) == 3
    noted = stages.history(engine, style)[-2]
    assert (noted.actor, noted.version, noted.from_stage) == ("mlflow", 2, "staging")
    assert agree(engine, client, style)


def test_a_version_that_somebody_moved_meanwhile_stays(engine, client, new_style, move):
    style = new_style(2)
    move(style, 1)
    with pytest.raises(StudioError, match="is in production by now, not in candidate"):
        move(style, 1, "archived", expect_stage="candidate")
    assert stages.production(engine, style) == 1
    with pytest.raises(StudioError, match="already"):
        move(style, 1, expect_stage="candidate", expect=1)
    assert move(style, 1, "archived", expect_stage="production").from_stage == "production"


def test_a_reason_that_is_far_too_long_is_refused(engine, client, new_style, move):
    style = new_style(1)
    with pytest.raises(StudioError, match="100,000 characters"):
        move(style, 1, why="x" * 100_000)
    assert stages.history(engine, style) == []
