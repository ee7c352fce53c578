from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from studio.errors import StudioError
from studio.training.config import PRACTICE, PRESETS, TrainConfig, load_config, on_this_machine
from tests import before


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
    assert config.learning_rate == PRACTICE["fast"]["learning_rate"]


def test_a_preset_is_the_bases_own(tmp_path: Path) -> None:
    assert load_config("balanced", None, None, {}).learning_rate == 3e-3
    file = tmp_path / "train.yaml"
    file.write_text("model: {base: somebody/some-diffusion}\nlora: {rank: 5}\n")
    config = load_config("balanced", file, None, {})
    assert (config.rank, config.learning_rate) == (5, PRESETS["balanced"]["learning_rate"])
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "open_clip_config.json").write_text("{}")
    own = load_config("balanced", None, {"base": str(tmp_path)}, {})
    assert own.learning_rate == 3e-3


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


def test_a_file_of_before_still_says_the_same(tmp_path: Path) -> None:
    """With every name that a training file could have then, and no setting's meaning changed."""
    was = before.told()["settings"]
    file = tmp_path / "train.yaml"
    file.write_text(yaml.safe_dump(was["yaml"]))
    assert was["read"].items() <= asdict(load_config("fast", file, None, {})).items()
    for name, preset in was["presets"].items():
        assert preset.items() <= asdict(load_config(name, None, None, {})).items()
    named = {f"TRAIN_{name.upper()}": str(value) for name, value in was["read"].items()}
    assert was["read"].items() <= asdict(load_config("fast", None, None, named)).items()
