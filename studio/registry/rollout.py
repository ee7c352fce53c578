"""A rollout: a new version for a share of the people, or for named ones, before it is production.

Its steps: begun, changed, paused, ended; who gets the version is decided in `version_choice`.
`production` stays where it is until 100 %; meanwhile MLflow's alias `rollout` names the new
version. Every step is a row of the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio import notifications
from studio.accounts.rights import ROLES, check
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.registry import gate_records, models
from studio.registry.gates import Checked
from studio.registry.rollout_alias import project
from studio.registry.rollout_records import Rollout, current, get, shares
from studio.registry.stage_state import lock, standing
from studio.registry.stages import SENT_TWICE, check_gates, check_reason, promote
from studio.registry.tables import rollouts

if TYPE_CHECKING:
    from mlflow import MlflowClient

PEOPLE = 200


def begin(
    engine: Engine,
    client: MlflowClient,
    *,
    style: str,
    number: int,
    percent: float,
    people: Sequence[str] = (),
    actor: str,
    why: str,
    now: datetime,
    checked: Sequence[Checked] = (),
    override: str = "",
) -> Rollout:
    """Begin a rollout of version `number` beside what is in production.

    `checked` and `override` as in `stages.promote`. StudioError where another is under way,
    nothing is in production, or `percent` (0 to below 100) and `people` name nobody. The same sent
    twice within a minute is done once.
    """
    check(actor, "promote")
    check_reason(why)
    check_gates(number, checked, override, actor)
    people = _people(people)
    _check_share(percent, people)
    models.get(client, style, number)
    models.check_files(client, style, number, engine)
    with lock(engine):
        with writing(engine) as connection:
            live = standing(connection, style).holder("production")
            if live is None:
                raise StudioError(
                    f"Nothing of {style!r} is in production, so there is nothing to roll out "
                    "beside.",
                    f"Put version {number} into production.",
                )
            if live == number:
                raise StudioError(
                    f"Version {number} of {style!r} is in production.", "Everybody has it already."
                )
            going = current(connection, style)
            if going and going.against != live:
                _end(connection, going, "aborted", now)  # overtaken by another promotion
            elif going:
                mine = (number, percent, people, str(actor))
                same = (going.version, going.percent, going.people, going.begun_by) == mine
                if same and now - datetime.fromisoformat(going.begun_at) <= SENT_TWICE:
                    return going
                raise StudioError(
                    f"Version {going.version} of {style!r} is being rolled out already.",
                    "Bring that to its end first: to 100 %, or abort it.",
                )
            count = connection.execute(
                sa.select(sa.func.count()).where(rollouts.c.style == style)
            ).scalar_one()
            made = connection.execute(
                rollouts.insert().values(
                    style=style,
                    name=f"r{count + 1}",
                    version=number,
                    against=live,
                    percent=float(percent),
                    people=list(people),
                    state="running",
                    begun_by=str(actor),
                    begun_at=stamp(now),
                    ended_at=None,
                )
            )
            assert made.inserted_primary_key is not None
            going = get(connection, int(made.inserted_primary_key[0]))
            said = f"began to roll version {number} out to {shares(going)}"
            row = _write_down(connection, going, "rollout", said, actor, why, now)
            gate_records.keep(connection, row, checked, override)
        project(client, style, going)
    return going


def change(
    engine: Engine,
    client: MlflowClient,
    *,
    style: str,
    actor: str,
    why: str,
    now: datetime,
    percent: float | None = None,
    people: Sequence[str] | None = None,
    paused: bool | None = None,
    expect: int | None = None,
    seen: Rollout | None = None,
    checked: Sequence[Checked] = (),
    override: str = "",
) -> Rollout:
    """Raise or lower the share, name other people, pause or go on; what changes nothing is not
    written down. At 100 % the version goes into production past the gates `checked`, and that ends
    it. `expect` is the rollout that is meant: one that began meanwhile is left alone. `seen` is the
    rollout as the person had it before them: StudioError where somebody changed it meanwhile."""
    check(actor, "promote")
    check_reason(why)
    if percent == 100:
        return _complete(engine, client, style, actor, why, now, expect, checked, override)
    with lock(engine):
        with writing(engine) as connection:
            going = _going(connection, style, expect)
            who = going.people if people is None else _people(people)
            share = going.percent if percent is None else percent
            _check_share(share, who)
            state = going.state if paused is None else "paused" if paused else "running"
            if (who, float(share), state) == (going.people, going.percent, going.state):
                return going
            if seen and (seen.people, seen.percent, seen.state) != (
                going.people,
                going.percent,
                going.state,
            ):
                paused_now = ", paused" if going.state == "paused" else ""
                raise StudioError(
                    f"Version {going.version} goes to {shares(going)}{paused_now} by now: "
                    "somebody changed the rollout meanwhile.",
                    "Look at the style's history, then decide again.",
                )
            connection.execute(
                rollouts.update()
                .where(rollouts.c.id == going.id)
                .values(percent=float(share), people=list(who), state=state)
            )
            going = get(connection, going.id)
            said = f"rolls version {going.version} out to {shares(going)}"
            if paused is not None:
                said = (
                    f"{'paused' if paused else 'went on with'} rolling version {going.version} out"
                )
            _write_down(connection, going, "rollout", said, actor, why, now)
        project(client, style, going)
    return going


def abort(
    engine: Engine,
    client: MlflowClient,
    *,
    style: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None = None,
) -> Rollout:
    """End the rollout: everybody draws with production again. `expect` as in `change`."""
    check(actor, "roll back")
    check_reason(why)
    with lock(engine):
        with writing(engine) as connection:
            if expect is not None and (ended := get(connection, expect)).state == "aborted":
                return ended
            going = _end(connection, _going(connection, style, expect), "aborted", now)
            said = f"aborted the rollout of version {going.version}"
            _write_down(connection, going, "abort", said, actor, why, now)
        project(client, style, None)
    return going


def overridden(engine: Engine, going: Rollout) -> dict[str, str]:
    """The gates that the rollout's beginning overrode, each with its reason."""
    mine = ("rollout", going.version, going.begun_at)
    rows = ledger.rows(engine, going.style)
    begun = [row.id for row in rows if (row.action, row.version, row.at) == mine]
    return {one.gate: why for row in begun for one, why in gate_records.at(engine, row) if why}


