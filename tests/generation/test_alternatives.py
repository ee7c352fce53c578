"""Alternatives in prompts: several groups multiply, plain braces stay."""

import pytest

from studio.errors import StudioError
from studio.generation import alternatives


def prompts(text: str) -> list[str]:
    parts = alternatives.parts(text)
    found = [one.prompt for one in alternatives.all_of(parts)]
    assert len(found) == alternatives.count(parts)
    return found


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a gem", ["a gem"]),
        ("a {red,blue} gem", ["a red gem", "a blue gem"]),
        ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
        ("a {,rusty} sword", ["a sword", "a rusty sword"]),
        (
            "{style_token} a {big,small} gem",
            ["{style_token} a big gem", "{style_token} a small gem"],
        ),
        (r"a \{red,blue\} gem", ["a {red,blue} gem"]),
        (r"{one\, two,three}", ["one, two", "three"]),
        (r"a \(red\), blue\, gem", [r"a \(red\), blue\, gem"]),
        ("({red,blue}:1.2) gem", ["(red:1.2) gem", "(blue:1.2) gem"]),
    ],
)
def test_each_combination_is_a_prompt(text: str, made: list[str]) -> None:
    assert prompts(text) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [("a {red,blue", "not closed"), ("a red} gem", "no {"), ("{a,{b,c}}", "within braces")],
)
def test_braces_that_do_not_fit_are_named(text: str, said: str) -> None:
    with pytest.raises(StudioError, match=said) as refused:
        alternatives.parts(text)
    assert r"\{" in refused.value.remedy


def test_what_stands_in_a_name_tells_the_options_apart() -> None:
    def marks(text: str) -> list[tuple[str, ...]]:
        return [one.marks for one in alternatives.all_of(alternatives.parts(text))]

    assert marks("{Old Wood,iron} {,big}") == [
        ("old-wood", ""),
        ("old-wood", "big"),
        ("iron", ""),
        ("iron", "big"),
    ]
    assert marks("{красный,синий}") == [("1",), ("2",)]
    assert marks("{a!,a?}") == [("a-1",), ("a-2",)]
