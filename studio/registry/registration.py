"""What was made becomes a version of a style, with all that describes it, in one call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from studio.errors import StudioError
from studio.registry.models import STYLE_NAME, Version, check_tags, get
from studio.tracking import addresses

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel

# Tags that `studio.serving` needs beside those that every version has.
DRAWN_BY = ("base_name", "matte", "filter", "prediction_type", "zero_terminal_snr")
WRITTEN = "studio.written"  # of what was logged: all its files are on the way into the bucket


class Kind(Protocol):
    """All that the registry knows of a kind of model; `studio.workflows.model_kinds` has them."""

    @property
    def name(self) -> str:
        """What its versions are tagged with."""

    @property
    def files(self) -> tuple[str, ...]:
        """Files that each of its versions has, by their names in its folder."""

    def written(self, folder: Path, told: Mapping[str, str], /) -> tuple[Any, dict[str, Any]]:
        """The flavor that writes such a folder for MLflow and what that is given; `told` are the
        tags of the version."""


def register(
    client: MlflowClient,
    *,
    kind: Kind,
    style: str,
    run_id: str,
    folder: Path,
    dataset: str,
    dataset_digest: str,
    params: dict[str, str],
    tags: dict[str, str],
    base: str | None = None,
    trigger_word: str | None = None,
    strength: float | None = None,
    description: str = "",
    served: Mapping[str, str] | None = None,
    arrived: Callable[[str], None] = lambda address: None,
) -> Version:
    """Log the folder into its run and make it the next version of `style`, a candidate.

    The version is the last thing written: a failure before leaves nothing to be seen. What is in
    the files is not looked at beyond what the kind's flavor asks of them; of a LoRA, that they are
    readable safetensors. A run may be active or ended; its status stays as it is. `base`,
    `trigger_word` and `strength` are of kinds that have them; `served` is for `studio.serving`
    alone. `arrived` is told where its files are and returns once everybody can read them there, or
    raises OnTheWay: called again, with the same run, this goes on with them.
    """
    import mlflow
    from mlflow.entities import LoggedModelStatus
    from mlflow.models import Model

    _check_style(style)
    check_tags(tags)
    _check_files(folder, kind)
    own = {
        "base": base,
        "trigger_word": trigger_word,
        "strength": None if strength is None else repr(float(strength)),
    }
    described = {
        "kind": kind.name,
        **{name: said for name, said in own.items() if said is not None},
        "dataset": dataset,
        "dataset_digest": dataset_digest,
    }
    all_tags = {**tags, **described}
    logged = None
    try:
        experiment = client.get_run(run_id).info.experiment_id
        logged = _on_the_way(client, experiment, run_id, all_tags, params)
        if logged is None:
            # Made here: log_model would put it into the process's experiment, not the run's.
            logged = client.create_logged_model(
                experiment, name=kind.name, source_run_id=run_id, tags=all_tags, params=params
            )
            flavor, given = kind.written(folder, all_tags)
            # run_id= and not an active run: leaving `start_run` would mark the run as finished.
            Model.log(
                None,
                flavor,
                **given,
                model_id=logged.model_id,
                run_id=run_id,
                metadata={
                    "style": style,
                    **described,
                    **{k: tags[k] for k in DRAWN_BY if k in tags},
                    **(served or {}),
                },
            )
            if addresses.folder(logged.artifact_location) is None:
                client.set_logged_model_tags(logged.model_id, {WRITTEN: "yes"})
        arrived(logged.artifact_location)
        client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
        _make_style(client, style)
        made = client.create_model_version(
            name=style,
            source=f"models:/{logged.model_id}",
            run_id=run_id,
            model_id=logged.model_id,
            description=description or None,
            tags={
                **all_tags,
                "stage": "candidate",
                "params": json.dumps(params, sort_keys=True),
            },
        )
    except (mlflow.MlflowException, OSError) as error:
        if logged is not None:
            with suppress(mlflow.MlflowException):
                client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
        raise StudioError(
            f"{folder} could not be registered as a version of {style!r}: {error}",
            "Nothing was registered. Mend the cause, then register it again; a training goes on "
            "with: train ... --resume",
        ) from error
    # The link that MLflow's own pages follow from the logged model; the version stands without it.
    link = json.dumps([{"name": style, "version": int(made.version)}])
    with suppress(mlflow.MlflowException):
        client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": link})
    return get(client, style, int(made.version))


def _on_the_way(
    client: MlflowClient, experiment: str, run: str, tags: dict[str, str], params: dict[str, str]
) -> LoggedModel | None:
    """What was logged into the run like this, with all its files, and became no version yet; None
    where there is none. MLflow calls it READY before its files are in the bucket."""
    from mlflow.entities import LoggedModelStatus

    versions = {one.source for one in client.search_model_versions(f"run_id = '{run}'")}
    asked = f"source_run_id = '{run}' AND tags.`{WRITTEN}` = 'yes'"
    for found in client.search_logged_models([experiment], filter_string=asked):
        same = tags.items() <= found.tags.items() and (found.params or {}) == params
        open = f"models:/{found.model_id}" not in versions
        if same and open and found.status != LoggedModelStatus.FAILED:
            return found
    return None


def _make_style(client: MlflowClient, style: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(style)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _check_files(folder: Path, kind: Kind) -> None:
    for name in kind.files:
        if not (folder / name).is_file():
            raise StudioError(
                f"{folder / name} does not exist, which each version of kind {kind.name!r} has.",
                "Nothing was registered. Make the file, then register the folder.",
            )


def _check_style(style: str) -> None:
    if not STYLE_NAME.fullmatch(style):
        raise StudioError(
            f"{style!r} can't be the name of a style.",
            "Use 1 to 100 letters, digits, spaces, dots, dashes and underscores; "
            "the first a letter or digit.",
        )
