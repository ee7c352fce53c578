"""A page of the history of props among 10,000 assets: `python benchmarks/prop_history.py [--json]`.

What the tab History asks of the database for one filter: what filters can offer, how many there
are, and the 60 that are shown, each with its figures, its poster and what it cost. Half of the
assets are props, the others pictures and wishes; one prop in five was paid for. The database's
revision moves before each round, as after each verdict, so that nothing is remembered. Every page
takes at most 50 ms. The files that the assets name are nowhere: neither folder nor bucket is asked.

Exits with 1 where the limit is exceeded.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Engine

from studio.assets import records
from studio.assets.files import Content
from studio.assets.records import New
from studio.assets.tables import assets
from studio.charges.tables import charges
from studio.database import engine as db
from studio.database.ledger import stamp
from studio.workflows import prop_files, prop_history
from studio.workflows.prop_files import About
from studio.workflows.prop_history import Filters

LIMIT_MS = 50.0
BATCH = 500
STYLES = ("sample", "characters", "items", "tiles")
METHODS = ("card", "contour", "voxels", "relief", "planes")
VERDICTS = ("approved", "rejected", "edit", None)
PAID = 5  # one prop in so many
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
WORDS = ("potion", "gem", "shield", "sword", "slime", "tree", "lantern", "ring", "rune", "moss")
ASKED = {
    "style, method, word": Filters(style="items", method="voxels", text="lantern"),
    "everything": Filters(),
    "props": Filters(kind="prop"),
    "a method": Filters(method="relief"),
    "paid": Filters(cost="paid"),
    "free props of one person": Filters(kind="prop", cost="free", by="person 3"),
    "a frequent word": Filters(text="gem"),
    "a word of none": Filters(text="nowhere"),
    "not judged": Filters(verdict="open"),
}


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--assets", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--rounds", type=int, default=11, help="pages of each filter (11)")
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: only the time that this process computes, where others keep it busy (wall)",
    )
    parser.add_argument("--url", default=None, help="an empty PostgreSQL database (SQLite)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    if min(asked.assets, asked.rounds) < 1:
        print("Give at least one asset and one round.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        engine = db.open_database(Path(place), asked.url)
        fill(engine, Path(place), asked.assets)
        record = measured(engine, asked.rounds, asked.clock)
        engine.dispose()
    record |= {"schema": 1, "assets": asked.assets, "clock": asked.clock}
    if asked.json:
        print(json.dumps(record, indent=1))
    else:
        for name, took in record["ms"].items():
            print(f"{name:28} {took:6.1f} ms, {took / LIMIT_MS:.2f} of the limit")
    return 0 if record["within"] else 1


def fill(engine: Engine, home: Path, count: int) -> None:
    """Props, pictures and wishes of four styles and six people, three in four of them judged."""
    chosen = random.Random(1)
    for first in range(0, count, BATCH):
        new = [_asset(home, k, chosen) for k in range(first, min(count, first + BATCH))]
        at = BEGAN + timedelta(minutes=first)
        records.put(engine, new, by=f"person {first // BATCH % 6}", now=at, job=first // BATCH + 1)
    with db.writing(engine) as connection:
        for rest, verdict in enumerate(VERDICTS):
            mine = assets.c.number // 4 % 4 == rest
            connection.execute(assets.update().where(mine).values(verdict=verdict))
        connection.execute(charges.insert(), [_charge(job) for job in range(1, 200, 3)])
    if db.is_postgres(engine):  # as its own rounds do within a minute
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE assets")


def measured(engine: Engine, rounds: int, clock: str) -> dict[str, Any]:
    """Milliseconds of a page by filter, the median of the rounds."""
    now = time.process_time if clock == "cpu" else time.perf_counter
    ms = {
        name: statistics.median(_page_ms(engine, filters, now) for _ in range(rounds))
        for name, filters in ASKED.items()
    }
    return {"ms": ms, "within": max(ms.values()) <= LIMIT_MS}


def _page_ms(engine: Engine, filters: Filters, now: Callable[[], float]) -> float:
    with db.writing(engine) as connection:
        db.bump(connection)
    begun = now()
    prop_history.choices(engine)
    prop_history.found(engine, filters)
    return (now() - begun) * 1e3


def _asset(home: Path, number: int, chosen: random.Random) -> New:
    words = " ".join(chosen.choice(WORDS) for _ in range(9))
    style, version = chosen.choice(STYLES), chosen.randint(1, 50)
    if number % 2:
        kind = "wish" if number % 8 == 1 else "picture"
        files = {} if kind == "wish" else {"picture": _file(home, f"picture {number}", "png")}
        recipe = {"prompt": words, "full_prompt": f"<P> {words}", "steps": 20, "guidance": 4.0}
        how: dict[str, Any] = {"style": style, "version": version, "seed": number, "text": words}
        return New(kind, f"{kind}/{number}", files, recipe=recipe, **how)
    paid = number % (2 * PAID) == 0
    about = About(
        key=f"props/job-{number}/1",
        name=words[:40],
        method="provider" if paid else chosen.choice(METHODS),
        made_by="prop_by_provider" if paid else "prop",
        settings={"depth": 0.1, "height_m": 1.0, "pivot": "feet", "back": "mirrored"},
        style=style,
        version=version,
        seed=number,
        prompt=words,
        of={"named": "", "hash": "0" * 64, "width": 32, "height": 32},
        more={"cost": {"micros": 120_000, "currency": "USD"}} if paid else {},
    )
    figures = {"triangles": 1_664, "closed": True, "manifold": False, "height_m": 1.0}
    files = {
        prop_files.MODEL: _file(home, f"model {number}", "glb"),
        prop_files.POSTER: _file(home, f"poster {number}", "webp"),
        prop_files.NORMAL: _file(home, f"normal {number}", "png"),
        prop_files.TEXTURE: _file(home, f"texture {number}", "png"),
    }
    return prop_files.new(about, files, figures)


def _file(home: Path, what: str, suffix: str) -> tuple[Path, Content]:
    """A file that is nowhere."""
    hash = hashlib.sha256(what.encode()).hexdigest()
    size: tuple[int | None, int | None, str | None] = (512, 512, hash)
    if suffix == "glb":
        size = (None, None, None)
    return prop_files.place_of(home, hash, f".{suffix}"), Content(hash, 30_000, *size)


def _charge(job: int) -> dict[str, Any]:
    nothing = ("kind", "what", "style", "person", "machine", "price_list", "item", "note", "why")
    return {
        **dict.fromkeys(nothing, ""),
        "source": "call",
        "key": f"call {job}",
        "state": "done",
        "month": "2026-01",
        "currency": "USD",
        "estimate": 100_000,
        "actual": 90_000,
        "provider": "somebody",
        "job": job,
        "price_version": 1,
        "quantity": 1,
        "made_at": stamp(BEGAN),
    }


if __name__ == "__main__":
    sys.exit(main())
