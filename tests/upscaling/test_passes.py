"""Every pass over pictures of every size: what an engine leaves alone comes back to the bit."""

import json
import random
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.upscaling import grid, journal, passes, seam_measure
from studio.upscaling.passes import Result, Told
from studio.upscaling.settings import Region, Settings, TilePrompt, check, to_json
from tests.upscaling.engines import (
    Blurred,
    Engine,
    Inverted,
    Noisy,
    Shifted,
    Spoiling,
    painted,
    speckled,
)


def asked(width: int, height: int, **more: object) -> Settings:
    usual = {"tile": 64, "overlap": 16, "base": "pocket", "hold": 0.0, "feather": 8}
    return Settings("diffusion", width, height, **{**usual, **more})


def kept(folder: Path, rgba: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba, "RGBA").save(folder / "picture.png")
    return folder / "picture.png"


def ran(folder: Path, rgba: np.ndarray, settings: Settings, engine: Engine) -> np.ndarray:
    """The result's pixels."""
    check(settings, rgba.shape[1], rgba.shape[0])
    found = passes.run(kept(folder, rgba), settings, engine, folder / "work")
    return np.asarray(images.open_result(found.file))


def same(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Alpha equal everywhere, colours wherever they are seen, and black where not."""
    seen = wanted[..., 3] > 0
    return (
        np.array_equal(found[..., 3], wanted[..., 3])
        and np.array_equal(found[seen], wanted[seen])
        and not found[~seen].any()
    )


@pytest.mark.parametrize("wrap", grid.WRAPS)
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 9), (15, 16), (63, 64), (64, 64), (65, 30), (129, 97), (260, 1)]
)
def test_what_nobody_changes_comes_back_to_the_bit(
    tmp_path: Path, size: tuple[int, int], wrap: str
) -> None:
    width, height = size
    rgba = speckled(width, height)
    regions = (
        Region(0, 0, width, height, 5, "all"),
        Region(width // 2, height // 2, 1, 1, 64, "a pixel"),
    )
    settings = asked(width, height, seam=True, wrap=wrap, regions=regions, hold=1.0)
    assert same(ran(tmp_path, rgba, settings, Engine(batch=3)), rgba)


@pytest.mark.parametrize("alpha", ["kept", "drawn"])
def test_so_it_does_where_the_engine_draws_alpha(tmp_path: Path, alpha: str) -> None:
    class Whole(Engine):
        def one(self, block):  # noqa: ANN001, ANN202
            return block.picture

    rgba = speckled(150, 110)
    settings = asked(150, 110, seam=True, alpha=alpha, regions=(Region(20, 30, 80, 50),))
    assert same(ran(tmp_path, rgba, settings, Whole()), rgba)


@pytest.mark.parametrize("first", ["nearest", "lanczos"])
def test_tiles_are_the_enlarged_picture(tmp_path: Path, first: str) -> None:
    rgba = painted(70, 50)
    found = ran(tmp_path, rgba, asked(210, 150, first=first, seam=True), Engine())
    way = Image.Resampling[first.upper()]
    assert same(found, np.asarray(Image.fromarray(rgba, "RGBA").resize((210, 150), way)))


@pytest.mark.slow
def test_two_hundred_sizes_and_factors_are_exact(tmp_path: Path) -> None:
    drawn = random.Random(4)
    for turn in range(200):
        width, height = drawn.randint(1, 90), drawn.randint(1, 90)
        wide, high = drawn.randint(1, 150), drawn.randint(1, 150)
        settings = asked(wide, high, wrap=drawn.choice(grid.WRAPS), seam=drawn.random() < 0.5)
        file = kept(tmp_path / str(turn), painted(width, height))
        found = passes.run(file, settings, Engine(), tmp_path / str(turn) / "work")
        with Image.open(found.file) as picture:
            assert picture.size == (wide, high) == (found.width, found.height)
            picture.load()


@pytest.mark.slow
def test_ten_passes_drift_by_nothing(tmp_path: Path) -> None:
    rgba = speckled(100, 80)
    found = rgba
    for turn in range(10):
        settings = asked(100, 80, seam=turn % 2 == 0, hold=1.0)
        found = ran(tmp_path / str(turn), found, settings, Engine())
    assert same(found, rgba)


@pytest.mark.parametrize("seam", [False, True])
def test_tiles_of_other_brightness_leave_no_step(tmp_path: Path, seam: bool) -> None:
    rgba = painted(520, 400)
    settings = asked(520, 400, tile=128, overlap=32, seam=seam, feather=32)
    found = ran(tmp_path, rgba, settings, Shifted())
    main = grid.spread(520, 400, 128, 32)
    assert seam_measure.step(rgba, found, main) <= 0.5
    most = np.abs(found[..., :3].astype(int) - rgba[..., :3]).max()
    assert most == 4 if not seam else 4 < most <= 8  # a seam tile begins from what is there


def test_the_same_tiles_pasted_hard_are_seen(tmp_path: Path) -> None:
    rgba = painted(520, 400)
    main, pasted = grid.spread(520, 400, 128, 32), rgba.copy()
    for tile in main.tiles:
        rows, columns = slice(tile.box.top, tile.box.bottom), slice(tile.box.left, tile.box.right)
        levels = rgba[rows, columns, :3].astype(int) + (4 if tile.number % 2 else -4)
        pasted[rows, columns, :3] = levels
    assert seam_measure.step(rgba, pasted, main) >= 6
    assert seam_measure.step(rgba, rgba, main) == 0
    assert seam_measure.step(rgba, rgba, grid.spread(520, 400, 1024, 128)) == 0


def test_the_edges_are_drawn_like_the_middle(tmp_path: Path) -> None:
    rgba = np.full((150, 410, 4), 255, np.uint8)
    rgba[..., :3] = np.linspace(0, 255, 150).astype(np.uint8)[:, None, None]
    found = ran(tmp_path, rgba, asked(410, 150), Noisy())
    error = np.abs(found[..., :3].astype(int) - rgba[..., :3]).mean(axis=(0, 2))
    main = grid.axes(grid.spread(410, 150, 64, 16))[0]
    shared = {x for first, last in main.overlaps() for x in range(first, last)}
    alone = [x for x in range(20, 390) if x not in shared]
    for edge in (error[:8], error[-8:]):
        assert abs(edge.mean() / error[alone].mean() - 1) < 0.1


@pytest.mark.parametrize("seam", [False, True])
def test_a_shifted_texture_becomes_the_shifted_result(tmp_path: Path, seam: bool) -> None:
    rgba = speckled(192, 144)
    rgba[..., 3] = 255
    settings = asked(192, 144, wrap="xy", seam=seam)
    if not seam:  # whose bands stay where they are
        found = ran(tmp_path / "a", rgba, settings, Inverted())
        for shift in ((17, 5), (1, 0)):
            moved = ran(tmp_path / f"{shift}", np.roll(rgba, shift, (0, 1)), settings, Inverted())
            assert np.array_equal(moved, np.roll(found, shift, (0, 1)))
    # An engine that looks at neighbours: by whole tiles.
    found = ran(tmp_path / "b", rgba, settings, Blurred())
    moved = ran(tmp_path / "c", np.roll(rgba, (48, 96), (0, 1)), settings, Blurred())
    assert np.array_equal(moved, np.roll(found, (48, 96), (0, 1)))
    # Its edge is no other place than the middle of a seam.
    inner = np.abs(np.diff(found[..., :3].astype(int), axis=1)).mean()
    over = np.abs(found[:, 0, :3].astype(int) - found[:, -1, :3]).mean()
    assert over < 1.5 * inner


def test_each_tile_gets_its_own_words_and_the_global_ones_once(tmp_path: Path) -> None:
    rgba, engine = painted(150, 64), Engine()
    prompts = tuple(TilePrompt(f"main-{k}", f"thing {k}", f"fog {k}") for k in (1, 2, 3))
    settings = asked(
        150,
        64,
        prompt="a night",
        negative="people",
        tiles=prompts,
        seed=5,
        strength=0.4,
        seam=True,
        seam_strength=0.2,
    )
    ran(tmp_path, rgba, settings, engine)
    said = {block.key: block for block in engine.blocks}
    assert said["main-2"].prompt == "a night, thing 2"
    assert said["main-2"].negative == "people, fog 2"
    assert (said["main-2"].seed, said["main-2"].strength) == (5, 0.4)
    assert all(block.prompt.count("a night") == 1 for block in engine.blocks)
    # Words are not lost in the seam pass: it is told what lies under it.
    assert said["seam-1"].prompt == "a night, thing 1, thing 2"
    assert said["seam-1"].strength == 0.2


def test_a_stop_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(told: Told) -> None:
        heard.append(told)
        if told.done >= 4 and told.step == told.steps:
            raise Stop

    heard: list[Told] = []
    rgba, settings = painted(200, 150), asked(200, 150, batch=2)
    file, engine = kept(tmp_path, rgba), Noisy(batch=2)
    with pytest.raises(Stop):
        passes.run(file, settings, engine, tmp_path / "work", told=stop)
    assert heard[-1].total == 12 and heard[-1].keys == ("main-3", "main-4")
    states = journal.states(tmp_path / "work")
    assert [key for key, state in states.items() if state == "drawn"] == engine.keys
    assert len(engine.keys) == 4 and set(states.values()) == {"drawn", "waiting"}
    # What is not drawn yet shows the source.
    half = journal.canvas_of(tmp_path / "work").seen(grid.Box(0, 0, 200, 150))
    assert np.array_equal(half[-40:], rgba[-40:]) and not np.array_equal(half[:40], rgba[:40])
    again = Noisy(batch=2)
    found = passes.run(file, settings, again, tmp_path / "work")
    assert len(again.keys) == 8 == found.drawn and found.tiles == 12
    whole = passes.run(file, settings, Noisy(batch=2), tmp_path / "at-once")
    assert whole.file.read_bytes() == found.file.read_bytes()
    assert (whole.hash, whole.pixels) == (found.hash, found.pixels)


def test_a_batch_of_which_a_tile_is_missing_is_drawn_whole(tmp_path: Path) -> None:
    settings, file = asked(200, 150, batch=4), kept(tmp_path, painted(200, 150))
    passes.run(file, settings, Noisy(batch=4), tmp_path / "work")
    whole = (tmp_path / "work" / "result.png").read_bytes()
    for file_of in (tmp_path / "work" / "tiles").glob("main-6-*"):
        file_of.unlink()
    (tmp_path / "work" / "result.json").unlink()
    again = Noisy(batch=4)
    found = passes.run(file, settings, again, tmp_path / "work")
    assert again.keys == ["main-5", "main-6", "main-7", "main-8"] and found.drawn == 1
    assert found.file.read_bytes() == whole


@pytest.mark.parametrize("left", [0, 200])
def test_a_tile_that_a_power_cut_left_in_pieces_is_drawn_again(tmp_path: Path, left: int) -> None:
    settings, file = asked(150, 64), kept(tmp_path, painted(150, 64))
    whole = passes.run(file, settings, Noisy(), tmp_path / "work").file.read_bytes()
    (tile,) = (tmp_path / "work" / "tiles").glob("main-2-*")
    tile.write_bytes(tile.read_bytes()[:left])
    (tmp_path / "work" / "result.json").unlink()
    again = Noisy()
    found = passes.run(file, settings, again, tmp_path / "work")
    assert again.keys == ["main-2"] and found.file.read_bytes() == whole


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    settings, file = asked(100, 80, seam=True), kept(tmp_path, painted(100, 80))
    first = passes.run(file, settings, Noisy(), tmp_path / "work")
    about, engine = first.file.stat().st_mtime_ns, Noisy()
    again = passes.run(file, settings, engine, tmp_path / "work")
    assert engine.keys == [] and again.file.stat().st_mtime_ns == about
    assert again == replace(first, drawn=0)
    # The same bytes are known by the hashes that an asset keeps.
    content = first.file.read_bytes()
    assert first.bytes == len(content)
    assert first.pixels == images.pixel_digest(images.open_result(first.file))


def test_a_tile_drawn_anew_draws_what_lies_over_it_and_nothing_else(tmp_path: Path) -> None:
    settings = asked(300, 64, seam=True)
    file, work = kept(tmp_path, painted(300, 64)), tmp_path / "work"
    passes.run(file, settings, Noisy(), work)
    before = journal.canvas_of(work).seen(grid.Box(0, 0, 300, 64))
    engine = Noisy()
    found = passes.redo(file, settings, {"main-1": 77}, engine, work)
    assert engine.keys == ["main-1", "seam-1"] and found.drawn == 2
    assert engine.blocks[0].seed == 77
    after = np.asarray(images.open_result(found.file))
    second = journal.tiles(work)[1].box
    assert np.array_equal(after[:, second.right :], before[:, second.right :])
    assert not np.array_equal(after[:, : second.left], before[:, : second.left])
    # The tiles that were left behind are swept, and the first seed gives the first picture.
    assert len(list((work / "tiles").glob("*.npy"))) == found.tiles
    back = passes.run(file, settings, Noisy(), work)
    assert np.array_equal(np.asarray(images.open_result(back.file)), before)


@pytest.mark.parametrize("finite", [True, False])
def test_a_spoilt_tile_is_drawn_once_more_in_full_precision(tmp_path: Path, finite: bool) -> None:
    rgba, engine = painted(150, 64), Spoiling(finite=finite)
    found = passes.run(kept(tmp_path, rgba), asked(150, 64), engine, tmp_path / "work")
    assert found.again == ("main-2",)
    assert [(b.key, b.full_precision) for b in engine.blocks if b.key == "main-2"] == [
        ("main-2", False),
        ("main-2", True),
    ]
    assert same(np.asarray(images.open_result(found.file)), rgba)


@pytest.mark.parametrize("finite", [True, False])
def test_one_that_stays_so_is_named(tmp_path: Path, finite: bool) -> None:
    file, work = kept(tmp_path, painted(150, 64)), tmp_path / "work"
    said = "main-2 came out black" if finite else "main-2 came out not finite"
    with pytest.raises(StudioError, match=said):
        passes.run(file, asked(150, 64), Spoiling(finite=finite, cured=False), work)
    assert journal.states(work) == {"main-1": "drawn", "main-2": "failed", "main-3": "waiting"}
    assert passes.run(file, asked(150, 64), Engine(), work).drawn == 2
    assert set(journal.states(work).values()) == {"drawn"}


def test_black_where_the_source_is_black_is_no_fault(tmp_path: Path) -> None:
    rgba = np.zeros((64, 150, 4), np.uint8)
    rgba[..., 3] = 255
    engine = Spoiling(cured=False)
    assert same(ran(tmp_path, rgba, asked(150, 64), engine), rgba)


def test_nothing_is_drawn_where_nothing_is_seen(tmp_path: Path) -> None:
    rgba = painted(150, 64)
    rgba[:, 80:, 3] = 0
    engine = Noisy()
    found = ran(tmp_path, rgba, asked(150, 64), engine)
    assert engine.keys == ["main-1", "main-2"]
    assert np.array_equal(found[..., 3], rgba[..., 3]) and not found[:, 80:].any()
    empty = ran(tmp_path / "empty", speckled(90, 70) * 0, asked(90, 70, seam=True), engine)
    assert not empty.any()


def test_dark_and_empty_tiles_keep_their_colours_and_get_no_things(tmp_path: Path) -> None:
    rgba = painted(320, 64)
    rgba[:, :160, :3] = np.random.default_rng(0).integers(4, 12, (64, 160, 3))
    tiles = tuple(TilePrompt(f"main-{k}", "a face") for k in range(1, 7))
    tiles = (replace(tiles[0], locked=True), *tiles[1:])
    settings, engine = asked(320, 64, prompt="a wood", tiles=tiles), Noisy()
    found = ran(tmp_path, rgba, settings, engine)
    said = {block.key: block.prompt for block in engine.blocks}
    assert said["main-1"] == "a wood, a face"  # somebody wants it there
    assert said["main-2"] == "a wood" and said["main-6"] == "a wood, a face"
    dark = found[:, :96, :3].reshape(8, 8, 12, 8, 3).mean(axis=(1, 3))
    wanted = rgba[:, :96, :3].reshape(8, 8, 12, 8, 3).mean(axis=(1, 3))
    assert (np.abs(dark - wanted) <= 2).mean() >= 0.95
    assert np.abs(found[:, 200:, :3].astype(int) - rgba[:, 200:, :3]).mean() > 30


def test_a_full_disk_at_the_sixtieth_tile_loses_nothing(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: a tile is begun and breaks off."""
    settings = asked(448, 448)
    file, work = kept(tmp_path, painted(448, 448)), tmp_path / "work"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(told: Told) -> None:
        if told.done == 59:
            resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, hard))

    try:
        with pytest.raises(StudioError, match="main-60.*File too large.*Make room"):
            passes.run(file, settings, Noisy(), work, told=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    states = journal.states(work)
    assert len(states) == 81 and sum(state == "drawn" for state in states.values()) == 59
    assert not list((work / "tiles").glob(".*"))
    again = Noisy()
    found = passes.run(file, settings, again, work)
    assert again.keys == [f"main-{k}" for k in range(60, 82)]
    at_once = passes.run(file, settings, Noisy(), tmp_path / "at-once")
    assert found.file.read_bytes() == at_once.file.read_bytes()


KILLED = """
import json, os, signal, sys
from pathlib import Path
from studio.upscaling import passes
from studio.upscaling.settings import of_json
from tests.upscaling.engines import Noisy

def told(told):
    if told.done >= 40 and told.step < told.steps:  # in the middle of a batch
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[1])
settings = of_json(json.loads(sys.argv[2]))
passes.run(folder / "picture.png", settings, Noisy(batch=2), folder / "work", told=told)
"""


@pytest.mark.slow
def test_a_kill_at_the_fortieth_of_81_tiles_costs_a_batch(tmp_path: Path) -> None:
    settings = asked(448, 448, batch=2)
    file, work = kept(tmp_path, painted(448, 448)), tmp_path / "work"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), json.dumps(to_json(settings))], cwd=CHECKOUT
    )
    assert done.returncode == -signal.SIGKILL
    assert sum(state == "drawn" for state in journal.states(work).values()) == 40
    again = Noisy(batch=2)
    found = passes.run(file, settings, again, work)
    assert again.keys[0] == "main-41" and len(again.keys) == 41
    at_once = passes.run(file, settings, Noisy(batch=2), tmp_path / "at-once")
    assert found.file.read_bytes() == at_once.file.read_bytes()


