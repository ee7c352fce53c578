"""The rule by which a checkpoint is chosen, its words, and its journal."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.training import checkpoint_choice, kept_adapters
from studio.training.checkpoint_choice import Check


def _checks(*losses: float, copies: tuple[int, ...] = ()) -> list[Check]:
    return [
        Check(
            (k + 1) * 100,
            1_700_000_000_000 + k,
            {"held_out_loss": loss, "drawn": 8.0, "copies": float(copies[k] if copies else 0)},
            "a" * 64,
            17,
        )
        for k, loss in enumerate(losses)
    ]


def test_the_lowest_held_out_loss_is_the_best_and_a_hair_less_is_no_gain() -> None:
    found = checkpoint_choice.best(_checks(0.5, 0.4, 0.39999, 0.41))
    assert found and found.step == 200
    assert checkpoint_choice.best([Check(100, 1)]) is None
    assert checkpoint_choice.best(_checks(math.nan, math.inf)) is None


def test_a_copying_check_loses_to_one_that_does_not() -> None:
    found = checkpoint_choice.best(_checks(0.5, 0.4, 0.3, copies=(0, 2, 3)))
    assert found and found.step == 200  # 2 of 8 is a quarter, 3 is more
    late = checkpoint_choice.best(_checks(0.3, 0.5, copies=(4, 0)))
    assert late and late.step == 200
    same = checkpoint_choice.best(_checks(0.3, 0.2, copies=(4, 5)))
    assert same and same.step == 200


def test_it_stops_after_so_many_checks_without_a_gain() -> None:
    checks = _checks(0.5, 0.4, 0.41, 0.42)
    assert [checkpoint_choice.enough(checks[:k], 2) for k in range(1, 5)] == [
        False,
        False,
        False,
        True,
    ]
    assert not checkpoint_choice.enough(checks, 0)


def test_the_words_tell_when_why_and_what_is_kept() -> None:
    checks = _checks(0.5, 0.4, 0.43, 0.45, copies=(0, 0, 1, 4))
    assert checkpoint_choice.why(checks, 2000, True) == (
        "Stopped at 400: validation loss rises since step 200, outputs come close to training "
        "picture 17. Step 200 is kept: its validation loss is 0.4000, at the end 0.4500, and it "
        "copies less."
    )
    assert checkpoint_choice.why(_checks(0.5, 0.4), 200, True) == (
        "Trained to 200. The last step is kept: its validation loss, 0.4000, is the lowest."
    )
    assert checkpoint_choice.why(_checks(0.4, 0.5), 200, False) == (
        "Trained to 200: validation loss rises since step 100. The last step is kept, as was asked."
    )
    assert checkpoint_choice.why([Check(50, 1)], 50, True) == (
        "Trained to 50. The last step is kept: nothing was held out to choose by."
    )
    assert checkpoint_choice.why([], 50, True) == ""
    assert checkpoint_choice.why(_checks(0.5), 200, True, "worse than most trials were there") == (
        "Stopped at 100: worse than most trials were there. The last step is kept: its validation "
        "loss, 0.5000, is the lowest."
    )


def test_the_journal_gives_back_what_was_written_and_drops_a_torn_line(tmp_path: Path) -> None:
    checks = _checks(0.5, 0.4)
    for check in checks:
        checkpoint_choice.append(tmp_path, check)
    assert checkpoint_choice.read(tmp_path) == checks
    journal = tmp_path / checkpoint_choice.JOURNAL
    journal.write_text(journal.read_text() + json.dumps({"step": 300})[:-3])
    assert checkpoint_choice.read(tmp_path, mend=True) == checks
    assert journal.read_text().count("\n") == 2
    checkpoint_choice.append(tmp_path, Check(300, 3))
    assert [check.step for check in checkpoint_choice.read(tmp_path)] == [100, 200, 300]


def test_an_adapter_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    kept_adapters.keep(tmp_path, 100, lambda aside: (aside / "adapter").write_text("one"))

    def torn(aside: Path) -> None:
        (aside / "adapter").write_text("tw")
        raise OSError(28, "No space left on device")

    with pytest.raises(StudioError, match="No space left"):
        kept_adapters.keep(tmp_path, 200, torn)
    assert not kept_adapters.place(tmp_path, 200).exists()
    kept_adapters.keep(tmp_path, 100, lambda aside: (aside / "adapter").write_text("anew"))
    assert (kept_adapters.place(tmp_path, 100) / "adapter").read_text() == "anew"
    kept_adapters.keep(tmp_path, 300, lambda aside: (aside / "adapter").write_text("three"))
    kept_adapters.prune(tmp_path, {300})
    assert [f.name for f in (tmp_path / kept_adapters.FOLDER).iterdir()] == ["step-000300"]
