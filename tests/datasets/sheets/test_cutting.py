"""From files that hold several pictures to a version that knows what they were cut from."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import exports, manifests, versions
from studio.datasets.folder_import import ImportResult, import_folder
from studio.datasets.pictures import Cut
from studio.datasets.sheets.requests import Asked
from studio.errors import StudioError
from tests.datasets.sheets.aseprite_files import cel, layer, linked, plain, sprite, tags

Take = Callable[..., ImportResult]
RED, BLUE, GREEN = (255, 0, 0, 255), (0, 0, 255, 255), (0, 200, 0, 255)


@pytest.fixture
def art(tmp_path: Path) -> Path:
    folder = tmp_path / "art"
    folder.mkdir()
    return folder


@pytest.fixture
def take(tmp_path: Path, art: Path, now: datetime) -> Take:
    def taken(*cuts: str, frames: bool = False, **more: object) -> ImportResult:
        return import_folder(
            tmp_path / "home",
            "hero",
            art,
            asked=Asked(cuts, frames),
            now=now,
            actor="ana",
            **more,  # type: ignore[arg-type]
        )

    return taken


def sheet(*colours: tuple[int, int, int, int], cell: int = 8) -> Image.Image:
    """Cells side by side, each with a square of its colour."""
    made = Image.new("RGBA", (cell * len(colours), cell))
    for k, colour in enumerate(colours):
        made.paste(colour, (k * cell + 2, 2, k * cell + cell - 2, cell - 2))
    return made


HERO = sprite(
    (4, 4),
    [
        [layer(), tags(("walk", 0, 2), ("run", 3, 3)), cel(0, plain(RED))],
        [linked(0, 0)],
        [cel(0, plain(BLUE), at=(1, 1))],
        [cel(0, plain(GREEN))],
        [],
    ],
)


def test_a_layered_file_becomes_its_frames_and_held_ones_once(take: Take, art: Path) -> None:
    (art / "hero.aseprite").write_bytes(HERO)
    made = take()
    found = {p.file_name: p for p in made.version.pictures}
    assert list(found) == ["hero_run_004.png", "hero_walk_001.png", "hero_walk_003.png"]
    assert [p.category for p in found.values()] == ["run", "walk", "walk"]
    assert [p.caption for p in found.values()] == ["hero run", "hero walk", "hero walk"]
    digest = hashlib.sha256(HERO).hexdigest()
    assert found["hero_walk_003.png"].cut == Cut("hero.aseprite", digest, 3, "walk")
    assert str(found["hero_walk_003.png"].cut) == "frame 3 of hero.aseprite, tag walk"
    assert made.warnings[0] == (
        "hero.aseprite: 3 pictures, 1 left out as the same as others (2), 1 empty left out."
    )
    assert not made.refused


def test_the_cut_is_stored_read_and_part_of_the_version(
    take: Take, art: Path, tmp_path: Path
) -> None:
    (art / "hero.ase").write_bytes(HERO)
    made = take().version
    again = versions.load(tmp_path / "home", "hero")
    assert again == made and all(p.cut for p in again.pictures)
    (head,) = manifests.heads(tmp_path / "home", "hero")
    assert head.pictures == 3
    bare = replace(made, pictures=tuple(replace(p, cut=None) for p in made.pictures))
    assert manifests.digest(bare.look, bare.pictures) != made.digest
    assert "cut" not in manifests.stored(bare.pictures[0])
    assert take().version.digest == made.digest


def test_a_sheet_is_cut_by_the_grid_that_was_asked(take: Take, art: Path) -> None:
    sheet(RED, (0, 0, 0, 0), BLUE, RED).save(art / "gems.png")
    sheet(GREEN).save(art / "one.png")
    made = take("gems.png=8x8")
    found = {p.file_name: p for p in made.version.pictures}
    assert list(found) == ["gems_001.png", "gems_003.png", "one.png"]
    assert [p.category for p in found.values()] == ["gems", "gems", ""]
    cut = found["gems_003.png"].cut
    assert cut is not None and str(cut) == "cell 3 of gems.png, cut by 8x8"
    assert found["one.png"].cut is None
    assert made.warnings[0] == (
        "gems.png: cut by 8x8 into 2 pictures, 1 left out as the same as others (4), "
        "1 empty left out."
    )


def test_a_grid_may_be_looked_for_and_the_last_request_holds(take: Take, art: Path) -> None:
    sheet(RED, BLUE, GREEN, cell=16).save(art / "gems.png")
    sheet(GREEN, BLUE).save(art / "swords_8x8.png")
    made = take("8x8", "*.png=auto")
    assert {p.cut.by for p in made.version.pictures if p.cut} == {"16x16", "8x8"}


def test_a_request_that_means_nothing_stops_it_all(take: Take, art: Path) -> None:
    sheet(RED).save(art / "gems.png")
    with pytest.raises(StudioError, match="'gem.png=8x8' means no picture"):
        take("gem.png=8x8")
    with pytest.raises(StudioError, match="does not say how"):
        take("gems.png=many")
    made = take()
    assert [p.file_name for p in made.version.pictures] == ["gems.png"]


def test_a_sheet_that_can_not_be_cut_is_named_and_the_rest_goes_on(take: Take, art: Path) -> None:
    sheet(RED, BLUE).save(art / "gems.png")
    sheet(GREEN).save(art / "small.png")
    (art / "broken.aseprite").write_bytes(HERO[:200])
    (art / "layers.psd").write_bytes(b"8BPS")
    made = take("small.png=9x9")
    told = {refusal.file: refusal.reason for refusal in made.refused}
    assert set(told) == {"broken.aseprite", "layers.psd", "small.png"}
    assert "has 0 cells" in told["small.png"] and not told["small.png"].startswith("small.png")
    assert [p.file_name for p in made.version.pictures] == ["gems.png"]
    (art / "gems.png").unlink()
    (art / "small.png").unlink()
    with pytest.raises(StudioError, match="no pictures in this folder. broken.aseprite: frame 1"):
        take()


def test_the_json_beside_a_sheet_cuts_it(take: Take, art: Path) -> None:
    sheet(RED, BLUE, GREEN).save(art / "hero.png")
    frames = {f"hero {k}.ase": {"frame": {"x": 8 * k, "y": 0, "w": 8, "h": 8}} for k in range(3)}
    meta = {"image": "hero.png", "frameTags": [{"name": "idle", "from": 0, "to": 1}]}
    (art / "hero.json").write_text(json.dumps({"frames": frames, "meta": meta}))
    made = take()
    assert [(p.file_name, p.category) for p in made.version.pictures] == [
        ("hero_003.png", "hero"),
        ("hero_idle_001.png", "idle"),
        ("hero_idle_002.png", "idle"),
    ]
    assert made.version.pictures[0].cut is not None
    assert made.version.pictures[0].cut.by == "hero.json"
    # Asked for whole, or with another grid, it is that.
    assert [p.file_name for p in take("hero.png=whole").version.pictures] == ["hero.png"]
    (art / "hero.json").rename(art / "lost.json")
    (art / "hero.png").rename(art / "knight.png")
    (refusal,) = take().refused
    assert (refusal.file, refusal.reason) == (
        "lost.json",
        "the sheet that it tells of is not beside it.",
    )


def test_an_export_beside_its_source_is_there_once(take: Take, art: Path) -> None:
    (art / "hero.aseprite").write_bytes(HERO)
    row = Image.new("RGBA", (16, 4))
    for k, (colour, at) in enumerate([(RED, 0), (BLUE, 1), (GREEN, 0)]):
        row.paste(colour, (4 * k + at, at, 4 * k + at + 2, at + 2))
    row.save(art / "hero.png")
    made = take("hero.png=4x4")
    assert [p.category for p in made.version.pictures] == ["run", "walk", "walk"]
    single = sprite((4, 4), [[layer(), cel(0, plain(BLUE))]])
    (art / "gem.ase").write_bytes(single)
    gem = Image.new("RGBA", (4, 4))
    gem.paste(BLUE, (0, 0, 2, 2))
    gem.save(art / "gem.png")
    names = [p.file_name for p in take("hero.png=4x4").version.pictures]
    assert names.count("gem.png") == 1 and "gem-2.png" not in names


def test_what_a_folder_says_of_a_sheet_holds_for_its_frames(take: Take, art: Path) -> None:
    (art / "hero.aseprite").write_bytes(HERO)
    (art / "hero.txt").write_text("a knight in red")
    lines = [{"file_name": "hero.aseprite", "author": "Bo", "licence": "CC0-1.0", "tags": ["new"]}]
    (art / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    made = take()
    assert not made.refused
    told = {(p.caption, p.caption_by, p.author, p.licence, p.tags) for p in made.version.pictures}
    assert told == {("a knight in red", "file", "Bo", "CC0-1.0", ("new",))}


def test_animations_give_their_first_frame_or_all_and_it_is_said(take: Take, art: Path) -> None:
    first, *rest = [sheet(colour) for colour in (RED, BLUE, BLUE, GREEN)]
    first.save(art / "gem.webp", save_all=True, append_images=rest, lossless=True, duration=50)
    sheet(GREEN, RED).save(art / "still.png")
    made = take()
    assert [p.file_name for p in made.version.pictures] == ["gem.webp", "still.png"]
    assert made.warnings[0].endswith("more than the first one of gem.webp.")
    made = take(frames=True)
    assert [p.file_name for p in made.version.pictures] == [
        "gem_001.png",
        "gem_002.png",
        "gem_003.png",  # the format keeps held frames once itself
        "still.png",
    ]
    assert not any("first frame" in said for said in made.warnings)


def test_an_exported_version_brings_its_origin_along(
    take: Take, art: Path, tmp_path: Path, now: datetime
) -> None:
    (art / "hero.aseprite").write_bytes(HERO)
    made = take().version
    packed = io.BytesIO(b"".join(exports.zipped(tmp_path / "home", made)))
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(tmp_path / "back")
    back = import_folder(tmp_path / "home2", "hero", tmp_path / "back", now=now, actor="ana")
    assert [p.cut for p in back.version.pictures] == [p.cut for p in made.pictures]
    line = '{"file_name": "hero_run_004.png", "cut": {"number": "4"}}'
    (tmp_path / "back" / "metadata.jsonl").write_text(line)
    with pytest.raises(StudioError, match="'cut' is"):
        import_folder(tmp_path / "home2", "hero", tmp_path / "back", now=now, actor="ana")


def test_nothing_is_left_of_the_work_and_the_folder_is_as_it_was(
    take: Take, art: Path, tmp_path: Path
) -> None:
    (art / "hero.aseprite").write_bytes(HERO)
    take()
    assert [p.name for p in art.iterdir()] == ["hero.aseprite"]
    assert not any((tmp_path / "home" / "uploads").iterdir())


def test_colours_under_alpha_0_do_not_make_two_of_one(take: Take, art: Path) -> None:
    pixels = np.asarray(sheet(RED, RED)).copy()
    pixels[0, 0] = (9, 9, 9, 0)
    Image.fromarray(pixels, "RGBA").save(art / "gems.png")
    assert len(take("8x8").version.pictures) == 1
