"""Styles: what is in production and for whom, their versions, and the gates of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from studio.accounts import people
from studio.accounts.rights import Actor
from studio.api import known_versions, paging
from studio.api.calls import Asking, Call, Caller, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Name, Number, Said
from studio.api.problems import looked_up
from studio.registry import models, version_choice
from studio.registry.gates import Checked
from studio.registry.stage_state import Standing, standing
from studio.worker.payload import Text
from studio.workflows import release, style_overview
from studio.workflows.style_overview import Overview

router = APIRouter(tags=["styles"], route_class=Call)


class InProduction(BaseModel):
    """The version that everybody draws with; since when, by whom and why, where the ledger has
    it."""

    version: int
    since: str | None
    by: str | None
    why: str | None


class Rollout(BaseModel):
    """A new version for some of the people: `percent` of all, and `people` in any case."""

    version: int
    against: int
    percent: float
    people: list[str]
    state: str


class Style(BaseModel):
    """A style at a glance; `candidates` and `requests` count what waits for somebody."""

    style: str
    production: InProduction | None
    newest: int
    candidates: int
    requests: int
    rollout: Rollout | None


class Production(BaseModel):
    """The version that a person draws with where they name none (null: there is none), why, and
    whether by a pin of theirs."""

    style: str
    person: str
    version: int | None
    why: str
    pinned: bool


class Version(BaseModel):
    """One version of a style. A metric that is not finite is null."""

    style: str
    version: int
    stage: str
    kind: str
    dataset: str
    dataset_digest: str
    base: str
    trigger_word: str
    strength: float
    metrics: dict[str, float | None]
    params: dict[str, str]
    tags: dict[str, str]
    run: str
    created: str


class Gate(BaseModel):
    """One gate held against a version: `state` is met, missed or unknown."""

    gate: str
    asks: str
    says: str
    state: str


@router.get("/styles", **needs("look"))
def styles(asking: Asking, paged: Paged) -> Page[Style]:
    """Every style: those with something in production first, by name."""
    known = style_overview.overviews(asking.studio, known_versions.of(asking.studio))
    return paging.of_all(paged, known, _place, at_a_glance)


@router.get("/styles/{style}", **needs("look"))
def style(asking: Asking, style: Name) -> Style:
    """One style."""
    known = _known(asking, style)
    return at_a_glance(style_overview.overviews(asking.studio, known)[0])


@router.get("/styles/{style}/production", **needs("look"))
def production(
    asking: Asking,
    style: Name,
    person: Annotated[Text, Query(alias="for", max_length=200)] = "",
    set: Said = "",
) -> Production:
    """What a person draws with, the caller unless another is named: by a pin, a rollout, or what is
    in production. `set` is the name of a list that they may have pinned a version for."""
    _known(asking, style)
    who = _person(asking, person) if person else asking.by
    chosen = version_choice.choose(asking.studio.engine, style, who, set)
    return Production(
        style=style,
        person=str(who),
        version=chosen.version,
        why=chosen.why,
        pinned=chosen.pinned is not None,
    )


@router.get("/styles/{style}/versions", **needs("look"))
def versions(asking: Asking, paged: Paged, style: Name, stage: Said = "") -> Page[Version]:
    """A style's versions, the newest first."""
    known = _known(asking, style)
    state = standing(asking.studio.engine, style)
    wanted = [one for one in known if stage in ("", state.of(one.number))]
    return paging.of_all(
        paged, wanted, lambda one: one.number, lambda one: told(one, state), falling=True
    )


@router.get("/styles/{style}/versions/{version}", **needs("look"))
def version(asking: Asking, style: Name, version: Number) -> Version:
    """One version with all that is known of it."""
    with looked_up():
        found = known_versions.version_of(asking.studio, style, version)
    return told(found, standing(asking.studio.engine, style))


@router.get("/styles/{style}/versions/{version}/gates", **needs("look"))
def gates(asking: Asking, style: Name, version: Number) -> list[Gate]:
    """What the version must show before it goes into production, and what it shows."""
    with looked_up():
        known_versions.version_of(asking.studio, style, version)
    return [_gate(one) for one in release.held(asking.studio, style, version)]


def told(one: models.Version, state: Standing) -> Version:
    """A version as it is answered; its stage is the ledger's."""
    return Version(
        style=one.style,
        version=one.number,
        stage=state.of(one.number),
        kind=one.kind,
        dataset=one.dataset,
        dataset_digest=one.dataset_digest,
        base=one.base,
        trigger_word=one.trigger_word,
        strength=one.strength,
        metrics=dict(one.metrics),
        params={name: str(value) for name, value in one.params.items()},
        tags=one.tags,
        run=one.run_id,
        created=one.created,
    )


def at_a_glance(one: Overview) -> Style:
    """A style as it is answered."""
    since = one.promoted
    return Style(
        style=one.style,
        production=None
        if one.live is None
        else InProduction(
            version=one.live.number,
            since=since.at if since else None,
            by=since.by if since else None,
            why=since.why if since else None,
        ),
        newest=one.newest.number,
        candidates=one.candidates,
        requests=one.requests,
        rollout=None
        if one.rollout is None
        else Rollout(
            version=one.rollout.version,
            against=one.rollout.against,
            percent=one.rollout.percent,
            people=list(one.rollout.people),
            state=one.rollout.state,
        ),
    )


def _place(one: Overview) -> str:
    """Those with something in production first, by name."""
    return f"{one.live is None:d} {one.style}"


def _gate(one: Checked) -> Gate:
    return Gate(gate=one.gate, asks=one.asks, says=one.says, state=one.state)


def _person(asking: Caller, name: str) -> str:
    """Somebody of the studio, with their role: a rollout may go by it."""
    if not isinstance(asking.by, Actor):
        return name
    with looked_up():
        return people.named(asking.studio.engine, name).actor


def _known(asking: Caller, style: str) -> list[models.Version]:
    with looked_up():
        return known_versions.of_style(asking.studio, style)
