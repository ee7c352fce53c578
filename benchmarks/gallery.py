"""A page of a gallery with 100,000 pictures: `python benchmarks/gallery.py [--json]`.

What the page asks of the database for one filter: what filters can offer, which boards there are,
how many things have each verdict, and the 48 that are shown; and what the page of one picture asks:
those beside it. One in ten of the things is a sheet, so that two kinds are found together. The
database's revision moves before each round, as after each verdict, so that nothing is remembered.
By style, verdict and a word it takes at most 50 ms; the others are told for comparison. Pictures'
files are not needed and not made.

Exits with 1 where the limit is exceeded.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
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

from studio.assets import boards, listing, records, search
from studio.assets.files import Content
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.assets.tables import assets, board_assets
from studio.assets.tables import boards as board_table
from studio.database import engine as db
from studio.generation import gallery_table

LIMIT_MS = 50.0
BATCH = 2_000
PAGE = 48
ON_BOARD = 500
SHEETS = 10  # one thing in so many is a sheet
STYLES = ("sample", "characters", "items", "tiles")
VERDICTS = ("approved", "rejected", "edit", None)
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
WORDS = (
    *("potion", "gem", "shield", "sword", "slime", "tree", "coin", "ring", "red", "teal", "coral"),
    *("violet", "grey", "golden", "glowing", "wooden", "table", "forest", "castle", "night", "ink"),
    *("soft", "light", "thick", "outline", "rune", "moss", "snow", "lantern", "river", "stone"),
)
ASKED = {
    "style, verdict, word": Wanted(style="items", verdict="approved", text="lantern"),
    "everything": Wanted(),
    "a frequent word": Wanted(text="lantern"),
    "a word of one picture": Wanted(text="numbered77777"),
    "a word of none": Wanted(text="nowhere"),
    "style and version": Wanted(style="tiles", version=7),
    "not judged, by one person": Wanted(verdict="open", by="person 3"),
    "a board": Wanted(board="board"),
}


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=100_000, help="how many (100,000)")
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
    if min(asked.pictures, asked.rounds) < 1:
        print("Give at least one picture and one round.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        engine = db.open_database(Path(place), asked.url)
        fill(engine, Path(place), asked.pictures)
        record = measured(engine, asked.rounds, asked.clock)
        engine.dispose()
    record |= {"schema": 1, "pictures": asked.pictures, "clock": asked.clock}
    if asked.json:
        print(json.dumps(record, indent=1))
    else:
        for name, took in record["ms"].items():
            print(f"{name:38} {took:6.1f} ms, {took / LIMIT_MS:.2f} of the limit")
        print(f"the process held at most {record['memory_mb']:.0f} MB")
    return 0 if record["within"] else 1


def fill(engine: Engine, home: Path, count: int) -> None:
    """Pictures of four styles, 50 versions and six people, three in four of them judged."""
    chosen = random.Random(1)
    for first in range(0, count, BATCH):
        new = [_picture(home, k, chosen) for k in range(first, min(count, first + BATCH))]
        at = BEGAN + timedelta(minutes=first)
        records.put(engine, new, by=f"person {first // BATCH % 6}", now=at, job=first // BATCH + 1)
    with db.writing(engine) as connection:
        for rest, verdict in enumerate(VERDICTS):
            mine = assets.c.number // 4 % 4 == rest
            connection.execute(assets.update().where(mine).values(verdict=verdict))
        sheet = assets.c.number % SHEETS == 0
        connection.execute(assets.update().where(sheet).values(kind="sheet"))
        board = {"id": "board", "name": "Board", "folded": "board", "note": "", "by": "x", "at": ""}
        connection.execute(board_table.insert(), {"number": 1, **board})
        on = range(1, count, max(1, count // ON_BOARD))
        rows = [{"board": 1, "asset": number, "by": "x", "at": ""} for number in on]
        connection.execute(board_assets.insert(), rows)
    if db.is_postgres(engine):  # as its own rounds do within a minute
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE assets")


def measured(engine: Engine, rounds: int, clock: str) -> dict[str, Any]:
    """Milliseconds of a page by filter, the median of the rounds; memory at its fullest."""
    now = time.process_time if clock == "cpu" else time.perf_counter
    took = {
        name: [_page_ms(engine, wanted, now) for _ in range(rounds)]
        for name, wanted in ASKED.items()
    }
    took |= {
        f"beside one: {name}": [_beside_ms(engine, wanted, now) for _ in range(rounds)]
        for name, wanted in ASKED.items()
    }
    ms = {name: statistics.median(times) for name, times in took.items()}
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"ms": ms, "memory_mb": held, "within": next(iter(ms.values())) <= LIMIT_MS}


def _page_ms(engine: Engine, wanted: Wanted, now: Callable[[], float]) -> float:
    with db.writing(engine) as connection:
        db.bump(connection)
    began = now()
    search.choices(engine, "")
    boards.all_of(engine)
    search.tally(engine, "", wanted)
    listing.page(engine, wanted, 1, PAGE)
    return 1000 * (now() - began)


def _beside_ms(engine: Engine, wanted: Wanted, now: Callable[[], float]) -> float:
    with db.writing(engine) as connection:
        db.bump(connection)
    found = listing.page(engine, wanted, 1, 1)
    began = now()
    search.neighbours(engine, "", wanted, found[0].id if found else "")
    return 1000 * (now() - began)


def _picture(home: Path, number: int, chosen: random.Random) -> New:
    digest = hashlib.sha256(f"{number}".encode()).hexdigest()
    prompt = f"a {' '.join(chosen.choices(WORDS, k=12))} numbered{number}"
    file = home / "generated" / f"{number}.png"
    return New(
        kind=gallery_table.KIND,
        key=file.relative_to(home).as_posix(),
        files={gallery_table.DRAWN: (file, Content(digest, 400_000, 512, 512, digest))},
        style=STYLES[number % 4],
        version=number % 50 + 1,
        seed=number,
        text=prompt,
        recipe={
            "base": "pocket",
            "run": f"{number:032x}",
            "dataset": digest,
            "prompt": prompt,
            "full_prompt": f"<GameStyle> {prompt}",
            "negative": "blurry, text, a watermark",
            "steps": 20,
            "guidance": 4.0,
            "strength": 1.0,
            "adapters": [],
            "start": "",
            "change": 0.0,
        },
    )


if __name__ == "__main__":
    sys.exit(main())
