"""Words of names and folders."""

import pytest

from studio.datasets import words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x/iron_Sword-02.png", "iron sword"),
        ("RedPotion.png", "red potion"),
        ("Trank_gru\u0308n.png", "trank grün"),
        ("カ\u3099ラス瓶.png", "ガラス瓶"),
        ("a\u200bb.png", "ab"),
        ("sword_v02.png", "sword"),
        ("IMG_1234 red potion.png", "red potion"),
        ("red potion copy 2.png", "red potion copy"),
        ("hero_walk_003.png", "hero walk"),
        ("wizard 3d model.png", "wizard model"),
        ("gem_550e8400-e29b-41d4-a716-446655440000.png", "gem"),
        ("face01.png", "face"),  # which are all digits of hexadecimals, too
        ("beef.png", "beef"),
        ("level2boss3.png", "level boss"),
        ("剣.png", "剣"),
    ],
)
def test_words_of_a_name(name: str, said: str) -> None:
    assert words.from_name(name) == said


@pytest.mark.parametrize(
    "name",
    [
        *("03.png", "7.png", "a.png", "b 12.png", "1024x1024.png", "v02.png", "x2.png"),
        *("u1f319.png", "U+1F319.png", "emoji_u1f319.png", "1f468-200d-1f33e.png", "u1face.png"),
        *("550e8400-e29b-41d4-a716-446655440000.png", "9f86d08.png", "k3j9x2m1q8.png"),
        *("d41d8cd98f00b204e9800998ecf8427e.png", "dQw4w9WgXcQ.jpg", "00001-1234567890.png"),
        *("IMG_1234.JPG", "IMG-20240501-WA0003.jpg", "DSC01234.jpg", "P1010001.jpg"),
        *("DSCN0001.jpg", "PXL_20240501_123456789.jpg", "20240501T123456Z.png", "DJI_0012.jpg"),
        *("Screenshot 2024-05-01 at 10.11.12.png", "WhatsApp Image 2024-05-01 at 10.11.12.jpeg"),
        *("untitled.png", "Untitled-1.png", "Unbenannt.png", "image (3).png", "download (1).png"),
        *("layer 12.png", "Ebene 3.png", "レイヤー 1.png", "Frame 12.png", "Sprite-0001.png"),
        *("New Piskel.png", "名称未設定.png", "無題.png", "без имени.png", "ComfyUI_00001_.png"),
    ],
)
def test_a_name_that_says_nothing_gives_no_words(name: str) -> None:
    assert words.from_name(name) == ""


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
    assert said.endswith("unless it is told others: potion=10,sword=2.")
    # A category of several folders is told by these.
    (said,) = words.told_repeats(["10_potion/a.png", "3_potion/b.png", "2_sword/c.png"])
    assert said.endswith(": 10_potion=10,3_potion=3,sword=2.")
    (said,) = words.told_repeats(["set/10_potion/a.png", "potion/b.png", "5000_x/c.png"])
    assert said.endswith(": set/potion=10.")


def test_repeats_follow_the_folders_whatever_pictures_are_called_later() -> None:
    named = [("10_potion/a.png", "potion"), ("10_potion/b.png", "drink"), ("2_sword/c.png", "axe")]
    assert words.repeats(named) == "10_potion=10,axe=2"
    assert words.repeats([("10_a,b/c.png", "a,b"), ("4_/d.png", "x"), ("3_c/e.png", "")]) == "3_c=3"
