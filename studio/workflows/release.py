"""A release across domains: what speaks for a version held against its style's gates, moves that
mind them, and rollouts that are watched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from studio.accounts.rights import Actor, check
from studio.context import Studio
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.datasets.withdrawals import Withdrawal
from studio.errors import StudioError
from studio.evaluation import metric_meanings
from studio.registry import gates, models, requests, rollout, stages, version_choice
from studio.registry.gates import Checked, Evidence, Gates
from studio.registry.models import Version
from studio.registry.requests import Request
from studio.registry.rollout_records import Rollout, current, under_way
from studio.registry.stages import Along, Promotion
from studio.review import ballots, rating_rounds, tally
from studio.review.pictures import Side
from studio.review.ratings import results
from studio.workflows import rollout_outcomes
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import in_production

STUDIO = Actor("the studio", "admin")  # who ends a rollout that goes wrong


def evidence(studio: Studio, version: Version) -> Evidence:
    """All that the studio knows of a version."""
    score, raters = rating(studio, version)
    vote, vote_says = _vote(studio, version)
    kind = table.find(version)
    # What was made of nothing but pictures has no base that could forbid anything.
    base, sold = ("none", "yes") if kind and not kind.has_base else ("", "unknown")
    return Evidence(
        metrics=version.metrics,
        rating=score,
        raters=raters,
        vote=vote,
        vote_says=vote_says,
        data=licences(studio, version),
        base=version.tags.get("base_licence", base),
        commercial=version.tags.get("base_commercial_use", sold),
        withdrawn=len(withdrawn(studio, version)),
    )


def held(studio: Studio, style: str, number: int) -> list[Checked]:
    """The style's gates held against a version. StudioError where the file is wrong."""
    found = gates.load(studio.home, style)
    if not found.text:
        return []
    version = models.get(studio.client, style, number)
    return gates.hold(checked(style, found), evidence(studio, version))


def save_gates(
    studio: Studio, style: str, text: str, *, after: str, by: str, now: datetime
) -> Gates:
    """`gates.save`, unless they ask for what never gates."""
    checked(style, gates.parse(style, text))
    return gates.save(studio.engine, style, text, after=after, by=by, now=now)


def checked(style: str, found: Gates) -> Gates:
    """The gates, or StudioError for a metric that nobody knows or that never gates."""
    for bound in found.metrics:
        known = metric_meanings.of(bound.metric) or metric_meanings.of(bound.metric + "_")
        if known is None:
            names = ", ".join(
                name.rstrip("_") for name, m in metric_meanings.MEANINGS.items() if m.decides
            )
            raise StudioError(
                f"The gates of {style} name a metric {bound.metric!r}.", f"Metrics: {names}."
            )
        if not known.decides:
            raise StudioError(
                f"The gates of {style} ask for {bound.metric}, which is biased below 2,048 "
                "pictures and never gates.",
                "Use kid, which has an interval.",
            )
        if bound.within and not known.ranged:
            names = ", ".join(name for name, m in metric_meanings.MEANINGS.items() if m.ranged)
            raise StudioError(
                f"The gates of {style} ask for {bound.metric} within {bound.within}, whose range "
                "is not known of it.",
                f"It is of {names}.",
            )
    return found


def promote(
    studio: Studio,
    *,
    style: str,
    number: int,
    to: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None = None,
    expect_stage: str | None = None,
    override: str = "",
    along: Along | None = None,
) -> Promotion:
    """`stages.promote` with the style's gates; into production only past them, or overridden.

    Where people draw with it, a version of a kind that this program does not know is refused."""
    if to in ("staging", "production"):
        check(actor, "promote" if to == "production" else "stage")
        table.of(models.get(studio.client, style, number))
    shown = held(studio, style, number) if to == "production" else []
    return stages.promote(
        studio.engine,
        studio.client,
        style=style,
        number=number,
        to=to,
        actor=actor,
        why=why,
        now=now,
        expect=expect,
        expect_stage=expect_stage,
        checked=shown,
        override=override,
        along=along,
    )


def ask(studio: Studio, *, style: str, number: int, actor: str, why: str, now: datetime) -> Request:
    """`requests.ask` for a version that is there and not in production."""
    models.get(studio.client, style, number)
    if stages.production(studio.engine, style) == number:
        raise StudioError(f"Version {number} of {style} is in production.", "Ask for another one.")
    return requests.ask(studio.engine, style=style, number=number, actor=actor, why=why, now=now)


def accept(
    studio: Studio, id: int, *, actor: str, answer: str, now: datetime, override: str = ""
) -> Promotion | None:
    """Accept a request and put its version into production: both are decided at once, or neither.

    What the gates keep out leaves the request open. None where it is there already. StudioError
    where somebody else decided meanwhile; then nothing moves.
    """
    said: Any = {"actor": actor, "answer": answer.strip() or "accepted", "now": now}
    request = requests.get(studio.engine, id)
    # The same sent twice, decided by another (StudioError), or put there by somebody else.
    there = stages.production(studio.engine, request.style) == request.version
    if request.state != "open" or there:
        requests.decide(studio.engine, id, True, **said)
        return None
    return promote(
        studio,
        style=request.style,
        number=request.version,
        to="production",
        actor=actor,
        why=f"{request.why} (asked by {request.asked_by}; {said['answer']})"[:2000],
        now=now,
        override=override,
        along=requests.acceptance(id, **said),
    )


