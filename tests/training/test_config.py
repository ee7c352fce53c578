from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.training.config import PRESETS, TrainConfig, load_config, on_this_machine


def test_flag_wins_over_environment_over_yaml_over_preset(tmp_path: Path) -> None:
    file = tmp_path / "train.yaml"
    file.write_text("lora: {rank: 5, alpha: 6}\ntraining: {batch_size: 3, max_train_steps: 9}\n")
    config = load_config(
        "fast",
        file,
        {"max_train_steps": "11"},
        {"TRAIN_BATCH_SIZE": "4", "TRAIN_MAX_TRAIN_STEPS": "10"},
    )
    assert (config.rank, config.alpha) == (5, 6.0)
    assert config.batch_size == 4
    assert config.max_train_steps == 11
    assert config.learning_rate == PRESETS["fast"]["learning_rate"]


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ({"rnak": 3}, "rnak"),
        ({"rank": "many"}, "rank"),
        ({"rank": 0}, "rank"),
        ({"learning_rate": 5}, "learning_rate"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"targets": "attention,eyes"}, "eyes"),
        ({"trigger_word": " "}, "trigger_word"),
        ({"caption_dropout": 1.0}, "caption_dropout"),
    ],
)
def test_a_bad_setting_is_named(flags: dict[str, object], named: str) -> None:
    with pytest.raises(StudioError, match=named):
        load_config("fast", None, flags, {})


def test_an_unknown_group_or_key_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "train.yaml"
    for text, named in (("lorra: {rank: 1}", "lorra"), ("lora: {ranks: 1}", "lora.ranks")):
        file.write_text(text)
        with pytest.raises(StudioError, match=named):
            load_config("fast", file, None, {})


def test_what_a_cpu_cannot_do_is_said_and_replaced() -> None:
    wanted = TrainConfig(optimizer="adamw8bit", xformers=True, mixed_precision="fp16")
    config, said = on_this_machine(wanted, "cpu")
    assert (config.optimizer, config.xformers, config.mixed_precision) == ("adamw", False, "no")
    assert len(said) == 3