def _complete(
    engine: Engine,
    client: MlflowClient,
    style: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None,
    checked: Sequence[Checked],
    override: str,
) -> Rollout:
    with engine.connect() as connection:
        if expect is not None and (ended := get(connection, expect)).state == "completed":
            return ended
        going = _going(connection, style, expect)
        live = standing(connection, style).holder("production")
    if live != going.version:  # else whoever did this before was killed half way
        promote(
            engine,
            client,
            style=style,
            number=going.version,
            to="production",
            actor=actor,
            why=why,
            now=now,
            expect=going.against,
            checked=checked,
            override=override,
        )
    with lock(engine):
        with writing(engine) as connection:
            ended = _end(connection, going, "completed", now)
        project(client, style, None)
    return ended


def _end(connection: Connection, going: Rollout, state: str, now: datetime) -> Rollout:
    connection.execute(
        rollouts.update().where(rollouts.c.id == going.id).values(state=state, ended_at=stamp(now))
    )
    return get(connection, going.id)


def _going(connection: Connection, style: str, expect: int | None = None) -> Rollout:
    going = current(connection, style)
    if going is None:
        raise StudioError(f"Nothing of {style!r} is being rolled out.", "Begin a rollout first.")
    if expect is not None and going.id != expect:
        raise StudioError(
            f"The rollout of {style!r} was ended meanwhile; version {going.version} is rolled out "
            "now.",
            "Look at it, then decide again.",
        )
    return going


def _people(names: Sequence[str]) -> tuple[str, ...]:
    """Names and @roles, each once; StudioError for a role that is none, which would be nobody."""
    found = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(found) > PEOPLE or any(len(name) > 100 for name in found):
        raise StudioError(f"{len(found)} people are named.", f"Name at most {PEOPLE}.")
    for name in found:
        if name[0] == "@" and name[1:] not in ROLES:
            raise StudioError(f"There is no role {name[:80]!r}.", f"Roles: @{', @'.join(ROLES)}.")
    return found


def _write_down(
    connection: Connection,
    going: Rollout,
    action: str,
    said: str,
    actor: str,
    why: str,
    now: datetime,
) -> int:
    row = ledger.record(
        connection,
        at=now,
        actor=actor,
        action=action,
        style=going.style,
        version=going.version,
        previous=going.against,
        reason=f"{said}: {why.strip()}",
    )
    text = f"{actor} {said} of {going.style}: {why.strip()}"
    notifications.tell(
        connection,
        "rollout",
        text,
        now,
        going.style,
        version=going.version,
        state=going.state,
        percent=going.percent,
    )
    return row


def _check_share(percent: float, people: Sequence[str]) -> None:
    if not 0 <= percent < 100 or (percent == 0 and not people):
        raise StudioError(
            f"A rollout to {percent:g} % and {len(people)} named people reaches nobody or "
            "everybody.",
            "Give 0 to 99 %, and names where it is 0; everybody is reached by promoting.",
        )
