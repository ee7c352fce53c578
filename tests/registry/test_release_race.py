"""20 producers at once, by function, page and command, while what they use is killed; a year,
asked by moments.

The race lasts 24 seconds on each database; HOUSESTYLE_RACE_S makes it longer.
"""

import os
import random
import signal
import socket
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from studio.database import ledger
from studio.database.engine import home_of, writing
from studio.registry import models, reconcile, stages
from studio.tracking.client import connect, tracking
from tests.furnished import bare_files
from tests.registry import producers
from tests.registry.producers import STYLE, VERSIONS

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(address, process):
    """Wait until it does; what it says, which the web process also does where a part is away."""
    for _ in range(480):
        try:
            answer = httpx.get(address, timeout=30)
            if answer.is_success or answer.json()["web"]:
                return answer.content
        except httpx.HTTPError:
            assert process.poll() is None
        time.sleep(0.25)
    raise AssertionError(f"{address} did not come up")


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_twenty_producers_while_everything_is_killed(
    either_database, engine, url_of, tmp_path, monkeypatch
):
    seconds = float(os.environ.get("HOUSESTYLE_RACE_S", "24"))
    at_mlflow, at_web = port(), port()
    uri = f"http://127.0.0.1:{at_mlflow}"
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    environment = {
        **os.environ,
        "STUDIO_HOME": str(home_of(engine)),
        "STUDIO_DATABASE_URL": url_of(engine),
        "MLFLOW_TRACKING_URI": uri,
        "STUDIO_PORT": str(at_web),
        "STUDIO_THREADS": "1",
    }
    home, mlruns, log = home_of(engine), tmp_path / "mlruns", tmp_path / "web.log"
    direct = connect(tracking(home, mlruns, f"sqlite:///{tmp_path}/mlflow.db"))
    direct.create_registered_model(STYLE)
    for _ in range(VERSIONS):
        direct.create_model_version(STYLE, bare_files(tmp_path), tags={"stage": "candidate"})

    def mlflow():
        started = producers.mlflow(tmp_path, at_mlflow)
        answers(f"{uri}/health", started)
        return started

    told = producers.Told()
    files = [tmp_path / f"told-{k}" for k in range(2)]
    server, web = mlflow(), producers.web(environment, at_web, log)
    answers(f"http://127.0.0.1:{at_web}/healthz", web)
    for number in range(1, 3):  # so that the page has somewhere to go back to
        stages.promote(
            engine,
            direct,
            style=STYLE,
            number=number,
            to="production",
            actor="ana",
            why=f"begin {number}",
            now=START,
        )
    working = [producers.by_function(environment, f"f{k}", 6, files[k]) for k in range(2)]
    pages = producers.all_on_the_page(at_web, [f"w{k}" for k in range(6)], told)
    commands = [producers.ByCommand(environment, f"c{k}", told) for k in range(2)]
    for one in commands:
        one.start()
    try:
        while len(ledger.rows(engine, STYLE)) < 10:
            time.sleep(0.2)
        begun, killed = time.monotonic(), Counter()
        kills = (
            ["functions"],
            ["MLflow"],
            ["web", "command"],
            ["MLflow", "web"],
            ["functions", "command"],
        )
        for turn, names in enumerate(kills):
            time.sleep(seconds / 6)  # with everything up
            killed.update(names)
            if "functions" in names:
                half = turn // 4
                kill(working[half])
                working[half] = producers.by_function(environment, f"g{half}", 6, files[half])
            if "command" in names:
                commands[turn // 4].cut_off()
            if "web" in names:
                kill(web)
            if "MLflow" in names:
                kill(server)
            if "web" in names:
                web = producers.web(environment, at_web, log)
            time.sleep(2)
            if "MLflow" in names:
                server = mlflow()
            if "web" in names:
                answers(f"http://127.0.0.1:{at_web}/healthz", web)
        time.sleep(seconds / 6)
        lasted = time.monotonic() - begun
    finally:
        told.over.set()
        for process in (*working, web):
            kill(process)
    try:
        for one in (*commands, pages):
            one.join(120)
            assert not one.is_alive()
        for file in files:
            told.read("function", file)
        client = connect(tracking(home, mlruns, uri))
        reconcile.reconcile(engine, client, now=datetime.now(UTC), mend=True)
        assert reconcile.reconcile(engine, client, now=datetime.now(UTC), mend=False) == []
        assert ledger.flaws(engine) == []
        rows = ledger.rows(engine, STYLE)
        live = stages.production(engine, STYLE)
        assert live is not None and models.aliases(client, STYLE) == {"production": live}
        assert "intent" not in {row.state for row in rows}
        done = [row for row in rows if row.state == "done"]
        seen = Counter((way, outcome) for way, outcome, _, _ in told.lines)
        print(
            f"{either_database}, {lasted:.0f} s: {len(done)} changes, {len(rows) - len(done)} not;"
            f" told {dict(seen)}; connections lost {sum(told.lost.values())}; killed {dict(killed)}"
        )
        held = None
        for row in done:  # each saw the one before it
            assert row.previous == held or row.actor == "mlflow", row
            held = row.version if row.to_stage == "production" else None
        reasons = Counter(row.reason for row in done if row.actor != "mlflow")
        assert set(reasons.values()) == {1}
        assert [line for line in told.lines if line[1] == "crashed"] == []
        # What was said to be done is; what was refused is not, unless it said how it stands.
        assert told.reasons("done") <= set(reasons)
        for _, outcome, why, words in told.lines:
            told_so = ("half made", "MLflow", "for the moment", "may be stored")
            unsure = any(w in words for w in told_so)
            assert outcome != "refused" or unsure or why not in reasons, (why, words)
        for way, least in (("function", 10), ("page", 1), ("command", 1)):
            assert len(told.reasons("done", way)) >= least, way
    finally:
        kill(server)


@pytest.mark.slow
def test_moments_of_a_year_are_answered_as_it_was(engine):
    """Rows as a year of moves writes them; beside them, what was in production from when."""
    chance = random.Random(7)
    moment, was = START, [(START - timedelta(days=9), None)]
    live, line, latest = None, [], START
    with writing(engine) as connection:
        for _ in range(400):
            moment += timedelta(seconds=chance.randrange(1, 2 * 365 * 86_400 // 400))
            kind = chance.choice(
                ["promote"] * 4 + ["rollback", "withdraw", "staging", "failed", "late"]
            )
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
            intent = ledger.record(
                connection, **told, **move, previous=live, state="intent", from_stage="candidate"
            )
            ledger.settle(connection, intent, "failed" if kind == "failed" else "done")
            latest = max(latest, told["at"])
            if kind in ("failed", "staging"):
                continue
            live = move["version"] if move["to_stage"] == "production" else None
            was.append((latest, live))  # a late one counts from when those before it had begun
    assert len(was) > 250
    for _ in range(300):
        asked = START + timedelta(seconds=chance.uniform(-86_400, 2 * 365 * 86_400))
        held = [number for since, number in was if since <= asked][-1]
        assert stages.in_production_at(engine, "items", asked) == held
