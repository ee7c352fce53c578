"""How a job enlarges: with an engine tile by tile, or in strips from file to file; then what pages
show of a large result."""

from __future__ import annotations

import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.assets import thumbnails
from studio.assets.files import Content
from studio.context import Progress
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.jobs.emit import Emit
from studio.store.publish import ROOM, publishing, share
from studio.upscaling import canvas, estimates, level_places, levels, passes
from studio.upscaling.methods import epx, lanczos, nearest
from studio.upscaling.png_stream import PngStream, Written
from studio.upscaling.settings import Settings
from studio.upscaling.sizes import Target
from studio.worker.context import Models
from studio.worker.kind import Input, Outcome
from studio.worker.kinds import enlarging

if TYPE_CHECKING:
    from studio.upscaling.engine import Engine
    from studio.worker.kinds.upscale import Task

SOURCE = "source"  # the input
FOLDER, LEVELS = "result", "levels"  # in the computation's folder
TOLD = 100  # events of a job's tiles, at most
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass
class Telling:
    """Says how far a job is: every tile to people, now and then as an event. `begun` is when the
    first tile of this attempt was begun, by a clock that only goes on."""

    emit: Emit
    total: int
    begun: float = 0.0
    drawn: int = 0

    def __call__(self, done: int, drawn: bool) -> None:
        """`done` tiles of all are there; `drawn`: the last one was drawn just now."""
        self.drawn += drawn
        line = f"Tile {done:,}/{self.total:,}"
        self.emit.say(Progress(line, done, self.total, "tiles", "enlarging"))
        each = max(1, self.total // TOLD)
        if done % each == 0 or done == self.total:
            body = {"done": done, "total": self.total}
            self.emit("tiles", f"tiles {done}", body)

    def step(self, step: int, steps: int) -> None:
        """A step of an engine: it is looked whether somebody cancelled."""
        self.emit.step(0, 0)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """See `studio.worker.kinds.upscale.compute`."""
    began = time.monotonic()
    settings = task.settings
    file = workdir / FOLDER / task.names[gallery_table.DRAWN]
    texts = task.about.texts(settings.width, settings.height)
    by_tiles = settings.method in estimates.BY_TILES
    make = _by_tiles if by_tiles else _in_strips
    written, telling, spent = make(inputs, task, workdir, models, emit, file, texts)
    content = Content(
        written.hash, written.bytes, settings.width, settings.height, written.pixels
    )
    files = {gallery_table.DRAWN: {"name": file.name, "content": asdict(content)}}
    hashes = {f"{FOLDER}/{file.name}": written.hash}
    if settings.width * settings.height > thumbnails.LARGE:
        emit.say("Making what pages show of it.")
        levels.write(file, workdir / LEVELS)
        small = file.with_name(task.names[thumbnails.SMALLER])
        about = _smaller(workdir / LEVELS, settings, small)
        files[thumbnails.SMALLER] = {"name": small.name, "content": asdict(about)}
        hashes[f"{FOLDER}/{small.name}"] = about.hash
    drawn = telling.drawn if by_tiles else 1
    measured = estimates.units(settings, drawn) if drawn else 0
    return Outcome(
        {
            "files": files,
            "tiles": telling.total,
            "drawn": telling.drawn,
            "seconds": time.monotonic() - began,
            "measured": {"seconds": spent, "units": measured, "memory_gb": held_gb()},
        },
        hashes,
    )


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


def _in_strips(
    inputs: Mapping[str, Input],
    task: Task,
    workdir: Path,
    models: Models,
    emit: Emit,
    file: Path,
    texts: dict[str, str],
) -> tuple[Written, Telling, float]:
    """What draws nothing: from the rows of a file into a file."""
    settings = task.settings
    began = time.monotonic()
    source = canvas.open_source(inputs[SOURCE].path, workdir, settings.wrap)
    written = _streamed(
        file,
        settings,
        texts,
        emit,
        lambda rows: _enlarge(settings, np.load(source.rows, mmap_mode="r"), rows),
    )
    return written, Telling(emit, 0), time.monotonic() - began


def _enlarge(settings: Settings, source: Pixels, rows: Callable[[Pixels], None]) -> None:
    target = Target(settings.width, settings.height)
    if settings.method == "nearest":
        nearest.enlarge(source, target, rows)
    elif settings.method == "epx":
        epx.enlarge(source, target, rows, settings.wrap)
    else:
        lanczos.enlarge(source, target, rows, settings.wrap)


def _streamed(
    file: Path,
    settings: Settings,
    texts: dict[str, str],
    emit: Emit,
    make: Callable[[Callable[[Pixels], None]], None],
) -> Written:
    """A PNG of the rows that `make` gives, from the top down. StudioError where the disk is full,
    and then there is none."""
    done = 0
    with publishing(file, flush=False, remedy=ROOM) as aside:
        with PngStream(aside, settings.width, settings.height, texts) as stream:

            def rows(strip: Pixels) -> None:
                nonlocal done
                stream.write(strip)
                done += len(strip)
                line = f"{done:,}/{settings.height:,} rows"
                emit.say(Progress(line, done, settings.height, "rows", "enlarging"))
                emit.step(0, 0)

            make(rows)
        found = stream.written
    assert found is not None
    return found


def _smaller(folder: Path, settings: Settings, file: Path) -> Content:
    """The smaller copy of a result, from the first of its levels that is small enough."""
    sizes = levels.sizes(settings.width, settings.height)
    level = next(k for k, size in enumerate(sizes) if max(size) <= thumbnails.SIDE)
    made = Image.new("RGBA", sizes[level])
    for piece in sorted((folder / str(level)).glob("*.webp")):
        column, _, row = piece.stem.partition("-")
        with Image.open(piece, formats=("WEBP",)) as opened:
            made.paste(opened.convert("RGBA"), (int(column) * levels.SIDE, int(row) * levels.SIDE))
    with publishing(file, flush=False) as aside:
        made.save(aside, format="WEBP", lossless=True, method=0, quality=0)
    from studio.assets import files

    return files.read(file)
