"""Whom a token acts as."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from studio.accounts import rights
from studio.api.calls import Asking, Call, needs

router = APIRouter(tags=["me"], route_class=Call)


class Me(BaseModel):
    """Who calls, with which role ("" without sign-in, where there is one person alone), and the
    rights that it allows."""

    name: str
    role: str
    rights: list[str]


@router.get("/me", **needs("look"))
def me(asking: Asking) -> Me:
    """Whom the call acts as, and what they may do."""
    role = asking.by.role if isinstance(asking.by, rights.Actor) else ""
    allowed = [name for name in rights.TABLE if rights.allowed(asking.by, name)]
    return Me(name=str(asking.by), role=role, rights=allowed)
