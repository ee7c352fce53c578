"""A bucket that hangs for a minute under 30 people's load: pages, votes, and what goes up after it.

    python benchmarks/outage.py --home FOLDER
    python benchmarks/outage.py --voters 30 --seconds 60

The studio of benchmarks/web.py is filled in FOLDER once. A copy of it is moved into a bucket of a
real server (tests/services/radosgw.py) and served, 2,000 of its pictures in the bucket alone. 30
people vote, one more goes through all pages, and a picture is drawn every second. Then the server
is stopped (SIGSTOP), and goes on after `--seconds`. Meanwhile every page comes within 1 s, in the
median of its paints, and 95 of 100 votes are taken within 1 s; 60 s after it goes on all that was
drawn is up. No vote, picture or object is lost: every object is read and compared at the end.

Exit code 0 when every bar is met, 1 when one is not, 2 where there is no server.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import BrowserContext, Error
from sqlalchemy import Engine

from benchmarks import against, browsing, crowd, store, studio_filled, web
from benchmarks.browsing import PATIENCE_MS, NotThere
from benchmarks.on_pages import PLACES
from benchmarks.table import Line, Seen, share, table, watched
from benchmarks.web import Served
from studio.context import Studio, now, open_studio
from studio.generation import gallery_table
from studio.operations import store_check
from studio.outbox import eviction, files, place
from studio.outbox.tables import UP
from studio.settings import CHECKOUT, Settings, load_settings
from studio.store import local
from studio.store.place import Place
from tests.services import radosgw

FIRST_S = 15.0  # until all voters are in and vote
CATCHES_UP_S = 60.0
WITHIN_MS = 1000.0
DRAWN_FROM = 20_000  # numbers of the pictures that are drawn meanwhile

Walls = dict[str, list[float]]  # milliseconds of each page's paints


def main(words: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--home", type=Path, help="folder to keep the filled studio in")
    parser.add_argument("--voters", type=int, default=30, help="how many vote at once")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the server hangs")
    asked = parser.parse_args(words)
    if lacking := radosgw.lacks():
        _say(lacking)
        return 2
    with tempfile.TemporaryDirectory(prefix="studio-outage-") as scratch, radosgw.running() as s3:
        filled = (asked.home or Path(scratch) / "filled").resolve()
        filled.mkdir(parents=True, exist_ok=True)
        ballot = web.full(load_settings({**os.environ, "STUDIO_HOME": str(filled)}), _say)
        home = Path(scratch) / "studio"
        shutil.copytree(filled, home, symlinks=True)
        keys = s3.user("studio")
        os.environ.update(keys.environment)
        where = Place("s3", "art", "studio/", s3.address, region="us-east-1")
        radosgw.client(s3, keys).create_bucket(Bucket=where.bucket)
        settings = load_settings({**os.environ, "STUDIO_HOME": str(home)})
        store.moved(settings, where)
        with web.serving(home, 8773, 5773, settings=store.settings_of(where)) as served:
            against.calm(served)
            lines = measure(served, replace(settings, store=where), s3, ballot, asked)
    print(table(lines))
    return 0 if all(line.met for line in lines) else 1


def measure(
    served: Served,
    settings: Settings,
    s3: radosgw.Gateway,
    ballot: int,
    asked: argparse.Namespace,
) -> list[Line]:
    """Before, while the server hangs, and after."""
    studio, before = open_studio(settings), crowd.stored(settings)
    bucket = local.bucket_of(settings.home)
    assert bucket is not None
    with browsing.visitor(served.url, "Ana") as ana:
        _paint_all(ana, served, 0.0)  # small copies are there as where people work
        away = eviction.bound(studio.engine, settings.home, bucket, 0)
        _say(f"{away:,} pictures are in the bucket alone.")
        with _voting(served.url, ballot, asked) as votes:
            with _drawing(studio) as drawn:
                usual = _paint_all(ana, served, FIRST_S)
                with s3.stopped(), watched(served.web) as seen:
                    hung = _paint_all(ana, served, asked.seconds)
                    noted = place.noted(studio.engine)
                began, late = time.monotonic(), files.tally(studio.engine).waiting
            took = _emptied(studio.engine, began)
            told = json.loads(votes.communicate(timeout=asked.seconds + 180)[0])
    said = noted.said if noted else ""
    return [
        _pages(usual, hung, seen),
        *_votes(told, before, crowd.stored(settings), seen),
        Line("what Admin says meanwhile", said[:60], "what is wrong", bool(said), seen.others),
        Line(
            f"until {late} files are up that waited",
            f"{took:.0f} s" if took is not None else "not yet",
            f"< {CATCHES_UP_S:.0f} s",
            took is not None,
            seen.others,
        ),
        _whole(studio, drawn),
    ]


def _paint_all(person: BrowserContext, served: Served, seconds: float) -> Walls:
    """Each page in turn for so many seconds, once at least."""
    walls: Walls = {one.name: [] for one in PLACES}
    end = time.monotonic() + seconds
    while True:
        for one in PLACES:
            try:
                walls[one.name].append(browsing.paint(person, served.url, one, served.web).wall)
            except (NotThere, Error) as error:
                _say(f"{one.name}: {str(error).splitlines()[0]}")
                walls[one.name].append(PATIENCE_MS)
            if time.monotonic() > end and all(walls.values()):
                return walls


@contextmanager
def _voting(url: str, ballot: int, asked: argparse.Namespace) -> Iterator[subprocess.Popen[str]]:
    """The crowd, in a process of its own, until a while after the server goes on."""
    seconds = FIRST_S + asked.seconds + CATCHES_UP_S
    words = [url, str(ballot), str(asked.voters), str(seconds)]
    command = [sys.executable, "-m", "benchmarks.voters", *words]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    except BaseException:
        process.kill()
        raise


@contextmanager
def _drawing(studio: Studio) -> Iterator[list[str]]:
    """A picture every second: their paths, each once the gallery has it."""
    ended, paths = threading.Event(), list[str]()

    def draw() -> None:
        for number, sprite in enumerate(studio_filled.sprites(10_000, seed=5), DRAWN_FROM):
            if ended.wait(1.0):
                return
            kept = studio_filled.picture(studio.home, number, sprite)
            gallery_table.record(studio.engine, studio.home, [kept], by="Ana", now=now())
            paths.append(kept.file.relative_to(studio.home).as_posix())

    with ThreadPoolExecutor(1) as pool:
        drawing = pool.submit(draw)
        try:
            yield paths
        finally:
            ended.set()
        drawing.result()


def _emptied(engine: Engine, began: float) -> float | None:
    """Seconds since `began` until nothing waits; None where that is not in time."""
    while (took := time.monotonic() - began) < CATCHES_UP_S:
        if not files.tally(engine).waiting:
            return took
        time.sleep(0.5)
    return None


def _pages(usual: Walls, hung: Walls, seen: Seen) -> Line:
    medians = {name: statistics.median(walls) for name, walls in hung.items()}
    slowest = max(medians, key=lambda name: medians[name])
    every = [wall for walls in hung.values() for wall in walls]
    said = (
        f"slowest {slowest}: {medians[slowest]:.0f} ms, before "
        f"{statistics.median(usual[slowest]):.0f}; most {max(every):.0f}"
    )
    met = medians[slowest] < WITHIN_MS
    return Line(f"{len(every)} paints of pages", said, f"< {WITHIN_MS:.0f} ms", met, seen.others)


def _votes(
    told: dict[str, Any], before: dict[str, int], after: dict[str, int], seen: Seen
) -> Iterator[Line]:
    for broken in told["failed"]:
        _say(broken)
    keys = {key: count for key, count in after.items() if key not in before}
    lost = [key for key in told["acknowledged"] if key not in keys]
    twice = [key for key, count in keys.items() if count > 1]
    high = 1000 * share(told["seconds"] or [PATIENCE_MS], 0.95)
    what = f"a vote, {len(told['first_page'])} voters, 95 of 100"
    yield Line(what, f"{high:.0f} ms", f"< {WITHIN_MS:.0f} ms", high < WITHIN_MS, seen.others)
    yield Line(
        f"votes lost or counted twice, of {len(told['acknowledged'])}",
        f"{len(lost)} lost, {len(twice)} twice, {len(told['failed'])} sessions broken",
        "none",
        bool(told["acknowledged"]) and not lost and not twice and not told["failed"],
        seen.others,
    )


def _whole(studio: Studio, drawn: list[str]) -> Line:
    """Every picture that was drawn is noted as up, and every object is what its row says."""
    noted = files.of_paths(studio.engine, drawn)
    lost = [path for path in drawn if path not in noted or noted[path].state != UP]
    found = store_check.check(studio, _say, read=True)
    said = (
        f"{len(lost)} of {len(drawn)} drawn; of {found.there:,} objects {len(found.lacking)} "
        f"lacking, {len(found.lost)} lost, {len(found.changed)} changed"
    )
    return Line("pictures lost", said, "none", not lost and found.whole and bool(drawn), 0.0)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
