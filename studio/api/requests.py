"""Promotion requests: somebody asks for a version in production, a producer decides."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from studio import context
from studio.api import known_versions, paging
from studio.api.calls import Asking, Call, Caller, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Number, Said
from studio.api.problems import looked_up
from studio.registry import requests
from studio.registry.requests import Comment, Request
from studio.worker.payload import Counted, Payload, Words
from studio.workflows import model_cards, release

router = APIRouter(tags=["requests"], route_class=Call)


class NewRequest(Payload):
    """A version that should go into production, and why."""

    style: Words
    version: Counted
    why: Words


class NewComment(Payload):
    """What is said to a request."""

    text: Words


class Acceptance(Payload):
    """What the one who asked is told; `override` is why the version may miss a gate, kept for
    good."""

    answer: Words = ""
    override: Words = ""


class Refusal(Payload):
    """Why not."""

    answer: Words


class PromotionRequest(BaseModel):
    """One request with what was said to it; `state` is open, accepted, refused or withdrawn."""

    id: int
    style: str
    version: int
    why: str
    asked_by: str
    asked_at: str
    state: str
    decided_by: str | None
    decided_at: str | None
    answer: str
    comments: list[Comment]


@router.get("/requests", **needs("look"))
def promotion_requests(
    asking: Asking,
    paged: Paged,
    style: Said = "",
    state: Literal["", "open", "accepted", "refused", "withdrawn"] = "",
) -> Page[PromotionRequest]:
    """Requests, the newest first."""
    found = requests.listing(asking.studio.engine, style, state)
    return paging.of_all(
        paged, found, lambda one: one.id, lambda one: _told(asking, one), falling=True
    )


@router.get("/requests/{request}", **needs("look"))
def promotion_request(asking: Asking, request: Number) -> PromotionRequest:
    """One request."""
    return _now(asking, request)


@router.post("/requests", status_code=201, **needs("ask for promotion"))
def ask_for_promotion(asking: Asking, body: NewRequest) -> PromotionRequest:
    """Ask that a version is put into production; the open request for it is the answer where there
    is one."""
    known_versions.version_of(asking.studio, body.style, body.version)
    made = release.ask(
        asking.studio,
        style=body.style,
        number=body.version,
        actor=asking.by,
        why=body.why,
        now=context.now(),
    )
    return _told(asking, made)


@router.post("/requests/{request}/comments", **needs("ask for promotion"))
def comment(asking: Asking, request: Number, body: NewComment) -> PromotionRequest:
    """Say something to a request; the same sent twice stands once."""
    _now(asking, request)
    requests.comment(asking.studio.engine, request, body.text, by=asking.by, now=context.now())
    return _now(asking, request)


@router.post("/requests/{request}/accept", **needs("promote"))
def accept_request(asking: Asking, request: Number, body: Acceptance) -> PromotionRequest:
    """Put the version into production, past its style's gates or overridden."""
    studio = asking.studio
    before = _now(asking, request)
    moved = release.accept(
        studio,
        request,
        actor=asking.by,
        answer=body.answer,
        now=context.now(),
        override=body.override,
    )
    if moved is not None:
        model_cards.write(studio, before.style, before.version)
    return _now(asking, request)


@router.post("/requests/{request}/refuse", **needs("promote"))
def refuse_request(asking: Asking, request: Number, body: Refusal) -> PromotionRequest:
    """Refuse it with an answer."""
    _now(asking, request)
    how = {"actor": asking.by, "answer": body.answer}
    requests.decide(asking.studio.engine, request, False, now=context.now(), **how)
    return _now(asking, request)


@router.post("/requests/{request}/withdraw", **needs("look"))
def withdraw_request(asking: Asking, request: Number) -> PromotionRequest:
    """Take one's own request back, or another's with the right to promote."""
    _now(asking, request)
    requests.withdraw(asking.studio.engine, request, actor=asking.by, now=context.now())
    return _now(asking, request)


def _now(asking: Caller, id: int) -> PromotionRequest:
    with looked_up():
        found = requests.get(asking.studio.engine, id)
    return _told(asking, found)


def _told(asking: Caller, one: Request) -> PromotionRequest:
    return PromotionRequest(
        **vars(one), comments=requests.comments_of(asking.studio.engine, one.id)
    )
