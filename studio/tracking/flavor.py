"""How a LoRA is written for MLflow: the adapter for diffusers, and what answers a prompt.

Passed to MLflow as a flavor: it saves what `mlflow.diffusers` saves and names `studio.serving` as
the loader of `mlflow models serve` and `mlflow.pyfunc.load_model`. MLflow's own loader would draw
without trigger word, without the style's strength, and throw the alpha away. Other kinds of model
are written by `files_flavor`.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

LOADER = "studio.serving"
STEPS, GUIDANCE = 20, 4.0
PACKAGES = ("diffusers", "transformers", "torch", "peft", "safetensors", "accelerate")


def signature(strength: float) -> Any:
    """Rows of prompt and seed; how they are drawn is said once for all, as params."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

    return ModelSignature(
        inputs=Schema(
            [
                ColSpec(DataType.string, "prompt"),
                ColSpec(DataType.long, "seed", required=False),
            ]
        ),
        outputs=Schema([ColSpec(DataType.string, "png"), ColSpec(DataType.string, "notes")]),
        params=ParamSchema(
            [
                ParamSpec("strength", DataType.double, float(strength)),
                ParamSpec("steps", DataType.long, STEPS),
                ParamSpec("guidance", DataType.double, GUIDANCE),
                ParamSpec("negative", DataType.string, ""),
                ParamSpec("width", DataType.long, 0),  # 0: the base's own
                ParamSpec("height", DataType.long, 0),
                ParamSpec("raw", DataType.boolean, False),  # as the model draws it, not finished
            ]
        ),
    )


def save_model(path: str, mlflow_model: Any, strength: float, **given: Any) -> None:
    """Write adapter and MLmodel into the new folder `path`; `given` as in `mlflow.diffusers`."""
    import studio.diffusion.torchvision_compat  # noqa: F401  first: MLflow imports peft
    import mlflow.diffusers  # isort: skip

    mlflow.diffusers.save_model(
        path=path, mlflow_model=mlflow_model, signature=signature(strength), **given
    )
    mlflow_model.flavors["python_function"]["loader_module"] = LOADER
    mlflow_model.save(str(Path(path) / "MLmodel"))


def requirements() -> list[str]:
    """Pinned to what is installed; given, so that MLflow does not load the model to find out."""
    pins = []
    for name in PACKAGES:
        # A local part such as +cpu is no version that a package index knows.
        pins.append(f"{name}=={importlib.metadata.version(name).split('+')[0]}")
    return pins
