"""The job that enlarges: whole, cut off anywhere, cancelled, on a full disk, and gone on with."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from studio import context, images
from studio.assets import family, files, thumbnails
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, start_pictures
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs import leases, queue
from studio.settings import load_settings
from studio.upscaling import estimates, journal, level_places, work_folders
from studio.upscaling.estimates import Sort
from studio.upscaling.tile_files import TileFiles
from studio.worker import process, submit, upscales
from studio.worker.context import Gone, Warm
from studio.worker.kinds import enlarging
from studio.worker.kinds.upscale import KIND
from studio.worker.steps import digest
from tests.worker import killing
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, again, begun, computed_away, ran

# 9 x 9 tiles that do not overlap, drawn by one that needs no model.
TILED = {
    "method": "diffusion",
    "base": "pocket",
    "width": 576,
    "height": 576,
    "tile": 64,
    "overlap": 0,
    "seed": 5,
    "hold": 0.0,
}


class Shifting:
    """An engine that makes each tile a little brighter, by its seed; `drawn` are their keys."""

    batch = 1

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def draw(self, blocks, step):
        made = []
        for block in blocks:
            step(1, 1)
            self.drawn.append(block.key)
            pixels = np.asarray(block.picture.convert("RGB")).astype(int) + block.seed % 7
            made.append(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB"))
        return made


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


@pytest.fixture
def shifting(monkeypatch) -> Shifting:
    engine = Shifting()
    monkeypatch.setattr(enlarging, "draws", lambda *given: engine)
    return engine


def sprite(side: int = 16) -> Image.Image:
    """Pixel art of four colours and nothing around it."""
    colours = np.array([[0, 0, 0, 0], [180, 60, 40, 255], [90, 30, 20, 255], [240, 220, 180, 255]])
    places = np.random.default_rng(1).integers(1, 4, (side, side))
    places[0] = places[:, 0] = 0
    return Image.fromarray(colours[places].astype(np.uint8), "RGBA")


def painting(side: int = 64) -> Image.Image:
    """Soft colours, opaque."""
    y, x = np.mgrid[0:side, 0:side]
    rgb = [120 + 60 * np.sin(x / 9), 110 + 50 * np.cos(y / 7), 100 + 40 * np.sin((x + y) / 11)]
    alpha = np.full((side, side), 255.0)
    return Image.fromarray(np.dstack([*rgb, alpha]).astype(np.uint8), "RGBA")


def kept(studio, picture: Image.Image, name: str = "p") -> str:
    made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", 3, 9, 2.5, 1.0)
    file = picture_files.keep(studio.home / "generated" / "props", name, picture, made)
    row = Kept(file, made, "gem")
    (id,) = gallery_table.record(studio.engine, studio.home, [row], by="ana", now=NOW)
    return id


def pixels(studio, id: str):
    record = gallery_table.get(studio.engine, id)
    return np.asarray(images.open_picture(studio.home / record.file))


def do(studio, job):
    """The job, taken and done as its own process does it."""
    taken = leases.take(studio.engine, "w:1", job.lane, NOW, timedelta(hours=1), id=job.id)
    process.do(studio.engine, taken.id, taken.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


def ask(studio, **payload):
    return submit.ask(studio, "upscale", payload, asked_by="ana", now=NOW)


def test_pixel_art_is_enlarged_by_whole_pixels_into_the_gallery(studio):
    id = kept(studio, sprite())
    given, wish = begun(studio, "upscale", picture=id, factor=4)
    assert given.job.lane == "short" and wish.settings["method"] == "nearest"
    told = ran(KIND, given, wish)
    assert (told["width"], told["height"], told["tiles"]) == (64, 64, 0)
    found, before = pixels(studio, told["picture"]), np.asarray(sprite())
    assert np.array_equal(found, before.repeat(4, 0).repeat(4, 1))
    record = gallery_table.get(studio.engine, told["picture"])
    assert (record.style, record.version, record.name) == ("props", 1, "gem")
    assert (record.prompt, record.job) == ("a gem", given.job.id)
    (file,) = files.of(studio.engine, told["picture"])
    assert file.content == files.read(studio.home / file.path)
    assert [one.id for one in family.parents(studio.engine, told["picture"])] == [id]
    made = picture_files.read_made(studio.home / file.path)
    assert made is not None and (made.prompt, made.seed) == ("a gem", 3)
    assert ran(KIND, given, wish)["picture"] == told["picture"]  # nothing comes twice


def test_a_picture_that_was_brought_is_enlarged_too(studio):
    hash = start_pictures.keep_picture(studio.home, painting(), by="ana")
    given, wish = begun(
        studio, "upscale", picture=hash, long_side=96, settings={"method": "lanczos"}
    )
    told = ran(KIND, given, wish)
    assert pixels(studio, told["picture"]).shape == (96, 96, 4)
    assert family.parents(studio.engine, told["picture"]) == []


def test_it_computes_without_the_studio(studio, tmp_path):
    id = kept(studio, sprite())
    given, wish = begun(studio, "upscale", picture=id, factor=2)
    outcome, _ = computed_away(KIND, studio, KIND.prepare(given, wish), tmp_path / "there")
    plain = type(outcome)(**json.loads(json.dumps(vars(outcome))))
    told = KIND.commit(given, wish, plain)
    assert pixels(studio, told["picture"]).shape == (32, 32, 4)


@pytest.mark.slow
def test_diffusion_draws_every_tile_on_the_practice_base(studio):
    id = kept(studio, painting(32))
    settings = {"method": "diffusion", "tile": 64, "overlap": 8, "steps": 4, "strength": 0.5}
    job = ask(studio, picture=id, factor=4, settings={**settings, "prompt": "a red gem"})
    assert job.lane == "work" and job.payload["base"] == "pocket"
    assert 0 <= job.payload["settings"]["seed"] < 2**32
    done = do(studio, job)
    assert done.state == "done", done.error
    assert done.result["tiles"] == done.result["drawn"] == 9
    assert (done.done, done.total, done.unit) == (9, 9, "tiles")
    states = journal.states(work_folders.of_job(studio.home, job.id))
    assert set(states.values()) == {"drawn"} and len(states) == 9
    record = gallery_table.get(studio.engine, done.result["picture"])
    assert (record.base, record.prompt, record.seed) == (
        "pocket",
        "a red gem",
        job.payload["settings"]["seed"],
    )
    known = estimates.speed(studio.engine, "w", Sort("diffusion", "pocket", 64))
    assert known is not None and known.units == 18 and known.memory_gb > 0


@pytest.mark.parametrize("at", [0, 40, 80])
def test_cut_off_at_a_tile_it_goes_on_and_ends_the_same(studio, shifting, monkeypatch, at):
    id = kept(studio, painting())
    whole, wish = begun(studio, "upscale", picture=id, settings=TILED)
    first = ran(KIND, whole, wish)
    shifting.drawn.clear()
    given, wish = begun(studio, "upscale", picture=id, settings=TILED)
    with monkeypatch.context() as patch:
        Axe(at).lay(patch, TileFiles, "save")
        with pytest.raises(Killed):
            ran(KIND, given, wish)
    assert len(shifting.drawn) == at + 1
    told = ran(KIND, given, wish)
    assert len(shifting.drawn) == 82 and told["drawn"] == 81 - at
    homes = [studio.home / one["file"] for one in (first, told)]
    assert digest(homes[0]) == digest(homes[1]) and homes[0] != homes[1]


@pytest.mark.slow
def test_cancelled_it_stops_and_another_job_goes_on(studio, shifting, monkeypatch):
    monkeypatch.setattr(process, "LOOK_S", 0.0)
    id = kept(studio, painting())
    job = ask(studio, picture=id, settings=TILED)
    draw = shifting.draw

    def cancelling(blocks, step):
        if len(shifting.drawn) == 10:
            queue.cancel(studio.engine, job.id, "ana", NOW)
        return draw(blocks, step)

    monkeypatch.setattr(shifting, "draw", cancelling)
    ended = do(studio, job)
    assert ended.state == "cancelled" and 9 < len(shifting.drawn) < 15
    drawn = list(journal.states(work_folders.of_job(studio.home, job.id)).values()).count("drawn")
    monkeypatch.setattr(shifting, "draw", draw)
    shifting.drawn.clear()
    more = submit.again(studio, job.id, asked_by="ana", now=NOW)
    assert more.payload["again_of"] == job.id
    done = do(studio, more)
    assert done.state == "done", done.error
    assert done.result["drawn"] == len(shifting.drawn) == 81 - drawn
    assert not work_folders.is_there(studio.home, job.id)


@pytest.fixture
def small_disk(studio):
    """The folder of jobs on a disk of its own, of eight megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = studio.home / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_on_a_full_disk_nothing_is_lost(studio, small_disk, shifting, monkeypatch):
    id = kept(studio, painting())
    job, draw, filler = ask(studio, picture=id, settings=TILED), shifting.draw, small_disk / "all"

    def filling(blocks, step):
        if len(shifting.drawn) == 60:
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        return draw(blocks, step)

    monkeypatch.setattr(shifting, "draw", filling)
    ended = do(studio, job)
    assert ended.state == "failed" and "No space left" in (ended.error or "")
    assert "Make room" in (ended.remedy or "")
    monkeypatch.setattr(shifting, "draw", draw)
    filler.unlink()
    drawn = list(journal.states(work_folders.of_job(studio.home, job.id)).values()).count("drawn")
    assert drawn >= 58
    done = do(studio, submit.again(studio, job.id, asked_by="ana", now=NOW))
    assert done.state == "done" and done.result["drawn"] == 81 - drawn


