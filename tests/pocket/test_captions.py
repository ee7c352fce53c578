"""Captions and colour words are true of the picture."""

from __future__ import annotations

import random

import numpy as np
import pytest

from studio.captioning.subjects import clean_words, subject_of
from studio.colours import (
    NAMED,
    TINTS,
    colour_shares,
    dominant_colours,
    from_oklab,
    rotate_hue,
    tint,
    to_oklab,
)
from studio.pocket.captions import caption


def _disc(rgb: tuple[int, int, int]) -> np.ndarray:
    """A disc of one colour with a black outline, shaded a little, on nothing."""
    y, x = np.mgrid[:32, :32]
    far = np.hypot(y - 15.5, x - 15.5)
    shade = np.clip(1.05 - far[..., None] / 40, 0, 1)
    picture = np.zeros((32, 32, 4), dtype=np.uint8)
    picture[..., :3] = np.clip(np.array(rgb) * shade, 0, 255)
    picture[far > 11, :3] = 0
    picture[..., 3] = np.where(far < 12.5, 255, 0)
    return picture


@pytest.mark.parametrize(
    ("rgb", "word"),
    [
        ((220, 20, 20), "red"),
        ((30, 60, 230), "blue"),
        ((30, 160, 30), "green"),
        ((250, 220, 40), "yellow"),
        ((130, 80, 40), "brown"),
        ((130, 30, 190), "purple"),
        ((128, 128, 128), "grey"),
        ((250, 250, 250), "white"),
        ((20, 20, 20), "black"),
    ],
)
def test_colour_of_a_disc_is_named(rgb: tuple[int, int, int], word: str) -> None:
    assert dominant_colours(_disc(rgb))[0] == word


@pytest.mark.parametrize("word", list(TINTS))
def test_tint_makes_its_word_true(word: str) -> None:
    assert colour_shares(tint(_disc((150, 150, 150)), word)).get(word, 0) > 0.4


def test_invisible_picture_has_no_colour() -> None:
    assert dominant_colours(np.zeros((32, 32, 4), dtype=np.uint8)) == []


def test_hue_rotation_keeps_alpha_and_changes_the_word() -> None:
    red = _disc((220, 20, 20))
    turned = rotate_hue(red, 2.0)
    assert (turned[..., 3] == red[..., 3]).all()
    assert dominant_colours(turned)[0] != "red"
    assert np.abs(rotate_hue(red, 0.0).astype(int) - red).max() <= 1


def test_oklab_there_and_back() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.abs(from_oklab(to_oklab(rgb)).astype(int) - rgb).max() <= 1
    white = to_oklab(np.array([255, 255, 255], dtype=np.uint8))
    assert np.allclose(white, [1, 0, 0], atol=1e-3)


def test_noise_of_file_names_is_dropped() -> None:
    assert clean_words("spwpn_demon_axe NEW 1") == ["demon", "axe"]
    assert clean_words("vgate open down door") == ["gate", "open", "door"]


def test_rare_words_get_plain_nouns() -> None:
    subject = subject_of("golden falchion weapon", "item/weapon")
    assert subject.kind == "weapon"
    said = {caption(subject, ["yellow"], random.Random(k)) for k in range(200)}
    assert any("sword" in text for text in said)
    assert any("falchion" in text for text in said)
    assert any(text.startswith("a ") for text in said)


def test_captions_name_only_true_colours() -> None:
    subject = subject_of("ruby potion", "item/potion")
    for k in range(200):
        text = caption(subject, ["blue"], random.Random(k), name_colour=1.0)
        assert "blue" in text
        said = set(text.replace(",", "").split())
        assert not (set(NAMED) - {"blue"}) & said
