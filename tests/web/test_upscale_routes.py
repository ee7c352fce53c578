"""The stage of Upscale by address: pieces of levels, states, single tiles."""

import io
import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.database import engine as db
from studio.generation import start_pictures
from studio.jobs import leases, queue
from studio.upscaling import journal, level_places, work_folders
from studio.upscaling.settings import Settings, reseeded, to_json
from studio.web import session, upscale_layers, upscale_routes, upscale_states
from studio.workflows import upscale_sources

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = Settings("diffusion", 256, 256, tile=128, overlap=16, base="pocket", seed=3)


@pytest.fixture
def studio(tmp_path, monkeypatch):
    engine = db.open_database(tmp_path)
    opened = SimpleNamespace(engine=engine, home=tmp_path)
    monkeypatch.setattr(session, "studio", lambda: opened)
    yield opened
    engine.dispose()


@pytest.fixture
def browser(studio):
    return TestClient(Starlette(routes=upscale_routes.ROUTES))


def brought(studio, width=700, height=40):
    """A kept picture with a gradient, its hash."""
    across = np.linspace(0, 255, width, dtype=np.uint8)
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., 0] = across
    return start_pictures.keep_picture(studio.home, Image.fromarray(rgba, "RGBA"))


def enlarging(studio, settings=SETTINGS, picture=""):
    payload = {"picture": picture, "settings": to_json(settings)}
    return queue.submit(
        studio.engine, kind="upscale", lane="work", payload=payload, asked_by="ana", now=NOW
    )


def drawn(studio, job, key, level=9, settings=SETTINGS):
    """A tile as the job leaves it."""
    folder = work_folders.of_job(studio.home, job.id)
    work_folders.begin(folder)
    picture = start_pictures.path(studio.home, brought(studio, 64, 64))
    canvas = journal.begun(folder, settings, picture)
    box = next(tile.box for tile in journal.tiles(folder) if tile.key == key)
    canvas.files.save(key, np.full((box.height, box.width, 3), level, np.uint8))


def opened(answer):
    return Image.open(io.BytesIO(answer.content)).convert("RGBA")


def test_levels_are_made_when_they_are_asked_for_and_kept_for_good(studio, browser):
    hash = brought(studio)
    source = upscale_sources.source(studio, hash)
    told = upscale_layers.layer(studio.home, source, sharp=False)
    assert told["sizes"][0] == [700, 40] and max(told["sizes"][-1]) <= told["side"]
    assert not level_places.there(studio.home, hash)
    first = browser.get(f"{told['url']}/0/0-0.webp?of={told['mark']}")
    assert first.headers["content-type"] == "image/webp"
    assert "immutable" in first.headers["cache-control"]
    second = browser.get(f"{told['url']}/0/1-0.webp")
    assert "no-cache" in second.headers["cache-control"]
    whole = np.hstack([np.asarray(opened(one)) for one in (first, second)])
    with Image.open(source.path) as kept:
        assert (whole == np.asarray(kept.convert("RGBA"))).all()
    coarse = browser.get(f"{told['url']}/{len(told['sizes']) - 1}/0-0.webp")
    assert list(opened(coarse).size) == told["sizes"][-1]
    again = {"if-none-match": second.headers["etag"]}
    assert browser.get(f"{told['url']}/0/1-0.webp", headers=again).status_code == 304


def test_a_picture_too_large_to_wait_for_is_shown_by_a_smaller_one(studio, browser, monkeypatch):
    monkeypatch.setattr(upscale_layers, "MOST_PIXELS", 100)
    monkeypatch.setattr(upscale_routes, "MOST_PIXELS", 100)
    hash = brought(studio)
    source = upscale_sources.source(studio, hash)
    told = upscale_layers.layer(studio.home, source, sharp=True)
    assert told["url"] == f"/picture/start/{hash}?side=2048" and told["sizes"] == []
    answer = browser.get(f"/upscale/levels/{hash}/0/0-0.webp")
    assert answer.status_code == 404 and "too large to make them now" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/upscale/levels/nobody/0/0-0.webp",
        "/upscale/levels/{hash}/0/9-9.webp",
        "/upscale/levels/{hash}/14/0-0.webp",
        "/upscale/levels/{hash}/99/0-0.webp",
        "/upscale/levels/{hash}/0/0-0.png",
        "/upscale/levels/{hash}/0/..%2F..%2Fstudio.db",
        "/upscale/state/999",
        "/upscale/state/x",
        "/upscale/tile/{job}/main-99.png",
        "/upscale/tile/{job}/other-1.png",
        "/upscale/tile/{job}/main-1.png?side=sideways",
        "/upscale/tile/999/main-1.png",
    ],
)
def test_what_is_not_there_is_said(studio, browser, path):
    hash, job = brought(studio), enlarging(studio)
    answer = browser.get(path.format(hash=hash, job=job.id))
    assert answer.status_code == 404 and len(answer.text) > 8


