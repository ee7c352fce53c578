"""The report as a whole on a tiny style: trained for two steps, kept, and not measured again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.errors import StudioError
from studio.evaluation.features import pocket_features
from studio.pocket import report, style_benchmark, trials
from studio.pocket.report import Request, make_report, named_folders
from studio.settings import POCKET, load_settings


def _icons(folder: Path, count: int) -> Path:
    """White boxes on black, none like another, with metadata.jsonl."""
    folder.mkdir(parents=True)
    lines = []
    for k in range(count):
        picture = Image.new("RGB", (64, 64), "black")
        rng = np.random.default_rng(k)
        x, y = (int(edge) for edge in rng.integers(0, 30, 2))
        wide, high = (int(edge) for edge in rng.integers(6, 32, 2))
        ImageDraw.Draw(picture).rectangle((x, y, x + wide, y + high), fill="white")
        picture.save(folder / f"{k}.png")
        lines.append(json.dumps({"file_name": f"{k}.png", "text": f"thing {chr(97 + k)}{k}"}))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_a_style_is_split_by_content(tmp_path: Path) -> None:
    folder = _icons(tmp_path / "icons", 20)
    style = style_benchmark.split_style("icons", folder, tmp_path / "work")
    parts = [sorted(p.name for p in part.glob("*.png")) for part in (style.train, style.held_out)]
    assert len(parts[0]) + len(parts[1]) == 20 and len(parts[0]) > len(parts[1]) > 0
    listed = [json.loads(line)["file_name"] for line in open(style.held_out / "metadata.jsonl")]
    assert sorted(listed) == parts[1]
    (folder / "0.png").rename(folder / "renamed.png")
    text = (folder / "metadata.jsonl").read_text().replace('"0.png"', '"renamed.png"')
    (folder / "metadata.jsonl").write_text(text)
    again = style_benchmark.split_style("icons", folder, tmp_path / "work")
    side = style.train if "0.png" in parts[0] else style.held_out
    assert (side / "renamed.png").is_file() and again == style
    with pytest.raises(StudioError, match="metadata.jsonl"):
        style_benchmark.split_style("none", tmp_path, tmp_path / "other")


@pytest.mark.slow
def test_pictures_of_the_style_lie_closer_than_controls_that_learn_nothing() -> None:
    def picture(kind: int, seed: int) -> Image.Image:
        rng = np.random.default_rng([kind, seed])
        found = Image.new("RGBA", (32, 32), "black" if kind else (0, 0, 0, 0))
        x = int(rng.integers(2, 8))
        pen = ImageDraw.Draw(found)
        if kind:
            pen.ellipse((x, x, 30 - x, 28), outline="white", width=2)
        else:
            pen.rectangle((x, 6, 24, 26), fill=(200, int(rng.integers(0, 200)), 30))
        return found

    base = [picture(0, k) for k in range(12)]
    style = [picture(1, k) for k in range(12)]
    real = style_benchmark.Pictures(
        train=[picture(1, 50 + k) for k in range(12)],
        held_out=[picture(1, 80 + k) for k in range(12)],
        captions=["a ring"] * 12,
    )
    seen = pocket_features(POCKET / "clip")
    drawn = style_benchmark.Drawn(["a ring"] * 12, base, style)
    found = style_benchmark.closeness(seen, drawn, real, seed=0)
    kid = {name: row["value"] for name, row in found["kid"].items()}
    assert kid["style"] < min(v for k, v in kid.items() if k.startswith(("silh", "recol")))
    assert found["falls_by"]["style"] > 0.6 and found["falls_by"]["base"] == 0
    row = found["kid"]["base"]
    assert row["low"] <= row["value"] <= row["high"]
    copies = style_benchmark.Drawn(["a ring"] * 12, base, real.train)
    near = style_benchmark.closeness(seen, copies, real, seed=0)["nearest_training_picture"]
    assert near["copies"] == 12 and near["median"] > 0.999


def test_unknown_parts_and_styles_are_refused(tmp_path: Path) -> None:
    settings = load_settings({}, str(tmp_path))
    with pytest.raises(StudioError, match="no part size"):
        make_report(settings, Request(("pocket",), None, {}, tmp_path, ("size",)), print)
    with pytest.raises(StudioError, match="names no folder"):
        named_folders(["noto=/nowhere"])
    with pytest.raises(StudioError, match="bundled"):
        named_folders([f"sample={tmp_path}"])


def test_captions_are_looked_for_among_a_hundred_with_those_trained_on() -> None:
    red, blue = (Image.new("RGBA", (32, 32), colour) for colour in ("red", "blue"))
    real = style_benchmark.Pictures([red], [blue], ["a blue gem"], ["a red gem", "a potion"])
    drawn = style_benchmark.Drawn(["a blue gem"], [red], [blue])
    found = style_benchmark.words(pocket_features(POCKET / "clip"), drawn, real)
    assert found["captions"] == 3 and found["style"] == found["real"]
    assert found["base"]["own_in_five"] == 1.0


def test_a_second_base_is_held_against_the_first() -> None:
    def record(share: float, nearer: float) -> dict[str, Any]:
        bars = [
            trials.bar("named", share, ">= 0.70", True),
            trials.bar("nearer", nearer, "reported", True, "less"),
        ]
        return {"kind": {"bars": bars}}

    found = report.beside("pocket", record(0.8, 0.02), record(0.9, 0.03))
    assert [line["met"] for line in found["bars"]] == [True, False]
    assert found["bars"][0]["bar"] == ">= 0.8" and found["bars"][1]["bar"] == "<= 0.02"
    assert report.beside("pocket", record(0.8, 0.0), {})["bars"] == []


@pytest.mark.slow
def test_a_report_is_written_and_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MAX_TRAIN_STEPS", "2"), ("BATCH_SIZE", "2"), ("RANK", "2")):
        monkeypatch.setenv(f"TRAIN_{name}", value)
    folder = _icons(tmp_path / "icons", 24)
    request = Request(
        bases=("pocket",),
        sprites=None,
        styles={"icons": folder},
        out=tmp_path / "report",
        parts=("kind", "style-icons"),
        pictures=5,
    )
    lines: list[str] = []
    answer = make_report(load_settings({}, str(tmp_path / "home")), request, lines.append)
    assert any("kind: left out" in line for line in lines)
    record = json.loads((request.out / "pocket" / "style-icons.json").read_text())
    assert record["pictures"] == 5 and record["mark"]["config"]["rank"] == 2
    assert record["trained_on"] + record["held_out"] == 24
    assert {"base", "style", "silhouettes", "recoloured_histogram"} <= set(record["kid"])
    assert answer["missed"] and answer["exit"] == 1  # two steps teach nothing
    assert Image.open(request.out / "pocket" / "style-icons.png").height > 200
    assert json.loads((request.out / "report.json").read_text())["missed"] == answer["missed"]

    lines.clear()
    again = make_report(load_settings({}, str(tmp_path / "home")), request, lines.append)
    assert again == json.loads(json.dumps(answer)) and "style-icons: measured before" in lines
    changed = dataclasses.replace(request, seed=1)
    told: list[str] = []

    def stop(*_: object, **__: object) -> None:
        raise StudioError("measured anew")

    monkeypatch.setattr(report.style_benchmark, "prove_style", stop)
    with pytest.raises(StudioError, match="anew"):
        make_report(load_settings({}, str(tmp_path / "home")), changed, told.append)
