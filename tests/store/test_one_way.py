"""Files and folders get into their place by `studio.store.publish`, nowhere by hand."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from studio.settings import CHECKOUT

# Calls that move what is there already, or that have to choose the name afterwards.
LEFT = {
    "studio/accounts/refusal_log.py": (1, "a log is turned over"),
    "studio/datasets/uploads.py": (3, "what came says its name; a zip's files are moved, it last"),
    "studio/operations/mlflow_relocation.py": (1, "a file that is no longer used goes aside"),
    "studio/operations/restore.py": (2, "the steps of a plan, each taken again after a kill"),
    "studio/upscaling/work_folders.py": (1, "a job's tiles are handed on to another job"),
}
MODULES = {"os", "shutil", "tempfile"}
BY_MODULE = {"link", "mkdtemp", "mkstemp", "move", "rename", "renames", "replace", "symlink"}


def by_hand(text: str) -> Iterator[int]:
    """Lines that rename, or write aside, themselves.

    `replace` of one argument is a path's; a string's has two, a date's or a record's are named.
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield from (node.lineno for one in node.names if one.name in BY_MODULE)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, called = node.func.value, node.func.attr
        if isinstance(owner, ast.Name) and owner.id in MODULES:
            found = called in BY_MODULE
        else:
            alone = len(node.args) == 1 and not node.keywords
            found = called in ("rename", "hardlink_to") or (called == "replace" and alone)
            found |= called == "replace" and [word.arg for word in node.keywords] == ["target"]
        if found:
            yield node.lineno


@pytest.mark.slow
def test_nothing_is_put_in_its_place_by_hand() -> None:
    files = [f for top in ("studio", "pages") for f in sorted((CHECKOUT / top).rglob("*.py"))]
    counted = Counter(
        str(file.relative_to(CHECKOUT))
        for file in [*files, CHECKOUT / "Home.py"]
        if file.parent != CHECKOUT / "studio" / "store"
        for _ in by_hand(file.read_text("utf-8"))
    )
    assert counted == {file: count for file, (count, _) in LEFT.items()}


@pytest.mark.parametrize(
    "line",
    [
        "os.replace(aside, target)",
        "os.rename(aside, target)",
        "aside.replace(target)",
        "Path(aside).replace(target=place)",
        "(folder / 'x').rename(target)",
        "shutil.move(aside, target)",
        "from os import replace",
        "tempfile.mkdtemp(dir=folder)",
    ],
)
def test_every_way_by_hand_is_seen(line: str) -> None:
    assert list(by_hand(line)) == [1]


def test_what_only_sounds_like_it_is_not() -> None:
    lines = (
        "text.replace('a', 'b')",
        "moment.replace(hour=1)",
        "dataclasses.replace(settings, user=actor)",
        "publishing(target)",
    )
    assert [list(by_hand(line)) for line in lines] == [[], [], [], []]
