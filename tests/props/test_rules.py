"""Wishes by rules: the style's own words, colours and kinds, and nothing that is invented."""

from studio.props import rules, specification
from studio.props.rules import StyleWords

STYLE = StyleWords(
    words=("bold outline", "flat light"),
    colours=("red", "blue", "gold"),
    materials=("iron", "oak"),
    kinds=("sword", "potion"),
)


def test_the_first_is_the_wish_as_it_stands():
    found = rules.by_rules("a healing potion with a cork and the label", STYLE)
    assert found.original_prompt == found.expanded_prompt
    assert found.style_keywords == STYLE.words
    assert found.key_features == ("cork", "label")
    assert (found.primary_colors, found.materials) == ((), ())


def test_variants_take_colours_and_materials_in_turn():
    first, second, third = rules.variants("a chest", STYLE, 3)
    assert first.expanded_prompt == "a chest"
    assert second.expanded_prompt == "a chest, red and blue, iron"
    assert (third.primary_colors, third.materials) == (("gold", "red"), ("oak",))
    assert rules.variants("a chest", STYLE, 3) == (first, second, third)


def test_what_the_wish_names_stays():
    found = rules.variants("a green glass bottle", STYLE, 4)
    assert len(found) == 1  # there is nothing to take in turn
    assert (found[0].primary_colors, found[0].materials) == (("green",), ("glass",))
    assert found[0].expanded_prompt == "a green glass bottle"


def test_a_rarer_word_is_joined_by_the_styles_kind():
    assert rules.by_rules("a falchion", STYLE).expanded_prompt == "a falchion, sword"
    assert rules.by_rules("a falchion", StyleWords()).expanded_prompt == "a falchion"
    assert rules.by_rules("a sword", STYLE).expanded_prompt == "a sword"


def test_its_items_are_none_that_a_person_could_not_write():
    long = "a chest with a lock that nobody has opened since the old king fell asleep in his tower"
    found = rules.by_rules(long, STYLE)
    assert found.expanded_prompt == long and found.key_features == ()
    assert specification.edited(found, {"key_features": list(found.key_features)}) == found


def test_other_languages_and_no_style_give_the_wish():
    for wish in ("ein Heiltrank", "一瓶药水", "???"):
        (found,) = rules.variants(wish, StyleWords(), 3)
        assert (found.original_prompt, found.expanded_prompt) == (wish, wish)
