from pathlib import Path

import numpy as np
from PIL import Image

from studio.evaluation import character_consistency, contact_sheet, metric_meanings


def _spots(seed: int, colour: tuple[int, int, int]) -> Image.Image:
    draws = np.random.default_rng(seed)
    pixels = np.zeros((32, 32, 4), np.uint8)
    for _ in range(6):
        x, y = draws.integers(4, 24, 2)
        pixels[y : y + 6, x : x + 6] = (*colour, 255)
    return Image.fromarray(pixels, "RGBA")


def test_a_character_that_stays_itself_is_nearer_than_the_base() -> None:
    own = [_spots(seed, (200, 40, 40)) for seed in range(4)]
    same = [_spots(seed, (200, 40, 40)) for seed in range(10, 14)]
    other = [Image.new("RGBA", (32, 32), (20, 60 + 20 * k, 220, 255)) for k in range(4)]
    found = character_consistency.figures(same, other, own, (128, 128, 128))
    assert set(found) == {"likeness", "base_likeness", "real_likeness"}
    assert found["base_likeness"] < found["likeness"] <= 1
    assert abs(found["likeness"] - found["real_likeness"]) < 0.2
    assert "real_likeness" not in character_consistency.figures(
        same, other, own[:1], (128, 128, 128)
    )
    for name in found:
        told = metric_meanings.of(name)
        assert told is not None and told.label == "Character similarity"


def test_the_poses_are_kept_beside_the_sheet(tmp_path: Path) -> None:
    poses = character_consistency.prompts("herochar knight")
    assert len(poses) == 8 and all(p.startswith("herochar knight, ") for p in poses)
    character_consistency.keep(tmp_path, [_spots(1, (9, 9, 9))] * 8, [_spots(2, (9, 9, 9))] * 8)
    with Image.open(tmp_path / contact_sheet.POSES) as kept:
        assert kept.size == (8 * 130 + 2, 2 * 130 + 2)
    assert contact_sheet.PICTURE.fullmatch(contact_sheet.POSES)
