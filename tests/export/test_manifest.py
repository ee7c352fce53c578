"""The manifest: added to, never lost, and refused where it is none."""

import json

import pytest

from studio.errors import StudioError
from studio.export import manifest


def test_entries_are_added_replaced_and_taken_out():
    first = manifest.with_entries({"b.png": {"seed": 1}, "a.png": {"seed": 2}})(None)
    assert list(json.loads(first)["files"]) == ["a.png", "b.png"]
    more = manifest.with_entries({"b.png": {"seed": 3}, "c.png": {}}, ["a.png"])(first)
    assert json.loads(more) == {"schema": 1, "files": {"b.png": {"seed": 3}, "c.png": {}}}
    assert manifest.with_entries({"b.png": {"seed": 3}})(more) == more


NONE = (
    *(b"", b"[]", b"{", b'{"schema": 1}', b"\xff"),
    b'{"schema": 1, "files": [["a", 1], [2, 3]]}',
    pytest.param(b"[" * 100_000, id="deep"),
)


@pytest.mark.parametrize("data", NONE)
def test_what_is_no_manifest_is_refused(data):
    with pytest.raises(StudioError, match="no manifest"):
        manifest.with_entries({})(data)


def test_one_of_a_newer_program_is_refused():
    with pytest.raises(StudioError, match="schema 2"):
        manifest.with_entries({})(b'{"schema": 2, "files": {}}')


def test_half_of_a_surrogate_pair_stays_as_it_was_written():
    before = b'{"schema": 1, "files": {"a.png": {"by": "\\ud83d"}}}'
    after = manifest.with_entries({"b.png": {"seed": 1}})(before)
    assert json.loads(after)["files"]["a.png"] == {"by": "\ud83d"}
