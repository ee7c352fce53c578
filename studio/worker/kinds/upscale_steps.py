"""How a job enlarges: with an engine tile by tile, or in strips from file to file; then what pages
show of a large result."""

from __future__ import annotations

import itertools
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import images
from studio.assets import files as asset_files
from studio.assets import thumbnails
from studio.assets.files import Content
from studio.context import Progress
from studio.generation import gallery_table
from studio.jobs.emit import Emit
from studio.store.publish import publishing, share
from studio.upscaling import canvas, estimates, level_places, levels, palette_lock, passes
from studio.upscaling.canvas import Source
from studio.upscaling.methods import epx, lanczos, nearest
from studio.upscaling.passes import Told
from studio.upscaling.png_stream import PngStream
from studio.upscaling.settings import Settings
from studio.upscaling.sizes import Target
from studio.worker.context import Models
from studio.worker.kind import Input, Outcome
from studio.worker.kinds import enlarging
from studio.worker.kinds.enlarging import Task

if TYPE_CHECKING:
    from studio.upscaling.engine import Engine

SOURCE = "source"  # the input
LEVELS = "levels"  # in the computation's folder
CRISP = ("nearest", "epx")  # methods whose results keep every colour on the stage
TOLD = 100  # events of a job's tiles, at most
Pixels = NDArray[np.uint8]


@dataclass
class Telling:
    """Says how far a job is: each batch that was kept to people, now and then as an event. `spent`
    are seconds from the beginning to the last of them."""

    emit: Emit
    began: float
    spent: float = 0.0

    def __call__(self, told: Told) -> None:
        """See `passes.run`. It is looked whether somebody cancelled."""
        self.emit.step(0, 0)
        if told.step < told.steps:
            return
        self.spent = time.monotonic() - self.began
        done, total = told.done, told.total
        self.emit.say(Progress(f"Tile {done:,}/{total:,}", done, total, "tiles", "enlarging"))
        each = max(1, total // TOLD)
        if done // each > (done - len(told.keys)) // each or done == total:
            self.emit("tiles", f"tiles {done}", {"done": done, "total": total})


@dataclass(frozen=True)
class Made:
    """A result's file and what is in it; its tiles, how many of them were drawn now, and in how
    many seconds."""

    file: Path
    hash: str
    bytes: int
    pixels: str
    tiles: int
    drawn: int
    spent: float


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """See `studio.worker.kinds.upscale.compute`."""
    began = time.monotonic()
    settings = task.settings
    by_tiles = settings.method in estimates.BY_TILES
    make = _by_tiles if by_tiles else _in_strips
    made = make(inputs, task, workdir, models, emit)
    size = (settings.width, settings.height)
    content = Content(made.hash, made.bytes, *size, made.pixels)
    files = {gallery_table.DRAWN: _told(made.file, content)}
    if size[0] * size[1] > thumbnails.LARGE:
        emit.say("Making what pages show of it.")
        if not (workdir / LEVELS).is_dir() or made.drawn:
            crisp = settings.method in CRISP or settings.palette_lock
            levels.write(made.file, workdir / LEVELS, lossless=crisp)
        small = thumbnails.beside(made.file)
        _write_smaller(workdir / LEVELS, size, small)
        files[thumbnails.SMALLER] = _told(small, asset_files.read(small))
    units = estimates.units(settings, made.drawn) if made.drawn or not by_tiles else 0
    return Outcome(
        {
            "files": files,
            "tiles": made.tiles,
            "drawn": made.drawn,
            "seconds": time.monotonic() - began,
            "measured": {"seconds": made.spent, "units": units, "memory_gb": held_gb()},
        },
        {one["path"]: one["content"]["hash"] for one in files.values()},
    )


def _told(file: Path, content: Content) -> dict[str, Any]:
    return {"path": file.name, "content": asdict(content)}


def keep_levels(home: Path, workdir: Path, hash: str) -> None:
    """Put the levels of a result where pages look for them, by the hash of its file; nothing where
    it has none, or they are there."""
    made = workdir / LEVELS
    if not made.is_dir() or level_places.there(home, hash):
        return
    with publishing(level_places.folder(home, hash), flush=False, once=True) as aside:
        shutil.copytree(made, aside, copy_function=share)


def held_gb() -> float:
    """The most memory that this process held so far, in GB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most) * (1 if sys.platform == "darwin" else 1024) / 1024**3


def _by_tiles(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Made:
    """What an engine draws, batch by batch; those that are there are not drawn again."""
    settings, means = task.settings, task.means
    model: Engine | None = None
    if means.model is not None:
        from studio.diffusion import bases
        from studio.upscaling import model_engine

        emit.say(f"Loading {means.model.label}.")
        wanted = means.model
        if enlarging.MODEL in inputs:
            wanted = replace(wanted, file=inputs[enlarging.MODEL].path)
        device = bases.pick_device(models.device) if wanted.source == "own" else "cpu"
        model = model_engine.load(wanted, device, models.threads)
    engine, first = model, model if means.drawing is not None else None
    if means.drawing is not None:
        engine = enlarging.draws(means.drawing, settings, inputs, models, emit.say)
    assert engine is not None
    telling = Telling(emit, time.monotonic())
    found = passes.run(
        inputs[SOURCE].path,
        settings,
        engine,
        workdir,
        told=telling,
        first=first,
        text=task.about.texts(settings.width, settings.height),
    )
    for key in found.again:
        emit.say(f"Tile {key} was drawn again in full precision.")
    counted = (found.tiles, found.drawn)
    return Made(found.file, found.hash, found.bytes, found.pixels, *counted, telling.spent)


def _in_strips(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Made:
    """What draws nothing: from the rows of a file into a file."""
    settings, began = task.settings, time.monotonic()
    source = canvas.open_source(inputs[SOURCE].path, workdir, settings.wrap)
    lock = palette_lock.of(source) if settings.palette_lock else None
    file, done = workdir / passes.RESULT, 0
    texts = task.about.texts(settings.width, settings.height)
    with publishing(file, flush=False) as aside:
        with PngStream(aside, settings.width, settings.height, texts) as stream:

            def rows(strip: Pixels) -> None:
                nonlocal done
                if lock is not None:
                    lock.snap(strip)
                stream.write(strip)
                done += len(strip)
                line = f"{done:,}/{settings.height:,} rows"
                emit.say(Progress(line, done, settings.height, "rows", "enlarging"))
                emit.step(0, 0)

            _enlarge(settings, source, rows)
    found = stream.written
    assert found is not None
    return Made(file, found.hash, found.bytes, found.pixels, 0, 0, time.monotonic() - began)


def _enlarge(settings: Settings, source: Source, rows: Callable[[Pixels], None]) -> None:
    target = Target(settings.width, settings.height)
    if settings.method == "nearest":
        nearest.enlarge(source, target, rows)
    elif settings.method == "epx":
        epx.enlarge(source, target, rows)
    else:
        lanczos.enlarge(source, target, rows)


def _write_smaller(folder: Path, size: tuple[int, int], file: Path) -> None:
    """The smaller copy of a result, from the first of its levels that is small enough."""
    of = levels.of(*size)
    level = next(k for k in range(of.count) if max(of.size(k)) <= thumbnails.SIDE)
    made = Image.new("RGBA", of.size(level))
    columns, rows = of.squares(level)
    for column, row in itertools.product(range(columns), range(rows)):
        with images.opened(levels.file(folder, level, column, row)) as opened:
            made.paste(opened.convert("RGBA"), (column * of.side, row * of.side))
    with publishing(file, flush=False) as aside:
        made.save(aside, format="WEBP", lossless=True, method=0, quality=0)