@pytest.mark.slow
def test_a_disk_without_room_is_told_before_anything_is_drawn(studio, shifting, monkeypatch):
    id, free = kept(studio, painting()), context.free_room
    job = ask(studio, picture=id, settings=TILED)
    monkeypatch.setattr(context, "free_room", lambda home: 100_000)
    with pytest.raises(StudioError, match="of the disk, and 0 MB are free"):
        ask(studio, picture=id, settings=TILED)
    ended = do(studio, job)
    assert ended.state == "failed" and "of the disk" in (ended.error or "")
    assert shifting.drawn == [] and "Make room" in (ended.remedy or "")
    monkeypatch.setattr(context, "free_room", free)
    done = do(studio, submit.again(studio, job.id, asked_by="ana", now=NOW))
    assert done.state == "done" and done.result["drawn"] == 81


@pytest.mark.slow
def test_a_tile_is_drawn_anew_as_a_version_of_its_own(studio, shifting):
    id = kept(studio, painting())
    first = do(studio, ask(studio, picture=id, settings=TILED))
    shifting.drawn.clear()
    settings = first.payload["settings"]
    redo = {"settings": settings, "again_of": first.id, "redo": {"main-41": 6}}
    job = ask(studio, picture=id, **redo)
    assert {one["key"]: one["seed"] for one in job.payload["settings"]["tiles"]} == {"main-41": 6}
    done = do(studio, job)
    assert done.state == "done", done.error
    assert shifting.drawn == ["main-41"] and done.result["drawn"] == 1
    old, new = (pixels(studio, one.result["picture"]).astype(int) for one in (first, done))
    changed = np.argwhere((old != new).any(axis=2))
    assert changed.min() >= 256 and changed.max() < 320
    parents = {one.id for one in family.parents(studio.engine, done.result["picture"])}
    assert parents == {id, first.result["picture"]}
    assert work_folders.is_there(studio.home, first.id)


