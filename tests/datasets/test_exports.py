"""A version that leaves the studio comes back the same, whatever its pictures are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.datasets import exports, upload_import, uploads, versions
from studio.datasets.folder_import import import_folder
from studio.datasets.freeze import change
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture

KEPT = [
    *("a: red potion.png", "a:b.png", "x" * 251 + ".png", "字" * 83 + ".png", "Über.png", "ガ.png"),
    *(" lead.png", "tail .png", "10_potion/k.png", "01_order/x.png", "sub/" * 30 + "deep.png"),
    *("a.png", "a.bmp", "A.png", "con.png", "%41.png", "'q\"'.png", "sp  ace.png", "~.png"),
]
LONG = "m" * 240  # and its mask would have a longer name
RENAMED = ["back\\slash.png", "bell\a.png", "C:/x.png", f"{LONG}.png"]


@pytest.fixture
def odd(tmp_path: Path, sprite: Callable[..., Path], now: datetime) -> DatasetVersion:
    """Pictures of odd names, with odd words."""
    for seed, name in enumerate([*KEPT, *RENAMED]):
        sprite(name, seed, size=8)
    masks = ["a.png.mask.png", "a.bmp.mask.png", "con.mask.png", f"{LONG}.mask.png"]
    for seed, name in enumerate(masks, 100):
        sprite(name, seed, size=8)
    home = tmp_path / "home"
    version = import_folder(home, "odd", tmp_path / "art", now=now, actor="ana").version
    assert len(version.pictures) == len(KEPT) + len(RENAMED)

    def make(before: DatasetVersion | None) -> tuple[Look, list[Picture]]:
        assert before is not None
        said = {
            "Über.png": {"caption": 'a "red"; potion, größer', "tags": ("x, y", "z")},
            "10_potion/k.png": {"category": "", "caption_by": "hand", "caption": "k"},
            "01_order/x.png": {"category": "order", "author": "Bo; Li", "licence": "MIT"},
        }
        return before.look, [replace(p, **said.get(p.file_name, {})) for p in before.pictures]

    return change(home, "odd", make, now=now, actor="ana")


def test_an_export_that_is_sent_back_is_the_same(
    tmp_path: Path, odd: DatasetVersion, now: datetime
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    data = b"".join(exports.zipped(home, odd))
    engine = db.open_database(other)
    token = uploads.begin(other)
    with uploads.receiving(other, token, exports.file_name(odd), len(data)) as write:
        write(data)
    report = upload_import.add_upload(engine, other, token, "odd", by="ana", now=now)
    engine.dispose()
    assert report.refused == ()
    again = versions.load(other, "odd")
    was, came = ({p.hash: p for p in v.pictures} for v in (odd, again))
    assert was.keys() == came.keys()
    for hash, picture in was.items():
        one = replace(came[hash], caption_by=picture.caption_by)
        if picture.file_name in RENAMED:
            one = replace(one, file_name=picture.file_name)
            assert picture.caption == one.caption
        assert one == picture
        paths = [versions.picture_path(h, hash) for h in (home, other)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    masked = {p.file_name: p.mask for p in again.pictures if p.mask}
    assert {"a.bmp", "a.png", "con.png"} < set(masked) and len(set(masked.values())) == 4


def test_a_name_that_can_not_be_taken_gives_way(odd: DatasetVersion, tmp_path: Path) -> None:
    hidden = replace(odd.pictures[0], file_name=".hidden/a.png")
    mask = replace(odd.pictures[1], file_name="x.mask.png")
    lines = exports._names(tmp_path / "home", [hidden, mask])
    assert lines == {p.hash: f"{p.hash[:16]}.png" for p in (hidden, mask)}
