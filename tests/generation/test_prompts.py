"""The style token and prompt files."""

from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.generation.prompts import read_prompts, with_trigger, without_trigger

WORD = "<GameStyle>"


@pytest.mark.parametrize(
    ("prompt", "full", "plain"),
    [
        ("a {style_token} potion", "a <GameStyle> potion", "a potion"),
        ("{style_token}", "<GameStyle>", ""),
        ("a potion", "<GameStyle> a potion", "a potion"),
        ("  a <GameStyle> potion ", "a <GameStyle> potion", "a potion"),
        ("{style_token} gem, {style_token}", "<GameStyle> gem, <GameStyle>", "gem,"),
        ("a {colour} gem", "<GameStyle> a {colour} gem", "a {colour} gem"),
    ],
)
def test_the_trigger_word_goes_in_and_out(prompt: str, full: str, plain: str) -> None:
    assert with_trigger(prompt, WORD) == full
    assert with_trigger(full, WORD) == full  # given twice, it stands there once
    assert without_trigger(prompt, WORD) == without_trigger(full, WORD) == plain


def test_without_a_trigger_word_the_prompt_stays() -> None:
    assert with_trigger("a {style_token} potion", "").split() == ["a", "potion"]
    assert with_trigger("a potion", "") == without_trigger("a potion", "") == "a potion"


def test_a_prompt_file_has_one_prompt_a_line(tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_bytes("\ufeffa red gem\r\n\r\n# a remark\n  ein grüner Ring \na red gem".encode())
    assert read_prompts(file) == ["a red gem", "ein grüner Ring", "a red gem"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16", "cp1252"])
def test_a_prompt_file_of_another_encoding_has_the_same_prompts(tmp_path: Path, codec: str) -> None:
    file = tmp_path / "prompts.txt"
    file.write_bytes("a red potion\na\u00adblue\u00ad one, grün".encode(codec))
    assert read_prompts(file) == ["a red potion", "ablue one, grün"]


@pytest.mark.parametrize("content", [None, b"", b"\n# only a remark\n", b"\xe4"])
def test_a_prompt_file_that_can_not_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "prompts.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StudioError, match=r"prompts\.txt") as said:
        read_prompts(file)
    assert said.value.remedy
