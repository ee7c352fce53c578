"""MLflow gone in the middle of a training: a real server that is stopped and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from studio.database import postgres
from studio.errors import StudioError
from studio.tracking.client import connect, tracking
from studio.training import runs
from studio.training.checkpoints import Row
from studio.training.mlflow_reporting import Telling
from studio.training.runs import Run


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """An MLflow server on a database of its own, with one process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        words = ["server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        words += ["--backend-store-uri", f"sqlite:///{self.folder / 'mlflow.db'}"]
        words += ["--no-serve-artifacts", "--default-artifact-root", str(self.folder / "files")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *words],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError("MLflow's server did not come up")

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    found.start()
    yield found
    found.stop()


def row(step: int) -> Row:
    return Row(step, 1_700_000_000_000 + step, 1.0 / step, 1e-3, 0.5)


def test_a_database_that_dies_within_a_call_is_told_again(cluster: Any) -> None:
    """As MLflow's session has it, whose rollback then fails as well."""
    engine = sa.create_engine(postgres.address(cluster.database()))
    said, told = list[str](), list[int]()

    def call() -> None:
        with engine.connect() as connection:
            backend = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
            if not told:
                told.append(1)
                with engine.connect() as other:
                    other.execute(sa.text("SELECT pg_terminate_backend(:b, 5000)"), {"b": backend})
            connection.execute(sa.text("SELECT 1"))
            told.append(2)

    telling = Telling(said.append, pause=0.05)
    telling.tell(call)
    assert (told, len(said)) == ([1], 1) and "does not answer" in said[0]
    telling.end()
    assert told == [1, 2] and "answers again" in said[1]
    engine.dispose()


@pytest.mark.slow
def test_rows_of_a_time_without_mlflow_are_told_once_it_is_back(
    server: Server, tmp_path: Path
) -> None:
    client = connect(tracking(tmp_path, tmp_path, server.uri))
    run = Run(client.create_run("0").info.run_id, tmp_path)
    said: list[str] = []
    telling = Telling(said.append, pause=0.3)

    def tell(step: int) -> None:
        telling.tell(lambda: runs.log_rows(client, run, [row(step)]))

    tell(1)
    server.stop()
    began = time.monotonic()
    for step in (2, 3, 4):
        tell(step)
    assert time.monotonic() - began < 60  # MLflow itself would try for minutes, each time
    assert telling.away is not None and len(said) == 1
    server.start()
    tell(5)
    telling.end(patience=60)
    assert telling.away is None and "again" in said[1]
    found = client.get_metric_history(run.id, "loss")
    assert sorted((m.step, m.timestamp, m.value) for m in found) == [
        (step, row(step).at, row(step).loss) for step in (1, 2, 3, 4, 5)
    ]
    with pytest.raises(Exception, match="not found|No Run"):
        telling.tell(lambda: runs.log_rows(client, Run("0" * 32, tmp_path), [row(6)]))


def test_an_address_where_nobody_answers_holds_no_training_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_TIMEOUT", raising=False)
    client = mlflow.MlflowClient(f"http://127.0.0.1:{free_port()}")
    said: list[str] = []
    telling, run = Telling(said.append, pause=0.05), Run("0" * 32, tmp_path)
    began = time.monotonic()
    for step in range(1, 50):
        telling.tell(lambda step=step: runs.log_rows(client, run, [row(step)]))
    with pytest.raises(StudioError, match="does not answer") as caught:
        telling.end(patience=0.2)
    assert time.monotonic() - began < 60  # MLflow itself would try for minutes, each time
    assert "--resume" in caught.value.remedy and len(said) == 1
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" not in os.environ
