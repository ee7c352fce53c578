"""Many producers at once with MLflow and processes killed under them; a year, asked by moments.

HOUSESTYLE_RACE_S makes the race last longer than its 12 seconds.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from studio import ledger
from studio.db import home_of, writing
from studio.mlflow_store import connect, tracking
from studio.registry import models, reconcile, stages
from studio.settings import CHECKOUT

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PRODUCERS = 20

# One process of some producers, each a thread; it says on a line of its own what was promised.
PRODUCING = """
import random, sys, threading
from datetime import UTC, datetime
from pathlib import Path
import mlflow.exceptions
from studio.db import open_database
from studio.errors import StudioError
from studio.mlflow_store import connect, tracking
from studio.registry import stages
home, uri, style, first = sys.argv[1:5]
engine = open_database(Path(home))
client = connect(tracking(Path(home), Path(home) / "mlruns", uri))
def produce(name):
    choose = random.Random(name)
    for turn in range(10_000):
        given = dict(style=style, actor=name, why=f"{name} {turn}", now=datetime.now(UTC))
        try:
            if choose.random() < 0.3:
                done = stages.rollback(engine, client, **given)
            else:
                number = choose.randrange(1, 6)
                done = stages.promote(engine, client, number=number, to="production", **given)
        except (StudioError, mlflow.exceptions.MlflowException) as error:
            continue  # refused, or MLflow is away: told to the producer
        print(done.ledger_id, flush=True)
for k in range(5):
    threading.Thread(target=produce, args=(f"{first}-{k}",)).start()
"""


def serve(folder, port):
    """A real MLflow server on the folder's database."""
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--backend-store-uri",
         f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/mlruns",
         "--port", str(port), "--workers", "1"],
        env=environment, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).read()
            return server
        except OSError:
            assert server.poll() is None
            time.sleep(0.25)
    raise AssertionError("MLflow did not come up")


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_twenty_producers_with_mlflow_and_processes_killed(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    seconds = float(os.environ.get("HOUSESTYLE_RACE_S", "12"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = home_of(engine)
    direct = connect(tracking(home, tmp_path / "mlruns", f"sqlite:///{tmp_path}/mlflow.db"))
    direct.create_registered_model("items")
    for _ in range(5):
        direct.create_model_version("items", str(tmp_path), tags={"stage": "candidate"})
    server = serve(tmp_path, port)
    client = connect(tracking(home, tmp_path / "mlruns", f"http://127.0.0.1:{port}"))
    told = [(tmp_path / f"told-{k}").open("a+") for k in range(PRODUCERS // 5)]

    def work(k):
        uri = f"http://127.0.0.1:{port}"
        return subprocess.Popen(
            [sys.executable, "-c", PRODUCING, str(home), uri, "items", f"p{k}"],
            stdout=told[k], start_new_session=True, cwd=CHECKOUT,
        )  # fmt: skip

    producing = [work(k) for k in range(len(told))]
    try:
        while len(ledger.rows(engine, "items")) < 10:
            time.sleep(0.2)
        for turn in range(2):
            time.sleep(seconds / 3)
            kill(producing[turn])
            time.sleep(seconds / 6)
            kill(server)
            server = serve(tmp_path, port)
            producing[turn] = work(turn)
        time.sleep(seconds / 3)
    finally:
        for process in producing:
            kill(process)
    try:
        reconcile.reconcile(engine, client, now=datetime.now(UTC), mend=True)
        assert reconcile.reconcile(engine, client, now=datetime.now(UTC), mend=False) == []
        assert ledger.flaws(engine) == []
        rows = ledger.rows(engine, "items")
        live = stages.production(engine, "items")
        assert live is not None and models.aliases(client, "items") == {"production": live}
        assert "intent" not in {row.state for row in rows}
        done = [row for row in rows if row.state == "done"]
        promised = {int(line) for file in told for line in (file.seek(0), file.readlines())[1]}
        assert promised <= {row.id for row in done} and len(promised) > 10
        held = None
        for row in done:  # each saw the one before it
            assert row.previous == held or row.actor == "mlflow", row
            held = row.version if row.to_stage == "production" else None
        print(f"{len(done)} changes, {len(rows) - len(done)} failed, {len(promised)} promised")
    finally:
        kill(server)


def test_a_thousand_moments_of_a_year_are_answered_as_it_was(engine):
    """Rows as a year of moves writes them; beside them, what was in production from when."""
    chance = random.Random(7)
    moment, was = START, [(START - timedelta(days=9), None)]
    live, line, latest = None, [], START
    with writing(engine) as connection:
        for _ in range(400):
            moment += timedelta(seconds=chance.randrange(1, 2 * 365 * 86_400 // 400))
            kind = chance.choice(["promote"] * 4 + ["rollback", "withdraw", "staging", "failed",
                                                    "late"])  # fmt: skip
            number = chance.choice([n for n in range(1, 30) if n != live])
            told = {"actor": "ana", "style": "items", "reason": "why", "at": moment}
            if kind == "rollback":
                if len(line) < 2 or live is None:
                    continue
                line.pop()
                move = dict(version=line[-1], action="rollback", to_stage="production")
            elif kind == "withdraw":
                if live is None:
                    continue
                line.pop()
                move = dict(version=live, action="promote", to_stage="archived")
            elif kind == "staging":
                move = dict(version=number, action="promote", to_stage="staging")
            else:
                move = dict(version=number, action="promote", to_stage="production")
                if kind == "late":  # it waited for another's lock: its time is the earlier one
                    told["at"] = moment - timedelta(days=3)
                if kind != "failed":
                    line.append(number)
            intent = ledger.record(connection, **told, **move, previous=live, state="intent",
                                   from_stage="candidate")  # fmt: skip
            ledger.settle(connection, intent, "failed" if kind == "failed" else "done")
            latest = max(latest, told["at"])
            if kind in ("failed", "staging"):
                continue
            live = move["version"] if move["to_stage"] == "production" else None
            was.append((latest, live))  # a late one counts from when those before it had begun
    assert len(was) > 250
    for _ in range(1000):
        asked = START + timedelta(seconds=chance.uniform(-86_400, 2 * 365 * 86_400))
        held = [number for since, number in was if since <= asked][-1]
        assert stages.in_production_at(engine, "items", asked) == held
