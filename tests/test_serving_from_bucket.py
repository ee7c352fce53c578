"""A version whose files are in a bucket: sent, registered, and read there by MLflow itself."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from studio import context
from studio.outbox import files
from studio.outbox.tables import UP
from studio.registry import models, registration
from studio.settings import Settings
from studio.store.bucket import MARK, Bucket
from studio.store.place import Place
from studio.tracking import client
from studio.tracking.bucket_files import await_up
from studio.workflows.model_kinds.lora import LORA
from studio.workflows.version_loading import FILE
from tests.test_serving import answered, loud_adapter

pytestmark = pytest.mark.slow

# Another program with MLflow and keys, which knows nothing of the studio.
FETCH = """
import json, pathlib, sys
import mlflow
found = pathlib.Path(mlflow.artifacts.download_artifacts("models:/props/1", dst_path=sys.argv[1]))
run = mlflow.MlflowClient().get_model_version("props", "1").run_id
shown = [file.path for file in mlflow.MlflowClient().list_artifacts(run, "sheet")]
print(json.dumps([sorted(file.name for file in found.rglob("*") if file.is_file()), shown]))
"""


@pytest.fixture
def studio(here: Settings, in_s3: Place, tmp_path: Path):
    """Version 1 of props, registered with nobody else there to send its files."""
    opened = context.open_studio(dataclasses.replace(here, store=in_s3))
    base = loud_adapter(tmp_path / "adapter")
    where = client.experiment(opened.client, opened.tracking, "props")
    run = opened.client.create_run(where).info.run_id
    (tmp_path / "sheet").mkdir()
    (tmp_path / "sheet" / "a.png").write_bytes(b"a sheet")
    opened.client.log_artifacts(run, str(tmp_path / "sheet"), "sheet")
    registration.register(
        opened.client,
        kind=LORA,
        style="props",
        run_id=run,
        folder=tmp_path / "adapter",
        base=base.path,
        trigger_word="<Props>",
        strength=0.8,
        dataset="sample",
        dataset_digest="0123",
        params={},
        tags={"base_name": "pocket", "filter": "nearest"},
        arrived=partial(await_up, opened.engine, opened.tracking),
    )
    yield opened
    opened.engine.dispose()


def test_its_files_are_there_before_it_is_and_other_programs_read_them(studio, tmp_path: Path):
    bucket = Bucket(studio.settings.store)
    place = models.address_of(studio.client, "props", 1)
    assert place.startswith(f"s3://{bucket.place.bucket}/one/mlflow/props/models/m-")
    top = place.removeprefix(f"s3://{bucket.place.bucket}/one/")
    noted = {one.key: one for one in files.under(studio.engine, top)}
    assert f"{top}/MLmodel" in noted and any(key.endswith(f"/{FILE}") for key in noted)
    assert {one.state for one in noted.values()} == {UP}
    there = dict(bucket.listing())
    assert {key: one.bytes for key, one in noted.items()}.items() <= there.items()
    assert MARK in there
    assert all(bucket.digest(key) == one.hash for key, one in noted.items())
    models.check_files(studio.client, "props", 1, studio.engine)

    # The sheet has gone up with them or waits; another process reads what is there.
    await_up(studio.engine, studio.tracking, place.partition("/models/")[0])
    shutil.rmtree(studio.settings.artifacts)
    around = {**os.environ, "MLFLOW_TRACKING_URI": studio.tracking.uri}
    words = [sys.executable, "-c", FETCH, str(tmp_path / "theirs")]
    done = subprocess.run(words, env=around, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    names, shown = json.loads(done.stdout.splitlines()[-1])
    assert {"MLmodel", FILE} <= set(names) and shown == ["sheet/a.png"]
    made = models.get(studio.client, "props", 1)
    own = models.version_folder(studio.client, made, tmp_path / "cache")
    assert (own / FILE).read_bytes() == (tmp_path / "adapter" / FILE).read_bytes()


def test_mlflow_models_serve_answers_from_the_bucket(studio):
    shutil.rmtree(studio.settings.artifacts)
    with answered(studio, "models:/props/1") as ask:
        (row,) = ask().raise_for_status().json()["predictions"]
        assert len(row["png"]) > 100
