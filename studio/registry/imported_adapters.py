"""Adapters that were not trained here, or made of others: their runs, labels and their end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.engine import ledger as rows
from studio.errors import StudioError
from studio.registry import models, registration
from studio.registry.models import Version
from studio.registry.stage_state import lock, standing
from studio.registry.stages import check_reason
from studio.tracking import bucket_files, runs
from studio.tracking.client import Tracking, experiment

if TYPE_CHECKING:
    from mlflow import MlflowClient

RIGHT = "manage adapters"
LABELS = "labels"  # tag of a version: words with commas
ORIGIN = "origin"  # tag: imported or merged; trained ones have none


def register(
    engine: Engine,
    client: MlflowClient,
    tracking: Tracking,
    *,
    kind: registration.Kind,
    style: str,
    adapter: Path,
    base: str,
    trigger_word: str,
    params: dict[str, str],
    tags: dict[str, str],
    by: str,
    why: str,
    now: datetime,
    mark: str = "",
) -> Version:
    """Make the adapter folder the next version of `style`, a candidate, with a run of its own.

    Killed before that was a version, the same `mark` goes on with the same run.
    """
    check(by, RIGHT)
    origin = tags[ORIGIN]
    run = runs.begin(
        client,
        experiment(client, tracking, style),
        f"{style} {origin} {now:%Y-%m-%d %H:%M}",
        {"studio.user": str(by), ORIGIN: origin},
        {},
        mark,
    )
    try:
        made = registration.register(
            client,
            kind=kind,
            style=style,
            run_id=run,
            folder=adapter,
            base=base,
            trigger_word=trigger_word,
            strength=1.0,
            dataset="",
            dataset_digest="",
            params=params,
            tags=tags,
            description=why,
            arrived=partial(bucket_files.await_up, engine, tracking),
        )
    except bucket_files.OnTheWay:
        raise  # the run goes on then
    except BaseException:
        client.set_terminated(run, "FAILED")
        raise
    settle(engine, client, made, by=by, why=why, now=now)
    return made


def settle(
    engine: Engine, client: MlflowClient, version: Version, *, by: str, why: str, now: datetime
) -> None:
    """End the run of a version that was just registered, and write down who did it and why. What a
    kill left undone of it is done; what is done stays."""
    run = client.get_run(version.run_id).info
    if run.status != "FINISHED" and run.lifecycle_stage == "active":
        client.set_terminated(version.run_id, "FINISHED")
    with writing(engine) as connection:
        origin, c = version.tags[ORIGIN], rows.c
        told = (c.style == version.style) & (c.version == version.number) & (c.action == origin)
        if connection.execute(sa.select(c.id).where(told)).first() is None:
            _write_down(engine, version.style, version.number, origin, by, why, now)


def label(
    engine: Engine,
    client: MlflowClient,
    version: Version,
    labels: str,
    *,
    by: str,
    now: datetime,
) -> list[str]:
    """Put labels on a version, with commas between; `version` is as the person saw it.

    StudioError where somebody else labelled it meanwhile.
    """
    check(by, RIGHT)
    wanted = list(dict.fromkeys(" ".join(one.split()) for one in labels.split(",")))
    wanted = [one for one in wanted if one]
    if len(wanted) > 20 or any(len(one) > 40 or re.search(r"[\x00-\x1f]", one) for one in wanted):
        raise StudioError("These labels can't be kept.", "Give up to 20, of 40 characters at most.")
    with lock(engine):
        held = labels_of(models.get(client, version.style, version.number))
        if held == wanted:
            return wanted
        if held != labels_of(version):
            raise StudioError(
                f"Somebody labelled it {', '.join(held) or 'with nothing'} meanwhile.",
                "Load the page again, then decide.",
            )
        client.set_model_version_tag(version.style, str(version.number), LABELS, ", ".join(wanted))
        models.touch(client, version.style)
        said = f"{', '.join(wanted) or 'nothing'}, after {', '.join(held) or 'nothing'}"
        _write_down(engine, version.style, version.number, "labels", by, said, now)
    return wanted


def labels_of(version: Version) -> list[str]:
    """A version's labels."""
    return [one for one in version.tags.get(LABELS, "").split(", ") if one]


def delete(
    engine: Engine,
    client: MlflowClient,
    version: Version,
    used: Sequence[str],
    *,
    by: str,
    why: str,
    now: datetime,
) -> None:
    """Take a version out of the registry; `used` says what else needs it. Its number stays taken
    and its files stay where MLflow keeps them until `mlflow gc`.

    StudioError for one that is used, or that a rollback would go back to.
    """
    check(by, RIGHT)
    check_reason(why)
    named = f"Version {version.number} of {version.style!r}"
    with lock(engine):
        state = standing(engine, version.style)
        held = state.of(version.number)
        reasons = list(used)
        if held in ("staging", "production"):
            reasons.insert(0, f"it is in {held}")
        elif version.number in state.line:
            reasons.insert(0, "a rollback would go back to it")
        if reasons:
            raise StudioError(
                f"{named} can't be deleted: {'; '.join(dict.fromkeys(reasons))}.",
                "End that first, or archive the version: that keeps it out of the way.",
            )
        models.get(client, version.style, version.number)
        client.delete_model_version(version.style, str(version.number))
        models.touch(client, version.style)
        _write_down(engine, version.style, version.number, "deleted", by, why.strip(), now)


def _write_down(
    engine: Engine, style: str, number: int, action: str, by: str, why: str, now: datetime
) -> None:
    with writing(engine) as connection:
        ledger.record(
            connection, at=now, actor=by, action=action, style=style, version=number, reason=why
        )
        bump(connection)
