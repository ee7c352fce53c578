"""Who moved what on MLflow's own pages: MLflow keeps no such note, so the way to it does.

A note is a row of the ledger that moves nothing by itself. What MLflow then holds is taken over by
`studio.registry.reconcile`, which finds the person here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import LedgerRow
from studio.numbers import counted

ACTION = "asked MLflow"
MOST = 300  # characters of a name, a tag or a stage, as they come from outside
PATH = re.compile(r"/(?:ajax-)?api/2\.0/?mlflow/(registered-models|model-versions)/([a-z-]+)")


@dataclass(frozen=True)
class Asked:
    """A change of a model that touches where its versions stand; `alias` is what was set, or taken
    away where there is no `version`; empty for what is no alias."""

    style: str
    alias: str
    version: int | None
    words: str


def asked(method: str, path: str, body: bytes) -> Asked | None:
    """What a request to MLflow changes of an alias, a stage or a version; None for all else."""
    found = PATH.fullmatch(path)
    try:
        told = json.loads(body) if found else None
        told = json.loads(told) if isinstance(told, str) else told
    except (ValueError, RecursionError):
        return None
    if found is None or not isinstance(told, dict):
        return None
    name, alias, key, value, stage = (
        _text(told, word) for word in ("name", "alias", "key", "value", "stage")
    )
    number = _text(told, "version")
    version = counted(number)
    match f"{method} {found[1]}/{found[2]}":
        case "POST registered-models/alias" if version is not None:
            return Asked(name, alias, version, f"set {alias} to version {version}")
        case "DELETE registered-models/alias":
            return Asked(name, alias, None, f"took {alias} away")
        case "POST model-versions/set-tag" if key == "stage":
            return Asked(name, "", version, f"wrote the stage tag {value!r}")
        case "DELETE model-versions/delete-tag" if key == "stage":
            return Asked(name, "", version, "took the stage tag away")
        case "POST model-versions/transition-stage":
            return Asked(name, "", version, f"set MLflow's stage to {stage!r}")
        case "DELETE model-versions/delete":
            return Asked(name, "", version, "deleted the version")
        case "DELETE registered-models/delete":
            return Asked(name, "", None, "deleted the model")
    return None


def note(engine: Engine, who: str, what: Asked, now: datetime) -> None:
    """Write down that `who` did it, which MLflow has confirmed."""
    with writing(engine) as connection:
        ledger.record(
            connection,
            at=now,
            actor=who,
            action=ACTION,
            style=what.style,
            version=what.version,
            from_stage=what.alias or None,
            reason=what.words,
        )


def who_moved(
    rows: Iterable[LedgerRow], alias: str, recorded: int | None, found: int | None
) -> str:
    """Who brought the alias from version `recorded` to `found` (None: nowhere) on MLflow's pages
    since the studio's last move; empty where nobody did, so that it went another way."""
    who = ""
    for row in rows:
        if row.to_stage is not None:
            who = ""  # before a move all that went before is taken over
        elif row.action == ACTION and row.from_stage == alias:
            who = row.actor if row.version == found else ""
        elif row.action == ACTION and found is None and row.reason.startswith("deleted"):
            who = row.actor if row.version in (None, recorded) else who
    return who


def _text(told: dict[str, Any], word: str) -> str:
    found = told.get(word, "")
    return str(found)[:MOST] if isinstance(found, str | int) else ""
