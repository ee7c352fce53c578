"""Every pass over pictures of every size: what an engine leaves alone comes back to the bit."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.upscaling import grid, journal, passes, seam_measure
from studio.upscaling.passes import Result
from studio.upscaling.settings import Region, Settings, TilePrompt, check
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
from tests.upscaling.pictures import asked, kept


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
