"""A folder as people have it goes in; what is stored is asserted."""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import versions
from studio.datasets.folder_import import ImportResult, import_folder
from studio.datasets.near_duplicates import fingerprint, near_duplicates
from studio.errors import StudioError

NOW = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)


def sprite(path: Path, seed: int = 0, size: int = 16) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 4), np.uint8)
    Image.fromarray(pixels, "RGBA").save(path)
    return path


def take(tmp_path: Path, **options: object) -> ImportResult:
    given = {"now": NOW, "actor": "ana", "licence": "CC0", **options}
    return import_folder(tmp_path / "home", "items", tmp_path / "art", **given)  # type: ignore[arg-type]


def refusals(result: ImportResult) -> dict[str, str]:
    assert all(r.remedy for r in result.refused)
    return {r.file: r.reason for r in result.refused}


def test_captions_come_from_every_usual_form(tmp_path: Path) -> None:
    art = tmp_path / "art"
    for seed, name in enumerate(["a.png", "b.png", "weapons/c.png", "weapons/Iron_Axe-02.png"]):
        sprite(art / name, seed)
    (art / "a.txt").write_text("a red\n potion \n")
    line = {"file_name": "b.png", "text": "a shield", "category": "armour", "author": "Bo"}
    (art / "metadata.jsonl").write_text(json.dumps({**line, "source": "s", "licence": "MIT"}))
    (art / "weapons" / "metadata.csv").write_text('\ufefffile_name,text\nc.png,"a bow, long"\n')
    result = take(tmp_path, source="atelier")
    told = {p.file_name: p for p in result.version.pictures}
    assert {n: (p.caption, p.category, p.caption_by) for n, p in told.items()} == {
        "a.png": ("a red potion", "", "file"),
        "b.png": ("a shield", "armour", "file"),
        "weapons/c.png": ("a bow, long", "weapons", "file"),
        "weapons/Iron_Axe-02.png": ("iron axe", "weapons", "name"),
    }
    b, c = told["b.png"], told["weapons/c.png"]
    assert (b.source, b.author, b.licence) == ("s", "Bo", "MIT")
    assert (c.source, c.author, c.licence) == ("atelier", "", "CC0")
    assert b.has_alpha and (b.width, b.height) == (16, 16)
    assert result.new == tuple(sorted(told)) and not result.refused
    assert any("weapons/Iron_Axe-02.png" in w for w in result.warnings)
    stored = versions.picture_path(tmp_path / "home", b.hash)
    assert stored.read_bytes() == (art / "b.png").read_bytes()
    assert stored.parent.name == b.hash[:2]
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == b.hash