def test_a_tile_as_it_was_and_as_it_became(tmp_path: Path) -> None:
    rgba = speckled(150, 64)
    settings = asked(150, 64, seam=True)
    passes.run(kept(tmp_path, rgba), settings, Inverted(), tmp_path / "work")
    canvas, tiles = journal.canvas_of(tmp_path / "work"), journal.tiles(tmp_path / "work")
    first, seam = tiles[0], next(tile for tile in tiles if tile.part == "seam")
    before, after = canvas.before(first), canvas.after(first)
    assert before.size == after.size == (first.box.width, first.box.height)
    assert np.array_equal(255 - np.asarray(before)[..., :3], np.asarray(after)[..., :3])
    assert after.getchannel("A").tobytes() == before.getchannel("A").tobytes()
    # A seam tile begins from what the main pass drew, and turns it round once more.
    part = rgba[seam.box.top : seam.box.bottom, seam.box.left : seam.box.right]
    seen = part[..., 3] > 0
    assert np.array_equal(255 - np.asarray(canvas.before(seam))[seen, :3], part[seen, :3])


def test_a_job_that_has_not_begun_has_no_tiles(tmp_path: Path) -> None:
    assert journal.states(tmp_path) == {} and journal.tiles(tmp_path) == ()
    with pytest.raises(StudioError, match="Nothing of this picture was drawn yet"):
        journal.canvas_of(tmp_path)


def test_a_result_says_of_itself_what_it_is_told_to(tmp_path: Path) -> None:
    file = kept(tmp_path, painted(30, 20))
    found: Result = passes.run(
        file, asked(30, 20), Engine(), tmp_path / "work", text={"housestyle": '{"größe": 2}'}
    )
    with Image.open(found.file) as picture:
        picture.load()
        assert picture.text == {"housestyle": '{"größe": 2}'}


def test_what_enlarges_first_is_drawn_over(tmp_path: Path) -> None:
    settings = asked(140, 100, first="model", model="plain")
    rgba, model, engine = painted(70, 50), Inverted(), Engine()
    file = kept(tmp_path, rgba)
    found = passes.run(file, settings, engine, tmp_path / "work", first=model)
    assert model.keys == engine.keys and model.blocks[0].own is not None
    large = Image.fromarray(rgba, "RGBA").resize((140, 100), Image.Resampling.LANCZOS)
    inverted = 255 - np.asarray(large)[..., :3]
    assert np.array_equal(np.asarray(images.open_result(found.file))[..., :3], inverted)
