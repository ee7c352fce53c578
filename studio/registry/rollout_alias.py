"""MLflow's alias `rollout` names the version that is being rolled out; the table decides."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from studio.registry import models
from studio.registry.rollout_records import Rollout, under_way
from studio.registry.stage_state import lock, named

if TYPE_CHECKING:
    from mlflow import MlflowClient

logger = logging.getLogger(__name__)
ALIAS = "rollout"


def project(client: MlflowClient, style: str, going: Rollout | None) -> None:
    """MLflow's alias says what is being rolled out. Repeating it changes nothing.

    The table decides, so a rollout stands where MLflow is away; `reconcile` writes the alias then.
    """
    from mlflow.exceptions import MlflowException

    try:
        held = models.aliases(client, style).get(ALIAS)
        if going is None and held is not None:
            client.delete_registered_model_alias(style, ALIAS)
        elif going is not None and held != going.version:
            client.set_registered_model_alias(style, ALIAS, str(going.version))
    except MlflowException as error:
        logger.warning("MLflow did not take the alias of %s's rollout: %s", style, error)


def reconcile(
    engine: Engine, client: MlflowClient, style: str | None = None, *, mend: bool
) -> list[str]:
    """Where MLflow's alias is not what is being rolled out, in words; with `mend` it is set."""
    said = []
    with lock(engine):
        going = {one.style: one for one in under_way(engine)}
        names = [style] if style is not None else sorted(going.keys() | set(models.styles(client)))
        for name in names:
            wanted = going[name].version if name in going else None
            held = models.aliases(client, name).get(ALIAS)
            if held == wanted:
                continue
            said.append(
                f"The alias rollout of {name!r} names {named(held)} in MLflow and should name "
                f"{named(wanted)}{'; set.' if mend else '.'}"
            )
            if mend:
                project(client, name, going.get(name))
    return said
