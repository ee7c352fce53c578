"""One name for one thing: the glossary holds what pages say, and no label of before is left."""

import re

import pytest

from studio.evaluation.metric_meanings import MEANINGS
from studio.registry.stage_state import STAGES
from studio.settings import CHECKOUT
from studio.training.setting_help import HELP

# As pages and documents said it before the field's term took its place.
RETIRED = (
    "Alike among themselves",
    "And in any case",
    "Asset list",
    "Batches a step",
    "Behind pictures",
    "Data set",
    "data set",
    "decides nothing",
    "Distance from the style",
    "ended by itself",
    "Forget wrong passwords",
    "Full darkness",
    "Give a version to some people first",
    "Go on with it",
    "held-out loss",
    "kept for ever",
    "Keep out",
    "Largest gradient",
    "later than wanted",
    "Let in again",
    "Let it go on",
    "Mirror at random",
    "Nobody has looked this version over",
    "pictures drawn elsewhere",
    "Pictures of others",
    "Save memory",
    "Shows what was asked",
    "signs or more",
    "Start trying",
    "Together worth",
    "Try several settings",
    "Vary pictures",
    "Wanted by",
    "Weight of others",
    "Who or what it is",
    "Without that choice",
    "Words learn too",
    "with a spoilt copy",
)
GLOSSARY = CHECKOUT / "docs" / "glossary.md"
TEXTS = [
    CHECKOUT / "Home.py",
    CHECKOUT / "README.md",
    *sorted((CHECKOUT / "pages").rglob("*.py")),
    # The glossary's meanings are the plain lines themselves.
    *sorted(set((CHECKOUT / "docs").glob("*.md")) - {GLOSSARY}),
]


def _rows() -> list[list[str]]:
    lines = re.findall(r"^\| (.+) \|$", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    return [line.split(" | ") for line in lines if not line.startswith("Term")]


def _terms() -> list[str]:
    return [row[0] for row in _rows()]


def test_each_term_stands_once_in_its_order_with_all_its_columns() -> None:
    terms = [term.lower() for term in _terms()]
    assert terms == sorted(set(terms)) and len(terms) > 100
    assert all(len(row) == 5 and all(cell.strip() for cell in row) for row in _rows())


@pytest.mark.parametrize("name", HELP)
def test_a_training_setting_is_a_term_with_its_name_in_mlflow(name: str) -> None:
    rows = {row[0]: row for row in _rows()}
    assert rows[HELP[name].label][2] == f"param `{name}`"


def test_metrics_and_stages_are_terms() -> None:
    known = set(_terms())
    assert {meaning.label for meaning in MEANINGS.values()} <= known
    assert {stage.capitalize() for stage in STAGES} <= known


def test_no_two_things_have_one_name() -> None:
    labels = [words.label for words in HELP.values()] + [m.label for m in MEANINGS.values()]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_stands_nowhere(word: str) -> None:
    found = re.compile(rf"\b{re.escape(word)}")
    held = [path for path in TEXTS if found.search(" ".join(path.read_text("utf-8").split()))]
    assert not held, f"{word!r} stands in {', '.join(path.name for path in held)}"
