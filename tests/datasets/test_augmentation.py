"""Variants of a set's own pictures: exact pixels, true captions, marked with their parent."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.database import engine as db
from studio.datasets import augmentation, drawn_limit, versions, withdrawals
from studio.datasets.folder_import import import_folder
from studio.datasets.freeze import change
from studio.datasets.manifests import DatasetVersion, Look
from studio.errors import StudioError


@pytest.fixture
def art(tmp_path: Path, now) -> DatasetVersion:
    """A red gem with a margin and a grey outline, a blue one, and a full green tile."""
    folder = tmp_path / "gems"
    folder.mkdir()
    for name, colour in (("red", (200, 20, 20)), ("blue", (20, 40, 200))):
        pixels = np.zeros((16, 16, 4), np.uint8)
        pixels[4:10, 4:12] = (40, 40, 40, 255)
        pixels[5:9, 5 : 11 if name == "red" else 9] = (*colour, 255)
        pixels[5, 5:8] = (*(c // 2 for c in colour), 255)
        Image.fromarray(pixels, "RGBA").save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"a {name} gem, light from the left")
    Image.new("RGB", (16, 16), (20, 160, 30)).save(folder / "tile.png")
    (folder / "tile.txt").write_text("a green and red tile")
    return import_folder(
        tmp_path / "home", "gems", folder, look=Look(mirror=True), now=now, actor="ana"
    ).version


def vary(tmp_path, art, now, *ways: str, of: str = "", **more: object):
    hashes = [p.hash for p in art.pictures if of in p.file_name]
    return augmentation.vary(tmp_path / "home", "gems", hashes, ways, now=now, actor="bo", **more)


def pixels(tmp_path, hash: str) -> np.ndarray:
    return np.asarray(versions.open_picture(tmp_path / "home", hash, "x"))


def test_mirrored_and_turned_over(tmp_path, art, now):
    added = vary(tmp_path, art, now, "mirror", "upside down", of="red")
    assert added.version.says == "varied, mirrored, turned over: 2 added"
    parent = next(p for p in art.pictures if p.file_name == "red.png")
    found = {p.file_name: p for p in added.version.pictures if p.added}
    mirrored = found["varied/red-mirror.png"]
    assert (mirrored.origin, mirrored.parent) == ("augmented", parent.hash)
    assert mirrored.caption == "a red gem, light from the right"
    assert mirrored.source == "varied from red.png, mirrored"
    before = pixels(tmp_path, parent.hash)
    assert (pixels(tmp_path, mirrored.hash) == before[:, ::-1]).all()
    over = found["varied/red-upside-down.png"]
    assert (pixels(tmp_path, over.hash) == before[::-1]).all()
    again = vary(tmp_path, art, now, "mirror", of="red")
    assert again.version.digest == added.version.digest and not again.new


def test_moved_by_a_whole_pixel_where_there_is_room(tmp_path, art, now):
    added = vary(tmp_path, art, now, "shift")
    assert len(added.new) == 2
    assert [(r.file, r.reason) for r in added.refused] == [
        ("tile.png", "it fills its canvas, so it can't be moved.")
    ]
    for picture in (p for p in added.version.pictures if p.added):
        before, after = pixels(tmp_path, picture.parent), pixels(tmp_path, picture.hash)
        moves = [(0, 1), (0, -1), (1, 0), (-1, 0)]
        assert any((np.roll(before, by, (0, 1)) == after).all() for by in moves)


def test_other_hues_are_the_sets_own_and_the_caption_says_so(tmp_path, art, now):
    added = vary(tmp_path, art, now, "palette", turn=240)
    (turned,) = [p for p in added.version.pictures if p.added and "red" in p.file_name]
    assert turned.caption == "a blue gem, light from the left"
    known = {tuple(c) for p in art.pictures for c in pixels(tmp_path, p.hash).reshape(-1, 4)}
    after = pixels(tmp_path, turned.hash)
    assert {tuple(c) for c in after.reshape(-1, 4)} <= known
    assert tuple(after[4, 4]) == (40, 40, 40, 255)  # the outline stays
    assert "its caption names 2 colours" in added.refused[0].reason


def test_variants_are_no_drawn_pictures_and_go_with_their_parent(tmp_path, art, now):
    version = vary(tmp_path, art, now, "shift", "upside down", of="red").version
    assert drawn_limit.share(version.pictures) == drawn_limit.Share(3, 0, 0, 2)
    assert drawn_limit.share(version.pictures).of == 0
    engine = db.open_database(tmp_path / "home")
    red = [p for p in version.pictures if p.file_name == "red.png"]
    withdrawals.withdraw(engine, red, ground="another reason", why="asked", by="ana", now=now)
    assert len(withdrawals.among(tmp_path / "home", version.pictures)) == 3
    engine.dispose()


def test_what_can_not_be_is_said(tmp_path, art, now):
    with pytest.raises(StudioError, match="can't be varied by"):
        vary(tmp_path, art, now, "twist")
    with pytest.raises(StudioError, match="can't be varied by 7"):
        vary(tmp_path, art, now, "palette", turn=7)
    with pytest.raises(StudioError, match="0 variants"):
        vary(tmp_path, art, now, "shift", of="nothing")
    with pytest.raises(StudioError, match="Nothing can be varied. tile.png: it fills"):
        vary(tmp_path, art, now, "shift", of="tile")
    change(
        tmp_path / "home",
        "gems",
        lambda v: (replace(v.look, mirror=False), v.pictures),
        now=now,
        actor="ana",
    )
    with pytest.raises(StudioError, match="does not say that mirrored"):
        vary(tmp_path, art, now, "mirror")
    shifted = vary(tmp_path, art, now, "shift", of="red").version
    (made,) = [p for p in shifted.pictures if p.added]
    with pytest.raises(StudioError, match="not drawn by a person"):
        augmentation.vary(tmp_path / "home", "gems", [made.hash], ["shift"], now=now, actor="bo")
