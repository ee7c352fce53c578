"""What MLflow's server is started with, and when its client is connected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.store.place import Place
from studio.tracking import client

AROUND = {
    "PATH": "/bin",
    "PGPASSWORD": "p",
    "TOKENIZERS_PARALLELISM": "false",
    "MLFLOW_FLASK_SERVER_SECRET_KEY": "f",
    "MLFLOW_TRACKING_PASSWORD": "m",
    "STUDIO_HOME": "/studio",
    "STUDIO_OIDC_SECRET": "o",
    "STUDIO_DATABASE_URL": "postgresql://u:p@host/db",
    "HF_TOKEN": "h",
    "OPENAI_API_KEY": "k",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "s",
}
KEPT = {"PATH", "PGPASSWORD", "TOKENIZERS_PARALLELISM", "MLFLOW_FLASK_SERVER_SECRET_KEY"}


def test_the_server_has_no_keys_that_it_does_not_need(tmp_path: Path):
    alone = client.tracking(tmp_path, tmp_path / "mlruns", None)
    assert set(client.spared(AROUND, alone)) == KEPT
    place = Place("s3", "art", "team/", "http://127.0.0.1:9804", "eu-1")
    beside = client.tracking(tmp_path, tmp_path / "mlruns", None, store=place)
    # It reads what its pages show from the bucket itself.
    aws = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert set(client.spared(AROUND, beside)) == KEPT | aws


def test_the_server_serves_no_artifacts_and_names_the_bucket(tmp_path: Path):
    place = Place("s3", "art", "team/", "http://127.0.0.1:9804", "eu-1")
    t = client.tracking(tmp_path, tmp_path / "mlruns", None, store=place)
    words, needs = client.serving(t, "127.0.0.1", 5000)
    assert words[words.index("--default-artifact-root") + 1] == "s3://art/team/mlflow"
    assert "--no-serve-artifacts" in words
    assert needs["MLFLOW_S3_ENDPOINT_URL"] == "http://127.0.0.1:9804"
    assert needs["AWS_DEFAULT_REGION"] == "eu-1"
    assert needs["AWS_REQUEST_CHECKSUM_CALCULATION"] == "when_required"
    assert needs["AWS_RESPONSE_CHECKSUM_VALIDATION"] == "when_required"
    alone = client.tracking(tmp_path, tmp_path / "mlruns", None)
    words, needs = client.serving(alone, "127.0.0.1", 5000)
    assert words[words.index("--default-artifact-root") + 1] == (tmp_path / "mlruns").as_uri()
    assert "MLFLOW_S3_ENDPOINT_URL" not in needs


OPENED = """
import sys
from studio import context
from studio.settings import load_settings
studio = context.open_studio(load_settings({}, home=sys.argv[1]))
print("mlflow" in sys.modules)
print(studio.client.search_registered_models(), "mlflow" in sys.modules)
"""


def test_mlflow_is_loaded_when_something_is_asked_of_it(tmp_path: Path):
    said = []
    for _ in range(2):  # the first makes its tables
        command = [sys.executable, "-c", OPENED, str(tmp_path / "home")]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        said.append(done.stdout.split("\n")[:2])
    assert said[1] == ["False", "[] True"] and said[0][1] == "[] True"


def test_a_client_that_can_t_be_connected_says_so_each_time_until_it_can():
    tried = []

    def connected():
        tried.append(len(tried))
        if len(tried) < 3:
            raise StudioError("It is away.", "Wait.")
        return "a client"

    later = client.when_asked(connected)
    for _ in range(2):
        with pytest.raises(StudioError, match="It is away"):
            later.upper()
    assert later.upper() == "A CLIENT" and later.title() == "A Client" and tried == [0, 1, 2]
