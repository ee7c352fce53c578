"""Sheets of a blind look hide whose a picture is, and the count pairs what was drawn alike."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks import looks


def test_sheets_are_shuffled_and_the_count_follows_the_sealed_key(tmp_path: Path) -> None:
    colours = {"ours": "red", "plain": "blue", "real": "lime", "control": "grey"}
    shown = [
        (side, turn, Image.new("RGBA", (8, 8), colour))
        for side, colour in colours.items()
        for turn in range(3)
    ]
    looks.sheets(shown, tmp_path, "x", columns=3, rows=2, zoom=2, small=True)
    sheets = sorted(tmp_path.glob("x-*.png"))
    assert [file.name for file in sheets] == ["x-1.png", "x-2.png"]
    assert b"ours" not in (tmp_path / "x-key.sealed").read_bytes()
    rating = {(255, 0, 0): 4, (0, 0, 255): 2, (0, 255, 0): 5, (128, 128, 128): 1}
    lines = []
    for number in range(12):
        with Image.open(sheets[number // 6]) as sheet:
            place = number % 6
            wide, high = 8 * 2 + looks.GAP + 8 + looks.GAP, 8 * 2 + looks.HEAD + looks.GAP
            at = (place % 3 * wide + looks.GAP, place // 3 * high + looks.HEAD)
            lines.append(f"{number + 1}\tthing\t{rating[sheet.getpixel(at)]}\tnone")
    answers = tmp_path / "eyes.tsv"
    answers.write_text("\n".join(lines))
    assert looks.count(tmp_path, "x", [answers], "ours", "plain") == 0
    assert looks.count(tmp_path, "x", [answers], "plain", "ours") == 1
