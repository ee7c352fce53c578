"""The success report: a style's figures, minutes by hand, and what the game took."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from studio import context
from studio.api import known_versions, paging
from studio.api.calls import Asking, Call, Caller, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Name, Said
from studio.api.problems import looked_up
from studio.assets import uses as records
from studio.review import hand_minutes
from studio.review.hand_minutes import HandMinutes
from studio.review.success import Figure
from studio.worker.payload import Payload, Text, Words
from studio.workflows import success, uses
from studio.workflows.uses import Listed

router = APIRouter(tags=["report"], route_class=Call)

Month = Annotated[Text, Query(max_length=7, description='As "2026-11", by UTC; all where unset')]


class SuccessFigure(BaseModel):
    """A promise with what is known of it. `unit` is "share", from 0 to 1, or a currency; `low` to
    `high` is its 95 % interval, by `source`; `n` counts what `of` says. `at_most`: less is
    better."""

    key: str
    name: str
    state: Literal["met", "not met", "not shown"]
    value: float | None
    target: float | None
    unit: str
    at_most: bool
    low: float | None
    high: float | None
    source: str
    n: int
    of: str
    why: str
    beside: str


class SuccessReport(BaseModel):
    """A style's figures of a month, "" for all; those of money only for who may see costs. `sample`
    are the pictures that stand for all, `open` those of them that nobody judged yet."""

    style: str
    month: str
    figures: list[SuccessFigure]
    sample: list[str]
    open: list[str]


class NewMinutes(Payload):
    """How long one takes by hand; `before` is what was read, null for nothing; why that is
    known."""

    minutes: float = Field(ge=hand_minutes.SHORTEST, le=hand_minutes.LONGEST)
    before: float | None = None
    why: Words


class UsedPicture(BaseModel):
    """A picture and what became of it in the game, null where nobody looked: `use` is what counts,
    a person's word or else what was `measured`; shares are of its drawn pixels. `exported_at` is
    null of one that was painted over and not exported yet."""

    asset: str
    style: str
    name: str
    path: str
    exported_at: str | None
    use: str | None
    measured: str | None
    recoloured: float | None
    redone: float | None
    corrected_by: str | None


class NewUse(Payload):
    """What became of it."""

    use: Literal["as is", "recoloured", "touched up", "redrawn", "dropped"]


class UsesLooked(BaseModel):
    """How many exported pictures were looked for, how many changed since the last time, what could
    not be read, and how many wait for the next call."""

    looked: int
    changed: int
    unread: list[str]
    left: int


@router.get("/report/styles/{style}", **needs("look"))
def success_report(asking: Asking, style: Name, month: Month = "") -> SuccessReport:
    """What was promised, and whether it is met."""
    return of(asking, style, month)


@router.get("/report/minutes", **needs("look"))
def minutes_by_hand(asking: Asking, paged: Paged) -> Page[HandMinutes]:
    """How long each category takes by hand, by its name."""
    found = hand_minutes.listing(asking.studio.engine)
    return paging.of_all(paged, found, lambda one: one.category)


@router.put("/report/minutes/{category}", **needs("set hand minutes"))
def set_minutes_by_hand(asking: Asking, category: Name, body: NewMinutes) -> HandMinutes:
    """Say how long one takes by hand; the category "*" stands for all others."""
    return hand_minutes.put(
        asking.studio.engine,
        category,
        body.minutes,
        before=body.before,
        why=body.why,
        by=asking.by,
        now=context.now(),
    )


@router.get("/report/uses", **needs("look"))
def used_pictures(
    asking: Asking, paged: Paged, style: Said = "", month: Month = ""
) -> Page[UsedPicture]:
    """Every exported picture, and those only painted over for now, with what became of them; the
    newest first."""
    found = uses.listing(asking.studio.engine, style, month)
    return paging.of_all(
        paged,
        found,
        lambda one: f"{one.at} {one.picture.number:010d}",
        _used,
        falling=True,
    )


@router.post("/report/uses/look", **needs("judge pictures"))
def look_for_uses(asking: Asking) -> UsesLooked:
    """Compare what was exported with what the game has now."""
    done = uses.look(asking.studio, by=asking.by, now=context.now())
    return UsesLooked(
        looked=done.looked, changed=done.changed, unread=list(done.unread), left=done.left
    )


@router.put("/report/uses/{asset}", **needs("judge pictures"))
def correct_use(asking: Asking, asset: Name, body: NewUse) -> UsedPicture:
    """Say what became of a picture, whatever was measured."""
    engine = asking.studio.engine
    with looked_up():
        records.correct(engine, asset, body.use, by=asking.by, now=context.now())
    return next(_used(one) for one in uses.listing(engine) if one.picture.id == asset)


def of(asking: Caller, style: str, month: str) -> SuccessReport:
    """The report of a style as it is answered."""
    versions, now = known_versions.of(asking.studio, style), context.now()
    with looked_up():
        success.check_known(asking.studio, style, versions)
    found = success.report(asking.studio, style, month, versions=versions, by=asking.by, now=now)
    return SuccessReport(
        style=found.style,
        month=found.month,
        figures=[_figure(one) for one in found.figures],
        sample=list(found.sample),
        open=list(found.open),
    )


def _figure(one: Figure) -> SuccessFigure:
    return SuccessFigure(**vars(one))


def _used(one: Listed) -> UsedPicture:
    use = one.use
    return UsedPicture(
        asset=one.picture.id,
        style=one.picture.style,
        name=one.picture.name,
        path=one.path,
        exported_at=one.exported.at if one.exported else None,
        use=use.use if use else None,
        measured=use.measured if use else None,
        recoloured=use.recoloured if use else None,
        redone=use.redone if use else None,
        corrected_by=use.corrected_by if use else None,
    )
