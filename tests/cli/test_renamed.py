"""Names of before: they do what they did, with one warning on standard error."""

import json
from pathlib import Path

import pytest

from studio.cli.main import main, parser
from studio.cli.renamed import RENAMED, renamed
from tests.command_lines import commands

# What each needs besides its own words.
REST = {
    "dataset look": ["items", "--matte", "#000000"],
    "night": ["begin", "now"],
    "people admit": ["Bo"],
    "people shut": ["Bo"],
    "rollout begin": ["items", "2", "--why", "hands"],
    "tokens make": ["Bo", "--for", "nightly"],
    "dataset import --behind": ["random", "items", "folder"],
    "dataset import --mirror": ["yes", "items", "folder"],
    "dataset preprocessing --behind": ["random", "items"],
    "dataset preprocessing --mirror": ["yes", "items"],
    "doctor --mend": ["--json"],
    "rollout change --go-on": ["items", "--why", "hands"],
}


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_name_asks_for_what_the_new_one_does(old: str) -> None:
    line, (warning,) = renamed([*old.split(), *REST[old]])
    assert line == [*RENAMED[old].split(), *REST[old]] and renamed(line) == (line, [])
    assert warning.endswith(f"{old} is deprecated; use python -m studio {RENAMED[old]}.")
    assert parser().parse_args(line).run


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_name_stands_in_no_help(old: str, capsys: pytest.CaptureFixture[str]) -> None:
    *above, name = old.split()
    if above == ["dataset", "preprocessing"] or not name.startswith("--"):
        assert tuple(old.split()) not in {command[: len(above) + 1] for command in commands()}
    with pytest.raises(SystemExit):
        main([*above, "--help"])
    assert f" {name} " not in capsys.readouterr().out.replace("\n", " \n")


def test_two_old_names_in_a_line_are_both_warned_of() -> None:
    line, warnings = renamed(["dataset", "look", "items", "--mirror=yes", "--behind", "random"])
    new = ["dataset", "preprocessing", "items", "--horizontal-flips=yes", "--background", "random"]
    assert line == new and len(warnings) == 3


@pytest.mark.parametrize(
    "line",
    [
        ["generate", "night", "--style", "items"],
        ["train", "night", "--dataset", "look"],
        ["dataset", "list"],
        ["dataset", "import", "--", "--mirror", "folder"],
        ["rollout", "change", "items", "--why=--go-on"],
        [],
    ],
)
def test_other_words_stay(line: list[str]) -> None:
    assert renamed(line) == (line, [])


def test_an_answer_stays_json_with_the_warning_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dataset", "look", "items", "--json", "--home", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert "items" in json.loads(printed.out)["error"]
    new = "use python -m studio dataset preprocessing."
    assert printed.err == f"Warning: python -m studio dataset look is deprecated; {new}\n"
