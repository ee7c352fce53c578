"""A version that was looked up a moment ago is not looked up again, and is never held for long."""

from types import SimpleNamespace

import pytest

from studio.errors import StudioError
from studio.registry import looked_up


@pytest.fixture
def clock(monkeypatch):
    at = [100.0]
    monkeypatch.setattr(looked_up, "_held", {})
    monkeypatch.setattr(looked_up, "time", SimpleNamespace(monotonic=lambda: at[0]))
    return at


def test_it_is_held_for_a_moment_and_no_longer(client, new_style, clock):
    style = new_style(1)
    first = looked_up.version(client, style, 1)
    client.delete_model_version(style, "1")
    clock[0] += looked_up.HELD_S
    assert looked_up.version(client, style, 1) is first
    clock[0] += 0.1
    with pytest.raises(StudioError, match="no style|no version"):
        looked_up.version(client, style, 1)


def test_what_is_not_there_is_looked_for_each_time(client, new_style, clock):
    style = new_style(1)
    with pytest.raises(StudioError, match="has no version 2"):
        looked_up.version(client, style, 2)
    client.create_model_version(style, "/nowhere")
    assert looked_up.version(client, style, 2).number == 2


def test_only_so_many_are_held(client, new_style, clock, monkeypatch):
    monkeypatch.setattr(looked_up, "MOST", 2)
    style = new_style(3)
    for number in (1, 2, 3):
        assert looked_up.version(client, style, number).number == number
    assert len(looked_up._held) <= 2


def test_while_one_looks_others_take_what_was_found_a_moment_ago(
    client, new_style, clock, monkeypatch
):
    style, found, look = new_style(1), [], looked_up.models.get
    first = looked_up.version(client, style, 1)

    def slow(*named):
        found.append(looked_up.version(client, style, 1))  # another caller meanwhile
        return look(*named)

    monkeypatch.setattr(looked_up.models, "get", slow)
    clock[0] += 2 * looked_up.HELD_S
    again = looked_up.version(client, style, 1)
    assert found == [first] and found[0] is first and again is not first
