"""Words that the practice base does not know, and text that it must not stumble over."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.diffusion.vocabulary import said, unknown_words, write_vocabulary
from studio.errors import StudioError


def test_unknown_words_are_named_once_in_order(tmp_path: Path) -> None:
    write_vocabulary(["a red potion", "golden ring, item"], tmp_path)
    prompt = "<GameStyle> two Red potions and a spaceship beside a robot spaceship"
    assert unknown_words(prompt, tmp_path) == ["two", "spaceship", "beside", "robot"]
    assert unknown_words("", tmp_path) == []


def test_word_list_is_read_again_after_a_new_training(tmp_path: Path) -> None:
    write_vocabulary(["a red potion"], tmp_path)
    assert unknown_words("robot", tmp_path) == ["robot"]
    write_vocabulary(["a red robot, longer"], tmp_path)
    assert unknown_words("robot", tmp_path) == []


def test_missing_word_list_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="does not exist"):
        unknown_words("a red potion", tmp_path)


def test_bundled_base_knows_its_own_words(bundled: Path) -> None:
    assert unknown_words("a red potion, blue swords, <GameStyle> green slime", bundled) == []
    assert unknown_words("a red spaceship", bundled) == ["spaceship"]


def test_emoji_are_named_behind_the_words(tmp_path: Path) -> None:
    write_vocabulary(["a red potion"], tmp_path)
    assert unknown_words("a 🔥 red robot 🔥 ★ — 5 °", tmp_path) == ["robot", "🔥", "★", "°"]


def test_words_that_a_bundled_base_never_learned_are_said_in_a_sentence() -> None:
    assert said("pocket", "a mossy stone wall") == [
        "The practice base never learned: mossy. It draws something, but not that."
    ]
    assert said("pocket", "rubies, gems and boxes") == []
    assert said("pocket", "a stone wall") == [] == said("/models/sdxl.safetensors", "a mossy wall")
