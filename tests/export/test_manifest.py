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


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"schema": 1}', b"\xff"])
def test_what_is_no_manifest_is_refused(data):
    with pytest.raises(StudioError, match="no manifest"):
        manifest.with_entries({})(data)


def test_one_of_a_newer_program_is_refused():
    with pytest.raises(StudioError, match="schema 2"):
        manifest.with_entries({})(b'{"schema": 2, "files": {}}')
