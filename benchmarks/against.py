"""First paints and reruns of this checkout against an older one, in pairs, on the same studio.

    python benchmarks/against.py OLDER_CHECKOUT --home FOLDER
    python benchmarks/against.py OLDER_CHECKOUT --pairs 7 --most 1.10

The older checkout's code fills a studio in FOLDER once; each checkout serves a copy of its own, on
ports of its own, and each place is painted by one and the other in turn. A line tells both medians
and their ratio; exit code 0 when no ratio is above the bar, which defaults to 1.10.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import psutil
from playwright.sync_api import Error

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import browsing, on_pages
from benchmarks.browsing import Place, Took
from benchmarks.web import Served, serving
from studio.settings import CHECKOUT

FILL = """
import os, sys
sys.path.insert(0, os.getcwd())
from benchmarks import web
from studio.settings import load_settings
web.full(load_settings(dict(os.environ)), lambda said: print(said, file=sys.stderr, flush=True))
"""


def main(words: list[str] | None = None) -> int:
    """Measure and print; 1 where a ratio is above the bar or a place never came."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("older", type=Path, help="checkout of the version before")
    parser.add_argument("--home", type=Path, help="folder to keep the filled studio in")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", action="append", help="what begins so; may be repeated")
    parser.add_argument("--most", type=float, default=1.10, help="the bar of every ratio")
    asked = parser.parse_args(words)
    older = asked.older.resolve()
    with tempfile.TemporaryDirectory(prefix="studio-against-") as scratch:
        filled = (asked.home or Path(scratch) / "filled").resolve()
        filled.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "STUDIO_HOME": str(filled)}
        subprocess.run([sys.executable, "-c", FILL], cwd=older, env=environment, check=True)
        homes = [Path(scratch) / name for name in ("old", "new")]
        for home in homes:
            shutil.copytree(filled, home, symlinks=True)
        with (
            serving(homes[0], 8761, 5761, older) as old,
            serving(homes[1], 8762, 5762, CHECKOUT) as new,
        ):
            for served in (old, new):
                calm(served)
            return 1 if compare(old, new, _places_of(older), asked) else 0


def calm(served: Served, seconds: float = 5.0) -> None:
    """Wait until the web process has done what it does after a start, such as writing cards."""
    web = psutil.Process(served.web)
    while web.cpu_percent(seconds) > 10:
        pass


def _places_of(checkout: Path) -> ModuleType:
    """What the checkout's own benchmark looks at: its pages' texts may be others."""
    file = checkout / "benchmarks" / "on_pages.py"
    spec = importlib.util.spec_from_file_location("on_pages_before", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare(old: Served, new: Served, before: ModuleType, asked: argparse.Namespace) -> int:
    """How many places or acts are slower than the bar allows, or did not come."""
    missed, pairs, most = 0, asked.pairs, asked.most
    only = tuple(asked.only or [""])
    # One browser for both: its cookie is for the machine, whatever the port.
    with browsing.visitor(old.url, "Ana") as browser:
        for place in on_pages.PLACES:
            if not place.name.startswith(only):
                continue
            was = next((p for p in before.PLACES if p.path == place.path), place)
            was = replace(was, wanted=place.wanted)  # its texts may have been others

            def paint(served: Served, shown: Place, number: int) -> Took:
                return browsing.paint(browser, served.url, shown, served.web)

            what = f"{place.name}: first paint"
            missed += _line(what, partial(paint, old, was), partial(paint, new, place), pairs, most)
        for act in on_pages.ACTS:
            if not act.name.startswith(only):
                continue
            first = next((a for a in before.ACTS if a.name == act.name), act)
            try:
                with (
                    browsing.opened(browser, old.url, first, old.web) as once,
                    browsing.opened(browser, new.url, act, new.web) as again,
                ):
                    missed += _line(act.name, once, again, pairs, most)
            except Error as error:
                missed += _absent(act.name, error)
    return missed


def _line(
    what: str, older: Callable[[int], Took], newer: Callable[[int], Took], pairs: int, most: float
) -> int:
    """Measure both in turn, the first of each not counted; 1 where the bar is missed."""
    took: tuple[list[Took], list[Took]] = ([], [])
    try:
        for number in range(pairs + 1):
            took[0].append(older(number))
            took[1].append(newer(number))
    except Error as error:
        return _absent(what, error)
    walls = [statistics.median(one.wall for one in each[1:]) for each in took]
    computed = [statistics.median(one.computed for one in each[1:]) for each in took]
    ratio, of_processor = walls[1] / walls[0], computed[1] / computed[0]
    verdict = "" if ratio <= most else "  ABOVE THE BAR"
    print(
        f"{what}: {walls[0]:.0f} -> {walls[1]:.0f} ms, ratio {ratio:.2f}; "
        f"computing {computed[0]:.0f} -> {computed[1]:.0f}, {of_processor:.2f}{verdict}",
        flush=True,
    )
    return int(ratio > most)


def _absent(what: str, error: Error) -> int:
    print(f"{what}: did not come ({error.message.splitlines()[0]})", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
