"""50 voters in 50 sessions cast 2,500 votes while processes are killed at random moments.

Each vote that the studio acknowledged is stored exactly once, and none that nobody cast. Voters
speak Streamlit's own protocol, as browsers do: what was not acknowledged is sent again.
VOTES=10000 in the environment, and KILLS=12, make it an evening's work.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import numpy as np
import psutil
import pytest
import sqlalchemy as sa
import websockets
from PIL import Image

from benchmarks.voters import Screen
from studio import context
from studio.database import engine as db
from studio.review import ballots, tables
from studio.review.pictures import Drawn, Side
from studio.settings import CHECKOUT
from tests.answering import answer_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
VOTES = int(os.environ.get("VOTES", 2_500))
VOTERS = 50
KILL_S = (12.0, 18.0)  # between two deaths of one process; five in a minute end the studio
KILLS = int(os.environ.get("KILLS", 4))  # each costs all voters their seconds
ANSWERS = ["left", "right", "tie", "bad"]


def _port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Home, the database's address for the settings, and how the database is killed."""
    if request.param == "sqlite":
        return tmp_path / "home", "", None
    cluster = request.getfixturevalue("cluster")

    def kill():
        cluster.kill()
        cluster.start()

    return tmp_path / "home", cluster.database(), kill


@pytest.fixture
def serve(place, tmp_path):
    home, url, _ = place
    port = _port()
    environment = {
        **os.environ,
        "STUDIO_HOME": str(home),
        "STUDIO_DATABASE_URL": url,
        "STUDIO_PORT": str(port),
        "STUDIO_MLFLOW_PORT": str(_port()),
    }
    log = (tmp_path / "log.txt").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "studio", "serve"],
        cwd=CHECKOUT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        answer_of(f"http://127.0.0.1:{port}/healthz", process, tmp_path / "log.txt")
        yield process, port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _ballot(engine, home, tmp_path, share):
    rng, drawn = np.random.default_rng(3), []
    for number in (1, 2):
        files = {}
        for n in range(share):
            file = tmp_path / f"{number}-{n}.png"
            Image.fromarray(rng.integers(0, 256, (8, 8, 4), np.uint8), "RGBA").save(file)
            files[f"a thing {n}", 1] = file
        drawn.append(Drawn(Side("props", number), "p1", files))
    return ballots.open_ballot(
        engine,
        home,
        drawn=drawn,
        question="Which?",
        voters=VOTERS,
        by="Lea",
        key="k",
        now=context.now(),
        asks="people",
    )


async def _voter(port, ballot, name, number, share, told):
    """Vote until all is voted on; through every loss of the connection, nothing twice."""
    draw, cast, pending = random.Random(number), 0, None
    cookie = f"housestyle_name={name}"
    while cast < share or pending:
        try:
            async with websockets.connect(
                f"ws://127.0.0.1:{port}/_stcore/stream",
                additional_headers={"Cookie": cookie},
                subprotocols=["streamlit"],
                max_size=None,
                open_timeout=30,
            ) as there:
                screen = Screen(there, ballot)
                await screen.ask()
                await screen.settle()
                while cast < share or pending:
                    if pending is None:
                        item = screen.data["queue"][0]["item"]
                        pending = {
                            "id": f"{name}-{cast}",
                            "say": draw.choice(ANSWERS),
                            "item": item,
                        }
                        told["sent"][pending["id"]] = pending
                    await screen.say(pending)
                    while pending["id"] not in screen.data["taken"]:
                        await screen.settle()
                    told["acknowledged"].add(pending["id"])
                    cast, pending = cast + 1, None
        except (
            OSError,
            RuntimeError,
            TimeoutError,
            websockets.WebSocketException,
            KeyError,
            IndexError,
        ) as error:
            told["lost"][type(error).__name__] += 1
            if told["over"].is_set():
                return
            await asyncio.sleep(0.5 + draw.random())


async def _killer(served, kill_database, told):
    draw = random.Random(5)
    while not told["over"].is_set() and sum(told["killed"].values()) < KILLS:
        with suppress(TimeoutError):
            await asyncio.wait_for(told["over"].wait(), draw.uniform(*KILL_S))
            return
        parts = {}
        for child in psutil.Process(served.pid).children():
            words = " ".join(child.cmdline())
            for name, sign in (("web", "studio.web:app"), ("worker", "studio worker")):
                if sign in words:
                    parts[name] = child
        names = [*parts, *(["database"] if kill_database else [])]
        first = kill_database and not told["killed"]["database"]
        name = "database" if first else draw.choice(["web", *names])
        told["killed"][name] += 1
        if name == "database":
            await asyncio.to_thread(kill_database)
        elif name in parts:
            parts[name].kill()


def test_every_acknowledged_vote_is_stored_once_and_none_else(place, serve, tmp_path):
    home, url, kill_database = place
    process, port = serve
    share = max(4, VOTES // VOTERS)
    engine = db.open_database(home, url or None)
    made = _ballot(engine, home, tmp_path, share + 1)  # one is left, so that the screen stays
    told = {"sent": {}, "acknowledged": set(), "lost": Counter(), "killed": Counter()}

    async def all_of_it():
        told["over"] = asyncio.Event()
        killer = asyncio.create_task(_killer(process, kill_database, told))
        await asyncio.gather(
            *(_voter(port, made.id, f"v{n}", n, share, told) for n in range(VOTERS))
        )
        told["over"].set()
        await killer

    begun = time.monotonic()
    asyncio.run(all_of_it())
    engine.dispose()
    engine = db.open_database(home, url or None)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(tables.votes).where(tables.votes.c.ballot == made.id)
        ).all()
    print(
        len(rows),
        "votes in",
        round(time.monotonic() - begun),
        "s; killed",
        dict(told["killed"]),
        "lost",
        dict(told["lost"]),
    )
    keys = Counter(row.key for row in rows)
    assert len(told["acknowledged"]) == VOTERS * share
    assert set(keys) == told["acknowledged"] == set(told["sent"]) and set(keys.values()) == {1}
    assert max(Counter((row.voter, row.pair) for row in rows).values()) == 1
    for row in rows:
        sent = told["sent"][row.key]
        assert (row.pair, row.answer) == (sent["item"], sent["say"]) and row.undone_at is None
    assert VOTES < 2_500 or told["killed"].total() >= 2
    assert ballots.get(engine, made.id).open
