"""Words of names and folders."""

import pytest

from studio.datasets import words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x/iron_Sword-02.png", "iron sword"),
        ("RedPotion.png", "red potion"),
        ("03.png", "picture"),
        ("Trank_gru\u0308n.png", "trank grün"),
        ("カ\u3099ラス瓶.png", "ガラス瓶"),
        ("a\u200bb.png", "ab"),
    ],
)
def test_words_of_a_name(name: str, said: str) -> None:
    assert words.from_name(name) == said


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("a.png", ""),
        ("weapons/a.png", "weapons"),
        ("10_potion/a.png", "potion"),
        ("train/2_sword girl/a.png", "train/sword girl"),
        ("01_characters/a.png", "01_characters"),  # a number for order
        ("2024/a.png", "2024"),
        ("Bla\u0308tter/a.png", "Blätter"),
    ],
)
def test_a_folder_gives_a_category(name: str, category: str) -> None:
    assert words.category_of(name) == category


def test_kohyas_repeats_are_told_once() -> None:
    assert words.told_repeats(["a/a.png", "01_b/a.png"]) == []
    (said,) = words.told_repeats(["10_potion/a.png", "10_potion/b.png", "2_sword/c.png"])
    assert "(repeats): potion=10,sword=2." in said
    (said,) = words.told_repeats(["10_potion/a.png", "3_potion/b.png", "2_sword/c.png"])
    assert "sword=2" in said and "potion=10" not in said and "potion has several" in said
