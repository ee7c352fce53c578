"""Registering real files in a real MLflow, and reading back what was stored."""

import dataclasses
import json
import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from mlflow.exceptions import MlflowException

from studio.errors import StudioError
from studio.registry import models, registration
from studio.tracking.client import away, connect, experiment, tracking
from studio.workflows.model_kinds.lora import LORA
from tests.furnished import bare_files


@pytest.fixture
def run_id(client, place) -> str:
    made = client.create_run(experiment(client, place, "training"))
    return made.info.run_id


def enrol(client, run_id: str, adapter: Path, style: str, **changed) -> models.Version:
    given = dict(
        kind=LORA,
        style=style,
        run_id=run_id,
        folder=adapter,
        base=str(adapter.parent / "base"),
        trigger_word="<GameStyle>",
        strength=0.8,
        dataset="sample",
        dataset_digest="abc123",
        params={"rank": "4", "seed": "1"},
        tags={"licence": "CC0"},
        description="first try",
    )
    return registration.register(client, **{**given, **changed})


def test_a_version_is_read_back_as_it_was_registered(client, place, run_id, adapter, tmp_path):
    made = enrol(client, run_id, adapter, "items")
    assert (made.style, made.number, made.stage, made.run_id) == ("items", 1, "candidate", run_id)
    assert made.base == str(adapter.parent / "base")
    assert (made.trigger_word, made.strength) == ("<GameStyle>", 0.8)
    assert (made.dataset, made.dataset_digest) == ("sample", "abc123")
    assert made.params == {"rank": "4", "seed": "1"}
    assert (made.tags, made.kind) == ({"licence": "CC0"}, "lora")
    assert made.metrics == {}
    assert models.get(client, "items", 1) == made
    raw = client.get_model_version("items", "1")
    assert raw.description == "first try"
    logged = client.get_logged_model(raw.source.split("/")[-1])
    assert logged.experiment_id == client.get_run(run_id).info.experiment_id
    assert logged.artifact_location.startswith(f"file://{place.artifacts}/training/")
    assert (str(logged.status), logged.params) == ("READY", made.params)
    assert client.get_run(run_id).info.status == "RUNNING"  # its status is not ours to change

    folder = models.version_folder(client, made, tmp_path / "cache")
    name = "pytorch_lora_weights.safetensors"
    assert (folder / name).read_bytes() == (adapter / name).read_bytes()
    assert json.loads((folder / "adapter_config.json").read_text())["r"] == 4
    inode = (folder / name).stat().st_ino
    again = models.version_folder(client, made, tmp_path / "cache")
    assert again == folder and (again / name).stat().st_ino == inode
    assert [entry.name[0] for entry in (tmp_path / "cache").iterdir()] == ["i"]

    models.set_metrics(client, made, {"kid": 0.25, "fid": float("nan")}, {"sheet": "s1"})
    found = models.get(client, "items", 1)
    assert found.metrics["kid"] == 0.25 and found.metrics["fid"] != found.metrics["fid"]
    assert found.tags == {"licence": "CC0", "sheet": "s1"}
    assert client.get_run(run_id).data.metrics == {"kid": 0.25}

    second = enrol(client, run_id, adapter, "items")
    assert second.number == 2
    assert [v.number for v in models.list_versions(client, "items")] == [2, 1]
    assert "items" in models.styles(client)


def test_two_that_fetch_a_version_at_once_both_get_it(client, run_id, adapter, tmp_path):
    made, cache, there = enrol(client, run_id, adapter, "wanted"), tmp_path / "cache", Barrier(2)

    def fetch(_) -> Path:
        there.wait()
        return models.version_folder(client, made, cache)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(fetch, range(2))
    name = "pytorch_lora_weights.safetensors"
    assert one == other and (one / name).read_bytes() == (adapter / name).read_bytes()
    assert len(list(cache.iterdir())) == 1


def test_bad_files_leave_no_version(client, run_id, adapter, tmp_path):
    (adapter / "pytorch_lora_weights.safetensors").write_bytes(b"not tensors")
    with pytest.raises(StudioError, match="not a valid safetensors"):
        enrol(client, run_id, adapter, "broken")
    with pytest.raises(StudioError, match="does not exist"):
        enrol(client, run_id, tmp_path / "nowhere", "broken")
    assert models.list_versions(client, "broken") == []
    assert "broken" not in models.styles(client)


