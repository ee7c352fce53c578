"""Stages of a style's versions: the ledger decides, MLflow's aliases and tags follow it.

A change is three steps under one lock: an intent in the ledger (compare-and-set, one immediate
transaction), the aliases in MLflow, and the intent marked done. Whoever is killed between them
leaves an intent, which the next change or `reconcile` finishes. Between the second step and the
third MLflow may be ahead of the ledger for a moment. The lock is a file in the studio's home: it
holds on one machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Engine

from studio import ledger
from studio.db import file_lock, home_of, writing
from studio.errors import StudioError
from studio.ledger import LedgerRow
from studio.registry import models

if TYPE_CHECKING:
    from mlflow import MlflowClient

STAGES = ("candidate", "staging", "production", "archived")
ALIASES = ("production", "staging")
# Where a version goes when another takes its place.
DISPLACED = {"production": "archived", "staging": "candidate"}


@dataclass(frozen=True)
class Promotion:
    """A change of stage that was made; `previous` is the version that was in `to_stage` before."""

    ledger_id: int
    style: str
    number: int
    from_stage: str
    to_stage: str
    previous: int | None


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


def promote(
    engine: Engine,
    client: MlflowClient,
    *,
    style: str,
    number: int,
    to: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None = None,
) -> Promotion:
    """Move version `number` to stage `to`; who held production before becomes archived.

    `expect` is the version that the caller believes to be in `to` now (0: none); another one there
    is a conflict and nothing changes. None asks for no such check.
    """
    if to not in STAGES:
        raise StudioError(f"There is no stage {to!r}.", f"Stages: {', '.join(STAGES)}.")
    _check_reason(why)
    models.get(client, style, number)
    with _lock(engine):
        _catch_up(engine, client, style, now)
        return _move(engine, client, style, number, to, "promote", actor, why, now, expect)


def rollback(
    engine: Engine,
    client: MlflowClient,
    *,
    style: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None = None,
) -> Promotion:
    """Promote the version that was in production before the current one, by the ledger.

    A second rollback goes one further back. After production was withdrawn (its version moved to
    another stage) the version before that one returns. `expect` as in `promote`.
    """
    _check_reason(why)
    with _lock(engine):
        _catch_up(engine, client, style, now)
        state = _standing(engine, style)
        current = state.holder("production")
        _check_expected(style, "production", current, expect)
        line = state.line if current is None else state.line[:-1]
        if not line:
            raise StudioError(
                f"Style {style!r} has no production version before "
                f"{'this' if current is None else f'version {current}'} to go back to.",
                "Promote the version that should be in production.",
            )
        try:
            models.get(client, style, line[-1])
        except StudioError as error:
            raise StudioError(
                f"Style {style!r} would go back to version {line[-1]}, which was deleted.",
                "Promote another version to production. " + error.remedy,
            ) from error
        return _move(
            engine, client, style, line[-1], "production", "rollback", actor, why, now, expect
        )


def production(engine: Engine, style: str) -> int | None:
    """The version in production now, from the ledger."""
    return _standing(engine, style).holder("production")


def history(engine: Engine, style: str) -> list[LedgerRow]:
    """All ledger rows of a style, oldest first, failed ones and open intents included."""
    return ledger.rows(engine, style)


def in_production_at(engine: Engine, style: str, moment: datetime) -> int | None:
    """The version that was in production at `moment`.

    Counts from when a change was begun. A move by hand in MLflow counts from when it was noticed.
    """
    until = ledger.stamp(moment)
    return fold(row for row in ledger.rows(engine, style) if row.at <= until).holder("production")


def reconcile(
    engine: Engine, client: MlflowClient, style: str | None = None, *, now: datetime, mend: bool
) -> list[str]:
    """Differences between ledger and MLflow, in words; with `mend` they are settled.

    Interrupted changes are finished; then a move by hand in MLflow is taken as done and recorded
    with the actor "mlflow"; tags are written again as the ledger has them.
    """
    names = [style] if style is not None else _all_styles(engine, client)
    said: list[str] = []
    with _lock(engine):
        for name in names:
            said += _interrupted(engine, client, name, mend)
            said += _moved_by_hand(engine, client, name, now, mend)
            said += _tags_astray(engine, client, name, mend)
    return said


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


def _lock(engine: Engine) -> AbstractContextManager[None]:
    return file_lock(home_of(engine) / "registry.lock")


def _standing(engine: Engine, style: str) -> Standing:
    return fold(ledger.rows(engine, style))


def _move(
    engine: Engine,
    client: MlflowClient,
    style: str,
    number: int,
    to: str,
    action: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None,
) -> Promotion:
    """The three steps of a change; the caller holds the lock."""
    with writing(engine) as connection:
        before = fold(ledger.rows(connection, style))
        held = before.holder(to) if to in DISPLACED else None
        _check_expected(style, to, held, expect)
        source = before.of(number)
        if source == to:
            raise StudioError(f"{style!r} version {number} is in {to} already.")
        row_id = ledger.record(
            connection,
            at=now,
            actor=actor,
            action=action,
            style=style,
            version=number,
            from_stage=source,
            to_stage=to,
            previous=held,
            reason=why.strip(),
            state="intent",
        )
    try:
        _project(client, style, _after(engine, style, row_id))
    except Exception as error:  # whatever MLflow failed with, its aliases must go back
        remedy = "Nothing was changed. Look at MLflow, then try again."
        try:
            _project(client, style, before)
            with writing(engine) as connection:
                ledger.settle(connection, row_id, "failed")
        except Exception:
            remedy = "The change is half made; the next change or `reconcile` will finish it."
        raise StudioError(
            f"MLflow did not take {style!r} version {number} to {to}: {error}", remedy
        ) from error
    with writing(engine) as connection:
        ledger.settle(connection, row_id, "done")
    return Promotion(row_id, style, number, source, to, held)


def _after(engine: Engine, style: str, row_id: int) -> Standing:
    """The standing as it will be once the intent `row_id` is done."""
    return fold(
        replace(row, state="done") if row.id == row_id else row
        for row in ledger.rows(engine, style)
    )


def _project(client: MlflowClient, style: str, state: Standing) -> None:
    """Make MLflow's aliases and tags what the ledger says. Repeating it changes nothing."""
    there = {version.number for version in models.list_versions(client, style)}
    held = models.aliases(client, style)
    for alias in ALIASES:
        number = state.holder(alias)
        if number is None and alias in held:
            client.delete_registered_model_alias(style, alias)
        elif number in there and held.get(alias) != number:
            client.set_registered_model_alias(style, alias, str(number))
    tags = models.stage_tags(client, style)
    for number in sorted(there & (state.stages.keys() | tags.keys())):
        if tags.get(number) != state.of(number):
            client.set_model_version_tag(style, str(number), "stage", state.of(number))


