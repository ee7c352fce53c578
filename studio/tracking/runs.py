"""Beginning a run in MLflow so that a kill leaves none behind that nobody knows of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
