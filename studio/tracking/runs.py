"""Beginning a run in MLflow so that a kill leaves none behind that nobody knows of, and looking
whether one can still be written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    from mlflow import MlflowClient

MARK = "studio.begun_for"  # what a run was begun for: by it one is found that nobody noted


def begin(
    client: MlflowClient,
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    params: Mapping[str, str],
    mark: str = "",
) -> str:
    """The id of a new run with these tags and parameters.

    `mark` says what it is for, once for ever. Whoever was killed before they had noted the id gets
    the same run the next time, as long as no figure was told of it; so none is left empty.
    """
    from mlflow.entities import Param

    asked = f"tags.`{MARK}` = '{mark}'"
    left = client.search_runs([experiment], asked, order_by=["start_time"]) if mark else []
    id = ""
    for found in left:
        if id or found.data.metrics or found.data.params not in ({}, params):
            client.delete_run(found.info.run_id)  # begun twice, or with other settings
        else:
            id = found.info.run_id
    if not id:
        told = {**tags, MARK: mark} if mark else dict(tags)
        id = str(client.create_run(experiment, run_name=name, tags=told).info.run_id)
    client.log_batch(id, params=[Param(key, value) for key, value in params.items()])
    return id


def check_open(client: MlflowClient, id: str, of: str) -> bool:
    """Whether there is such a run, which can be written to; False for none, or one that is gone for
    good. StudioError, for what it is the run `of`, where somebody deleted it or its experiment in
    MLflow: asked first, it costs nobody any work."""
    from mlflow.exceptions import MlflowException

    if not id:
        return False
    try:
        run = client.get_run(id)
        experiment = client.get_experiment(run.info.experiment_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False
    if experiment.lifecycle_stage != "active":
        raise StudioError(
            f"The MLflow experiment {experiment.name!r}, with the run of {of}, was deleted.",
            f"Restore it (mlflow experiments restore -x {experiment.experiment_id}), then do it "
            "again.",
        )
    if run.info.lifecycle_stage != "active":
        raise StudioError(
            f"The MLflow run of {of} was deleted ({id}), so nothing can be written to it.",
            f"Restore it on MLflow's pages, where deleted runs are shown, or by: mlflow runs "
            f"restore --run-id {id}. Then do it again.",
        )
    return True
