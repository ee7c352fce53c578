"""What a job's folder says of its tiles, to whoever may read that folder while it is at work.

<workdir>/plan.json         the settings, the source's hash and each tile's mark
<workdir>/source-*.npy      the source laid open (`canvas`)
<workdir>/tiles/            finished tiles (`tile_files`)
<workdir>/result.png, .json the result and what it was made of (`passes`)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.store.publish import publish
from studio.upscaling import canvas, layers, settings
from studio.upscaling.composing import Canvas
from studio.upscaling.grid import Tile
from studio.upscaling.marks import marks
from studio.upscaling.settings import Settings
from studio.upscaling.tile_files import DRAWN, FAILED, WAITING, TileFiles

__all__ = ["DRAWN", "FAILED", "WAITING", "begun", "canvas_of", "states", "tiles", "write"]
PLAN, TILES = "plan.json", "tiles"
SCHEMA = 1


def write(workdir: Path, asked: Settings, source: str, marks: dict[str, str]) -> None:
    """Note what is to be drawn, before any of it is."""
    said = {"schema": SCHEMA, "settings": settings.to_json(asked), "source": source, "marks": marks}
    publish(workdir / PLAN, json.dumps(said))


def tiles(workdir: Path) -> tuple[Tile, ...]:
    """All tiles in the order in which they are drawn; none before the job has begun."""
    said = _said(workdir)
    return layers.plan(settings.of_json(said["settings"])) if said else ()


def states(workdir: Path) -> dict[str, str]:
    """Each tile's state by its key: WAITING, DRAWN or FAILED; none before the job has begun."""
    said = _said(workdir)
    files = TileFiles(workdir / TILES, said["marks"] if said else {})
    return {key: files.state(key) for key in files.marks}


def canvas_of(workdir: Path) -> Canvas:
    """The job's picture as far as it is. StudioError where it has not begun, or its folder was
    cleared."""
    said = _said(workdir)
    if not said:
        raise StudioError("Nothing of this picture was drawn yet.", "Wait for the first tile.")
    asked = settings.of_json(said["settings"])
    try:
        source = canvas.opened(workdir, said["source"], asked.wrap)
    except (OSError, ValueError) as error:
        raise StudioError("The tiles of this picture are gone.", "Start it again.") from error
    files = TileFiles(workdir / TILES, said["marks"])
    return Canvas(source, asked, layers.layers(asked), files)


def begun(workdir: Path, asked: Settings, picture: Path) -> Canvas:
    """The picture's canvas, its source laid open and its plan noted."""
    workdir.mkdir(parents=True, exist_ok=True)
    (workdir / TILES).mkdir(exist_ok=True)
    source = canvas.open_source(picture, workdir, asked.wrap)
    passes = layers.layers(asked)
    found = marks(asked, source.hash, passes)
    write(workdir, asked, source.hash, found)
    return Canvas(source, asked, passes, TileFiles(workdir / TILES, found))


def _said(workdir: Path) -> dict[str, Any]:
    try:
        said = json.loads((workdir / PLAN).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) and said.get("schema") == SCHEMA else {}
