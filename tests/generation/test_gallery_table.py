"""The gallery's table: recorded once, found by filters, quick with ten thousand rows."""

import hashlib
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio.assets import family, files, records
from studio.assets.files import Content
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.assets.tables import assets
from studio.database import engine as db
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, start_pictures
from studio.generation.gallery_table import Kept
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


def kept(home, name="one", listed="", variant=1, **changes) -> Kept:
    about = made(**changes)
    folder = home / "generated" / about.style
    file = picture_files.keep(folder, name, Image.new("RGBA", (32, 24)), about)
    return Kept(file, about, listed, variant)


def ids(found: gallery_table.Page) -> list[int]:
    return [picture.seed for picture in found.found]


@pytest.mark.parametrize(
    "odd",
    [
        {"seed": 2**63},
        {"seed": "many"},
        {"seed": float("nan")},
        {"version": 10**25},
        {"steps": -1},
        {"guidance": float("inf")},
        {"change": 2.0},
    ],
)
def test_a_picture_whose_numbers_can_not_be_is_none_of_ours(tmp_path, odd):
    assert picture_files.read_made(kept(tmp_path, **odd).file) is None


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


def test_what_is_in_a_pictures_file_is_known_and_what_it_began_from_is_its_parent(engine, tmp_path):
    first = kept(tmp_path, "first", seed=1)
    (parent,) = gallery_table.record(engine, tmp_path, [first], by="ana", now=NOW)
    (file,) = files.of(engine, parent)
    assert (file.role, file.path) == ("picture", "generated/props/first.png")
    data = first.file.read_bytes()
    assert file.content == Content(
        hashlib.sha256(data).hexdigest(), len(data), 32, 24, file.content.pixels
    )
    with Image.open(first.file) as picture:
        start = start_pictures.keep_picture(tmp_path, picture.convert("RGBA"))
    begun = kept(tmp_path, "second", seed=2, start=start, change=0.5)
    (child,) = gallery_table.record(engine, tmp_path, [begun], by="ana", now=NOW)
    elsewhere = kept(tmp_path, "third", seed=3, start="0" * 64)
    (other,) = gallery_table.record(engine, tmp_path, [elsewhere], by="ana", now=NOW)
    assert [one.id for one in family.parents(engine, child)] == [parent]
    assert family.parents(engine, other) == family.parents(engine, parent) == []


def test_only_pictures_are_in_the_gallery(engine, tmp_path):
    (id,) = gallery_table.record(engine, tmp_path, [kept(tmp_path)], by="ana", now=NOW)
    sheet = New(kind="sheet", key="sheets/one", parents=(id,), style="props", version=7, text="red")
    (other,) = records.put(engine, [sheet], by="cy", now=NOW)
    assert [one.id for one in family.children(engine, id)] == [other]
    assert [one.id for one in gallery_table.search(engine, Wanted(text="red")).found] == [id]
    assert gallery_table.choices(engine) == ({"props": [1]}, ["ana"])
    with pytest.raises(StudioError, match="no picture"):
        gallery_table.get(engine, other)


def test_filters_search_and_pages(engine, tmp_path):
    told = [
        ("props", 1, "a red potion", "", "ana"),
        ("props", 2, "a blue potion", "", "bo"),
        ("props", 2, "a 100% red gem", "crown_gem", "bo"),
        ("tiles", 1, "grass", "", "ana"),
    ]
    for seed, (style, version, prompt, listed, by) in enumerate(told):
        one = kept(
            tmp_path, f"p{seed}", listed, style=style, version=version, prompt=prompt, seed=seed
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
    assert gallery_table.tally(engine, Wanted(job=2)) == {"open": 2}


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


@pytest.mark.slow
def test_ten_thousand_pictures_stay_quick(engine, tmp_path):
    for first in range(0, 10_000, 2_000):
        new = [
            New(
                kind="picture",
                key=f"{k}.png",
                files={"picture": (tmp_path / f"{k}.png", Content(f"{k:x}", 9, 32, 24))},
                style="props",
                version=k % 40 + 1,
                seed=k,
                text=f"a {'red' if k % 7 else 'blue'} potion {k}",
                recipe=asdict(made()),
            )
            for k in range(first, first + 2_000)
        ]
        later = NOW + timedelta(seconds=first)
        records.put(engine, new, by="ana", now=later, job=first // 2_000 + 1)
    with db.writing(engine) as connection:
        judged = assets.update().where(assets.c.number % 3 > 0).values(verdict="approved")
        connection.execute(judged)
    gallery_table.search(engine, Wanted())
    for wanted in (
        Wanted(),
        Wanted(style="props", version=7),
        Wanted(verdict="open"),
        Wanted(text="blue 99"),
        Wanted(job=3),
        Wanted(by="ana", verdict="approved"),
        Wanted(style="props", verdict="approved", text="red"),
    ):
        began = time.process_time()
        found = gallery_table.search(engine, wanted, page=2)
        gallery_table.choices(engine)
        assert time.process_time() - began < 1, wanted  # a tenth of it on an idle machine
        assert found.total >= 16