def begin_rollout(
    studio: Studio,
    *,
    style: str,
    number: int,
    percent: float,
    people: Sequence[str],
    actor: str,
    why: str,
    now: datetime,
    override: str = "",
) -> Rollout:
    """`rollout.begin`, past the same gates as production."""
    check(actor, "promote")
    table.of(models.get(studio.client, style, number))
    return rollout.begin(
        studio.engine,
        studio.client,
        style=style,
        number=number,
        percent=percent,
        people=people,
        actor=actor,
        why=why,
        now=now,
        checked=held(studio, style, number),
        override=override,
    )


def complete_rollout(
    studio: Studio,
    *,
    style: str,
    actor: str,
    why: str,
    now: datetime,
    expect: int | None = None,
    override: str = "",
) -> Rollout:
    """`rollout.change` to 100 %: into production past the gates as they stand now.

    What was overridden when the rollout began stays so, with the reason of then.
    """
    going = current(studio.engine, style)
    shown = held(studio, style, going.version) if going else []
    if going and not override.strip():
        known = rollout.overridden(studio.engine, going)
        if all(one.met or one.gate in known for one in shown):
            override = "; ".join(dict.fromkeys(known.values()))
    return rollout.change(
        studio.engine,
        studio.client,
        style=style,
        actor=actor,
        why=why,
        now=now,
        percent=100,
        expect=expect,
        checked=shown,
        override=override,
    )


def watch(studio: Studio, now: datetime) -> list[Rollout]:
    """Abort each running rollout whose new version people approve of less; those aborted."""
    ended = []
    for going in under_way(studio.engine):
        if going.version not in models.stage_tags(studio.client, going.style):
            why = f"Version {going.version} was deleted in MLflow."
            ended.append(_abort(studio, going, why, now))
            continue
        if going.state != "running":
            continue
        found = rollout_outcomes.look(studio.engine, going)
        if found.verdict.decision != "a":
            continue
        new, old = found.new, found.old
        why = (
            f"{found.people} people approve of its pictures less: {new.approved} of {new.judged}, "
            f"against {old.approved} of {old.judged} of version {old.version} "
            f"(e-value {found.verdict.e:.0f})."
        )
        ended.append(_abort(studio, going, why, now))
    return ended


def _abort(studio: Studio, going: Rollout, why: str, now: datetime) -> Rollout:
    return rollout.abort(
        studio.engine,
        studio.client,
        style=going.style,
        actor=STUDIO,
        why=why,
        now=now,
        expect=going.id,
    )


def drawn_with(studio: Studio, style: str, user: str, assets: str = "") -> tuple[Version, str]:
    """The version that a person draws with, and why; StudioError where there is none."""
    chosen = version_choice.choose(studio.engine, style, user, assets)
    if chosen.version is None:
        return in_production(studio, style), chosen.why
    try:
        return models.get(studio.client, style, chosen.version), chosen.why
    except StudioError as error:
        raise version_choice.lost(style, chosen) from error


def rating(studio: Studio, version: Version) -> tuple[float | None, int]:
    """The newest closed round of ratings that has any of this version.

    An open one would tell those who still rate what the others said.
    """
    for found in rating_rounds.listing(studio.engine, version.style):
        if not found.open and version.number in [side.number for side in found.sides]:
            for score in results(studio.engine, found.id):
                if score.side.number == version.number and score.raters:
                    return score.weighted.mean, score.raters
    return None, 0


def _vote(studio: Studio, version: Version) -> tuple[str, str]:
    """The newest closed ballot of this version against what is in production, in a word and a
    sentence. An open one would tell those who still vote how the others did."""
    live = stages.production(studio.engine, version.style)
    if live is None or live == version.number:
        return "first", "it is in production itself" if live else ""
    one = voted(studio, version.style, version.number, live)
    if one is None:
        return "", ""
    says, mine = tally.words(one, False), "a" if one.a.number == version.number else "b"
    if one.verdict.decision == mine:
        return "better", says
    return "undecided" if one.verdict.decision == "undecided" else "worse", says


def voted(studio: Studio, style: str, one: int, other: int) -> tally.Tally | None:
    """What the newest closed ballot that has both versions says of them; None where none has."""
    wanted = {Side(style, one), Side(style, other)}
    for ballot in ballots.listing(studio.engine, style):
        if not ballot.open and wanted <= set(ballot.sides):
            tallies = tally.tallies(studio.engine, ballot)
            return next(found for found in tallies if {found.a, found.b} == wanted)
    return None


def licences(studio: Studio, version: Version) -> dict[str, int]:
    """How many pictures of the version's dataset have which licence, "" for none given."""
    try:
        found = datasets.load(studio.home, version.dataset, version.dataset_digest)
    except StudioError:
        return {}
    return dict(Counter(picture.licence for picture in found.pictures))


def withdrawn(studio: Studio, version: Version) -> tuple[Withdrawal, ...]:
    """The withdrawals of pictures in the version's own dataset; none where that is not known.

    What it learned through pictures that other versions drew is found by
    `studio.workflows.lineage`.
    """
    if not version.dataset or not withdrawals.active(studio.home):
        return ()
    try:
        found = datasets.load(studio.home, version.dataset, version.dataset_digest)
    except StudioError:
        return ()
    gone = (withdrawals.of(studio.home, picture) for picture in found.pictures)
    return tuple(dict.fromkeys(one for one in gone if one))
