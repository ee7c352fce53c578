"""The documents name every setting and command, and none that is not there."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from studio.cli.main import parser
from studio.cli.renamed import RENAMED, renamed
from studio.settings import CHECKOUT, TABLE
from studio.training.config import BY_FAMILY, TrainConfig, load_config
from studio.training.config_file import GROUPS, TYPE
from tests.command_lines import command_of, commands, written, wrong

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("[!.]*/*.md")])
OLD_FLAGS = {old.split()[-1] for old in RENAMED if "--" in old}
NUMBERS = {"VERSION": "1", "ID": "1", "TRIAL": "1"}
FIRST = {command[0] for command in commands()}
NESTED = {command[0] for command in commands() if len(command) > 1}


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
    named = {key for group in GROUPS.values() for key in group}
    assert named == known | {TYPE}


def test_commands_are_all_documented() -> None:
    documented = [command_of(row.split()) for row in _first_column("docs/commands.md")]
    assert len(documented) == len(set(documented)) and set(documented) == set(commands())


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_documents_name_commands_and_flags_that_there_are(file: Path) -> None:
    named = _named(file.read_text("utf-8"))
    assert not [(line, what) for line in named if (what := wrong(line))]
    flags = set(re.findall(r"`(--[a-z-]+)", file.read_text("utf-8")))
    assert not flags & OLD_FLAGS


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_examples_are_taken_by_the_parser(file: Path) -> None:
    """Lines of their own, whole; NUMBERS are words that stand for one."""
    for line in _examples(file.read_text("utf-8")):
        words = [NUMBERS.get(word, word) for word in shlex.split(line)]
        assert parser().parse_args(words).run, line


def test_command_lines_are_found_in_documents() -> None:
    text = "Call `queue list --x` or `python -m studio doctor --mend`; `train` it.\n"
    text += "    .venv/bin/python -m studio sweep run a --dataset b \\\n        --try c=1,2\n"
    assert _named(text) == [
        "doctor --mend",
        "sweep run a --dataset b --try c=1,2",
        "queue list --x",
    ]
    assert _examples(text) == ["sweep run a --dataset b --try c=1,2"]
    everything = "".join(file.read_text("utf-8") for file in DOCUMENTS)
    assert len(_examples(everything)) >= 25 and len(_named(everything)) >= 90


def _named(text: str) -> list[str]:
    """What a text names of the command line: after `python -m studio`, and what stands between
    backticks and begins with a command of two words, with a flag, or with a name of before."""
    text = text.replace("\\\n", " ")
    lines = [line for line in written(text) if not line.startswith("COMMAND")]
    for code in re.findall(r"`([^`\n]+)`", text):
        words = code.split()
        if words[0] in FIRST and (words[0] in NESTED or "--" in code) and len(words) > 1:
            lines.append(code)
        elif renamed(words)[1]:
            lines.append(code)
    return lines


def _examples(text: str) -> list[str]:
    """Lines that are a command and nothing else, as in a block of code."""
    text = text.replace("\\\n", " ")
    found = re.findall(r"^ *(?:\S*/)?python -m studio (.+)$", text, re.MULTILINE)
    return [re.sub(" +", " ", line) for line in found]


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_what_documents_lead_to_is_there(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", file.read_text("utf-8")):
        if "://" not in target:
            assert (file.parent / target).exists(), target
