"""The whole path with everything in PostgreSQL, whose server is killed amid the training."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from studio.cli.main import main
from studio.settings import CHECKOUT
from studio.tracking import tables

BRIEF = ["--preset", "fast"]
for given in (
    "max_train_steps=40",
    "save_every_n_steps=4",
    "preview_every_n_steps=20",
    "batch_size=2",
    "rank=2",
):
    BRIEF += ["--set", given]

Ask = Callable[..., dict[str, Any]]
Asking = Callable[[Path, str], Ask]


def around(home: Path, url: str) -> dict[str, str]:
    return {
        **os.environ,
        "STUDIO_HOME": str(home),
        "STUDIO_DATABASE_URL": url,
        "STUDIO_USER": "ana",
        "STUDIO_PORT": "8662",
        "OMP_NUM_THREADS": "1",
        "STUDIO_THREADS": "1",
    }


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asking:
    def studio(home: Path, url: str) -> Ask:
        def ask(*words: str) -> dict[str, Any]:
            for name, value in around(home, url).items():
                monkeypatch.setenv(name, value)
            assert main([*words, "--json"]) == 0, capsys.readouterr()
            return dict(json.loads(capsys.readouterr().out.strip().splitlines()[-1]))

        return ask

    return studio


def kill(cluster: Any) -> None:
    """kill -9 of the server's first process; those that serve end when they notice."""
    first = int((cluster.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(first, signal.SIGKILL)


def start(cluster: Any) -> None:
    for _ in range(30):  # its processes of before may still be ending
        try:
            cluster.start()
            return
        except AssertionError:
            time.sleep(1)
    cluster.start()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_from_pictures_to_production_with_the_server_killed_and_all_of_it_restored(
    cluster: Any, tmp_path: Path, asking: Asking
) -> None:
    home, url = tmp_path / "old", cluster.database()
    ask = asking(home, url)
    ask("dataset", "import", "sample", str(CHECKOUT / "sample" / "train"))
    words = [sys.executable, "-m", "studio", "train", "props", "--dataset", "sample", *BRIEF]
    log = tmp_path / "log.txt"
    with log.open("wb") as out:
        training = subprocess.Popen(
            [*words, "--json"], cwd=CHECKOUT, env=around(home, url), stdout=out, stderr=out
        )
    deadline = time.monotonic() + 400
    while not any(f"{k}/40" in log.read_text() for k in range(2, 40)):
        assert training.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    kill(cluster)
    time.sleep(8)
    start(cluster)
    assert training.wait(500) == 0, log.read_text()
    assert "MLflow answers again" in log.read_text()
    made = json.loads(log.read_text().strip().splitlines()[-1])
    assert (made["style"], made["number"], made["stage"]) == ("props", 1, "candidate")
    ask("promote", "props", "1", "production", "--why", "first")
    drawn = ask("generate", "a red potion", "--style", "props", "--seed", "5", "--steps", "4")
    assert not (home / "mlflow.db").exists() and not (home / "studio.db").exists()
    told = losses(home, url, made["run_id"])
    # Each step once, whatever the server had been told when it was killed.
    assert [step for step, _ in told] == list(range(1, 41)), log.read_text()

    kept = ask("backup", str(tmp_path / "kept.tar"))
    assert kept["mlflow"]
    new, empty = tmp_path / "new", cluster.database()
    asking(new, empty)("restore", str(tmp_path / "kept.tar"))
    assert losses(new, empty, made["run_id"]) == told
    (home / "mlruns").rename(tmp_path / "gone")  # nothing is read from where it lay before
    again = asking(new, empty)(
        "generate",
        "a red potion",
        "--style",
        "props",
        "--seed",
        "5",
        "--steps",
        "4",
        "--out",
        str(tmp_path / "out"),
    )
    one, other = Path(drawn["files"][0]), Path(again["files"][0])
    assert pixels(one) == pixels(other)
    assert asking(new, empty)("styles")["versions"][0]["stage"] == "production"
    # And back to one machine, in a file.
    small = tmp_path / "small"
    asking(small, "")("restore", str(tmp_path / "kept.tar"))
    assert losses(small, "", made["run_id"]) == told and (small / "mlflow.db").is_file()
    assert asking(small, "")("styles")["versions"][0]["stage"] == "production"


def losses(home: Path, url: str, run: str) -> list[tuple[int, float]]:
    """Step and loss of every row that MLflow's records hold of a run."""
    engine = tables.make_engine(tables.place(home, url or None))
    assert engine.dialect.name == ("postgresql" if url else "sqlite")
    found = "SELECT step, value FROM metrics WHERE key = 'loss' AND run_uuid = :run ORDER BY step"
    with engine.connect() as connection:
        rows = connection.execute(sa.text(found), {"run": run}).all()
    engine.dispose()
    return [(int(step), float(value)) for step, value in rows]


def pixels(file: Path) -> bytes:
    from PIL import Image

    with Image.open(file) as picture:
        return picture.tobytes()
