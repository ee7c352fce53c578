"""The gallery's table: recorded once, found by filters, quick with ten thousand rows."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio.database import engine as db
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept, Wanted
from studio.generation.picture_files import Made

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def made(**changes) -> Made:
    told = {
        "style": "props",
        "version": 1,
        "base": "pocket",
        "run": "r",
        "dataset": "d",
        "prompt": "a red potion",
        "full_prompt": "<S> a red potion",
        "negative": "",
        "seed": 3,
        "steps": 20,
        "guidance": 4.0,
        "strength": 1.0,
        **changes,
    }
    return Made(**told)


def kept(home, name="one", asset="", variant=1, **changes) -> Kept:
    about = made(**changes)
    folder = home / "generated" / about.style
    file = picture_files.keep(folder, name, Image.new("RGBA", (32, 24)), about)
    return Kept(file, about, asset, variant)


def ids(found: gallery_table.Page) -> list[int]:
    return [picture.seed for picture in found.found]


def test_a_picture_is_recorded_once_with_its_settings(engine, tmp_path):
    other = {"style": "tiles", "version": 2, "strength": 0.5}
    one = kept(tmp_path, adapters=(other,), start="ab", change=0.6, seed=2**53)
    (first,) = gallery_table.record(engine, tmp_path, [one], by="ana", now=NOW, job=4)
    before = db.revision(engine)
    again = gallery_table.record(engine, tmp_path, [one, kept(tmp_path, "two")], by="bo", now=NOW)
    assert again[0] == first and db.revision(engine) == before + 1
    found = gallery_table.get(engine, first)
    assert (found.width, found.height, found.by, found.job) == (32, 24, "ana", 4)
    assert (found.adapters, found.start, found.change) == ([other], "ab", 0.6)
    assert (found.seed, found.verdict, found.turn) == (2**53, None, 0)
    assert picture_files.read_made(tmp_path / found.file) == one.made
    assert gallery_table.search(engine, Wanted()).total == 2
    with pytest.raises(StudioError, match="no picture 'nobody'"):
        gallery_table.get(engine, "nobody")


def test_filters_search_and_pages(engine, tmp_path):
    told = [
        ("props", 1, "a red potion", "", "ana"),
        ("props", 2, "a blue potion", "", "bo"),
        ("props", 2, "a 100% red gem", "crown_gem", "bo"),
        ("tiles", 1, "grass", "", "ana"),
    ]
    for seed, (style, version, prompt, asset, by) in enumerate(told):
        one = kept(
            tmp_path, f"p{seed}", asset, style=style, version=version, prompt=prompt, seed=seed
        )
        later = NOW + timedelta(minutes=seed)
        gallery_table.record(engine, tmp_path, [one], by=by, now=later, job=seed // 2 + 1)

    def found(**wanted):
        return ids(gallery_table.search(engine, Wanted(**wanted)))

    assert found() == [3, 2, 1, 0]  # the newest first
    assert found(style="props", version=2) == [2, 1]
    assert found(by="bo") == [2, 1] and found(by="nobody") == []
    assert found(text="RED potion") == [0] and found(text="100%") == [2]
    assert found(text="crown") == [2] and found(text="_") == [2]  # no wildcard
    assert found(job=1) == [0, 1]  # a job's in the order in which they were drawn
    assert found(verdict="open") == [3, 2, 1, 0] and found(verdict="approved") == []
    second = gallery_table.search(engine, Wanted(), page=2, size=3)
    assert (ids(second), second.total) == ([0], 4)
    assert gallery_table.search(engine, Wanted(), page=9, size=3).found == []
    assert gallery_table.choices(engine) == ({"props": [2, 1], "tiles": [1]}, ["ana", "bo"])
    assert gallery_table.tally(engine, 2) == {"open": 2}


def test_pictures_on_the_disk_are_taken_up(engine, tmp_path):
    known = kept(tmp_path, "known")
    gallery_table.record(engine, tmp_path, [known], by="ana", now=NOW)
    kept(tmp_path, "new", seed=8)
    folder = tmp_path / "generated" / "props"
    picture_files.keep(folder / "untouched", "raw", Image.new("RGB", (8, 8)), made())
    Image.new("RGB", (8, 8)).save(folder / "foreign.png")
    (folder / "torn.png").write_bytes(known.file.read_bytes()[:60])
    assert gallery_table.take_up(engine, tmp_path, by="bo") == 1
    assert gallery_table.take_up(engine, tmp_path, by="bo") == 0
    found = gallery_table.search(engine, Wanted(by="bo"))
    assert ids(found) == [8] and found.total == 1


def test_an_older_picture_without_the_newer_fields_is_read(tmp_path):
    file = kept(tmp_path).file
    before = picture_files.read_made(file)
    assert before == made() and before.adapters == ()


def test_ten_thousand_pictures_stay_quick(engine, tmp_path):
    (first,) = gallery_table.record(engine, tmp_path, [kept(tmp_path)], by="ana", now=NOW)
    with engine.connect() as connection:
        row = dict(connection.execute(gallery_table.pictures.select()).one()._mapping)
    del row["number"]
    rows = [
        {
            **row,
            "id": f"{k:x}",
            "file": f"{k}.png",
            "seed": k,
            "version": k % 40,
            "prompt": f"a {'red' if k % 7 else 'blue'} potion {k}",
            "at": (NOW + timedelta(seconds=k)).isoformat(timespec="microseconds"),
            "verdict": "approved" if k % 3 else None,
            "job": k // 16,
        }
        for k in range(10_000)
    ]
    with db.writing(engine) as connection:
        connection.execute(gallery_table.pictures.insert(), rows)
    gallery_table.search(engine, Wanted())
    for wanted in (
        Wanted(),
        Wanted(style="props", version=7),
        Wanted(verdict="open"),
        Wanted(text="blue 99"),
        Wanted(job=12),
        Wanted(by="ana", verdict="approved"),
    ):
        began = time.process_time()
        found = gallery_table.search(engine, wanted, page=2)
        gallery_table.choices(engine)
        assert time.process_time() - began < 1, wanted  # a tenth of it on an idle machine
        assert found.total >= 16
