"""Offline words: a source speaks only where it was right for the set's own described pictures."""

from __future__ import annotations

import numpy as np
import pytest

from studio.captioning import nearest_captions

NAMED = ["potion", "sword"]
TEXTS = np.eye(2, 8, dtype=np.float32)


def _vectors(kinds: list[int], seed: int) -> np.ndarray:
    """Unit vectors around the axis of each kind."""
    made = np.eye(8, dtype=np.float32)[kinds]
    made = made + 0.1 * np.random.default_rng(seed).standard_normal(made.shape).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


KINDS = [0, 1, 2] * 8
CALLED = ["potion", "sword", "lamp"]


def _taught(called: list[str]) -> nearest_captions.Taught:
    said = [frozenset({called[kind]}) for kind in KINDS]
    return nearest_captions.taught(_vectors(KINDS, 1), said, NAMED, TEXTS)


def test_what_the_nearest_are_called_is_proposed() -> None:
    found = nearest_captions.proposed(_vectors([0, 1, 2, 2], 2), _taught(CALLED), NAMED, TEXTS)
    assert [one[0] for one in found] == ["potion", "sword", "lamp", "lamp"]


def test_clip_is_silent_in_a_set_where_it_is_wrong() -> None:
    found = nearest_captions.proposed(
        _vectors([0, 1], 2), _taught(["flask", "knife", "lamp"]), NAMED, TEXTS
    )
    assert found == [["flask"], ["knife"]]


def test_without_described_pictures_or_with_captions_that_fit_nothing_all_is_silent() -> None:
    nothing = nearest_captions.taught(np.zeros((0, 8), np.float32), [], NAMED, TEXTS)
    assert nearest_captions.proposed(_vectors([0, 1], 2), nothing, NAMED, TEXTS) == [[], []]
    said = [frozenset({f"word{k}"}) for k in range(len(KINDS))]
    loose = nearest_captions.taught(_vectors(KINDS, 1), said, NAMED, TEXTS)
    assert nearest_captions.proposed(_vectors([0, 1], 2), loose, NAMED, TEXTS) == [[], []]


@pytest.mark.parametrize(
    ("caption", "category", "said"),
    [
        ("a red <Style> potion, big flask", "potion", {"big", "flask"}),
        ("a gold statue", "dngn/statues", set()),
        ("", "", set()),
    ],
)
def test_what_is_said_beside_colour_and_category(
    caption: str, category: str, said: set[str]
) -> None:
    assert nearest_captions.said_of(caption, category) == said


@pytest.mark.parametrize(
    ("colours", "category", "found", "caption", "tags"),
    [
        (["red"], "item/potion", ["flask", "potion"], "a red potion, flask", "red, potion, flask"),
        (["orange", "blue"], "", ["axe"], "an orange and blue axe", "orange, blue, axe"),
        (["red", "white"], "icon", [], "red, white", "red, white"),
        ([], "statues", [], "a statue", "statue"),
        ([], "", [], "", ""),
    ],
)
def test_words_become_a_caption_or_tags(
    colours: list[str], category: str, found: list[str], caption: str, tags: str
) -> None:
    assert nearest_captions.phrase(colours, category, found, tags=False) == caption
    assert nearest_captions.phrase(colours, category, found, tags=True) == tags
