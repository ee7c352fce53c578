"""Tokens of a machine: shown once, kept as their hash, withdrawn at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.worker.machine import tokens

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_token_holds_until_it_is_withdrawn(tmp_path: Path) -> None:
    assert not tokens.holds(tmp_path, "")
    token = tokens.make(tmp_path, "first", NOW)
    other = tokens.make(tmp_path, "second", NOW)
    assert token not in (tmp_path / tokens.FILE).read_text()
    assert tokens.holds(tmp_path, token) and tokens.holds(tmp_path, other)
    assert not tokens.holds(tmp_path, token + "x")
    tokens.withdraw(tmp_path, "first")
    assert not tokens.holds(tmp_path, token) and tokens.holds(tmp_path, other)
    assert list(tokens.listing(tmp_path)) == ["second"]
    with pytest.raises(StudioError, match="no token 'first'"):
        tokens.withdraw(tmp_path, "first")
    with pytest.raises(StudioError, match="second already"):
        tokens.make(tmp_path, "second", NOW)