@pytest.mark.slow
def test_two_at_once_are_apart(studio, shifting):
    id = kept(studio, painting())
    one, wish = begun(studio, "upscale", picture=id, settings=TILED)
    other, too = begun(studio, "upscale", picture=id, settings={**TILED, "seed": 6})
    work = KIND.prepare(one, wish)
    second = ran(KIND, other, too)
    assert work.workdir != KIND.prepare(other, too).workdir
    first = ran(KIND, one, wish)
    assert first["file"] != second["file"]
    difference = pixels(studio, second["picture"]).astype(int) - pixels(studio, first["picture"])
    assert set(np.unique(difference[..., :3])) == {1}


def test_a_large_result_is_shown_from_a_smaller_copy(studio, monkeypatch):
    monkeypatch.setattr(thumbnails, "LARGE", 10_000)
    id = kept(studio, sprite())
    given, wish = begun(studio, "upscale", picture=id, factor=10)
    told = ran(KIND, given, wish)
    main, small = (studio.home / one.path for one in files.of(studio.engine, told["picture"]))
    assert small == thumbnails.beside(main) and thumbnails.has_smaller(main)
    assert level_places.there(studio.home, digest(main))
    main.write_bytes(b"")  # what is shown is made without it
    data, kind = thumbnails.make(studio.home, main, 80)
    assert kind == "image/webp" and data


