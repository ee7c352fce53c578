"""Both panels go by one table of what is replaced, what is asked for and what is warned of."""

import ast
import re

from studio.settings import CHECKOUT
from tests.integrations.panel_rules import OUTCOMES, outcome, text_of_rules

UNITY = CHECKOUT / "integrations" / "unity" / "com.housestyle.panel" / "Editor" / "Rules.cs"


def _of_unity() -> tuple[dict[str, dict[str, str]], dict[str, str], dict[str, list[str]]]:
    text = UNITY.read_text("utf-8")
    table, says = text.split("Outcomes = new()", 1)[1].split("Says = new()", 1)
    pair = r'\["(\w+)"\] = "([^"]+)"'
    rows = re.findall(r'\["(\w+)"\] = new\(\)\s*\{(.*?)\}', table, re.DOTALL)
    lists = re.findall(r"string\[\] (\w+) = \{ (.*?) \};", text)
    return (
        {state: dict(re.findall(pair, row)) for state, row in rows},
        dict(re.findall(pair, says.split("};", 1)[0])),
        {name: re.findall(r'"(\w+)"', members) for name, members in lists},
    )


def _of_godot() -> tuple[dict[str, str], dict[str, list[str]]]:
    text = text_of_rules()
    says = re.search(r"^const SAYS: Dictionary = (\{.*?^\})", text, re.DOTALL | re.MULTILINE)
    assert says
    lists = re.findall(r"^const (\w+): Array\[String\] = (\[.*?\])$", text, re.MULTILINE)
    return ast.literal_eval(says[1]), {
        name.capitalize(): ast.literal_eval(members) for name, members in lists
    }


def test_both_panels_have_the_same_rules_in_the_same_words() -> None:
    table, says, lists = _of_unity()
    assert table == OUTCOMES
    assert (says, lists) == _of_godot()


def test_the_table_is_whole_and_every_outcome_is_told() -> None:
    states = ["same", "changed", "unapproved", "gone"]
    assert list(OUTCOMES) == ["untouched", "edited", "renewed", "missing"]
    assert all(list(row) == states for row in OUTCOMES.values())
    says, lists = _of_godot()
    assert {found for row in OUTCOMES.values() for found in row.values()} == says.keys()
    told = ["current", *lists["Done"], *lists["Asked"], *lists["Warned"]]
    assert sorted(told) == sorted(says)


def test_an_edit_by_hand_is_never_lost_unasked() -> None:
    _, lists = _of_godot()
    for there in ("known", "new", ""):
        for approved in (True, False):
            found = outcome("known", "by hand", there, approved)
            assert found not in lists["Done"]
    assert outcome("known", "by hand", "new", True) == "conflict"
    assert outcome("known", "known", "new", True) == "replace"
    assert outcome("known", "known", "known", True) == "current"


def test_what_was_fetched_before_a_crash_is_only_written_down() -> None:
    assert outcome("known", "new", "new", True) == "record"


def test_nothing_is_replaced_that_is_not_approved_or_gone() -> None:
    _, lists = _of_godot()
    for here in ("known", "by hand", "new", ""):
        assert outcome("known", here, "new", False) not in lists["Done"]
        assert outcome("known", here, "", True) not in lists["Done"]
    assert outcome("known", "", "known", True) == "missing"
