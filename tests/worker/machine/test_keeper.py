"""The runs of a machine, without its server: which it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.settings import load_settings
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
