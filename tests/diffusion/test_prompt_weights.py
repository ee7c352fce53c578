"""What is a weight in a prompt, and what is drawn as it stands."""

from __future__ import annotations

import pytest

from studio.diffusion import prompt_weights
from studio.errors import StudioError


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("(red:1.3) potion", [("red", 1.3), (" potion", 1.0)]),
        ("a (red potion: .5 )", [("a ", 1.0), ("red potion", 0.5)]),
        ("((red:1.5) gem:0.5) x", [("red", 0.75), (" gem", 0.5), (" x", 1.0)]),
        ("((red) gem:2)", [("(red) gem", 2.0)]),
        (r"(\(red\):1.2)", [("(red)", 1.2)]),
        (r"\(red:1.3\) \[b\] c:\d", [(r"(red:1.3) [b] c:\d", 1.0)]),
        ("(year 1990:1.2)", [("year 1990", 1.2)]),
        ("(nothing:0)", [("nothing", 0.0)]),
        ("(:1.2)", [("", 1.0)]),
        ("", [("", 1.0)]),
    ],
)
def test_weights_are_read(prompt: str, pieces: list[tuple[str, float]]) -> None:
    assert [(p.text, p.weight) for p in prompt_weights.pieces(prompt)] == pieces
    assert prompt_weights.spoken(prompt) == "".join(text for text, _ in pieces)


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("(red) potion", "'(red)'"),
        ("[red] potion", "'[red]'"),
        ("((red)) potion", "'((red))'"),
        ("(16:9) picture", "'(16:9)'"),
        ("(at 12:30)", "'(at 12:30)'"),
        ("(level:13)", "'(level:13)'"),
        ("(red:-1)", "'(red:-1)'"),
        ("(red:nan)", "'(red:nan)'"),
        ("(red:1e3)", "'(red:1e3)'"),
        ("red:1.3) potion", ""),
        ("((red:1.3", ""),
        (":-) a smile :(", ""),
        ("a red potion", ""),
    ],
)
def test_everything_else_is_drawn_as_it_stands_and_named(prompt: str, named: str) -> None:
    assert [(p.text, p.weight) for p in prompt_weights.pieces(prompt)] == [(prompt, 1.0)]
    assert prompt_weights.left(prompt).startswith(f"{named} is drawn as it stands" if named else "")
    assert bool(prompt_weights.left(prompt)) == bool(named)


def test_what_is_a_weight_or_escaped_is_not_named() -> None:
    assert prompt_weights.left(r"(red:1.3) \(x\) \[y\]") == ""


@pytest.mark.parametrize("sign", ["<lora:ink:0.8>", "<LoRA: ink>", "<lyco:ink:1:0.5>"])
def test_the_sign_for_a_lora_is_refused_with_what_to_do(sign: str) -> None:
    with pytest.raises(StudioError) as raised:
        prompt_weights.check(f"a potion {sign}")
    assert sign in raised.value.message and "choose ink under Further LoRAs" in raised.value.remedy
    prompt_weights.check("<GameStyle> a lora: drawn <b>")


def test_many_parentheses_are_read_in_no_time() -> None:
    deep = "(" * 900 + "red" + ":1.1)" * 200
    assert sum(len(piece.text) for piece in prompt_weights.pieces(deep)) == 700 + 3


@pytest.mark.parametrize(
    ("prompt", "text", "found"),
    [
        ("a gem <lora:ink:0.8>", "a gem", [("ink", None, 0.8)]),
        ("<LORA: ink_2 > a gem", "a gem", [("ink_2", None, 1.0)]),
        (
            "a <lora:ink:2:.5> gem, <lora:x:-1>, red",
            "a gem, red",
            [("ink", 2, 0.5), ("x", None, -1.0)],
        ),
        ("a  gem", "a  gem", []),  # untouched
        (
            "a <lyco:ink:1> gem <lora::1> <lora:a:b:c>",
            "a <lyco:ink:1> gem <lora::1> <lora:a:b:c>",
            [],
        ),
    ],
)
def test_loras_are_taken_out_of_a_prompt(prompt, text, found):
    plain, loras = prompt_weights.loras(prompt)
    assert plain == text
    assert [(one.name, one.version, one.weight) for one in loras] == found