def test_bad_files_are_refused_and_the_others_go_in(tmp_path: Path) -> None:
    art = tmp_path / "art"
    sprite(art / "good.png", 1)
    sprite(art / "sub" / "good.png", 2)  # the same name in a sub-folder
    sprite(art / "sub" / "twin.png", 1)
    (art / "text.png").write_text("not a picture")
    cut = sprite(art / "cut.png", 3, 64)
    cut.write_bytes(cut.read_bytes()[:500])
    Image.effect_noise((64, 64), 90).save(art / "cut.jpg")
    (art / "cut.jpg").write_bytes((art / "cut.jpg").read_bytes()[:700])
    (art / "lonely.txt").write_text("nothing shows this")
    (art / "latin.txt").write_bytes(b"\xe4")  # a letter in any of several encodings
    sprite(art / "latin.png", 4)
    (art / "layers.psd").write_bytes(b"8BPS")
    (art / "LICENSE.txt").write_text("CC0")
    (art / ".hidden.png").write_text("x")
    outside = sprite(tmp_path / "outside" / "o.png", 5)
    (art / "link.png").symlink_to(outside)
    (art / "broken.png").symlink_to(tmp_path / "nowhere.png")
    (art / "folder").symlink_to(outside.parent)
    sprite(art / os.fsdecode(b"gr\xfcn.png"), 6)
    result = take(tmp_path)
    kept = [p.file_name for p in result.version.pictures]
    assert kept == ["good.png", "latin.png", "sub/good.png"]
    reasons = refusals(result)
    assert set(reasons) == {
        *("sub/twin.png", "text.png", "cut.png", "cut.jpg", "lonely.txt", "latin.txt"),
        *("layers.psd", "link.png", "broken.png", "folder", "gr?n.png"),
    }
    assert reasons["sub/twin.png"] == "the same picture as good.png."
    assert "truncated" in reasons["cut.png"] and "truncated" in reasons["cut.jpg"]
    assert "UTF-8" in reasons["latin.txt"] and "without a picture" in reasons["lonely.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    sprite(tmp_path / "art" / "a.png", 1)
    sprite(tmp_path / "art" / "b.png", 2).chmod(0)
    assert "can't be read" in refusals(take(tmp_path))["b.png"]


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no such folder"):
        take(tmp_path)
    (tmp_path / "art").mkdir()
    with pytest.raises(StudioError, match="no pictures"):
        take(tmp_path)
    (tmp_path / "art" / "text.png").write_text("text")
    with pytest.raises(StudioError, match="text.png"):
        take(tmp_path)
    assert versions.list_versions(tmp_path / "home") == []


@pytest.mark.parametrize(
    ("file", "content", "where"),
    [
        ("metadata.jsonl", '{"file_name": "a.png"}\n{oops\n', "metadata.jsonl, line 2"),
        ("metadata.jsonl", "[1]\n", "metadata.jsonl, line 1"),
        ("metadata.jsonl", '\n{"text": "x"}\n', "metadata.jsonl, line 2"),
        ("metadata.jsonl", '{"file_name": "a.png", "text": 5}', "line 1.*not text"),
        ("metadata.jsonl", '{"file_name": "../a.png"}', "leads out"),
        ("metadata.csv", "name,text\na.png,x\n", "metadata.csv, line 1"),
        ("metadata.csv", "file_name,text\na.png,x,y\n", "metadata.csv, line 2"),
        ("metadata.csv", "file_name,text\na.png,x\na.png,y\n", "line 3.*second time"),
        ("sub/metadata.csv", 'file_name,text\na.png,"x\n', "sub/metadata.csv"),
    ],
)
def test_malformed_metadata_names_file_and_line(
    tmp_path: Path, file: str, content: str, where: str
) -> None:
    sprite(tmp_path / "art" / "a.png")
    (tmp_path / "art" / "sub").mkdir()
    (tmp_path / "art" / file).write_text(content)
    with pytest.raises(StudioError, match=where):
        take(tmp_path)
    assert versions.list_versions(tmp_path / "home") == []


def test_metadata_for_a_missing_picture_is_reported(tmp_path: Path) -> None:
    sprite(tmp_path / "art" / "a.png")
    (tmp_path / "art" / "metadata.csv").write_text("file_name,text\nb.png,x\n")
    assert "metadata.csv" in refusals(take(tmp_path))["b.png"]


def test_near_duplicates_are_named_and_kept(tmp_path: Path) -> None:
    art = tmp_path / "art"
    art.mkdir()
    y, x = np.mgrid[:96, :96]
    drawn = np.dstack([x * 2, y * 2, (x + y) // 2, np.full_like(x, 255)]).astype(np.uint8)
    drawn[(x - 30) ** 2 + (y - 50) ** 2 < 400] = (250, 240, 20, 255)
    Image.fromarray(drawn, "RGBA").save(art / "a.png")
    Image.fromarray(drawn[..., :3], "RGB").save(art / "b.jpg", quality=92)
    Image.fromarray(drawn, "RGBA").resize((48, 48), Image.Resampling.BOX).save(art / "c.png")
    Image.fromarray(drawn[..., [2, 1, 0, 3]], "RGBA").save(art / "recoloured.png")
    result = take(tmp_path)
    assert len(result.version.pictures) == 4
    alike = [w for w in result.warnings if "nearly like" in w]
    assert alike == ["b.jpg looks nearly like a.png.", "c.png looks nearly like a.png."]


def test_small_sprites_of_other_shape_or_colour_stay_apart(tmp_path: Path) -> None:
    for name, colour, box in [
        ("a.png", (200, 0, 0, 255), (4, 4, 12, 12)),
        ("b.png", (0, 0, 200, 255), (4, 4, 12, 12)),
        ("c.png", (200, 0, 0, 255), (6, 2, 10, 14)),
        ("black.png", (0, 0, 0, 255), (4, 4, 12, 12)),
        ("white.png", (255, 255, 255, 255), (4, 4, 12, 12)),
        ("empty.png", (0, 0, 0, 0), (4, 4, 12, 12)),
    ]:
        picture = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
        picture.paste(colour, box)
        (tmp_path / "art").mkdir(exist_ok=True)
        picture.save(tmp_path / "art" / name)
    assert not [w for w in take(tmp_path).warnings if "nearly like" in w]


def test_plain_tiles_of_many_colours_are_compared_quickly(tmp_path: Path) -> None:
    prints = [
        fingerprint(Image.new("RGBA", (8, 8), (r, g, b, 255)))
        for r in range(0, 250, 25)
        for g in range(0, 250, 25)
        for b in range(0, 250, 25)
    ]
    assert near_duplicates(prints) == []
    assert near_duplicates([*prints, prints[7]]) == [(len(prints), 7)]


def test_the_set_as_a_whole_is_looked_at(tmp_path: Path) -> None:
    for seed in range(4):
        sprite(tmp_path / "art" / "x" / f"{seed}.png", seed)
    sprite(tmp_path / "art" / "y" / "z.png", 9)
    (tmp_path / "art" / "y" / "z.txt").write_text("ok")
    said = " ".join(take(tmp_path, licence="").warnings)
    for part in ("Only 5 pictures", "'x' holds 80%", "fewer than 3 words: y/z.png", "No licence"):
        assert part in said
