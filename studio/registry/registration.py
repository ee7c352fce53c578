"""A trained adapter becomes a version of a style, with all that describes it, in one call."""

from __future__ import annotations

import importlib.metadata
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import StudioError
from studio.registry.models import STYLE_NAME, Version, check_tags, get
from studio.tracking import flavor

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Tags that `studio.serving` needs beside those that every version has.
DRAWN_BY = ("base_name", "matte", "filter", "prediction_type", "zero_terminal_snr")
PACKAGES = ("diffusers", "transformers", "torch", "peft", "safetensors", "accelerate")


def register(
    client: MlflowClient,
    *,
    style: str,
    run_id: str,
    adapter: Path,
    base: str,
    trigger_word: str,
    strength: float,
    dataset: str,
    dataset_digest: str,
    params: dict[str, str],
    tags: dict[str, str],
    description: str = "",
) -> Version:
    """Log the adapter folder into its run and make it the next version of `style`, a candidate.

    The version is the last thing written: a failure before leaves nothing to be seen. The tensors
    themselves are not looked at beyond being readable safetensors. A run may be active or ended;
    its status stays as it is.
    """
    import mlflow
    from mlflow.entities import LoggedModelStatus
    from mlflow.models import Model

    _check_style(style)
    check_tags(tags)
    described = {
        "base": base,
        "trigger_word": trigger_word,
        "strength": repr(float(strength)),
        "dataset": dataset,
        "dataset_digest": dataset_digest,
    }
    logged = None
    try:
        # Made here, since log_model would put it into the process's experiment, not the run's.
        logged = client.create_logged_model(
            client.get_run(run_id).info.experiment_id,
            name="adapter",
            source_run_id=run_id,
            tags={**tags, **described},
            params=params,
        )
        # run_id= and not an active run: leaving `start_run` would mark the run as finished.
        Model.log(
            None,
            flavor,
            adapter_path=str(adapter),
            base_model=base,
            strength=strength,
            model_id=logged.model_id,
            run_id=run_id,
            pip_requirements=_requirements(),
            metadata={"style": style, **described, **{k: tags[k] for k in DRAWN_BY if k in tags}},
        )
        client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
        _make_style(client, style)
        made = client.create_model_version(
            name=style,
            source=f"models:/{logged.model_id}",
            run_id=run_id,
            model_id=logged.model_id,
            description=description or None,
            tags={
                **tags,
                **described,
                "stage": "candidate",
                "params": json.dumps(params, sort_keys=True),
            },
        )
    except (mlflow.MlflowException, OSError) as error:
        if logged is not None:
            with suppress(mlflow.MlflowException):
                client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
        raise StudioError(
            f"The adapter {adapter} could not be registered as a version of {style!r}: {error}",
            "Nothing was registered. Mend the cause, then go on with: train ... --resume",
        ) from error
    # The link that MLflow's own pages follow from the logged model; the version stands without it.
    link = json.dumps([{"name": style, "version": int(made.version)}])
    with suppress(mlflow.MlflowException):
        client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": link})
    return get(client, style, int(made.version))


def _make_style(client: MlflowClient, style: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(style)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _requirements() -> list[str]:
    """Pinned to what is installed; given, so that MLflow does not load the model to find out."""
    pins = []
    for name in PACKAGES:
        # A local part such as +cpu is no version that a package index knows.
        pins.append(f"{name}=={importlib.metadata.version(name).split('+')[0]}")
    return pins


def _check_style(style: str) -> None:
    if not STYLE_NAME.fullmatch(style):
        raise StudioError(
            f"{style!r} can't be the name of a style.",
            "Use 1 to 100 letters, digits, spaces, dots, dashes and underscores; "
            "the first a letter or digit.",
        )
