"""What may be tried, as people write it."""

from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.training.config import TrainConfig
from studio.workflows.sweeps import ranges


def test_values_and_ranges_are_read_and_written_alike() -> None:
    found = ranges.parse(
        {"learning_rate": "1e-4 .. 0.01", "rank": [8, 16, 16], "max_train_steps": "200,400"}
    )
    assert {name: one.text for name, one in found.items()} == {
        "rank": "8, 16",
        "learning_rate": "0.0001..0.01",
        "max_train_steps": "200, 400",
    }
    assert ranges.parse({name: one.text for name, one in found.items()}) == found


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"rank": ""},
        {"batch_size": "1, 2"},
        {"rank": "8.5"},
        {"rank": "0..4"},
        {"rank": "16..8"},
        {"learning_rate": "fast"},
        {"learning_rate": "0.1..3"},
        {"max_train_steps": "nan"},
        {"alpha": "1,,2"},
    ],
)
def test_what_can_not_be_tried_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(StudioError):
        ranges.parse(asked)


def test_alpha_keeps_its_share_of_the_rank_unless_it_is_tried_itself() -> None:
    config = TrainConfig(rank=16, alpha=8.0)
    assert ranges.chosen(config, {"rank": 64}).alpha == 32.0
    assert ranges.chosen(config, {"rank": 64, "alpha": 5.0}).alpha == 5.0
    assert ranges.parse(ranges.usual(config))


def test_a_yaml_file_gives_ranges_and_trials(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text("trials: 9\nranges:\n  rank: [8, 16]\n  learning_rate: 1e-4..1e-2\n")
    asked, trials = ranges.read(file)
    assert trials == 9 and list(ranges.parse(asked)) == ["rank", "learning_rate"]
    file.write_text("trial: 9")
    with pytest.raises(StudioError, match="has trial. Did you mean trials"):
        ranges.read(file)
