"""Votes by many at once, beside one person with a browser and a key."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

import psutil
import sqlalchemy as sa
from playwright.sync_api import BrowserContext

from benchmarks import browsing
from benchmarks.table import CALM_S, QUIET, Line, calmest, share, watched
from studio.database import engine as db
from studio.review import tables
from studio.settings import CHECKOUT, Settings

VOTE_MS, MEMORY_MB = 300.0, 400.0
USUAL_VOTE_MS = 150.0  # in the median, with 50 voters
BY_KEY = 12  # votes with a key in the browser, while the others vote


def measure(
    url: str,
    pid: int,
    settings: Settings,
    ballot: int,
    context: BrowserContext,
    seconds: float,
    voters: int,
) -> list[Line]:
    """The crowd in a process of its own, and beside it one person with a browser and a key."""
    before, web = stored(settings), psutil.Process(pid)
    command = [
        sys.executable,
        "-m",
        "benchmarks.voters",
        url,
        str(ballot),
        str(voters),
        str(seconds),
    ]
    with watched(pid) as seen:
        crowd = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        time.sleep(voters * 0.2 + 3)  # all are in and vote
        by_key, counted = browsing.keys(context, url, ballot, BY_KEY)
        memory = web.memory_info().rss / 1024**2
        found = json.loads(crowd.communicate(timeout=seconds + 120)[0])
    for broken in found["failed"]:
        print(broken, file=sys.stderr)
    took = [1000 * one for one in found["seconds"]]
    if not took:
        raise RuntimeError("no voter could vote: what stopped them stands above")
    keys = {key: n for key, n in stored(settings).items() if key not in before}
    lost = [key for key in found["acknowledged"] if key not in keys]
    twice = [key for key, stored in keys.items() if stored > 1]
    right = len(keys) == len(set(found["sent"])) + counted and counted == BY_KEY
    high, calm = share(took, 0.95), calmest(found["at"], took)
    return [
        Line(
            f"a vote, {voters} voters at once, 95 of 100",
            f"{high:.0f} ms, in the calmest {CALM_S} s {calm:.0f}, most {max(took):.0f}; "
            f"computing {seen.web_ms / len(took):.0f}",
            f"< {VOTE_MS:.0f} ms",
            (calm if seen.others > QUIET else high) < VOTE_MS,
            seen.others,
        ),
        Line(
            "a vote, in the median",
            f"{statistics.median(took):.0f} ms",
            f"< {USUAL_VOTE_MS:.0f} ms",
            statistics.median(took) < USUAL_VOTE_MS,
            seen.others,
        ),
        Line(
            "a key to the next pair, a browser beside them",
            f"{max(by_key):.0f} ms at most of {len(by_key)}",
            f"< {VOTE_MS:.0f} ms",
            max(by_key) < VOTE_MS,
            seen.others,
        ),
        Line(
            f"votes lost or counted twice, of {len(found['acknowledged']) + counted}",
            f"{len(lost)} lost, {len(twice)} twice, {len(found['failed'])} sessions broken",
            "none",
            right and not lost and not twice and not found["failed"],
            seen.others,
        ),
        Line(
            f"memory of the web process, {voters} sessions",
            f"{memory:.0f} MB",
            f"< {MEMORY_MB:.0f} MB",
            memory < MEMORY_MB,
            seen.others,
        ),
    ]


def stored(settings: Settings) -> dict[str, int]:
    """How many standing votes each key has that came by the pages."""
    engine = db.open_database(settings.home)
    query = (
        sa.select(tables.votes.c.key, sa.func.count())
        .where(tables.votes.c.undone_at.is_(None), tables.votes.c.key.not_like("filled-%"))
        .group_by(tables.votes.c.key)
    )
    with engine.connect() as connection:
        found = {key: int(count) for key, count in connection.execute(query)}
    engine.dispose()
    return found
