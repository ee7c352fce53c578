"""How pages and commands put a job into the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio.accounts import rights
from studio.assets import contents
from studio.charges import limits
from studio.context import Studio
from studio.database.engine import writing
from studio.diffusion import team_bases
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Job
from studio.registry import looked_up, models, version_choice
from studio.remote import machines
from studio.remote.machines import HERE
from studio.webhooks import deliveries, hooks, receivers
from studio.worker import machine_choice
from studio.worker.kind import Kind
from studio.worker.kind_table import KINDS
from studio.worker.payload import Payload, lifted, read

MAKING = ("generate", "finish pictures")  # what leaves pictures in the studio's folder


@dataclass(frozen=True)
class Ready:
    """What was asked of a kind of job, and not put in yet: its payload, `wanted`, was checked, and
    what would change until it runs is filled in."""

    kind: Kind[Any]
    wanted: Payload
    asked_by: str
    now: datetime
    webhook: str
    where: str
    gpu_gb: float


def ask(
    studio: Studio,
    kind: str,
    payload: Mapping[str, Any],
    *,
    asked_by: str,
    now: datetime,
    key: str | None = None,
    not_before: datetime | None = None,
    known_base: str = "",
    webhook: str = "",
    where: str = HERE,
) -> Job:
    """Check what is asked and put it into the queue; `key` makes a second send the same job.

    `known_base` was named by somebody before, who was allowed to. `webhook` is an address that is
    told of the job's end, beside those that are told of all of this person's jobs. `where` it is
    computed: here, on a machine by its name, or on the cheapest.
    """
    how: dict[str, Any] = {"known_base": known_base, "webhook": webhook, "where": where}
    found = checked(studio, kind, payload, asked_by=asked_by, now=now, key=key, **how)
    return found if isinstance(found, Job) else put(studio, found, key, not_before)


def checked(
    studio: Studio,
    kind: str,
    payload: Mapping[str, Any],
    *,
    asked_by: str,
    now: datetime,
    key: str | None = None,
    known_base: str = "",
    webhook: str = "",
    where: str = HERE,
) -> Job | Ready:
    """What is asked, to be put in by `put`; the job that the person's `key` was used for already,
    if any."""
    if kind not in KINDS:
        raise StudioError(f"There is no kind of job {kind!r}.", f"Known: {', '.join(KINDS)}.")
    rights.check(asked_by, KINDS[kind].right)
    if key is not None and (before := queue.sent(studio.engine, kind, asked_by, key)) is not None:
        return before  # even where what it asked for would be refused by now
    if webhook:
        rights.check(asked_by, hooks.RIGHT)
        webhook = receivers.checked(webhook, studio.settings.private_networks)
    known = KINDS[kind]
    if known.right in MAKING:
        contents.check_room(studio.engine, asked_by, studio.settings.most_drawn)
    _check_base(studio, payload, asked_by, known_base)
    payload = _with_their_version(studio, payload, asked_by)
    wanted = known.check(studio, read(known.payload, payload))
    quote = known.costs(studio, wanted) if known.costs is not None else None
    if quote is not None:
        style = str(payload.get("style") or "")
        limits.check_room(studio.engine, quote.money, style, asked_by, now)
    where = _checked_where(studio, known, wanted, where, asked_by, now)
    return Ready(known, wanted, asked_by, now, webhook, where, known.gpu_gb(studio, wanted))


def put(
    studio: Studio, found: Ready, key: str | None = None, not_before: datetime | None = None
) -> Job:
    """Put it into the queue, with the deliveries that its end is to be told by."""
    known, who = found.kind, found.asked_by
    lane = known.lane_of(found.wanted) if known.lane_of else known.lane
    token = who.token if isinstance(who, rights.Actor) else None
    with writing(studio.engine) as connection:
        job = queue.submit(
            studio.engine,
            kind=known.name,
            lane=lane if found.where == HERE else "elsewhere",
            payload=found.wanted.model_dump(),
            asked_by=who,
            now=found.now,
            key=key,
            not_before=not_before,
            schema=known.schema,
            most=studio.settings.most_jobs,
            where=found.where,
            gpu_gb=found.gpu_gb,
        )
        deliveries.expect(connection, job, found.webhook, token, found.now)
    return job


def _checked_where(
    studio: Studio, kind: Kind[Any], wanted: Payload, where: str, who: str, now: datetime
) -> str:
    """Where it is to be computed; StudioError where it can't be there, and LimitReached where a
    limit leaves less than the machine may cost."""
    if not where or where == HERE:
        return HERE
    if kind.compute is None:
        raise StudioError(
            f"A job of the kind {kind.name!r} computes nothing that another machine could.",
            "Let it be done here.",
        )
    where = machines.checked_where(studio.engine, where, kind.name)
    first = machine_choice.candidates(studio, where, kind.name, now)[0]
    most = machine_choice.most(studio, first, now)
    if most is not None:
        style = str(getattr(wanted, "style", "") or "")
        limits.check_room(studio.engine, most, style, who, now)
    return where


def _check_base(studio: Studio, payload: Mapping[str, Any], who: str, known: str) -> None:
    """Bases that versions have may be named by everybody; other places on this machine not."""
    settings = payload.get("settings")
    name = payload.get("base") or (settings.get("base") if isinstance(settings, dict) else "")
    if not isinstance(name, str) or name == known or team_bases.free_to_name(studio.home, name):
        return
    if rights.allowed(who, team_bases.RIGHT):
        return
    try:
        known_by = models.list_versions(studio.client)
        had = {version.tags.get("base_name", "pocket") for version in known_by}
        had |= {team_bases.place(studio.home, one) for one in had}
    except StudioError:
        had = set()
    if name not in had:
        rights.check(who, team_bases.RIGHT)


def _with_their_version(studio: Studio, payload: Mapping[str, Any], who: str) -> Mapping[str, Any]:
    """What draws without naming a version draws with the one that is for this person now: the
    job keeps it, whatever becomes of a rollout meanwhile."""
    within = payload.get("settings") if "picture" in payload else None
    asked = within if isinstance(within, Mapping) else payload
    style = asked.get("style")
    if asked is payload and "prompt" not in payload and "assets" not in payload:
        return payload
    given = asked.get("version")
    named = given is not None and (given != 0 or asked is payload)  # enlarging has 0 for none
    if not isinstance(style, str) or not style or named:
        return payload
    chosen = version_choice.choose(studio.engine, style, who, str(payload.get("set", "")))
    if chosen.version is None:
        return payload
    try:
        looked_up.version(studio.client, style, chosen.version)
    except StudioError as error:
        raise version_choice.lost(style, chosen) from error
    pinned = {**asked, "version": chosen.version}
    return pinned if asked is payload else {**payload, "settings": pinned}


def again(
    studio: Studio,
    id: int,
    *,
    asked_by: str,
    now: datetime,
    key: str | None = None,
    webhook: str = "",
    where: str = "",
) -> Job:
    """Ask for an ended job once more; a training or a sweep that was cut off
    goes on from its checkpoint. `webhook` as in `ask`, `where` too, "": where it was."""
    how: dict[str, Any] = {"webhook": webhook, "where": where}
    found = checked_again(studio, id, asked_by=asked_by, now=now, key=key, **how)
    return found if isinstance(found, Job) else put(studio, found, key)


def checked_again(
    studio: Studio,
    id: int,
    *,
    asked_by: str,
    now: datetime,
    key: str | None = None,
    webhook: str = "",
    where: str = "",
) -> Job | Ready:
    """The same, to be put in by `put`."""
    job = queue.get(studio.engine, id)
    if not job.ended:
        raise StudioError(f"Job {id} has not ended yet.", "Wait for it, or cancel it first.")
    kind = KINDS.get(job.kind)
    if kind is None:
        raise StudioError(f"This program knows no jobs of the kind {job.kind!r}.", "Update it.")
    payload = lifted(job.payload, job.schema, kind.lifts)
    if name := kind.goes_on:
        anew = kind.payload.model_fields[name].default
        payload[name] = anew if job.state == "done" else job.kept.get(name, payload[name])
    base = str(payload.get("base") or payload.get("settings", {}).get("base", ""))
    return checked(
        studio,
        job.kind,
        payload,
        asked_by=asked_by,
        now=now,
        key=key,
        known_base=base,
        webhook=webhook,
        where=where or job.where,
    )
