"""Passes that are stopped, cut off, killed or out of room go on where they were."""

import json
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio import images
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.upscaling import grid, journal, passes
from studio.upscaling.passes import Told
from studio.upscaling.settings import to_json
from tests.upscaling.engines import Noisy, painted
from tests.upscaling.pictures import asked, kept


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
