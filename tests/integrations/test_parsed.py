"""Both panels are whole, as a parser of their language reads them."""

from pathlib import Path

import pytest
import tree_sitter_c_sharp
import tree_sitter_gdscript
from tree_sitter import Language, Node, Parser

from studio.settings import CHECKOUT

PARSERS = {
    ".gd": Parser(Language(tree_sitter_gdscript.language())),
    ".cs": Parser(Language(tree_sitter_c_sharp.language())),
}
FILES = sorted(file for file in (CHECKOUT / "integrations").rglob("*") if file.suffix in PARSERS)


def _first_wrong(node: Node) -> Node | None:
    """The first place that the grammar could not read, or had to complete."""
    if node.is_error or node.is_missing:
        return node
    return next((found for child in node.children if (found := _first_wrong(child))), None)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_read_to_its_end(file: Path) -> None:
    data = file.read_bytes()
    wrong = _first_wrong(PARSERS[file.suffix].parse(data).root_node)
    assert wrong is None, f"{file.name}, line {wrong.start_point.row + 1}: {wrong.text!r}"


def test_both_panels_are_there() -> None:
    assert {file.suffix for file in FILES} == {".gd", ".cs"} and len(FILES) >= 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_half_a_file_is_not_whole(file: Path) -> None:
    text = file.read_text("utf-8")
    cut = text[: text.rindex("(") + 1]
    assert _first_wrong(PARSERS[file.suffix].parse(cut.encode()).root_node) is not None
