"""A studio whose folder has signs in its path that addresses mean something else by."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from mlflow import MlflowClient

from studio.context import open_records, open_studio
from studio.errors import StudioError
from studio.registry import models
from studio.settings import load_settings
from studio.tracking import client
from studio.workflows.sweeps.study import Study
from tests.furnished import made_once
from tests.registry.test_models import enrol

ODD = "a%20b?c#d e{x}&=+@ü"


def test_versions_runs_and_trials_are_kept_there(adapter: Path, tmp_path: Path):
    studio = open_studio(load_settings({}, home=str(tmp_path / "odd" / ODD)))
    run = studio.client.create_run(client.experiment(studio.client, studio.tracking, "items"))
    studio.client.log_text(run.info.run_id, "hello", "said/it.txt")
    made = enrol(studio.client, run.info.run_id, adapter, "items")
    models.check_files(studio.client, "items", 1)
    fetched = models.version_folder(studio.client, made, studio.home / "cache")
    assert (fetched / "pytorch_lora_weights.safetensors").is_file()
    assert models.files_of(studio.client, "items", 1).is_relative_to(studio.settings.artifacts)
    (said,) = studio.settings.artifacts.rglob("it.txt")
    assert said.read_text() == "hello"
    sweep = studio.home / "sweeps"
    sweep.mkdir()
    Study(sweep, 1).close()
    assert (sweep / "study.db").is_file() and (studio.home / "mlflow.db").is_file()
    assert [path.name for path in (tmp_path / "odd").iterdir()] == [ODD]
    studio.engine.dispose()


@pytest.mark.parametrize(("name", "read_as"), [("a%20b", "a b/mlflow.db"), ("why?", "why")])
def test_records_that_an_earlier_studio_wrote_astray(tmp_path: Path, name: str, read_as: str):
    (tmp_path / read_as).parent.mkdir(exist_ok=True)
    shutil.copy(made_once(), tmp_path / read_as)
    settings = load_settings({}, home=str(tmp_path / name))
    file = settings.home / "mlflow.db"
    with pytest.raises(StudioError, match=f"records of this studio are in {tmp_path / read_as}"):
        open_records(settings)
    (tmp_path / read_as).with_name("studio.db").touch()  # they are another studio's
    open_records(settings)[0].dispose()
    os.rename(tmp_path / read_as, file)  # as the remedy says
    engine, tracking = open_records(settings)
    assert tracking.file == file
    engine.dispose()


@pytest.mark.slow
def test_mlflows_server_serves_them(adapter: Path, tmp_path: Path):
    studio = open_studio(load_settings({}, home=str(tmp_path / "odd" / ODD)))
    run = studio.client.create_run(client.experiment(studio.client, studio.tracking, "items"))
    enrol(studio.client, run.info.run_id, adapter, "items")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words, needs = client.serving(studio.tracking, "127.0.0.1", port)
    server = subprocess.Popen(words, env={**os.environ, **needs}, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{address}/health").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        served = MlflowClient(address, address)
        served.log_text(run.info.run_id, "hello", "it.txt")
        other = served.create_run(served.create_experiment("theirs"))
        served.log_text(other.info.run_id, "hello", "theirs.txt")
        assert {path.name for path in studio.settings.artifacts.rglob("*.txt")} >= {
            "it.txt",
            "theirs.txt",
        }
        models.check_files(served, "items", 1)
        served.delete_run(run.info.run_id)
        with pytest.raises(StudioError, match="was deleted"):
            models.set_metrics(served, models.get(served, "items", 1), {"kid": 1.0}, {})
        assert models.get(served, "items", 1).metrics == {}
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    assert [path.name for path in (tmp_path / "odd").iterdir()] == [ODD]
    studio.engine.dispose()
