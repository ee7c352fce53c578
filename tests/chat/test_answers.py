"""JSON in what models say: forty answers, each over a real connection, to a specification or to a
named error, and nothing in between."""

import json

import pytest

from studio.chat import answers, endpoint
from studio.chat.answers import NoUse
from studio.chat.endpoint import Question
from studio.props import specification
from tests.chat.corpus import CASES, GOOD, PLAIN, Case
from tests.chat.server import completion

WISH = "a healing potion"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_forty_answers(chat, case: Case):
    chat.replies = [completion(case.text)]
    question = Question((("user", WISH),), specification.schema(1), 400)
    said = endpoint.ask(chat.as_set(), question)
    if case.expanded is None:
        with pytest.raises(NoUse) as told:
            specification.variants(answers.read(said.text), WISH, 1)
        assert told.value.remedy and len(told.value.message) < 200
        return
    (found,) = specification.variants(answers.read(said.text), WISH, 1)
    assert found.original_prompt == WISH
    assert found.expanded_prompt == case.expanded
    assert set(specification.as_json(found)) == set(specification.FIELDS)
    kept = json.dumps(specification.as_json(found), ensure_ascii=False)
    kept.encode()  # a database takes it
    assert not any(ord(one) < 32 for one in kept)
    drawn = specification.prompt(found, "<P>")
    assert drawn.startswith("<P> ") and "<" not in drawn[3:] and "lora" not in drawn


def test_there_are_forty_of_them():
    assert len(CASES) >= 40 and len({case.name for case in CASES}) == len(CASES)
    assert sum(case.expanded is None for case in CASES) >= 15


def test_of_a_broken_one_no_part_is_taken_for_the_whole():
    broken = f'{{"variants": [{json.dumps(GOOD)}, {{"expanded_prompt": "cut'
    with pytest.raises(NoUse, match="no whole JSON"):
        answers.read(broken)


def test_braces_of_prose_are_passed_over():
    assert answers.read(f"{{x}} [y] {{{{z}}}} {PLAIN}") == {"variants": [GOOD]}
    with pytest.raises(NoUse):
        answers.read("{x} " * 100 + PLAIN)


def test_a_long_answer_without_json_is_read_in_no_time():
    for text in ("{" * 200_000, "```\n" * 50_000, "<think>" * 50_000, '{"a": "' + "x" * 900_000):
        with pytest.raises(NoUse):
            answers.read(text)
