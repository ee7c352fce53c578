"""One real MLflow on SQLite for the whole package; a studio database and a style for each test."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from safetensors.numpy import save_file
from sqlalchemy import Engine

from studio.database.engine import open_database
from studio.tracking.client import Tracking, connect, tracking
from tests.furnished import bare_files

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mlflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mlflow")


@pytest.fixture(scope="session")
def place(mlflow_home: Path) -> Tracking:
    return tracking(mlflow_home, mlflow_home / "mlruns", f"sqlite:///{mlflow_home}/mlflow.db")


@pytest.fixture
def client(place: Tracking) -> MlflowClient:
    # MLflow's place is the process's own: another test may have set it since.
    return connect(place)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "home")
    yield engine
    engine.dispose()


@pytest.fixture
def new_style(client: MlflowClient, tmp_path: Path) -> Callable[[int], str]:
    """Makes a style of n bare versions, quick enough for every test."""

    def make(count: int = 3) -> str:
        name = f"style{next(_numbers)}"
        client.create_registered_model(name)
        for _ in range(count):
            client.create_model_version(name, bare_files(tmp_path), tags={"stage": "candidate"})
        return name

    return make


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "adapter"
    folder.mkdir()
    random = np.random.default_rng(0)
    down = random.standard_normal((4, 8)).astype(np.float32)
    save_file({"unet.to_q.lora_A.weight": down}, folder / "pytorch_lora_weights.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 4}))
    return folder
