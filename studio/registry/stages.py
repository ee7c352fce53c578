"""Stages of a style's versions: the ledger decides, MLflow's aliases and tags follow it.

A change is three steps under one lock: an intent in the ledger (compare-and-set, one immediate
transaction), the aliases in MLflow, and the intent marked done. Whoever is killed between them
leaves an intent, which the next change or `studio.registry.reconcile` finishes. Between the second
step and the third MLflow may be ahead of the ledger for a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.availability import DatabaseAway, Unsure
from studio.database.engine import writing
from studio.database.ledger import LedgerRow
from studio.errors import ChangedMeanwhile, StudioError
from studio.registry import gate_records, models
from studio.registry.gates import Checked
from studio.registry.reconcile import catch_up, settle_done
from studio.registry.stage_state import (
    DISPLACED,
    STAGES,
    after,
    fold,
    keep_head,
    lock,
    named,
    project,
    standing,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

REASON = 2_000  # characters
SENT_TWICE = timedelta(minutes=1)


@dataclass(frozen=True)
class Along:
    """What is decided together with a move: `begun` within the transaction that decides the move
    (what it raises stops it), `undone` within the one that takes it back."""

    begun: Callable[[Connection], object]
    undone: Callable[[Connection], object]


@dataclass(frozen=True)
class Promotion:
    """A change of stage that was made; `previous` is the version that was in `to_stage` before."""

    ledger_id: int
    style: str
    number: int
    from_stage: str
    to_stage: str
    previous: int | None


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
    expect_stage: str | None = None,
    checked: Sequence[Checked] = (),
    override: str = "",
    along: Along | None = None,
) -> Promotion:
    """Move version `number` to stage `to`; who held production before becomes archived.

    `checked` are the style's gates as they were held against the version: kept with the move for
    ever. Where one is not met, only `override`, a reason of its own, lets it into production.

    `expect` is the version that the caller believes to be in `to` now (0: none), `expect_stage`
    where they believe `number` to be; otherwise it is a conflict and nothing changes. None asks
    for no such check. The same sent twice within a minute is done once. `along` stands or falls
    with the move.
    """
    if to not in STAGES:
        raise StudioError(f"There is no stage {to!r}.", f"Stages: {', '.join(STAGES)}.")
    check(actor, "promote" if to == "production" else "stage")
    check_reason(why)
    if to == "production":
        check_gates(number, checked, override, actor)
    models.get(client, style, number)
    with lock(engine):
        catch_up(engine, client, style, now)
        held = standing(engine, style).of(number)
        if held == "production":
            check(actor, "promote")
        if held == to and (before := _just_made(engine, style, "promote", actor, why, now)):
            if (before.number, before.to_stage) == (number, to):
                return before
        # In `to` already is said more plainly below.
        if expect_stage is not None and held not in (expect_stage, to):
            raise ChangedMeanwhile(
                f"Version {number} of {style!r} is in {held} by now, not in {expect_stage}: "
                "somebody moved it meanwhile.",
                "Look at the style's history, then decide again.",
            )
        return _move(
            engine,
            client,
            style,
            number,
            to,
            "promote",
            actor,
            why,
            now,
            expect,
            checked,
            override,
            along,
        )


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
    another stage) the version before that one returns. `expect` as in `promote`: the version to
    go back from. Without it, the style's last change with the same words by the same person may
    be this very one, of which no answer came: within a minute it is done once, later refused.
    """
    check(actor, "roll back")
    check_reason(why)
    with lock(engine):
        seen = standing(engine, style).holder("production") or 0
        catch_up(engine, client, style, now)
        state = standing(engine, style)
        current = state.holder("production")
        if expect is None or (current or 0) != expect:
            before = _just_made(engine, style, "rollback", actor, why, now)
            if before and (expect is None or (before.previous or 0) == expect):
                return before
        if expect is None:
            _refuse_repeated(engine, style, actor, why)
        _check_expected(style, "production", current, seen if expect is None else expect)
        target = state.before()
        if target is None and current is not None:
            raise StudioError(
                f"Version {current} is the first of {style!r} in production, so there is none to "
                "go back to.",
                "Put another version into production, or take this one out, so that nobody draws "
                f"with it (Take out of production): promote {style} {current} archived --why ...",
            )
        if target is None:
            raise StudioError(
                f"Nothing of {style!r} is in production, and there is none before to go back to.",
                "Put the version there that everybody should draw with.",
            )
        try:
            models.get(client, style, target)
        except StudioError as error:
            raise StudioError(
                f"Style {style!r} would go back to version {target}, which was deleted.",
                "Promote another version to production. " + error.remedy,
            ) from error
        return _move(
            engine, client, style, target, "production", "rollback", actor, why, now, expect
        )


def production(engine: Engine, style: str) -> int | None:
    """The version in production now, from the ledger."""
    return standing(engine, style).holder("production")


def history(engine: Engine, style: str) -> list[LedgerRow]:
    """All ledger rows of a style, oldest first, failed ones and open intents included."""
    return ledger.rows(engine, style)


