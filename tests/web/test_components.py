"""Which styles a screen takes with it, each rule from one file only."""

import re
from itertools import combinations

from studio.web import components
from studio.web.javascript import FOLDER

RULE = re.compile(r"[^{}]+\{[^{}]*\}")


def _rules(part: str) -> set[str]:
    source = (FOLDER / f"{part}.css").read_text("utf-8")
    return {" ".join(rule.split()) for rule in RULE.findall(source)}


def test_a_screen_says_no_rule_that_it_takes_from_another_file() -> None:
    for screen, shared in components.SHARED.items():
        for one, other in combinations((*shared, screen), 2):
            assert not _rules(one) & _rules(other), (screen, one, other)


def test_closeups_share_their_buttons_by_one_file() -> None:
    of = [screen for screen, shared in components.SHARED.items() if "closeup" in shared]
    assert {"view", "repeat"} <= set(of)
    assert any(rule.startswith(".keys button {") for rule in _rules("closeup"))
    for screen in of:
        assert 'class="closeup' in (FOLDER / f"{screen}.html").read_text("utf-8")
        assert not [rule for rule in _rules(screen) if rule.startswith((".keys", "kbd", ".told"))]
    assert not _rules("view") & _rules("repeat")
