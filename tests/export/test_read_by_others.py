"""Exported sheets as programs that are not ours have them: Phaser and Pixi draw every frame in
chromium with its pivot in its place, and ase-parser reads every cel."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.sheets import packing, sheet
from studio.sheets.packing import Packing
from studio.sheets.sheet import Animation
from studio.workflows import exports
from studio.workflows.export_preparing import Wanted
from tests import export_assets
from tests.npm_readers import NODE, reader
from tests.served_pages import served
from tests.sheets.drawn import walk, with_normals
from tests.worker.kinds.step_by_step import NOW

SIZE, AT = 96, 48  # of what is drawn into, and where the pivot is put
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Exported:
    """The folder of the game, and the animation that was exported into it."""

    folder: Path
    animation: Animation


@pytest.fixture
def export(tmp_path: Path) -> Iterator[Callable[..., Exported]]:
    """Export a walk of four frames, trimmed, each with its normal map, by a profile as it is
    said."""
    studio = export_assets.opened(tmp_path)
    animation = with_normals(replace(walk("ana"), pivot=(12.0, 30.0)))
    placed = packing.pack(animation, Packing())
    assert len({rect.box for rect in placed.rects}) == 4
    id = export_assets.kept_sheet(studio, animation, placed)

    def exported(**profile: Any) -> Exported:
        export_assets.profile(studio, pattern="{name}", **profile)
        exports.export(studio, Wanted((id,), "game"), by="ana", now=NOW)
        return Exported(tmp_path / "game", animation)

    yield exported
    studio.engine.dispose()


def shown(told: dict[str, Any]) -> np.ndarray:
    return np.array(told["pixels"], np.uint8).reshape(SIZE, SIZE, 4)


def placed_at(frame: Image.Image, pivot: tuple[float, float], factor: int) -> np.ndarray:
    """What is to be drawn: the whole canvas, its pivot in the place."""
    pixels = np.asarray(frame).repeat(factor, 0).repeat(factor, 1)
    out = np.zeros((SIZE, SIZE, 4), np.uint8)
    left, top = (AT - int(side) * factor for side in pivot)
    kept = pixels[max(0, -top) :, max(0, -left) :][: SIZE - max(0, top), : SIZE - max(0, left)]
    height, width = kept.shape[:2]
    out[max(0, top) : max(0, top) + height, max(0, left) : max(0, left) + width] = kept
    return out


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1, 2])
def test_phaser_draws_every_frame_and_plays_it_as_long(
    export: Callable[..., Exported], factor: int
) -> None:
    script = reader("phaser/dist/phaser.min.js")
    made = export(engine="phaser", factor=factor)
    (made.folder / "phaser.js").write_bytes(script.read_bytes())
    (made.folder / "index.html").write_text('<!doctype html><script src="phaser.js"></script>')
    with served(made.folder) as page:
        asked = {"name": "ana", "size": SIZE, "at": AT}
        told = page.evaluate((HERE / "read_by_phaser.js").read_text(), asked)
    animation = made.animation
    assert list(told["frames"]) == [f"ana_{number:02d}" for number in range(4)]
    for found, frame in zip(told["frames"].values(), animation.frames, strict=True):
        assert found["size"] == [24 * factor, 32 * factor]
        assert np.array_equal(shown(found), placed_at(frame.image, animation.pivot, factor))
    lasts = [frame.duration_ms for frame in animation.frames]
    for tag in animation.tags:
        played = told["animations"][f"ana_{tag.name}"]
        assert played == [
            [f"ana_{number:02d}", pytest.approx(lasts[number])] for number in sheet.order(tag)
        ]


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1, 2])
def test_pixi_draws_every_frame(export: Callable[..., Exported], factor: int) -> None:
    script = reader("pixi.js/dist/pixi.min.js")
    made = export(engine="phaser", factor=factor)
    (made.folder / "pixi.js").write_bytes(script.read_bytes())
    (made.folder / "index.html").write_text('<!doctype html><script src="pixi.js"></script>')
    with served(made.folder) as page:
        asked = {"name": "ana", "size": SIZE, "at": AT}
        told = page.evaluate((HERE / "read_by_pixi.js").read_text(), asked)
    animation = made.animation
    assert told["normals"] == "ana_n.png" and (made.folder / "ana_n.png").is_file()
    for number, frame in enumerate(animation.frames):
        found = told["frames"][f"ana_{number:02d}"]
        assert np.array_equal(shown(found), placed_at(frame.image, animation.pivot, factor))
    for tag in animation.tags:
        wanted = [f"ana_{number:02d}" for number in sheet.order(tag)]
        assert told["animations"][tag.name] == wanted


def test_ase_parser_reads_every_cel_tag_and_slice(export: Callable[..., Exported]) -> None:
    parser = reader("ase-parser/Aseprite.js")
    made = export(engine="aseprite")
    words = [str(NODE), str(HERE / "read_by_ase_parser.js"), str(parser)]
    file = made.folder / "ana.aseprite"
    said = subprocess.run([*words, str(file)], capture_output=True, check=True, timeout=60)
    told, animation = json.loads(said.stdout), made.animation
    assert (told["width"], told["height"]) == (24, 32)
    seen = [(one["name"], one["flags"]["visible"]) for one in told["layers"]]
    assert seen == [("frames", True), ("normal map", False)]
    for number, frame in enumerate(told["frames"]):
        assert frame["duration"] == animation.frames[number].duration_ms
        pictures = (animation.frames[number].image, animation.normals[number])
        for cel, picture in zip(frame["cels"], pictures, strict=True):
            assert cel["box"] == [0, 0, 24, 32]
            assert base64.b64decode(cel["pixels"]) == picture.tobytes()
    directions = {"forward": "Forward", "reverse": "Reverse", "pingpong": "Ping-pong"}
    assert [(o["name"], o["from"], o["to"], o["animDirection"]) for o in told["tags"]] == [
        (tag.name, tag.first, tag.last, directions[tag.direction]) for tag in animation.tags
    ]
    slices = {one["name"]: one["keys"][0] for one in told["slices"]}
    assert slices["pivot"]["pivot"] == {"x": 12, "y": 30}
    panel = slices["panel"]
    assert (panel["x"], panel["y"], panel["width"], panel["height"]) == (2, 2, 20, 20)
    assert panel["patch"] == {"x": 3, "y": 4, "width": 12, "height": 10}
    colours = [f"#{o['red']:02x}{o['green']:02x}{o['blue']:02x}" for o in told["palette"]["colors"]]
    assert tuple(colours) == animation.palette
