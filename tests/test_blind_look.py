"""The blind look: no sheet tells whose a picture is, and the count follows the answers."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image

from benchmarks import blind_look
from benchmarks.blind_look import Answer, Shown

THINGS = [("item", "sword"), ("creature", "snake"), ("item", "boots")] * 4


def _side(colour: str) -> list[Image.Image]:
    return [Image.new("RGBA", (32, 32), colour)] * len(THINGS)


def test_all_sides_are_shuffled_and_the_key_is_sealed(tmp_path: Path) -> None:
    pictures, shown = blind_look.arranged(_side("red"), _side("blue"), _side("lime"), THINGS, 3)
    sides = [one.side for one in shown]
    assert [sides.count(side) for side in ("ours", "rival", "real", "control")] == [12, 12, 12, 3]
    assert sides != sorted(sides)
    assert all(
        picture.getpixel((0, 0))[:3] == (255, 0, 0)
        for picture, side in zip(pictures, sides, strict=True)
        if side == "ours"
    )
    blind_look.seal(shown, tmp_path)
    assert b"ours" not in (tmp_path / blind_look.KEY).read_bytes()
    assert blind_look.unseal(tmp_path) == shown
    files = blind_look.contact_sheets(pictures, tmp_path)
    assert len(files) == 2 and Image.open(files[0]).width > 900


def test_the_count_takes_names_ratings_and_pairs(tmp_path: Path) -> None:
    _, shown = blind_look.arranged(_side("red"), _side("blue"), _side("lime"), THINGS, 3)
    rating = {"ours": 3, "rival": 2, "real": 5, "control": 1}
    rng = random.Random(0)
    lines = []
    for number, one in enumerate(shown, 1):
        right = one.side == "real" or (one.side == "ours" and one.realm == "item")
        word = one.noun if right else rng.choice(("blob", "thing"))
        lines.append(f"{number}\t{word}\t{rating[one.side]}\tsoft edges")
    (tmp_path / "eyes.tsv").write_text("\n".join(lines))
    eyes = blind_look.read_answers(tmp_path / "eyes.tsv")
    found = blind_look.counted(shown, [eyes])
    assert found["valid"] and found["commonest_flaw"] == "soft edges"
    assert found["named_as_share_of_real"] == {"item": 1.0, "creature": 0.0}
    assert (found["better_than_rival"], found["worse_than_rival"]) == (12, 0)
    assert found["sign_test"] < 0.001
    nothing = {n: Answer("blob", 3, "") for n in eyes}
    assert not blind_look.counted(shown, [nothing])["valid"]


def test_other_names_of_the_same_count() -> None:
    assert blind_look.is_named("sword", "katana") and blind_look.is_named("boots", "boot")
    assert blind_look.is_named("snake", "a green snake") and not blind_look.is_named(
        "snake", "rope"
    )
    assert blind_look.sign_test(0, 0) == 1.0 and Shown("real", "ring", "item", 0).turn == 0
