"""The stage of Upscale with 81 tiles over 8,192 x 8,192 pixels: first painted, and a tile chosen.

    python benchmarks/upscale_stage.py                  fills a folder of its own, then measures
    python benchmarks/upscale_stage.py --home FOLDER    keeps it there, and takes it when it is full

`studio serve` is started for it as benchmarks/web.py does, whose table and rules for a machine that
others use this has. Exit code 0 when every bar is met, else 1.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import browsing, page_lines
from benchmarks.browsing import Place
from benchmarks.page_lines import EMPTY
from benchmarks.table import QUIET, Line, table, watched
from benchmarks.web import Served, serving
from studio.accounts import unsaved
from studio.context import Studio, now, open_studio
from studio.generation import start_pictures
from studio.settings import Settings, load_settings
from studio.upscaling import level_places, levels

SIDE, TILE, OVERLAP, TILES = 8_192, 1_024, 128, 81
CHOSEN_MS = 200.0
PERSON = "Ana"
KEYS = ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "]")
PAINTED = "[data-part=canvas][data-painted=true]"
# When the tile that was asked for is named, framed and painted, counted from the key.
SHOWN = """(before) => {
  const [name] = hs.all('[data-part=name]'), [canvas] = hs.all('[data-part=tile-before]');
  const number = canvas.dataset.painted?.split('-')[1];
  return hs.input && name.textContent !== before && number
    && name.textContent.startsWith(`Tile ${number} `) && performance.now() - hs.input;
}"""


def main(words: list[str] | None = None) -> int:
    """Measure and print the table."""
    asked = _arguments().parse_args(words)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # ends the studio
    with _folder(asked.home) as home:
        settings = load_settings({**os.environ, "STUDIO_HOME": str(home)})
        path = full(settings)
        with (
            serving(home, asked.port, asked.mlflow_port) as served,
            browsing.visitor(served.url, PERSON) as person,
        ):
            lines = measure(served, person, path, asked.times)
    if asked.json:
        print(json.dumps({"schema": 1, "lines": [asdict(line) for line in lines]}, indent=1))
    else:
        print(table(lines))
    return 0 if all(line.met for line in lines) else 1


def full(settings: Settings) -> str:
    """The address of a picture of SIDE pixels that is about to be drawn in TILES tiles; it is made
    unless the folder has it."""
    mark = settings.home / "upscale-stage.txt"
    studio = open_studio(settings)
    try:
        if not mark.is_file():
            mark.write_text(_brought(studio))
        named = mark.read_text()
        fields = {"factor": 1.0, "tile": TILE, "overlap": OVERLAP, "prompt": "a meadow"}
        unsaved.keep(studio.engine, PERSON, f"upscale/{named}/diffusion", fields, now=now())
    finally:
        studio.engine.dispose()
    return f"/Upscale?{urlencode({'id': named, 'method': 'diffusion', 'style': '(none)'})}"


def _brought(studio: Studio) -> str:
    """A picture of many colours, kept with its levels; its hash."""
    down, across = np.ogrid[:SIDE, :SIDE]
    rgba = np.empty((SIDE, SIDE, 4), np.uint8)
    rgba[..., 0] = across >> 5
    rgba[..., 1] = down >> 5
    rgba[..., 2] = (across ^ down) & 255
    rgba[..., 3] = 255
    hash = start_pictures.keep_picture(studio.home, Image.fromarray(rgba, "RGBA"), by=PERSON)
    file = start_pictures.path(studio.home, hash)
    levels.write(file, level_places.folder(studio.home, hash), lossless=False)
    return hash


def measure(served: Served, person: BrowserContext, path: str, times: int) -> list[Line]:
    """The page until its tiles are painted, beside an empty one, and a tile by its key."""
    stage = Place(f"Upscale: {TILES} tiles at 8K", path, (f"{TILES} tiles",), PAINTED)
    lines = [
        line
        for line in page_lines.first_paints(person, served.url, served.web, (stage,), times)
        if not line.what.startswith(EMPTY.name)
    ]
    page = person.new_page()
    page.goto(served.url + path)
    page.wait_for_function("(w) => hs.shown(w)", arg=PAINTED, polling="raf")
    page.wait_for_timeout(2_000)
    return [*lines, _chosen(page, served.web, times)]


def _chosen(page: Page, web: int, times: int) -> Line:
    """From a key until another tile is framed, named and painted beside the stage."""
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1_500)
    took = list[float]()
    with watched(web) as seen:
        for number in range(times * len(KEYS)):
            before = page.evaluate("() => hs.all('[data-part=name]')[0].textContent")
            browsing.forget(page)
            page.keyboard.press(KEYS[number % len(KEYS)])
            found = page.wait_for_function(SHOWN, arg=before, polling="raf")
            took.append(float(found.json_value()))
            page.wait_for_timeout(300)
    middle, least = statistics.median(took), min(took)
    met = middle < CHOSEN_MS or (seen.others > QUIET and least < CHOSEN_MS)
    said = f"{middle:.0f} ms, least {least:.0f}, most {max(took):.0f}"
    return Line("Upscale: a tile chosen", said, f"< {CHOSEN_MS:.0f} ms", met, seen.others)


@contextmanager
def _folder(given: str) -> Iterator[Path]:
    if given:
        Path(given).mkdir(parents=True, exist_ok=True)
        yield Path(given).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="studio-stage-") as made:
        yield Path(made)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--home", default="", help="folder of the filled studio, kept afterwards")
    parser.add_argument("--times", type=int, default=5, help="repetitions")
    parser.add_argument("--port", type=int, default=8761)
    parser.add_argument("--mlflow-port", type=int, default=5761)
    parser.add_argument("--json", action="store_true", help="as JSON instead of a table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