def test_many_get_the_same_settings_and_a_job_each(studio):
    ids = [kept(studio, sprite(), name) for name in "ab"]
    put = upscales.put_in(studio, [*ids, ids[0]], {"factor": 3}, asked_by="ana", now=NOW, key="k")
    assert [job.payload["picture"] for job in put] == ids
    again = upscales.put_in(studio, ids, {"factor": 3}, asked_by="ana", now=NOW, key="k")
    assert [job.id for job in again] == [job.id for job in put]
    with pytest.raises(StudioError, match="no picture 'gone'"):
        upscales.put_in(studio, [ids[0], "gone"], {}, asked_by="ana", now=NOW)
    assert len(queue.listing(studio.engine, kind="upscale")) == 2
    told = upscales.tiles_of(studio, put[0])
    assert (told["width"], told["redo"], told["tiles"]) == (48, False, [])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"picture": "gone"}, "no picture 'gone'"),
        ({"picture": "f" * 64}, "no picture"),
        ({"factor": 2_000}, "16,384"),
        ({"factor": 1.5, "settings": {"method": "nearest"}}, "whole"),
        ({"factor": 2, "long_side": 64}, "at once"),
        ({"settings": {"strenght": 1}}, "Did you mean strength"),
        ({"settings": {"method": "magic"}}, "method is 'magic'"),
        ({"settings": {"method": "diffusion", "tile": 63}}, "tile is 63"),
        ({"settings": {"method": "diffusion", "style": "nobody"}}, "nobody"),
        ({"settings": {"method": "diffusion", "seed": -1}}, "seed is -1"),
        ({"settings": {"method": "diffusion", "controlnet": "none such"}}, "none such"),
        ({"settings": {"method": "diffusion", "prompt": "x" * 2_001}}, "2,001 characters"),
        ({"settings": {"method": "model", "model": "none such"}}, "none such"),
        ({"again_of": 999}, "999"),
        (
            {"settings": {"method": "diffusion", "base": "pocket"}, "redo": {"main-9999": 1}},
            "no tile 'main-9999'",
        ),
    ],
)
def test_what_can_t_be_done_is_refused_at_the_door(studio, asked, why):
    id = kept(studio, sprite())
    with pytest.raises(StudioError, match=why):
        ask(studio, **{"picture": id, **asked})
    assert queue.listing(studio.engine) == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3)])
def test_odd_pictures_are_enlarged(studio, shifting, size):
    id = kept(studio, Image.new("RGBA", size, (90, 120, 150, 255)))
    settings = {"method": "diffusion", "tile": 64, "overlap": 8, "seed": 0, "hold": 0.0}
    job = do(studio, ask(studio, picture=id, factor=3, settings=settings))
    assert job.state == "done", job.error
    found = pixels(studio, job.result["picture"])
    assert found.shape == (3 * size[1], 3 * size[0], 4)
    assert np.array_equal(np.unique(found.reshape(-1, 4), axis=0), [[90, 120, 150, 255]])


@pytest.mark.slow
def test_wholly_transparent_it_stays_so(studio, shifting):
    id = kept(studio, Image.new("RGBA", (8, 8), (9, 9, 9, 0)))
    job = do(studio, ask(studio, picture=id, factor=8, settings={"method": "diffusion"}))
    assert job.state == "done" and shifting.drawn == []
    assert not pixels(studio, job.result["picture"])[..., 3].any()


@pytest.mark.slow
def test_an_attempt_whose_lease_ran_out_is_gone_on_with(studio, shifting, monkeypatch):
    id = kept(studio, painting())
    given, wish = begun(studio, "upscale", picture=id, settings=TILED)
    with monkeypatch.context() as patch:
        Axe(20).lay(patch, TileFiles, "save")
        with pytest.raises(Killed):
            ran(KIND, given, wish)
    later = again(studio, given.job, timedelta(hours=2))
    told = ran(KIND, later, wish)
    assert told["drawn"] == 61
    with pytest.raises(Gone):  # the first attempt may write no more
        ran(KIND, given, wish)


@pytest.mark.slow
def test_killed_at_tile_40_of_81_at_most_one_batch_is_drawn_again(studio):
    """By kill -9, each attempt in a process of its own, on the practice base."""
    id = kept(studio, painting())
    settings = {**TILED, "steps": 2, "strength": 0.5, "hold": 1.0}
    whole = ask(studio, picture=id, settings=settings)
    assert killing.attempt(studio, whole.id)[0] == 0
    job = ask(studio, picture=id, settings=settings)
    code, _ = killing.attempt(studio, job.id, "tile 40 >")
    assert code == -9
    states = journal.states(work_folders.of_job(studio.home, job.id))
    assert list(states.values()).count("drawn") == 40
    code, points = killing.attempt(studio, job.id)
    assert code == 0 and "tile 41 >" in points and "tile 42 >" not in points
    ended = [queue.get(studio.engine, one.id) for one in (whole, job)]
    assert [one.state for one in ended] == ["done", "done"]
    first, second = (digest(studio.home / one.result["file"]) for one in ended)
    assert first == second
