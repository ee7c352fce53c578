"""How versions that are no LoRA are written for MLflow: their files as they are, and what answers.

Passed to MLflow as a flavor, like `studio.tracking.flavor`, and answering the same rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.tracking.flavor import LOADER, signature

NAME, FILES = "housestyle", "files"


def save_model(path: str, mlflow_model: Any, files: str) -> None:
    """Write MLmodel and a copy of the folder `files` into the new folder `path`."""
    import mlflow.pyfunc

    shutil.copytree(files, Path(path) / FILES)
    mlflow_model.signature = signature(1.0)
    mlflow_model.add_flavor(NAME, files=FILES)
    mlflow.pyfunc.add_to_model(mlflow_model, loader_module=LOADER)
    mlflow_model.save(str(Path(path) / "MLmodel"))


def own_files(described: Mapping[str, Any]) -> str:
    """The folder with a version's own files beside its MLmodel, which is `described`."""
    flavors = described["flavors"]
    if NAME in flavors:
        return str(flavors[NAME]["files"])
    return str(flavors["diffusers"]["adapter_weights"])