def in_production_at(engine: Engine, style: str, moment: datetime) -> int | None:
    """The version that was in production at `moment`.

    Counts from when a change was begun. A move by hand in MLflow counts from when it was noticed.
    """
    until, latest, found = ledger.stamp(moment), "", []
    for row in ledger.rows(engine, style):
        if row.to_stage is None:
            continue
        # Of two at once the one that waited for the lock may bear the earlier time.
        latest = max(latest, row.at)
        if latest <= until:
            found.append(row)
    return fold(found).holder("production")


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
    checked: Sequence[Checked] = (),
    override: str = "",
    along: Along | None = None,
) -> Promotion:
    """The three steps of a change; the caller holds the lock."""
    from mlflow.exceptions import MlflowException

    if to in DISPLACED:
        models.check_files(client, style, number)
    with writing(engine) as connection:
        if along:
            along.begun(connection)
        before = fold(ledger.rows(connection, style))
        held = before.holder(to) if to in DISPLACED else None
        _check_expected(style, to, held, expect)
        source = before.of(number)
        if source == to:
            raise StudioError(f"{style!r} version {number} is in {to} already.", "Nothing to do.")
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
        gate_records.keep(connection, row_id, checked, override)
    try:
        project(client, style, after(engine, style, row_id))
    except Exception as error:  # whatever MLflow failed with, its aliases must go back
        remedy = "Nothing was changed. Look at MLflow, then try again."
        try:
            project(client, style, before)
            with writing(engine) as connection:
                ledger.settle(connection, row_id, "failed")
                if along:
                    along.undone(connection)
        except Exception:
            remedy = "The change is half made; the next change or `reconcile` will finish it."
        raise StudioError(
            f"MLflow did not take {style!r} version {number} to {to}: {error}", remedy
        ) from error
    try:
        with writing(engine) as connection:
            settle_done(connection, style, row_id, now)
    except DatabaseAway as error:
        raise Unsure(
            f"{style!r} version {number} is in {to} in MLflow, but the studio's database went away "
            "while that was written down: it is done, or will be with the next change.",
            "Look at the style's history before you do it again; `reconcile` finishes it at once.",
        ) from error
    with suppress(MlflowException, DatabaseAway):  # it is done; the next change writes a newer one
        keep_head(engine, client, style)
    return Promotion(row_id, style, number, source, to, held)


def _just_made(
    engine: Engine, style: str, action: str, actor: str, why: str, now: datetime
) -> Promotion | None:
    """The style's last change, if it is the same person's, for the same reason, a moment ago."""
    row = _same_words(engine, style, action, actor, why)
    if row is None or now - datetime.fromisoformat(row.at) > SENT_TWICE:
        return None
    assert row.version is not None and row.from_stage is not None and row.to_stage is not None
    return Promotion(row.id, style, row.version, row.from_stage, row.to_stage, row.previous)


def _same_words(engine: Engine, style: str, action: str, actor: str, why: str) -> LedgerRow | None:
    """The style's last change, if it is the same person's, for the same reason."""
    done = [r for r in ledger.rows(engine, style) if r.state == "done" and r.to_stage is not None]
    last = done[-1] if done else None
    same = last and (last.action, last.actor, last.reason) == (action, actor, why.strip())
    return last if same else None


def _refuse_repeated(engine: Engine, style: str, actor: str, why: str) -> None:
    last = _same_words(engine, style, "rollback", actor, why)
    if last:
        raise StudioError(
            f"{actor} went back from {named(last.previous)} to version {last.version} of "
            f"{style!r} with the same words, and nothing was moved since.",
            f"To go one further back, say from where: --from {last.version}.",
        )


def check_reason(why: str, what: str = "reason") -> None:
    """StudioError where nothing is said, or a book."""
    if not why.strip():
        raise StudioError(f"This needs a {what}.", "Say it in a sentence.")
    if len(why) > REASON:
        raise StudioError(f"The {what} has {len(why):,} characters.", f"Use at most {REASON:,}.")


def check_gates(number: int, checked: Sequence[Checked], override: str, actor: str) -> None:
    """StudioError where a gate is not met and nobody who may overrides it with a reason."""
    missed = [one for one in checked if not one.met]
    if missed and not override.strip():
        said = "; ".join(f"{one.gate}: asked is {one.asks}, but {one.says}" for one in missed)
        raise StudioError(
            f"Version {number} does not pass {len(missed)} of its style's gates: {said}.",
            "Mend what is missing, or override with a reason, which becomes a permanent record.",
        )
    if missed:
        check(actor, "override gates")
        check_reason(override)


def _check_expected(style: str, stage: str, held: int | None, expect: int | None) -> None:
    if expect is not None and (held or 0) != expect:
        raise ChangedMeanwhile(
            f"{stage.capitalize()} of {style!r} is {named(held)} by now, "
            f"not {named(expect or None)}: somebody changed it meanwhile.",
            "Look at the style's history, then decide again.",
        )