def test_unknown_run_leaves_no_version(client, adapter):
    with pytest.raises(StudioError, match="could not be registered"):
        enrol(client, "f" * 32, adapter, "runless")
    assert models.list_versions(client, "runless") == []


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "../x", "o'neil", " x", "x" * 101])
def test_names_that_are_no_style(client, adapter, name):
    with pytest.raises(StudioError, match="name of a style"):
        enrol(client, "f" * 32, adapter, name)


def test_reserved_tags_are_refused(client, run_id, adapter):
    with pytest.raises(StudioError, match="metric.fid, stage"):
        enrol(client, run_id, adapter, "tagged", tags={"stage": "production", "metric.fid": "0"})


def test_unknown_versions_and_styles_name_what_there_is(client, new_style):
    name = new_style(2)
    with pytest.raises(StudioError, match="no version 9. It has: 1, 2."):
        models.get(client, name, 9)
    with pytest.raises(StudioError, match=f"no style 'nosuch'. Styles: .*{name}"):
        models.get(client, "nosuch", 1)
    for none in ("", " ", "a/b", "a:b"):  # no style can have such a name
        with pytest.raises(StudioError, match="no style"):
            models.get(client, none, 1)
        assert models.list_versions(client, none) == []


def test_a_tag_that_somebody_wrote_in_mlflow_hides_no_version(client, new_style):
    name = new_style(1)
    for key, text in (
        ("metric.fid", "many"),
        ("metric.kid", "0.5"),
        ("params", "["),
        ("strength", "strong"),
    ):
        client.set_model_version_tag(name, "1", key, text)
    found = models.get(client, name, 1)
    assert (found.metrics, found.params, found.strength) == ({"kid": 0.5}, {}, 1.0)


def test_missing_files_are_an_error_that_says_where(client, run_id, adapter, tmp_path):
    made = enrol(client, run_id, adapter, "lost")
    gone = dataclasses.replace(made, number=7)
    with pytest.raises(StudioError, match="no version 7"):
        models.version_folder(client, gone, tmp_path / "cache")
    logged = client.get_logged_model(client.get_model_version("lost", "1").source.split("/")[-1])
    shutil.rmtree(logged.artifact_location.removeprefix("file://"))
    with pytest.raises(StudioError, match="could not be fetched"):
        models.version_folder(client, made, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_tracking_prefers_what_is_named(tmp_path):
    own = tracking(tmp_path / "home", tmp_path / "mlruns", None)
    assert own.uri == f"sqlite:///{tmp_path}/home/mlflow.db"
    with sqlite3.connect(tmp_path / "home" / "mlflow.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert tracking(tmp_path, tmp_path, "http://other").uri == "http://other"


def test_connecting_leaves_the_environment_as_it_was(client, place, monkeypatch):
    for value in (None, "http://named:5000"):
        if value:
            monkeypatch.setenv("MLFLOW_TRACKING_URI", value)
        connect(place)
        assert os.environ.get("MLFLOW_TRACKING_URI") == value


def test_an_unreachable_server_is_named(tmp_path, client, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    # It may come back while others work on: told when it is asked, in no words of libraries.
    other = connect(tracking(tmp_path, tmp_path, "http://ana:secret@127.0.0.1:9"))
    with pytest.raises(MlflowException) as caught:
        other.search_registered_models()
    told = away(caught.value)
    assert told is not None and told.message == "MLflow at 127.0.0.1:9 does not answer."
    refused = away(MlflowException("no such thing"))
    assert refused is not None and refused.message == "MLflow says: no such thing"
    assert away(ValueError("request to http://127.0.0.1:9 failed with exception")) is None


def test_experiments_write_to_the_named_folder(client, place):
    made = experiment(client, place, "explicit")
    assert experiment(client, place, "explicit") == made
    assert client.get_experiment(made).artifact_location == f"file://{place.artifacts}/explicit"


def test_a_version_that_another_program_registered_is_named(client, tmp_path) -> None:
    client.create_registered_model("odd")
    client.create_model_version("odd", bare_files(tmp_path / "bare"))
    (made,) = models.list_versions(client, "odd")
    with pytest.raises(StudioError, match="'odd' version 1 holds nothing that can be drawn with"):
        models.version_folder(client, made, tmp_path / "cache")