def test_another_kind_of_job_is_none(studio, browser):
    job = queue.submit(
        studio.engine, kind="evaluate", lane="work", payload={}, asked_by="ana", now=NOW
    )
    assert "enlarges nothing" in browser.get(f"/upscale/state/{job.id}").text


def test_states_are_told_with_boxes_and_answered_304_while_nothing_changes(studio, browser):
    job = enlarging(studio)
    told = browser.get(f"/upscale/state/{job.id}")
    found = told.json()
    assert found["state"] == "queued" and found["states"] == "w" * len(found["tiles"])
    assert [tile["key"] for tile in found["tiles"]][:2] == ["main-1", "main-2"]
    assert set(found["tiles"][0]) == {"key", "left", "top", "width", "height"}
    few = browser.get(f"/upscale/state/{job.id}?boxes=0")
    assert "tiles" not in few.json() and few.json()["states"] == found["states"]
    same = {"if-none-match": few.headers["etag"]}
    assert browser.get(f"/upscale/state/{job.id}?boxes=0", headers=same).status_code == 304
    queue.cancel(studio.engine, job.id, "ana", NOW)
    after = browser.get(f"/upscale/state/{job.id}?boxes=0", headers=same)
    assert after.status_code == 200 and after.json()["state"] == "cancelled"


def test_nothing_of_who_draws_is_in_a_state(studio, browser):
    job = enlarging(studio, Settings("diffusion", 256, 256, tile=128, style="secret", version=7))
    assert "secret" not in browser.get(f"/upscale/state/{job.id}").text


def test_a_tile_waits_then_comes_and_comes_anew(studio, browser):
    job = enlarging(studio)
    path = f"/upscale/tile/{job.id}/main-1.png?side=after"
    waits = browser.get(path)
    assert waits.status_code == 409 and "not drawn yet" in waits.text
    drawn(studio, job, "main-1", level=9)
    got = browser.get(path)
    assert opened(got).size == (128, 128) and opened(got).getpixel((0, 0)) == (9, 9, 9, 255)
    assert opened(browser.get(f"{path}&most=32")).size == (32, 32)
    assert opened(browser.get(f"{path}&most=9999")).size == (128, 128)
    same = {"if-none-match": got.headers["etag"]}
    assert browser.get(path, headers=same).status_code == 304
    assert browser.get(f"/upscale/state/{job.id}").json()["states"].count("d") == 1
    drawn(studio, job, "main-1", level=200, settings=reseeded(SETTINGS, {"main-1": 77}))
    assert opened(browser.get(path, headers=same)).getpixel((0, 0)) == (200, 200, 200, 255)


def test_what_a_tile_is_drawn_from_is_cut_from_the_picture(studio, browser):
    hash = brought(studio, 64, 64)
    job = enlarging(studio, picture=hash)
    rows = upscale_states.boxes(SETTINGS)
    got = browser.get(f"/upscale/tile/{job.id}/{rows[-1][0]}.png?side=before")
    assert opened(got).size == rows[-1][3:]
    red = np.asarray(opened(got))[..., 0]
    assert red[0, 0] < red[0, -1] and red[0, -1] == 255


def test_tiles_of_a_result_that_were_cleared_away_are_said(studio, browser):
    job = enlarging(studio)
    taken = leases.take(studio.engine, "w", "work", NOW, timedelta(seconds=9))
    leases.finish(studio.engine, taken.id, taken.attempt, {"picture": "x"}, NOW)
    assert set(browser.get(f"/upscale/state/{job.id}").json()["states"]) == {"d"}
    gone = browser.get(f"/upscale/tile/{job.id}/main-1.png")
    assert gone.status_code == 404 and "not there any more" in gone.text


def test_levels_that_were_made_longest_ago_are_dropped(tmp_path):
    for age, name in enumerate(("aa" * 32, "bb" * 32, "cc" * 32)):
        folder = level_places.folder(tmp_path, name) / "0"
        folder.mkdir(parents=True)
        (folder / "0-0.webp").write_bytes(b"x" * 100)
        os.utime(folder.parent, (1_000 + age, 1_000 + age))
    assert level_places.bound(tmp_path, most=250) == 1
    there = [level_places.there(tmp_path, name) for name in ("aa" * 32, "bb" * 32, "cc" * 32)]
    assert there == [False, True, True]
