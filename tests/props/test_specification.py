"""Specifications: six fields, whatever an answer holds besides, and what is drawn of them."""

import json

import pytest

from studio.diffusion import prompt_weights
from studio.errors import StudioError
from studio.generation import prompts
from studio.props import specification
from studio.props.specification import EXPANDED, ITEMS, WORDS, Specification

FULL = Specification(
    "a healing potion",
    "a round bottle of red liquid",
    ("pixel art",),
    ("red", "gold"),
    ("glass",),
    ("cork", "red glow"),
)


def test_a_wish_is_one_line_and_no_book():
    assert specification.wish_of("  a \n healing\tpotion\u200b ") == "a healing potion"
    for wish, says in ((" \u200b", "is empty"), ("x" * 501, "has 501 characters")):
        with pytest.raises(StudioError, match=says):
            specification.wish_of(wish)


def test_what_is_too_long_is_cut_behind_a_word():
    items = [f"word {k}" for k in range(50)] + ["WORD 1", ""]
    answer = {"expanded_prompt": "glass " * 1_000, "materials": items, "key_features": ["x" * 99]}
    found = specification.checked(answer, "w")
    assert len(found.expanded_prompt) <= EXPANDED and found.expanded_prompt.endswith("glass")
    assert found.materials == tuple(items[:ITEMS])
    assert found.key_features == ("x" * WORDS,)
    assert specification.checked({"expanded_prompt": "x" * 3_000}, "w").expanded_prompt == (
        "x" * EXPANDED
    )


def test_variants_are_each_once_and_no_more_than_were_asked_for():
    one, two = {"expanded_prompt": "a"}, {"expanded_prompt": "b"}
    found = specification.variants({"variants": [one, one, 7, two, one]}, "w", 8)
    assert [each.expanded_prompt for each in found] == ["a", "b"]
    assert len(specification.variants([one, two], "w", 1)) == 1


def test_the_schema_asks_for_all_fields_but_the_wish():
    shape = specification.schema(3)
    inner = shape["properties"]["variants"]["items"]
    assert inner["required"] == list(specification.FIELDS[1:])
    assert inner["additionalProperties"] is shape["additionalProperties"] is False


def test_fields_are_edited_by_name_and_the_wish_is_not():
    changes = {"materials": "iron, , Iron, oak", "expanded_prompt": " a\n jug "}
    found = specification.edited(FULL, changes)
    assert (found.materials, found.expanded_prompt) == (("iron", "oak"), "a jug")
    assert found.key_features == FULL.key_features
    assert specification.edited(FULL, {"materials": [], "original_prompt": FULL.original_prompt})
    for wrong, says in (
        ({"original_prompt": "gold"}, "itself is not edited"),
        ({"material": "gold"}, "Did you mean materials"),
        ({"expanded_prompt": ""}, "has 0 characters"),
        ({"expanded_prompt": 5}, "has 0 characters"),
        ({"materials": 5}, "no list of words"),
        ({"materials": ["x" * 61]}, "has 61 characters"),
        ({"materials": [str(k) for k in range(13)]}, "13 are given"),
    ):
        with pytest.raises(StudioError, match=says):
            specification.edited(FULL, wrong)


def test_it_is_kept_as_json_and_read_again():
    kept = json.loads(json.dumps(specification.as_json(FULL)))
    assert list(kept) == list(specification.FIELDS)
    assert specification.of_json(kept) == FULL


def test_a_prompt_says_each_thing_once_with_the_trigger_word_of_the_registry():
    drawn = specification.prompt(FULL, "<P>")
    assert drawn == "<P> a round bottle of red liquid, cork, red glow, glass, gold, pixel art"
    assert prompts.with_trigger(drawn, "<P>") == drawn
    assert specification.prompt(FULL) == drawn.removeprefix("<P> ")


@pytest.mark.parametrize(
    "text",
    ["<lora:evil:2> (red:1.9) [x]", "{style_token} {a,b}", "\\(red:2\\)", "(a:1.3)", "((((", "\\"],
)
def test_nothing_in_it_is_a_sign(text):
    drawn = specification.prompt(Specification("w", f"a jug {text}", (text,)))
    prompt_weights.check(drawn)
    assert prompt_weights.loras(drawn)[1] == ()
    assert prompt_weights.weights(drawn) == [] and prompt_weights.left(drawn) == ""
    assert prompts.TOKEN not in drawn and not set("<>{}") & set(drawn)


def test_a_prompt_is_never_too_long():
    long = Specification("w", "(" * EXPANDED, ("y" * WORDS,) * ITEMS)
    assert len(specification.prompt(long, "<trigger-word>")) <= specification.PROMPT
