"""The panels' rules in Python, their table read out of Godot's addon.

The states are told as `rules.gd` tells them; tests/integrations/test_rules.py holds Unity's to it.
"""

from __future__ import annotations

import ast
import re

from studio.settings import CHECKOUT

RULES = CHECKOUT / "integrations" / "godot" / "addons" / "housestyle" / "rules.gd"


def text_of_rules() -> str:
    """The addon's rules as they are written."""
    return RULES.read_text("utf-8")


def _table() -> dict[str, dict[str, str]]:
    found = re.search(
        r"^const OUTCOMES: Dictionary = (\{.*?^\})", text_of_rules(), re.DOTALL | re.MULTILINE
    )
    assert found
    table: dict[str, dict[str, str]] = ast.literal_eval(found[1])
    return table


OUTCOMES = _table()


def file_state(known: str, here: str, there: str) -> str:
    """What happened to the file: its hash in the manifest, now ("": no file), and the studio's."""
    if not here:
        return "missing"
    if here == known:
        return "untouched"
    return "renewed" if here == there else "edited"


def picture_state(known: str, there: str, approved: bool) -> str:
    """What happened to the picture in the studio ("": it is gone)."""
    if not there:
        return "gone"
    if not approved:
        return "unapproved"
    return "same" if there == known else "changed"


def outcome(known: str, here: str, there: str, approved: bool) -> str:
    """What the panels do with a file."""
    return OUTCOMES[file_state(known, here, there)][picture_state(known, there, approved)]
