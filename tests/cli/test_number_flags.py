"""Numbers on the command line: read in one way, refused in words."""

import argparse
from collections.abc import Iterator

import pytest

from studio.cli.main import parser
from studio.cli.number_flags import AMOUNT, COUNT, ID
from tests.odd_numbers import ODD


def _actions(of: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in of._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)


def test_no_number_is_read_in_another_way():
    found = [action for action in _actions(parser()) if action.type in (int, float)]
    assert not found, [action.dest for action in found]


@pytest.mark.parametrize("read", [ID, COUNT, AMOUNT])
def test_a_thousand_odd_numbers_are_read_or_refused(read):
    for text in ODD:
        try:
            assert abs(read(text)) < 2**31
        except argparse.ArgumentTypeError as error:
            assert str(error).startswith("it is ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["jobs", "log", "²"], "it is '²'. Give a whole number from 0 to 2147483647."),
        (["jobs", "log", "1" * 25], "Give a whole number"),
        (["jobs", "list", "--limit", "1e12"], "Give a whole number from 1 to 10000."),
        (["rollout", "start", "a", "1", "--percent", "nan", "--why", "x"], "it is 'nan'"),
        (["worker", "--idle", "inf"], "it is 'inf'"),
        (["generate", "x", "--style", "a", "--seed", "1" + "0" * 20], "Give a whole number"),
    ],
)
def test_an_odd_one_is_answered_with_what_to_give(line, said, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(line)
    assert ended.value.code == 2 and said in capsys.readouterr().err
