"""The documents name every setting and command, and none that is not there."""

import argparse
import re
from dataclasses import fields

from studio.cli.main import parser
from studio.settings import CHECKOUT, TABLE
from studio.training.config import BY_FAMILY, GROUPS, TrainConfig, load_config


def _first_column(file: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", (CHECKOUT / file).read_text(), re.MULTILINE)


def test_readme_lists_every_setting_and_no_other() -> None:
    assert _first_column("README.md") == [row.name for row in TABLE]


def test_training_settings_are_all_documented() -> None:
    assert _first_column("docs/training.md") == [f.name for f in fields(TrainConfig)]


def test_presets_are_told_as_they_are() -> None:
    said = re.findall(
        r"^\| ([\w .]+), (\w+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|",
        (CHECKOUT / "docs/training.md").read_text(),
        re.MULTILINE,
    )
    bases = {
        "practice base": "pocket",
        "Stable Diffusion 1.x": "somebody/some-diffusion",
        "Stable Diffusion 2.x": "somebody/stable-diffusion-2-1",
        "SDXL": "somebody/some-xl-base",
    }
    assert len(said) == sum(len(presets) for presets in BY_FAMILY.values())
    for base, preset, rank, steps, batch, rate in said:
        config = load_config(preset, None, {"base": bases[base]}, {})
        assert (config.rank, config.alpha) == (int(rank), float(rank))
        assert (config.max_train_steps, config.batch_size) == (int(steps), int(batch))
        assert config.learning_rate == float(rate)


def test_every_yaml_key_is_a_setting() -> None:
    known = {f.name for f in fields(TrainConfig)}
    named = {key for group in GROUPS.values() for key in group.values() if key}
    assert named == known


def test_commands_are_all_documented() -> None:
    documented = [row.split(" ") for row in _first_column("docs/commands.md")]
    assert {_command(words) for words in documented} == set(_commands(parser(), ()))


def _command(words: list[str]) -> tuple[str, ...]:
    nested = (
        "adapter",
        "base",
        "dataset",
        "jobs",
        "night",
        "people",
        "pocket",
        "request",
        "rollout",
        "sweep",
        "tokens",
        "withdraw",
    )
    return tuple(words[:2]) if words[0] in nested else (words[0],)


def _commands(top: argparse.ArgumentParser, before: tuple[str, ...]) -> list[tuple[str, ...]]:
    inner = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        return [before]
    return [c for n, p in inner[0].choices.items() for c in _commands(p, (*before, n))]
