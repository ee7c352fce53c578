"""A machine without its runs' processes: what it begins, and whom it answers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.errors import StudioError
from studio.settings import load_settings
from studio.worker.machine import folders, routes, server, tokens
from studio.worker.machine.folders import Kept
from studio.worker.machine.keeper import UNWANTED, Keeper


def test_a_run_that_was_cancelled_before_it_came_is_not_begun(tmp_path: Path) -> None:
    """Its question may be on its way for longer than whoever asked it lives."""
    keeper = Keeper(load_settings({}, home=str(tmp_path)), ("train",))
    keeper.open()
    assert keeper.cancel("a" * 32) is None
    with pytest.raises(StudioError, match="was cancelled before it came"):
        keeper.begin("a" * 32, "0" * 64, 60.0, 60.0, None)
    assert keeper.counts() == (0, 0) and not any((keeper.root / "runs").iterdir())
    with pytest.raises(StudioError, match="could not be written"):  # what it asks is not here
        keeper.begin("b" * 32, "0" * 64, 60.0, 60.0, None)
    for number in range(UNWANTED + 1):
        keeper.cancel(f"{number:032x}")
    assert len(keeper.unwanted) == UNWANTED


def test_tokens_that_cannot_be_read_let_nobody_in_and_tell_nothing(tmp_path: Path) -> None:
    """Studios ask again then, and no job fails by it."""
    keeper = Keeper(load_settings({}, home=str(tmp_path)), ("train",))
    keeper.open()
    machine = TestClient(routes.app(keeper))
    token = tokens.make(tmp_path, "studio", datetime.now(UTC))
    asked = {"Authorization": f"Bearer {token}"}
    assert machine.get(f"/status/{'a' * 32}", headers=asked).status_code == 404
    for nan in ("nan", "-1", "soon"):
        answer = machine.get(f"/stream/{'a' * 32}?wait={nan}", headers=asked)
        assert answer.status_code == 400
    (tmp_path / tokens.FILE).write_text("{")
    answer = machine.get("/health", headers=asked)
    assert answer.status_code == 503 and str(tmp_path) not in answer.text
    (tmp_path / tokens.FILE).unlink()
    assert machine.get("/health", headers=asked).status_code == 401


def test_a_second_server_leaves_the_runs_of_the_first_alone(tmp_path: Path) -> None:
    settings = load_settings({}, home=str(tmp_path))
    keeper = Keeper(settings, ("train",))
    keeper.open()
    run = Kept("a" * 32, "train", "work", "0" * 64, 1.0, 60.0, 60.0, "IN_PROGRESS")
    (keeper.folder(run.id)).mkdir()
    folders.write(keeper.folder(run.id), run)
    held = server.alone(tmp_path)
    with pytest.raises(StudioError, match="Another server computes in"):
        server.serve(settings, print, host="127.0.0.1", port=0)
    assert folders.read(keeper.folder(run.id)) == run  # neither lost nor begun anew
    held.release()


def test_who_sends_or_fetches_a_file_keeps_it_from_ending(tmp_path: Path) -> None:
    """Results of an hour's work may take longer to fetch than it waits for the next job."""
    keeper = Keeper(load_settings({}, home=str(tmp_path)), ("train",), idle_close=1.0)
    keeper.open()
    machine = TestClient(routes.app(keeper))
    token = tokens.make(tmp_path, "studio", datetime.now(UTC))
    asked = {"Authorization": f"Bearer {token}"}
    place = f"/content/{hashlib.sha256(b'one').hexdigest()}?at=0"

    def idle_for_long() -> None:
        keeper.used -= 3600
        assert keeper.idle

    idle_for_long()
    assert machine.put(f"{place}&of=3", content=b"one", headers=asked).json() == {"whole": True}
    assert not keeper.idle
    idle_for_long()
    assert machine.get(place, headers=asked).content == b"one" and not keeper.idle
