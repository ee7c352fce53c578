"""What an import makes of pictures from other tools: what is stored, and what is told by name."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.datasets import (
    additions,
    intake,
    manifests,
    picture_filter,
    uploads,
    versions,
    warnings,
)
from studio.datasets.edits import Row
from studio.datasets.folder_import import ImportResult, import_folder
from studio.datasets.freeze import freeze
from studio.datasets.manifests import Look
from studio.errors import StudioError
from studio.settings import CHECKOUT

ELSEWHERE = CHECKOUT / "tests" / "images" / "elsewhere"


@pytest.fixture
def art(tmp_path: Path) -> Path:
    (tmp_path / "art").mkdir()
    return tmp_path / "art"


def bring(art: Path, *names: str) -> None:
    for name in names:
        shutil.copy(ELSEWHERE / name, art / name)


def take(art: Path, now: datetime) -> ImportResult:
    return import_folder(art.parent / "home", "items", art, now=now, actor="ana", licence="CC0")


def test_all_of_them_are_learned_as_they_are_seen(art: Path, now: datetime) -> None:
    names = sorted(file.name for file in ELSEWHERE.iterdir() if file.is_file())
    bring(art, *names)
    result = take(art, now)
    called = {"without_suffix": "without_suffix.png"}
    assert [p.file_name for p in result.version.pictures] == [called.get(n, n) for n in names]
    assert result.refused == ()
    home = art.parent / "home"
    for record, picture in versions.open_version_pictures(home, result.version):
        came = art / record.file_name.replace("without_suffix.png", "without_suffix")
        assert hashlib.sha256(came.read_bytes()).hexdigest() == record.hash  # kept as it came
        with Image.open(ELSEWHERE / "expected" / f"{came.name}.png") as wanted:
            expected = np.asarray(wanted.convert("RGBA")).astype(int)
        away = np.abs(np.asarray(picture).astype(int) - expected)
        assert away.max() <= (90 if came.suffix == ".jfif" else 1), record.file_name
        assert (record.width, record.height) == picture.size
    read = {p.file_name for p in result.version.pictures if p.reading == images.SEEN}
    assert read == {
        *("anim_default_is_banner.png", "gray2_trns.png", "hdr_float_over1.tif", "icc_P3.png"),
        *("icc_ProPhoto.png", "icc_linear.png", "rgb16_trns.png"),
    }


def test_what_is_not_plain_is_told(art: Path, now: datetime) -> None:
    bring(art, "icc_P3.png", "icc_ProPhoto.png", "icc_linear.png", "anim.gif")
    bring(art, "all_transparent.png")
    bring(art, "anim_default_is_banner.png", "hdr_float_over1.tif", "cmyk.tif")
    told = [said for said in take(art, now).warnings if "picture" not in said[:12]]
    assert [said for said in told if "sRGB" in said] == [
        "Colours were converted to sRGB from wide like P3, very wide gamma 1.8 and linear light: "
        "icc_P3.png, icc_ProPhoto.png, icc_linear.png."
    ]
    for said in (
        "all_transparent.png is wholly transparent: nothing of it is seen, and nothing is learned "
        "from it.",
        "anim.gif has 2 frames; the first one is learned.",
        "anim_default_is_banner.png has 2 frames and before them a picture that no viewer shows; "
        "the first frame is learned.",
        "hdr_float_over1.tif has values above 1; they are shown as 1.",
    ):
        assert said in told
    assert [said for said in told if "(CMYK)" in said and said.endswith(": cmyk.tif.")]


def test_wholly_transparent_pictures_are_found_again(art: Path, now: datetime) -> None:
    bring(art, "all_transparent.png", "icc_P3.png")
    pictures = take(art, now).version.pictures
    assert [(p.file_name, p.empty) for p in pictures] == [
        ("all_transparent.png", True),
        ("icc_P3.png", False),
    ]
    (said,) = [w for w in warnings.warned(pictures, (), (), None) if w.show == "empty"]
    assert said.says == "1 picture wholly transparent."
    rows = [Row(p, p) for p in pictures]
    wanted = picture_filter.Wanted(show="empty")
    assert [row.picture.file_name for row in picture_filter.pick(rows, wanted, None)] == [
        "all_transparent.png"
    ]


def test_a_version_of_before_keeps_its_meaning(art: Path, now: datetime) -> None:
    """Its digest, its pictures' hashes, and the numbers that it was learned by."""
    bring(art, "icc_P3.png")
    home = art.parent / "home"
    (came,) = take(art, now).version.pictures
    before = freeze(home, "old", Look(), [replace(came, reading=images.PLAIN)], None, now, "ana")
    record = manifests.stored(before.pictures[0])
    assert not {"reading", "empty"} & set(record)
    ((_, plain),) = versions.open_version_pictures(home, versions.load(home, "old"))
    with Image.open(art / "icc_P3.png") as opened:
        assert plain.convert("RGB").tobytes() == opened.tobytes()
    ((_, seen),) = versions.open_version_pictures(home, versions.load(home, "items"))
    assert seen.getpixel((0, 0)) != plain.getpixel((0, 0))
    # Brought in again, it is learned as it is seen, under the same hash.
    added = additions.add_folder(home, "old", art, now=now, actor="ana")
    assert added.described == ("icc_P3.png",) and added.version.digest != before.digest
    assert [(p.hash, p.reading) for p in added.version.pictures] == [(came.hash, images.SEEN)]
    kept = json.loads(manifests.path_of(home, "old", added.version.digest).read_text())
    assert kept["pictures"][0]["reading"] == 2
    assert versions.load(home, "old", before.digest) == before


