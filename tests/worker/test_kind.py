"""A kind of job is added by its file and one line: pages, commands, queue and workers then know it.
What a program does not know, a kind or a newer payload, it names and leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from studio.cli.main import main
from studio.context import Studio, open_studio
from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import leases, queue, workers
from studio.jobs.table import Job
from studio.operations import maintenance
from studio.settings import CHECKOUT, load_settings
from studio.web import session, ui
from studio.worker import submit
from studio.worker.kind_table import KINDS, left_alone, schemas
from tests.worker import killing, toy_kind
from tests.worker.toy_kind import TOY

LEASE = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line that adds it."""
    monkeypatch.setitem(KINDS, TOY.name, TOY)


@pytest.fixture
def page(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Opens a page of the studio, Home.py without a name."""
    monkeypatch.setenv("STUDIO_HOME", str(studio.home))
    monkeypatch.setattr(ui, "person", lambda: "ana")
    monkeypatch.setattr(ui, "clock", lambda: ZoneInfo("UTC"))

    def clear() -> None:
        session.forget()
        st.cache_resource.clear()
        st.cache_data.clear()

    def opened(name: str = "", **query: str) -> AppTest:
        at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120)
        if name:
            at.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, [one.value for one in at.exception]
        return at

    clear()
    yield opened
    clear()


@pytest.fixture
def old(studio: Studio) -> Iterator[Callable[..., Job]]:
    """Puts a row of another program's into the table; it leaves the queue in the end."""
    made: list[int] = []

    def put(kind: str, payload: dict[str, object], schema: int) -> Job:
        job = queue.submit(
            studio.engine,
            kind=kind,
            lane="work",
            payload=payload,
            asked_by="ana",
            now=now(),
            schema=schema,
        )
        made.append(job.id)
        return job

    yield put
    for id in made:
        queue.cancel(studio.engine, id, "ana", now())


def command(studio: Studio, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--home", str(studio.home), "--user", "ana"]) == 0
    return capsys.readouterr().out


def texts(at: AppTest) -> str:
    progress = [one.proto.text for one in at.get("progress")]
    return "\n".join([*(one.value for one in at.markdown), *progress])


@pytest.mark.slow
def test_it_is_asked_shown_done_and_done_again(
    studio: Studio,
    toy: None,
    page: Callable[..., AppTest],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(StudioError, match="b4d"):
        submit.ask(studio, "toy", {"word": "b4d"}, asked_by="ana", now=now())
    with pytest.raises(StudioError, match="wrod"):
        submit.ask(studio, "toy", {"word": "bad", "wrod": 1}, asked_by="ana", now=now())
    job = submit.ask(studio, "toy", {"word": "badge"}, asked_by="ana", now=now())
    assert (job.lane, job.schema, job.payload) == ("work", 2, {"word": "badge", "most": 99})
    assert "Spelling badge: begins soon" in texts(page())
    assert "Spelling badge" in texts(page("Train", show="Queue"))  # it is exclusive
    said = [one.value.to_string() for one in page("Admin", show="Jobs").dataframe]
    assert any("Spelling badge" in one for one in said)
    assert f"{job.id:5}  toy" in command(studio, capsys, "jobs", "list")
    assert "Spelling badge" in command(studio, capsys, "queue", "list")
    done = killing.done(studio, job.id)
    assert done.state == "done" and done.result is not None, done.error
    assert (done.result["letters"], done.done, done.total) == (5, 5, 5)
    assert (done.unit, done.phase, done.says) == ("letters", "spelling", "e of badge")
    assert json.loads((studio.home / done.result["file"]).read_text()) == "badge"
    assert "Spelling badge" in texts(page("Train", show="Queue"))  # among those of the last day
    again = submit.again(studio, job.id, asked_by="ana", now=now())
    assert again.payload == job.payload
    other = killing.done(studio, again.id)
    assert (other.state, other.result) == ("done", done.result)
    with studio.engine.connect() as connection:
        query = sa.select(toy_kind.words.c.job, toy_kind.words.c.word)
        assert [tuple(row) for row in connection.execute(query)] == [
            (job.id, "badge"),
            (again.id, "badge"),
        ]


def test_an_older_payload_is_lifted_and_stays_in_the_table_as_it_was(
    studio: Studio, toy: None, old: Callable[..., Job]
) -> None:
    job = old("toy", {"name": "cabbage"}, 1)
    assert left_alone(job) == ""
    done = killing.done(studio, job.id)
    assert done.state == "done" and done.result is not None, done.error
    assert done.result["letters"] == 2  # as its lift has it
    assert (done.payload, done.schema) == ({"name": "cabbage"}, 1)
    again = submit.again(studio, job.id, asked_by="ana", now=now())
    assert (again.payload, again.schema) == ({"word": "cabbage", "most": 2}, 2)
    queue.cancel(studio.engine, again.id, "ana", now())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "payload", "schema", "named"),
    [
        ("dream", {"of": "electric sheep"}, 1, "no jobs of the kind 'dream'"),
        ("toy", {"letters": ["b"], "style": 7}, 3, "schema 3"),
        ("train", {"look": "props"}, 9, "schema 9"),
    ],
)
def test_what_this_program_does_not_know_is_named_and_left_waiting(
    studio: Studio,
    toy: None,
    old: Callable[..., Job],
    page: Callable[..., AppTest],
    capsys: pytest.CaptureFixture[str],
    kind: str,
    payload: dict[str, object],
    schema: int,
    named: str,
) -> None:
    job = old(kind, payload, schema)
    behind = submit.ask(studio, "toy", {"word": "bad"}, asked_by="ana", now=now())
    assert named in texts(page())
    page("Admin", show="Jobs"), page("Train", show="Queue")  # neither stumbles over it
    assert named in command(studio, capsys, "jobs", "list")
    command(studio, capsys, "queue", "list")
    maintenance.end_runs(studio)
    assert named not in maintenance.at_work(studio)
    # The worker of this program takes the one behind it, that of a newer one takes it.
    taken = leases.take(studio.engine, "old", "work", now(), LEASE, knows=schemas())
    assert taken is not None and taken.id == behind.id
    assert leases.take(studio.engine, "old", "work", now(), LEASE, knows=schemas()) is None
    assert queue.get(studio.engine, job.id).state == "queued"
    newer = {**schemas(), kind: schema}
    taken = leases.take(studio.engine, "new", "work", now(), LEASE, knows=newer)
    assert taken is not None and (taken.id, taken.worker) == (job.id, "new")
    # Silent for long, it is still not for the older one.
    late = now() + 2 * LEASE
    silent = {job.id: taken.attempt}
    assert leases.take(studio.engine, "old", "work", late, LEASE, silent, knows=schemas()) is None
    page(), page("Admin", show="Jobs")
    leases.finish(studio.engine, job.id, taken.attempt, {}, now())
    assert page("Train", show="Queue")
    with pytest.raises(StudioError, match="Update it|newer way"):
        submit.again(studio, job.id, asked_by="ana", now=now())
    leases.fail(studio.engine, behind.id, 1, "enough", "", now())


WORKER = """
import sys
from studio.settings import load_settings
from studio.worker.kind_table import KINDS
from studio.worker.supervisor import Pace, work
for kind in sys.argv[2:]:
    del KINDS[kind]
work(
    load_settings(home=sys.argv[1]),
    lambda line: print(line, flush=True),
    pace=Pace(lease=3, look=0.02),
    lanes=["short"],
)
"""


@pytest.fixture
def worker(studio: Studio, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Starts a worker without some kinds; its log."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*without: str) -> Path:
        log = tmp_path / f"worker-{len(started)}"
        words = [sys.executable, "-c", WORKER, str(studio.home), *without]
        with log.open("wb") as file:
            started.append(subprocess.Popen(words, cwd=CHECKOUT, stdout=file))
        name = f":{started[-1].pid}"
        until(lambda: any(w.name.endswith(name) for w in workers.alive(studio.engine, now())))
        return log

    yield start
    for one in started:
        one.terminate()
    for one in started:
        one.wait(20)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.slow
def test_two_workers_of_different_versions_each_take_what_they_know(
    studio: Studio, worker: Callable[..., Path], tmp_path: Path
) -> None:
    older = worker("import", "upload", "look")
    asked = [
        queue.submit(
            studio.engine,
            kind="import",
            lane="short",
            payload={"name": "gems", "folder": str(tmp_path)},  # which fails: it holds no picture
            asked_by="ana",
            now=now(),
        )
        for _ in range(2)
    ]
    time.sleep(1)  # some fifty looks
    assert {queue.get(studio.engine, job.id).state for job in asked} == {"queued"}
    newer = worker()
    until(lambda: all(queue.get(studio.engine, job.id).ended for job in asked))
    assert [queue.get(studio.engine, job.id).attempt for job in asked] == [1, 1]
    assert "Job" not in older.read_text() and newer.read_text().count("(import), attempt 1") == 2


@pytest.mark.slow
def test_a_worker_older_than_the_database_takes_nothing_more_and_says_so(
    studio: Studio, worker: Callable[..., Path], tmp_path: Path
) -> None:
    log = worker()
    with db.writing(studio.engine) as connection:
        [head] = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        until(lambda: "schema 9999" in log.read_text())
        until(lambda: not workers.alive(studio.engine, now()))  # nobody need wait for it
        job = queue.submit(
            studio.engine,
            kind="import",
            lane="short",
            payload={"name": "gems", "folder": str(tmp_path)},
            asked_by="ana",
            now=now(),
        )
        time.sleep(1)
        assert queue.get(studio.engine, job.id).state == "queued"
    finally:
        with db.writing(studio.engine) as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": head})
    until(lambda: queue.get(studio.engine, job.id).ended)
    said = log.read_text()
    assert said.count("schema 9999") == 1
    assert "no more jobs are taken here" in said and "fits this program again" in said
    assert queue.get(studio.engine, job.id).lost == 0
