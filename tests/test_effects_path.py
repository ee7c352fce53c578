"""Effects by the command line: cut animations teach a style, which draws a flipbook's phases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import main
from studio.datasets import versions as datasets
from studio.sheets.formats import moving
from studio.sheets.sheet import Animation, of_pictures

BRIEF = ("max_train_steps=4", "save_every_n_steps=2", "preview_every_n_steps=4", "batch_size=2")


def _burst(seed: int) -> Animation:
    """Twelve frames of a disc that grows and fades, on black as effects are drawn."""
    rows, columns = np.mgrid[:32, :32]
    noise = np.random.default_rng(seed).integers(0, 40, (32, 32))
    out = []
    for number in range(12):
        away = np.hypot(rows - 15.5, columns - 15.5)
        light = np.clip(255 - np.abs(away - 1.1 * number) * 60, 0, 255 - 12 * number)
        light = np.where(light > 0, np.clip(light - noise, 1, 255), 0)
        pixels = np.full((32, 32, 4), 255, np.uint8)
        pixels[..., :3] = np.stack([light, light * 0.5, light * 0.1 * seed], -1).astype(np.uint8)
        out.append(Image.fromarray(pixels, "RGBA"))
    return of_pictures("burst", out, duration_ms=50)


@pytest.mark.slow
def test_cut_animations_teach_a_style_that_draws_a_flipbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"

    def ask(*words: str) -> dict[str, Any]:
        code = main([*words, "--json", "--home", str(home), "--user", "ana"])
        answer = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert code == 0, answer
        return dict(answer)

    for seed in (1, 2):
        file = tmp_path / f"burst{seed}.apng"
        file.write_bytes(moving.apng(_burst(seed)).data)
        made = ask("sheet", "make", str(file), "--drawn", "black")
        told = ["--caption", "fire burst", "--on-black", "--licence", "CC0-1.0"]
        done = ask("sheet", "to-dataset", made["sheet"], "effects", *told)
        assert len(done["new"]) == 12 and len(done["captions"]) == 8
    version = datasets.load(home, "effects")
    said = {picture.caption for picture in version.pictures}
    assert said == {f"fire burst, phase {number} of 8" for number in range(1, 9)}

    brief = [word for one in BRIEF for word in ("--set", one)]
    ask("train", "fire", "--dataset", "effects", "--preset", "fast", *brief)
    ask("promote", "fire", "1", "production", "--why", "first")
    files = []
    for number in (1, 4, 8):
        words = ["--style", "fire", "--seed", "5", "--steps", "2", "--out", str(tmp_path / "out")]
        drawn = ask("generate", f"fire burst, phase {number} of 8", *words)
        files += drawn["files"]
    assert len(files) == 3
    words = ["--drawn", "black", "--effect", "premultiplied", "--flipbook", "--name", "fire"]
    made = ask("sheet", "make", *files, *words)
    shown = ask("sheet", "show", made["sheet"])
    assert shown["effect"] == "premultiplied" and len(shown["frames"]) == 3
    assert (shown["book"]["columns"], shown["book"]["rows"]) == (2, 2)
