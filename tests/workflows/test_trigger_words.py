"""A training's trigger word where nobody named one: the style's own."""

import json
from dataclasses import replace

import pytest

from studio.registry.models import Version
from studio.training.config import load_config
from studio.workflows.trigger_words import made, usual

OLD = Version("props", 1, "candidate", "", "", "", {}, {}, {}, "", trigger_word="<GameStyle>")


@pytest.mark.parametrize(
    ("style", "word"),
    [
        ("tiles", "<tiles>"),
        ("Hero props.2", "<hero-props-2>"),
        ("x" * 90, f"<{'x' * 40}>"),
        ("a -", "<a>"),
    ],
)
def test_a_word_is_made_of_the_styles_name(style, word):
    assert made(style) == word


def test_a_style_keeps_the_word_that_it_has(tmp_path):
    assert usual(tmp_path, "sample", []) == "<GameStyle>"
    assert usual(tmp_path, "", []) == "<GameStyle>"  # no style is chosen yet
    assert usual(tmp_path, "props", [replace(OLD, number=2, trigger_word=""), OLD]) == "<GameStyle>"
    assert usual(tmp_path, "items", [OLD]) == "<items>"


def test_an_unfinished_training_goes_on_with_its_word(tmp_path):
    run = tmp_path / "runs" / "items" / ("0" * 32)
    run.mkdir(parents=True)
    (run / "record.json").write_text(json.dumps({"config": {"trigger_word": "<GameStyle>"}}))
    assert usual(tmp_path, "items", []) == "<GameStyle>"
    (run / "done").write_text("0")
    assert usual(tmp_path, "items", []) == "<items>"


def test_what_is_named_anywhere_counts_before_the_styles_word(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("model: {trigger_word: <ours>}")
    word = "<tiles>"
    assert load_config("fast", None, {}, {}, trigger_word=word).trigger_word == word
    assert load_config("fast", file, {}, {}, trigger_word=word).trigger_word == "<ours>"
    flags = {"trigger_word": "<mine>"}
    assert load_config("fast", file, flags, {}, trigger_word=word).trigger_word == "<mine>"
