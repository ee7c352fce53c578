"""Where a style's versions stand by the ledger, and MLflow made to say the same.

All that changes a stage holds `lock`: a file in the studio's home, so it holds on one machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from studio.database import ledger
from studio.database.engine import file_lock, home_of
from studio.database.ledger import LedgerRow
from studio.registry import models

if TYPE_CHECKING:
    from mlflow import MlflowClient

STAGES = ("candidate", "staging", "production", "archived")
HEAD = "ledger"  # tag of the registered model
ALIASES = ("production", "staging")
# Where a version goes when another takes its place.
DISPLACED = {"production": "archived", "staging": "candidate"}


@dataclass(frozen=True)
class Standing:
    """What the ledger's finished rows add up to for one style.

    `stages` has the versions that were ever moved; `line` the productions that a rollback walks
    back, the current one last.
    """

    stages: dict[int, str]
    line: tuple[int, ...]

    def holder(self, stage: str) -> int | None:
        """The version that is in staging or production now."""
        return next((n for n, held in self.stages.items() if held == stage), None)

    def of(self, number: int) -> str:
        """The stage of a version; one that was never moved is a candidate."""
        return self.stages.get(number, "candidate")

    def before(self) -> int | None:
        """The version that a rollback would put into production, if there is one."""
        line = self.line if self.holder("production") is None else self.line[:-1]
        return line[-1] if line else None


def fold(history: Iterable[LedgerRow]) -> Standing:
    """Add up the finished rows of one style, oldest first."""
    stages: dict[int, str] = {}
    line: list[int] = []
    for row in history:
        if row.state != "done" or row.version is None or row.to_stage is None:
            continue
        if row.to_stage in DISPLACED:
            for number, held in list(stages.items()):
                if held == row.to_stage and number != row.version:
                    stages[number] = DISPLACED[row.to_stage]
        if row.to_stage == "production":
            if row.action == "rollback":
                # The current one and all after the target leave the line: no going to and fro.
                while line and line[-1] != row.version:
                    line.pop()
            if not line or line[-1] != row.version:
                line.append(row.version)
        elif stages.get(row.version) == "production" and line:
            line.pop()
        stages[row.version] = row.to_stage
    return Standing(stages=stages, line=tuple(line))


def lock(engine: Engine) -> AbstractContextManager[None]:
    """Held by whoever changes stages."""
    return file_lock(home_of(engine) / "registry.lock")


def standing(source: Engine | Connection, style: str) -> Standing:
    """The standing now."""
    return fold(ledger.rows(source, style))


def after(engine: Engine, style: str, row_id: int) -> Standing:
    """The standing as it will be once the intent `row_id` is done."""
    return fold(
        replace(row, state="done") if row.id == row_id else row
        for row in ledger.rows(engine, style)
    )


def project(client: MlflowClient, style: str, state: Standing) -> None:
    """Make MLflow's aliases and tags what the ledger says. Repeating it changes nothing."""
    tags = models.stage_tags(client, style)
    held = models.aliases(client, style)
    for alias in ALIASES:
        number = state.holder(alias)
        if number is None and alias in held:
            client.delete_registered_model_alias(style, alias)
        elif number in tags and held.get(alias) != number:
            client.set_registered_model_alias(style, alias, str(number))
    told = state.stages.keys() | {number for number, tag in tags.items() if tag}
    wrong = [n for n in sorted(told & tags.keys()) if tags[n] != state.of(n)]
    for number in wrong:
        client.set_model_version_tag(style, str(number), "stage", state.of(number))
    if wrong:
        models.touch(client, style)


def keep_head(engine: Engine, client: MlflowClient, style: str) -> None:
    """The ledger's newest hash in MLflow too: whoever rewrites one has to rewrite both."""
    with engine.connect() as connection:
        newest = ledger.head(connection, style)
    if newest:
        client.set_registered_model_tag(style, HEAD, newest)


def head_lost(engine: Engine, client: MlflowClient, style: str) -> bool:
    """Whether MLflow knows a row of the ledger that the ledger does not know any more."""
    from mlflow.exceptions import MlflowException

    try:
        kept = client.get_registered_model(style).tags.get(HEAD)
    except MlflowException as error:
        if error.error_code not in models.NO_SUCH:
            raise
        return False
    with engine.connect() as connection:
        return bool(kept) and not ledger.holds(connection, kept)


def named(number: int | None) -> str:
    """A version, or that there is none, in words."""
    return "empty" if number is None else f"version {number}"