def _finish_open(engine: Engine, client: MlflowClient, style: str) -> list[tuple[LedgerRow, str]]:
    """Finish what a dead process left: the lock is ours, so nobody is at work on it."""
    finished: list[tuple[LedgerRow, str]] = []
    for row in ledger.rows(engine, style):
        if row.state != "intent":
            continue
        outcome: Literal["done", "failed"] = "done"
        if row.version not in {version.number for version in models.list_versions(client, style)}:
            outcome = "failed"  # its version was deleted meanwhile
        else:
            _project(client, style, _after(engine, style, row.id))
        with writing(engine) as connection:
            ledger.settle(connection, row.id, outcome)
        finished.append((row, outcome))
    return finished


def _catch_up(engine: Engine, client: MlflowClient, style: str, now: datetime) -> None:
    """Before a change: what happened without us is recorded, so that it is not overwritten."""
    _finish_open(engine, client, style)
    _moved_by_hand(engine, client, style, now, True)


def _interrupted(engine: Engine, client: MlflowClient, style: str, mend: bool) -> list[str]:
    if mend:
        ended = _finish_open(engine, client, style)
        return [
            f"{_words(row)} was interrupted; "
            + ("finished." if outcome == "done" else "its version is gone, marked as failed.")
            for row, outcome in ended
        ]
    return [
        f"{_words(row)} was interrupted."
        for row in ledger.rows(engine, style)
        if row.state == "intent"
    ]


def _moved_by_hand(
    engine: Engine, client: MlflowClient, style: str, now: datetime, mend: bool
) -> list[str]:
    if not mend and any(row.state == "intent" for row in ledger.rows(engine, style)):
        return []  # the aliases may be the interrupted change's own
    said = []
    held = models.aliases(client, style)
    for alias in ALIASES:
        state = _standing(engine, style)
        recorded, found = state.holder(alias), held.get(alias)
        if found == recorded:
            continue
        said.append(
            f"{alias.capitalize()} of {style!r} is {_named(recorded)} in the ledger and "
            f"{_named(found)} in MLflow{'; recorded as moved by hand.' if mend else '.'}"
        )
        moved = found if found is not None else recorded
        if not mend or moved is None:
            continue
        if alias == "staging" and found is not None and state.of(found) == "production":
            continue  # one version, one stage: the projection takes staging off again
        with writing(engine) as connection:
            ledger.record(
                connection,
                at=now,
                actor="mlflow",
                action="move",
                style=style,
                version=moved,
                from_stage=state.of(moved),
                to_stage=alias if found is not None else DISPLACED[alias],
                previous=recorded if found is not None else None,
                reason="moved by hand in MLflow",
                state="done",
            )
    if said and mend:
        _project(client, style, _standing(engine, style))
    return said


def _tags_astray(engine: Engine, client: MlflowClient, style: str, mend: bool) -> list[str]:
    state = _standing(engine, style)
    said = [
        f"The stage tag of {style!r} version {number} says {tag!r}, the ledger "
        f"{state.of(number)!r}{'; written again.' if mend else '.'}"
        for number, tag in sorted(models.stage_tags(client, style).items())
        if tag != state.of(number)
    ]
    if said and mend:
        _project(client, style, state)
    return said


def _all_styles(engine: Engine, client: MlflowClient) -> list[str]:
    recorded = {row.style for row in ledger.rows(engine) if row.style and row.to_stage in STAGES}
    return sorted(recorded | set(models.styles(client)))


def _check_reason(why: str) -> None:
    if not why.strip():
        raise StudioError("A change of stage needs a reason.", "Say why, in a sentence.")


def _check_expected(style: str, stage: str, held: int | None, expect: int | None) -> None:
    if expect is not None and (held or 0) != expect:
        raise StudioError(
            f"{stage.capitalize()} of {style!r} is {_named(held)} by now, "
            f"not {_named(expect or None)}: somebody changed it meanwhile.",
            "Look at the style's history, then decide again.",
        )


def _named(number: int | None) -> str:
    return "empty" if number is None else f"version {number}"


def _words(row: LedgerRow) -> str:
    return f"{row.action.capitalize()} of {row.style!r} version {row.version} to {row.to_stage}"
