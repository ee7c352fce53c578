"""What people say of an asset: read, said, said of many at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from studio import context
from studio.api.assets import entry_of
from studio.api.calls import Asking, Call, needs
from studio.api.parts import Name
from studio.assets import verdicts, verdicts_of_many
from studio.assets.verdicts import Judgement, Standing
from studio.worker.payload import Counted, Payload, Text, Words

router = APIRouter(tags=["verdicts"], route_class=Call)


class NewVerdict(Payload):
    """What is said of an asset, null to take it back; `pin` is a place on the picture as shares of
    its width and height. `turn` is the asset's as it was read."""

    verdict: verdicts.Verdict | None
    reasons: list[Text] = []
    note: Words = ""
    pin: list[float] | None = Field(default=None, min_length=2, max_length=2)
    turn: Counted


class AssetVerdict(BaseModel):
    """What is said of an asset now, by whom and when."""

    verdict: verdicts.Verdict | None
    reasons: list[str]
    note: str
    pin: list[float] | None
    turn: int
    by: str | None
    at: str | None


class ManyVerdicts(Payload):
    """The same verdict for up to 2,000 assets, each by id with its turn as it was read."""

    verdict: verdicts.Verdict | None
    assets: dict[Text, Counted] = Field(min_length=1, max_length=verdicts_of_many.MOST)


class Judged(BaseModel):
    """The assets that got another verdict, with their turns from now on, and how many others
    somebody changed since they were read."""

    changed: dict[str, int]
    left: int


@router.get("/assets/{asset}/verdict", **needs("look"))
def verdict(asking: Asking, asset: Name) -> AssetVerdict:
    """What is said of an asset now."""
    entry_of(asking, asset)
    with asking.studio.engine.connect() as connection:
        return _told(verdicts.standing(connection, asset))


@router.put("/assets/{asset}/verdict", **needs("judge pictures"))
def say_verdict(asking: Asking, asset: Name, body: NewVerdict) -> AssetVerdict:
    """Say something of an asset; the same once more changes nothing."""
    entry_of(asking, asset)
    pin = None if body.pin is None else (body.pin[0], body.pin[1])
    said = Judgement(body.verdict, tuple(body.reasons), body.note, pin)
    how: dict[str, Any] = {"by": asking.by, "now": context.now(), "turn": body.turn}
    return _told(verdicts.judge(asking.studio.engine, asset, said, **how))


@router.post("/verdicts", **needs("judge pictures"))
def say_of_many(asking: Asking, body: ManyVerdicts) -> Judged:
    """Say the same of many assets; what somebody changed since stays, and is counted."""
    done = verdicts_of_many.judge_many(
        asking.studio.engine, body.assets, body.verdict, by=asking.by, now=context.now()
    )
    return Judged(changed={one.id: one.turn for one in done.changed}, left=done.left)


def _told(standing: Standing) -> AssetVerdict:
    said = standing.said
    return AssetVerdict(
        verdict=said.verdict,
        reasons=list(said.reasons),
        note=said.note,
        pin=None if said.pin is None else list(said.pin),
        turn=standing.turn,
        by=standing.by,
        at=standing.at,
    )
