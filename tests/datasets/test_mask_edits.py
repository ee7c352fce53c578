"""Masks as changes of the draft: saved by content, never over somebody else's, frozen for good."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.datasets import (
    additions,
    drafts,
    edits,
    mask_edits,
    picture_filter,
    statistics,
    uploads,
    versions,
    withdrawals,
)
from studio.datasets.edits import Change
from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import DatasetVersion
from studio.datasets.mask_edits import Overtaken, Saved
from studio.datasets.picture_filter import Wanted
from studio.datasets.pictures import Picture
from studio.errors import StudioError

Asked = dict[str, object]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    engine = db.open_database(home)
    yield engine
    engine.dispose()


def drawn(left_out: int = 3, mode: str = "L", side: int = 16, format: str = "PNG") -> bytes:
    """A mask that leaves so many rows at the top out, as a file."""
    pixels = np.full((side, side), 255, np.uint8)
    pixels[:left_out] = 0
    data = io.BytesIO()
    Image.fromarray(pixels, "L").convert(mode).save(data, format=format)
    return data.getvalue()


def stored(home: Path, hash: str) -> np.ndarray:
    with Image.open(versions.picture_path(home, hash)) as kept:
        assert kept.mode == "L"
        return np.asarray(kept)


def now_of(engine: Engine, version: DatasetVersion) -> dict[str, Picture]:
    rows = edits.applied(version.pictures, drafts.read(engine, version.name))
    return {row.picture.hash: row.picture for row in rows}


@pytest.fixture
def asked(engine: Engine, home: Path, now: datetime) -> Asked:
    return {"engine": engine, "home": home, "dataset": "items", "now": now, "by": "ana"}


def save(asked: Asked, picture: str, data: bytes, **more: object) -> Saved:
    return mask_edits.save(**{**asked, "picture": picture, "data": data, "seen": "", **more})  # type: ignore[arg-type]


def test_a_mask_waits_in_the_draft_and_is_frozen_for_good(
    engine: Engine, home: Path, items: DatasetVersion, asked: Asked, now: datetime
) -> None:
    picture = items.pictures[0]
    one = save(asked, picture.hash, drawn(3, "RGBA"), key="k")
    assert (stored(home, one.mask)[:4, 0] == [0, 0, 0, 255]).all()
    again = save(asked, picture.hash, drawn(3, "RGBA"), key="k")  # sent twice
    assert again == Saved(one.mask, None)
    (row,) = [r for r in edits.applied(items.pictures, drafts.read(engine, "items")) if r.changed]
    assert (row.changed, row.picture.mask, row.picture.mask_by) == (("mask",), one.mask, "hand")
    assert [s.says for s in drafts.history(engine, "items")] == [f"Mask of {picture.file_name}"]
    first = drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    assert first.says == "1 mask changed" and first.pictures[0].mask == one.mask
    two = save(asked, picture.hash, drawn(5), seen=one.mask)
    second = drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    assert second.pictures[0].mask == two.mask != one.mask
    # A later mask, and none, change nothing about the versions before.
    gone = mask_edits.remove(**asked, picture=picture.hash, seen=two.mask)  # type: ignore[arg-type]
    assert gone.mask == "" and not now_of(engine, second)[picture.hash].mask
    third = drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    frozen = [versions.load(home, "items", v.version) for v in (items, first, second, third)]
    assert [v.pictures[0].mask for v in frozen] == ["", one.mask, two.mask, ""]
    assert (stored(home, one.mask)[3:5] == 255).all() and (stored(home, two.mask)[3:5] == 0).all()
    # Saved as it was, it is no change; white all over it is no mask.
    assert save(asked, picture.hash, drawn(0)).step is None


def test_two_who_save_the_same_mask_are_told(
    engine: Engine, home: Path, items: DatasetVersion, asked: Asked, now: datetime
) -> None:
    hash = items.pictures[0].hash
    ben = save(asked, hash, drawn(3), by="Ben")
    with pytest.raises(Overtaken, match="Ben has saved another mask of potion/blue.png") as told:
        save(asked, hash, drawn(5))
    assert (told.value.by, told.value.mask) == ("Ben", ben.mask) and told.value.remedy
    assert now_of(engine, items)[hash].mask == ben.mask  # nothing was written
    assert save(asked, hash, drawn(3)) == Saved(ben.mask, None)  # the same: nothing to tell
    mine = save(asked, hash, drawn(5), seen=ben.mask)  # having seen it
    assert mine.step is not None and drafts.undo(engine, "items", mine.step, by="ana")
    assert now_of(engine, items)[hash].mask == ben.mask
    # Frozen meanwhile, it is still somebody else's.
    drafts.freeze(engine, home, "items", says="", by="Ben", now=now)
    with pytest.raises(Overtaken, match="Ben"):
        save(asked, hash, drawn(7))
    with pytest.raises(Overtaken):
        mask_edits.remove(**asked, picture=hash, seen=mine.mask)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "says", "remedy"),
    [
        (drawn(side=8), "the mask is 8 x 8 pixels, its picture 16 x 16", "in the picture's size"),
        (b"<html>", "not a picture in a known format", "Export it"),
        (drawn()[:50], "truncated or damaged|header is damaged", "again"),
        (b"", "is empty", "again"),
        (drawn(16), "black all over", "Let some of it count"),
    ],
)
def test_what_can_not_be_a_mask_is_named_with_its_remedy(
    engine: Engine, items: DatasetVersion, asked: Asked, data: bytes, says: str, remedy: str
) -> None:
    with pytest.raises(StudioError, match=f"mine.png: .*({says})") as told:
        save(asked, items.pictures[0].hash, data, file="mine.png")
    assert remedy in told.value.remedy and drafts.read(engine, "items") == ()


def test_only_who_may_and_only_pictures_that_are_there(
    engine: Engine, home: Path, items: DatasetVersion, asked: Asked, now: datetime
) -> None:
    hash, viewer = items.pictures[0].hash, Actor("vi", "viewer")
    for call in (
        lambda: save(asked, hash, drawn(), by=viewer),
        lambda: mask_edits.remove(**{**asked, "by": viewer}, picture=hash, seen=""),  # type: ignore[arg-type]
        lambda: mask_edits.confirm(**{**asked, "by": viewer}, picture=hash, seen=""),  # type: ignore[arg-type]
        lambda: mask_edits.take(engine, home, "items", "0" * 32, [], by=viewer, now=now),
    ):
        with pytest.raises(NotAllowed):
            call()
    with pytest.raises(StudioError, match="not in the newest version any more"):
        save(asked, "f" * 64, drawn())
    withdrawals.withdraw(
        engine, items.pictures[:1], ground=withdrawals.GROUNDS[0], why="asked", by="lea", now=now
    )
    with pytest.raises(StudioError, match="was withdrawn"):
        save(asked, hash, drawn())
    with pytest.raises(StudioError, match="can't be the mask"):
        drafts.write(engine, "items", [Change(hash, "mask", "../x")], says="", by="ana", now=now)
    assert drafts.read(engine, "items") == ()


def test_a_mask_of_an_earlier_drawing_is_named_until_somebody_says_that_it_fits(
    engine: Engine, home: Path, items: DatasetVersion, asked: Asked, sprite, now: datetime
) -> None:
    red = next(p for p in items.pictures if p.file_name == "potion/red.png")
    mask = save(asked, red.hash, drawn()).mask
    drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    sprite("potion/red.png", 77)  # drawn anew, in the same size
    again = import_folder(home, "items", home.parent / "art", now=now, actor="ana")
    made = next(p for p in again.version.pictures if p.file_name == "potion/red.png")
    assert (made.mask, made.mask_of) == (mask, red.hash) and made.hash != red.hash
    assert any("the mask is of the earlier drawing: potion/red.png" in w for w in again.warnings)
    stale = picture_filter.pick(
        edits.applied(again.version.pictures, ()), Wanted(show="stale-mask"), ()
    )
    assert [row.picture for row in stale] == [made]
    numbers = statistics.numbers(again.version.pictures, None)
    assert any("1 picture with a mask of an earlier" in w.says for w in numbers.warnings)
    fits = mask_edits.confirm(**asked, picture=made.hash, seen=mask)  # type: ignore[arg-type]
    assert fits.step and not now_of(engine, again.version)[made.hash].mask_of
    done = drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    assert {(p.mask, p.mask_of) for p in done.pictures} == {("", ""), (mask, "")}
    # In another size no mask can go along; the version before keeps it.
    sprite("red.png", 78, size=24, into="other/potion")
    grown = additions.add_folder(home, "items", home.parent / "other", now=now, actor="ana")
    assert not any(p.mask for p in grown.version.pictures)
    assert any("Redrawn in another size" in w and "red.png" in w for w in grown.warnings)
    assert any(p.mask for p in versions.load(home, "items", done.version).pictures)


def test_a_folder_does_not_write_over_masks_made_on_the_page(
    engine: Engine, home: Path, items: DatasetVersion, asked: Asked, now: datetime
) -> None:
    art = home.parent / "art"
    (art / "potion" / "red.mask.png").write_bytes(drawn(1))
    (art / "sword" / "old.mask.png").write_bytes(drawn(1))
    take = {"now": now, "actor": "ana"}
    first = import_folder(home, "items", art, **take).version  # type: ignore[arg-type]
    red, old = (next(p for p in first.pictures if n in p.file_name) for n in ("red", "old"))
    mine = save(asked, red.hash, drawn(7), seen=red.mask).mask
    mask_edits.remove(**asked, picture=old.hash, seen=old.mask)  # type: ignore[arg-type]
    kept = drafts.freeze(engine, home, "items", says="", by="ana", now=now)
    again = import_folder(home, "items", art, **take)  # type: ignore[arg-type]
    assert again.version == kept
    masks = {p.hash: p.mask for p in kept.pictures}
    assert (masks[red.hash], masks[old.hash]) == (mine, "")
    (told,) = [w for w in again.warnings if "passed over" in w]
    assert "red.png" in told and "old.png" in told
    (art / "potion" / "red.mask.png").unlink()
    shutil.copytree(art, home.parent / "more")
    added = additions.add_folder(home, "items", home.parent / "more", **take)  # type: ignore[arg-type]
    assert added.version == kept


def test_several_come_by_their_names_and_what_does_not_fit_is_named(
    engine: Engine, home: Path, items: DatasetVersion, asked: Asked, now: datetime
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("sword/old.mask.png", drawn(2))
    own = next(p for p in items.pictures if "green" in p.file_name)
    files = {
        "m/red.mask.png": drawn(4),
        "m/blue-masklabel.tga": drawn(5, format="TGA"),
        "m/all.zip": packed.getvalue(),
        "m/blue.png": drawn(6),
        "m/none.png": drawn(),
        "m/green.png": versions.picture_path(home, own.hash).read_bytes(),
        "n/green.mask.png": drawn(side=8),
        "n/red.webp": b"lies",
    }
    token = uploads.begin(home, by="ana")
    for name, data in files.items():
        with uploads.receiving(home, token, name, len(data)) as write:
            write(data)
    rows = edits.applied(items.pictures, ())
    found = mask_edits.match(home, token, rows)
    assert {(fit.picture_name, fit.before) for fit in found.fits} == {
        ("potion/red.png", ""),
        ("potion/blue.png", ""),
        ("sword/old.png", ""),
    }
    told = {r.file: r.reason for r in found.refused}
    assert "a second mask of potion/blue.png" in told["m/blue.png"]
    assert told["m/none.png"] == "no picture of the set is called so."
    assert told["m/green.png"] == "this is the picture itself."
    assert told["n/green.mask.png"] == "the mask is 8 x 8 pixels, its picture 16 x 16."
    assert set(told) == {
        "m/blue.png",
        "m/none.png",
        "m/green.png",
        "n/green.mask.png",
        "n/red.webp",
    }
    hash = next(fit.picture for fit in found.fits if "red" in fit.file)
    ben = save(asked, hash, drawn(9), by="Ben")
    take = {"by": "ana", "now": now}
    with pytest.raises(Overtaken, match="Ben has saved another mask of potion/red.png"):
        mask_edits.take(engine, home, "items", token, found.fits, **take)  # type: ignore[arg-type]
    assert [e.value for e in drafts.read(engine, "items")] == [ben.mask]  # none of them
    seen = mask_edits.match(
        home, token, edits.applied(items.pictures, drafts.read(engine, "items"))
    )
    assert mask_edits.take(engine, home, "items", token, seen.fits, **take) == 3  # type: ignore[arg-type]
    assert drafts.history(engine, "items")[0].says == "Masks of 3 pictures"
    masks = {p.file_name: p.mask for p in now_of(engine, items).values()}
    tops = {n: int((stored(home, m)[:, 0] == 0).sum()) for n, m in masks.items() if m}
    assert tops == {"potion/red.png": 4, "potion/blue.png": 5, "sword/old.png": 2}
    with pytest.raises(StudioError, match="no longer there"):
        mask_edits.match(home, token, rows)


def test_of_two_pictures_of_one_name_the_path_decides(
    home: Path, items: DatasetVersion, sprite
) -> None:
    rows = [*edits.applied(items.pictures, ())]
    twin = Picture(**{**rows[0].picture.__dict__, "hash": "a" * 64, "file_name": "ring/blue.png"})
    rows += edits.applied([twin], ())
    for name, fits in (("blue.mask.png", []), ("ring/blue.mask.png", ["ring/blue.png"])):
        token = uploads.begin(home, by="ana")
        for one in (name, "ring/x.png", "y.png"):  # what else lies there keeps the folder's name
            with uploads.receiving(home, token, one, len(drawn())) as write:
                write(drawn())
        found = mask_edits.match(home, token, rows)
        assert [fit.picture_name for fit in found.fits] == fits
