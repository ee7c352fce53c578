"""Masks on import, in manifests and in downloads; what lies behind alpha, and mirrored pictures."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from studio.datasets import additions, exports, manifests, mask_files, versions
from studio.datasets.folder_import import ImportResult, import_folder
from studio.datasets.freeze import check_look
from studio.datasets.manifests import Look
from studio.errors import StudioError

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def draw(path: Path, side: int = 8, shade: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (side, side), (shade, 9, 9)).save(path)


def take(home: Path, art: Path, look: Look | None = None) -> ImportResult:
    return import_folder(home, "items", art, look=look, now=NOW, actor="ana")


def test_a_mask_belongs_to_its_picture_and_is_kept_by_content(tmp_path: Path) -> None:
    art = tmp_path / "art"
    for name, shade in (("a", 1), ("b", 2), ("c", 3), ("sub/d", 4)):
        draw(art / f"{name}.png", shade=shade)
    draw(art / "a.mask.png", shade=200)
    draw(art / "sub" / "d-masklabel.png", shade=220)
    draw(art / "b.mask.png", side=4)  # of another size
    draw(art / "gone.mask.png")
    first = take(tmp_path, art)
    by_name = {p.file_name: p for p in first.version.pictures}
    assert list(by_name) == ["a.png", "b.png", "c.png", "sub/d.png"]
    kept = versions.picture_path(tmp_path, by_name["a.png"].mask)
    assert kept.read_bytes() == (art / "a.mask.png").read_bytes()
    assert by_name["sub/d.png"].mask and not by_name["b.png"].mask and not by_name["c.png"].mask
    assert {r.file: r.reason for r in first.refused} == {
        "gone.mask.png": "a mask without a picture of the same name.",
        "b.mask.png": "the mask is 4 x 4 pixels, its picture 8 x 8.",
    }
    assert take(tmp_path, art).version == first.version
    draw(art / "a.mask.png", shade=100)  # an edited mask is another version
    second = take(tmp_path, art)
    assert second.changed == ("a.png",) and second.version.digest != first.version.digest
    draw(tmp_path / "more" / "c.png", shade=3)
    draw(tmp_path / "more" / "c.mask.png", shade=7)
    added = additions.add_folder(tmp_path, "items", tmp_path / "more", now=NOW, actor="ana")
    assert added.described == ("c.png",)
    assert all(p.mask for p in added.version.pictures if p.file_name in ("a.png", "c.png"))
    with zipfile.ZipFile(io.BytesIO(b"".join(exports.zipped(tmp_path, added.version)))) as made:
        assert {n for n in made.namelist() if mask_files.ENDS[0] in n} == {
            "a.mask.png",
            "c.mask.png",
            "sub/d.mask.png",
        }


def test_a_set_says_what_lies_behind_alpha_and_whether_mirrored_pictures_are_good(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "art" / "a.png")
    plain = take(tmp_path, tmp_path / "art").version
    assert manifests.stored_look(plain.look).keys() == {"matte", "filter", "size"}
    look = replace(plain.look, behind="edge-bleed", mirror=True)
    other = take(tmp_path, tmp_path / "art", look).version
    assert other.digest != plain.digest
    assert versions.load(tmp_path, "items").look == look
    assert take(tmp_path, tmp_path / "art", Look()).version.digest == plain.digest
    with pytest.raises(StudioError, match="'mud' can't lie behind"):
        check_look(Look(behind="mud"))


def test_a_picture_that_changed_or_went_after_the_freeze_is_named(tmp_path: Path) -> None:
    draw(tmp_path / "art" / "a.png")
    (picture,) = take(tmp_path, tmp_path / "art").version.pictures
    assert versions.open_picture(tmp_path, picture.hash, "a.png").size == (8, 8)
    path = versions.picture_path(tmp_path, picture.hash)
    path.write_bytes((tmp_path / "art" / "a.png").read_bytes() + b"x")
    with pytest.raises(StudioError, match=r"a\.png: the stored picture was changed"):
        versions.open_picture(tmp_path, picture.hash, "a.png")
    path.unlink()
    with pytest.raises(StudioError, match=r"a\.png: the picture is not in the store"):
        versions.open_picture(tmp_path, picture.hash, "a.png")
