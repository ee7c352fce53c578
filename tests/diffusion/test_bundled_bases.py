"""Bases that come with the studio: found by name, side by side, and said so where one is away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.diffusion import bundled_bases
from studio.diffusion.bases import find_base
from studio.diffusion.folder_layout import is_practice
from studio.diffusion.team_bases import free_to_name
from studio.errors import StudioError
from studio.settings import POCKET


def test_the_first_base_is_found_by_its_name() -> None:
    found = find_base("pocket")
    assert (found.path, found.licence, found.commercial) == (str(POCKET), "CC0-1.0", True)
    assert is_practice("pocket") and is_practice("pocket-2") and not is_practice("pocket-3")
    assert bundled_bases.present()[0].name == bundled_bases.DEFAULT
    assert bundled_bases.CLIP.parent == bundled_bases.BASES[bundled_bases.DEFAULT].folder


def test_another_lies_beside_it_or_is_said_to_be_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = replace(bundled_bases.BASES["pocket-2"], folder=tmp_path / "pocket-2")
    monkeypatch.setitem(bundled_bases.BASES, "pocket-2", second)
    with pytest.raises(StudioError, match="pocket-2 does not lie"):
        find_base("pocket-2")
    assert [base.name for base in bundled_bases.present()] == ["pocket"]
    second.folder.mkdir()
    (second.folder / "model_index.json").write_text("{}")
    assert find_base("pocket-2").path == str(second.folder)
    assert [base.name for base in bundled_bases.present()] == ["pocket", "pocket-2"]
    assert bundled_bases.place("pocket-2") == str(second.folder)
    assert bundled_bases.place("some/base") == "some/base"
    assert free_to_name(tmp_path, "pocket-2")