def test_files_without_a_suffix_are_looked_into(art: Path, now: datetime, sprite) -> None:
    shutil.copy(sprite("a.png", 1, into="made"), art / "potion")
    (art / "potion.txt").write_text("a red potion")
    shutil.copy(sprite("b.png", 2, into="made"), art / "shield")
    sprite("shield.png", 3)
    (art / "LICENSE").write_text("CC0")
    (art / "Makefile").write_bytes(b"\0" * 600)
    result = take(art, now)
    assert [(p.file_name, p.caption) for p in result.version.pictures] == [
        ("potion.png", "a red potion"),
        ("shield-2.png", "shield"),
        ("shield.png", "shield"),
    ]
    assert result.refused == ()
    stored = versions.picture_path(art.parent / "home", result.version.pictures[0].hash)
    assert stored.suffix == ".png"


def test_a_browser_may_send_them_too(tmp_path: Path, sprite, now: datetime) -> None:
    token = uploads.begin(tmp_path)
    art = {"potion": sprite("a.png", 1).read_bytes(), "LICENSE": b"CC0"}
    for name, data in art.items():
        with uploads.receiving(tmp_path, token, name, len(data)) as write:
            write(data)
    found = uploads.waiting(tmp_path, token)
    assert (found.pictures, found.others) == (("potion",), ())
    folder, refused = uploads.unpacked(tmp_path, token)
    assert [file.name for file in folder.iterdir()] == ["potion"] and not refused
    assert [one.file_name for one in take(folder, now).version.pictures] == ["potion.png"]


def test_a_masks_numbers_are_no_colours(art: Path, now: datetime) -> None:
    Image.new("RGB", (8, 8), "red").save(art / "gem.png")
    with Image.open(ELSEWHERE / "icc_linear.png") as opened:
        linear = opened.info["icc_profile"]
    Image.new("RGB", (8, 8), (90, 90, 90)).save(art / "gem.mask.png", icc_profile=linear)
    (picture,) = take(art, now).version.pictures
    home = art.parent / "home"
    mask = versions.open_picture(home, picture.mask, "gem.mask.png", images.PLAIN)
    assert mask.getpixel((0, 0)) == (90, 90, 90, 255)


def test_other_formats_are_refused_under_any_name(art: Path, now: datetime, sprite) -> None:
    sprite("good.png", 1)
    Image.new("RGB", (8, 8)).save(art / "art.png", "PCX")
    (art / "post.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n")
    refused = {r.file: r.reason for r in take(art, now).refused}
    assert set(refused) == {"art.png", "post.png"}
    assert all("not a picture in a known format" in reason for reason in refused.values())
    with pytest.raises(StudioError, match="known format"):
        one = additions.NewPicture((art / "art.png").read_bytes(), "art.png", "an art")
        additions.add_pictures(art.parent / "home", "items", [one], now=now, actor="ana")
    assert set(intake.find(art).pictures) == {"art.png", "good.png", "post.png"}


def test_a_mask_that_lets_nothing_count_is_refused_by_name(art: Path, now: datetime) -> None:
    Image.new("RGB", (8, 8), "red").save(art / "gem.png")
    Image.new("L", (8, 8), 0).save(art / "gem.mask.png")
    result = take(art, now)
    assert [(r.file, "black all over" in r.reason) for r in result.refused] == [
        ("gem.mask.png", True)
    ]
    assert result.version.pictures[0].mask == ""
