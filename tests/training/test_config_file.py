"""Training files as people write them: read right, or answered by file, key, value and remedy."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.training.config import TrainConfig, load_config
from studio.training.setting_values import BOUNDS

CASES = Path(__file__).with_name("cases")


@pytest.fixture
def written(tmp_path: Path):
    """The settings that a file with this text gives."""

    def read(text: str) -> TrainConfig:
        file = tmp_path / "train.yaml"
        file.write_text(text)
        return load_config("fast", file, None, {})

    return read


def test_yes_and_no_are_read_by_what_they_are_for():
    config = load_config("fast", CASES / "yesno.yaml", None, {})
    assert (config.mixed_precision, config.gradient_checkpointing) == ("no", False)
    assert (config.xformers, config.max_train_steps) == (True, 5)


def test_an_emptied_group_says_nothing():
    assert load_config("fast", CASES / "empty_group.yaml", None, {}) == load_config(
        "fast", None, None, {}
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("nan", "nan.yaml: lora.alpha is '.nan'. Give a number from 0 to 4096"),
        ("sdxl", "sdxl.yaml: model.type is sdxl, and the base pocket is none. Name a base"),
    ],
)
def test_what_can_not_be_is_told_by_file_key_value_and_remedy(case: str, said: str):
    with pytest.raises(StudioError, match=re.escape(said)):
        load_config("fast", CASES / f"{case}.yaml", None, {})


def test_every_case_is_one_of_these():
    assert {file.stem for file in CASES.iterdir()} == {"yesno", "empty_group", "nan", "sdxl"}


def test_a_type_that_is_the_bases_own_is_read(written):
    assert (
        written("model: {type: sdxl, base: somebody/some-xl-base}").base == "somebody/some-xl-base"
    )
    assert written("model: {type: SD15}").base == "pocket"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("hardware: {mixed_precision: off}", "mixed_precision", "no"),
        ("hardware: {mixed_precision: 'no'}", "mixed_precision", "no"),
        ("hardware: {mixed_precision: fp32}", "mixed_precision", "no"),
        ("hardware: {mixed_precision: FP16}", "mixed_precision", "fp16"),
        ("training: {flip: Yes}", "flip", True),
        ("training: {flip: on}", "flip", True),
        ("training: {flip: 0}", "flip", False),
        ("lora: {rank: '16'}", "rank", 16),
        ("lora: {rank: 1.6e1}", "rank", 16),
        ("training: {learning_rate: 1e-4}", "learning_rate", 1e-4),
        ("lora: {targets: [attention, convolutions]}", "targets", "attention,convolutions"),
        ("pictures: {repeats: {ships: 2, rocks: 0.5}}", "repeats", "ships=2,rocks=0.5"),
        ("model: {trigger_word: no}", "trigger_word", "no"),
        ("model: {trigger_word: 007}", "trigger_word", "007"),
        ("character: {instance_prompt: }", "instance_prompt", ""),
        ("lora: &a {rank: 7}\ntraining: {seed: 3}", "rank", 7),
        ("", "rank", 64),
        ("# all is commented out", "rank", 64),
    ],
)
def test_what_is_clear_is_read_right(written, text: str, name: str, value: object):
    assert getattr(written(text), name) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hardware: {mixed_precision: yes}", "hardware.mixed_precision is 'yes'"),
        ("hardware: {mixed_precision: fp61}", "Did you mean fp16?"),
        ("training: {flip: maybe}", "training.flip is 'maybe'. Give yes or no"),
        ("training: {flip: 2026-01-01}", "training.flip is '2026-01-01'"),
        ("lora: {rank: 010}", "lora.rank is 010, which some read as octal"),
        ("lora: {rank: 1:30}", "lora.rank is '1:30'"),
        ("lora: {rank: 0x10}", "lora.rank is '0x10'"),
        ("lora: {rank: [16]}", "lora.rank is ['16']"),
        ("lora: {rank: }", "lora.rank has no value"),
        ("lora: {rank: 3, rank: 4}", "'rank' stands there already"),
        ("lora: {rnak: 3}", "lora.rnak. Did you mean rank?"),
        ("lora: {seed: 3}", "lora.seed. It belongs into the group training"),
        ("lorra: {rank: 3}", "Did you mean lora?"),
        ("rank: 3", "has rank outside of a group. Put it under lora:"),
        ("training: 5", "training is '5'. It is a group"),
        ("training: []", "training is []. It is a group"),
        ("- lora", "holds no groups, but ['lora']"),
        ("lora:\n\trank: 3", "line 2"),
        ("model: {type: flux}", "model.type is 'flux'. Known are sd15"),
        ("model: {base: [pocket]}", "model.base is ['pocket']"),
        ("training: {seed: 100000000000000000000}", "training.seed is '100000000000000000000'"),
        ("training: {max_train_steps: 1000000000000}", "Give a whole number from 1 to 1000000"),
        ("training: {batch_size: 100000}", "training.batch_size is '100000'"),
        ("lora: {rank: 100000}", "lora.rank is '100000'"),
        ("training: {learning_rate: '0,5'}", "as 0.5"),
        ("pictures: {repeats: {ships: .inf}}", "pictures.repeats has 'ships=.inf'"),
    ],
)
def test_the_rest_is_refused_by_name(written, tmp_path: Path, text: str, said: str):
    with pytest.raises(StudioError) as refused:
        written(text)
    assert said in str(refused.value) and refused.value.remedy
    assert str(tmp_path / "train.yaml") in refused.value.message


def test_every_number_has_bounds_and_nan_and_inf_are_taken_by_none():
    kinds = {f.name: type(f.default) for f in fields(TrainConfig)}
    assert set(BOUNDS) == {name for name, kind in kinds.items() if kind in (int, float)}
    for name in BOUNDS:
        for value in (float("nan"), float("inf"), "nan", "inf", "1e400", 10**30):
            with pytest.raises(StudioError, match=f"{name} is"):
                load_config("fast", None, {name: value}, {})


def test_the_environment_is_named_as_it_is_written():
    with pytest.raises(StudioError, match="TRAIN_RANK is 'many'"):
        load_config("fast", None, None, {"TRAIN_RANK": "many"})
    with pytest.raises(StudioError, match="setting TRAIN_RNAK. Did you mean rank"):
        load_config("fast", None, None, {"TRAIN_RNAK": "3"})
