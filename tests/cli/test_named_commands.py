"""Commands that messages, remedies and docstrings name are commands that there are."""

import ast

import pytest

from studio.settings import CHECKOUT
from tests.command_lines import written, wrong

FILES = [
    file
    for folder in ("studio", "pages")
    for file in sorted((CHECKOUT / folder).rglob("*.py"))
    if "python -m studio" in file.read_text("utf-8")
] + [CHECKOUT / "Home.py"]
# `python -m studio COMMAND --help`, and a name that is put in when the line is said.
ANY = ("COMMAND", "{}")


def _texts(source: str) -> list[str]:
    """Every string of a file; what is put into one stands as {}."""
    tree = ast.parse(source)
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in joined for part in node.values}
    plain = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
    ]
    return plain + [
        "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        for node in joined
    ]


def _named(source: str) -> list[str]:
    lines = [line for text in _texts(source) for line in written(text)]
    return [line for line in lines if not line.startswith(ANY)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_every_command_that_a_text_names_is_one(file) -> None:
    wrongs = [(line, wrong(line)) for line in _named(file.read_text("utf-8"))]
    assert not [(line, what) for line, what in wrongs if what]


def test_remedies_are_read_and_mistakes_in_them_seen() -> None:
    source = 'f"Do this: python -m " f"studio promote {style} 1 production --why ... Then more."'
    assert _named(source) == ["promote {} 1 production --why ... Then more."]
    assert not wrong(_named(source)[0])
    assert sum(len(_named(file.read_text("utf-8"))) for file in FILES) >= 15
    for line, what in (
        ("night list", "use python -m studio queue"),
        ("doctor --mend", "use python -m studio doctor --fix"),
        ("people fire Ana", "no command people fire"),
        ("train items --datasets x", "does not take --datasets"),
    ):
        assert what in wrong(line)
