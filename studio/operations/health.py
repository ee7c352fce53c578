"""What is up: database, whether it can be written, MLflow, worker, watcher. Quick enough to be
asked every second, whoever hangs.

Each is asked in a thread of its own, and not again while that question is open: a server that hangs
gets one question, however often people look.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx
import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database.availability import DatabaseAway
from studio.database.engine import home_of, writing
from studio.jobs import named_leases, workers
from studio.masking import masked
from studio.settings import Settings

PATIENCE_S = 1.0  # for all answers together
LEAST_ROOM = 64 * 1024**2  # bytes; with less, a write that begins may not end
FRESH_S = 5.0  # so long the last answer holds while the next one keeps people waiting
MLFLOW_S = 5.0  # after which MLflow is asked anew
# Of an experiment that each MLflow begins with: it has to look into its records for it.
ASKED = "/api/2.0/mlflow/experiments/get?experiment_id=0"
ANSWERS = (200, 401, 403, 404)  # also of a server that wants to know who asks
# So long after its lease ran out a watcher counts as up: another takes it meanwhile, and the clock
# of another machine may differ a little.
FOLLOWED = timedelta(seconds=20)


@dataclass(frozen=True)
class Part:
    """One service: whether it answers, and a sentence for people."""

    ok: bool
    says: str


@dataclass
class _Question:
    """One that was asked: its answer, from when that is, and the answered one before."""

    ends: futures.Future[Part]
    before: _Question | None
    at: float = 0.0


_lock = threading.Lock()
_questions: WeakKeyDictionary[Engine, dict[str, _Question]] = WeakKeyDictionary()


def look(settings: Settings, engine: Engine) -> dict[str, Part]:
    """The state of each service by name, within PATIENCE_S."""
    asked = _ask(settings, engine)
    futures.wait([one.ends for one in asked.values()], PATIENCE_S)
    return {name: _told(name, one) for name, one in asked.items()}


async def look_aside(settings: Settings, engine: Engine) -> dict[str, Part]:
    """As `look`, without a thread of the many that a database that hangs may all be holding."""
    asked = _ask(settings, engine)
    await asyncio.wait(
        [asyncio.wrap_future(one.ends) for one in asked.values()], timeout=PATIENCE_S
    )
    return {name: _told(name, one) for name, one in asked.items()}


def mlflow_address(settings: Settings) -> str:
    """Where people find MLflow's own pages: behind the studio's guard where they sign in. Without
    the name and password that the studio itself may have there."""
    if settings.sign_in.needed:
        return "/mlflow"
    server = urlsplit(mlflow_server(settings))
    return server._replace(netloc=server.netloc.rpartition("@")[2]).geturl()


def mlflow_server(settings: Settings) -> str:
    """Where MLflow's server answers the studio."""
    named = settings.mlflow_uri or ""
    if named.startswith("http"):
        return named.rstrip("/")
    return f"http://{settings.mlflow_host}:{settings.mlflow_port}"


def _ask(settings: Settings, engine: Engine) -> dict[str, _Question]:
    with _lock:
        known = _questions.setdefault(engine, {})
        for name, answer in (
            ("database", partial(_database, engine)),
            ("writing", partial(_writing, engine)),
            ("mlflow", partial(_mlflow, mlflow_server(settings))),
            ("worker", partial(_worker, engine)),
            ("watcher", partial(_watcher, engine)),
        ):
            one = known.get(name)
            if one is None or one.ends.done():
                known[name] = _begin(answer, one)
        return dict(known)


def _begin(answer: Callable[[], Part], last: _Question | None) -> _Question:
    if last:
        last.before = None
    asked = _Question(futures.Future(), last)

    def run() -> None:
        try:
            found = answer()
        except BaseException as error:
            asked.ends.set_exception(error)
        else:
            asked.at = time.monotonic()
            asked.ends.set_result(found)

    threading.Thread(target=run, name="health", daemon=True).start()
    return asked


def _told(name: str, one: _Question) -> Part:
    if one.ends.done():
        return one.ends.result()
    if one.before and time.monotonic() - one.before.at < FRESH_S:
        return one.before.ends.result()
    late = {
        "database": "The database does not answer",
        "writing": "Nothing could be written: the database is locked",
        "mlflow": "MLflow does not answer",
        "worker": "No telling: the database does not answer",
        "watcher": "No telling: the database does not answer",
    }
    return Part(False, f"{late[name]} within {PATIENCE_S:g} s.")


def _database(engine: Engine) -> Part:
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT number FROM revision"))
    except (sa.exc.SQLAlchemyError, DatabaseAway) as error:
        why = error.message if isinstance(error, DatabaseAway) else error.__class__.__name__
        return Part(False, f"The database does not answer: {why}")
    return Part(True, "The database answers.")


def _writing(engine: Engine) -> Part:
    """Whether a transaction that writes can begin, and there is room for what it would write. The
    statement changes nothing, and is refused where nothing could be changed."""
    try:
        free = shutil.disk_usage(home_of(engine)).free
        with writing(engine) as connection:
            connection.execute(sa.text("UPDATE revision SET number = number WHERE 1 = 0"))
    except (sa.exc.SQLAlchemyError, DatabaseAway, OSError) as error:
        why = error.message if isinstance(error, DatabaseAway) else error.__class__.__name__
        return Part(False, f"Nothing can be written: {why}")
    if free < LEAST_ROOM:
        return Part(False, f"Nothing can be written: {free // 1024**2} MB are free on the disk.")
    return Part(True, "What people do can be kept.")


def _mlflow(address: str) -> Part:
    server, address = address, masked(address)
    try:
        code = _http().get(f"{server}{ASKED}").status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Part(False, f"MLflow at {address} does not answer: {masked(str(error))}.")
    if code in ANSWERS:
        return Part(True, f"MLflow answers at {address}.")
    if code == 503:
        return Part(False, f"MLflow at {address} can't read its records: their database is away.")
    return Part(False, f"MLflow at {address} answers {code}.")


@cache
def _http() -> httpx.Client:
    """Made once: reading the certificates takes longer than asking. No connection is kept, so an
    answer always comes from the server that runs now."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=MLFLOW_S, limits=limits, follow_redirects=True)


def _worker(engine: Engine) -> Part:
    try:
        found = workers.alive(engine, datetime.now(UTC))
    except (sa.exc.SQLAlchemyError, DatabaseAway):
        return Part(False, "No telling: the database does not answer.")
    if not found:
        return Part(False, "No worker answers: jobs wait until one is started.")
    return Part(True, f"{len(found)} at work, on {', '.join(sorted({w.device for w in found}))}.")


def _watcher(engine: Engine) -> Part:
    try:
        holder = named_leases.held_by(engine, named_leases.WATCHER, datetime.now(UTC) - FOLLOWED)
    except (sa.exc.SQLAlchemyError, DatabaseAway):
        return Part(False, "No telling: the database does not answer.")
    if holder is None:
        return Part(
            False,
            "No watcher runs: until one is started, rollouts that go wrong do not stop, no notice "
            "is sent, and nothing old is cleared away.",
        )
    return Part(True, f"{holder.rpartition(':')[0]} watches.")
