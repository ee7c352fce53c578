"""Which version of a style a person draws with: their pin, a rollout's, or what is in production.

A rollout's share is decided by a hash of the name, so it is the same on every machine and after
every restart, and whoever had the new version at 10 % has it at 20 %.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine

from studio.accounts.rights import Actor
from studio.errors import StudioError
from studio.registry.rollout_records import Rollout, current
from studio.registry.stage_state import standing
from studio.registry.version_pins import pins_of

BUCKETS = 10_000


@dataclass(frozen=True)
class Choice:
    """The version that a person draws with (None: there is none), and why in a sentence.

    `pinned` names the assets that they keep it for, "" for all of the style; None: no pin.
    """

    version: int | None
    why: str
    pinned: str | None = None


def bucket(user: str, style: str, rollout: str) -> int:
    """Where a person stands in a rollout, 0 to 9,999: the first 8 bytes of a sha256, big-endian, of
    the three names with U+001F between. The studio's own rule; never change it, or people move."""
    told = hashlib.sha256("\x1f".join((user, style, rollout)).encode()).digest()
    return int.from_bytes(told[:8], "big") % BUCKETS


def choose(engine: Engine, style: str, user: str, assets: str = "") -> Choice:
    """What `user` draws with: their pin, else the rollout's version, else production."""
    with engine.connect() as connection:
        held = {one.assets: one for one in pins_of(connection, style, user)}
        if pin := held.get(assets) or held.get(""):
            where = f"for {pin.assets}" if pin.assets else "for this style"
            why = f"You pinned version {pin.version} {where}: {pin.why}"
            return Choice(pin.version, why, pin.assets)
        live = standing(connection, style).holder("production")
        going = current(connection, style)
    if live is None:
        return Choice(None, "Nothing of this style is in production.")
    # One that began beside another version than today's production was overtaken.
    if going and going.state == "running" and going.against == live:
        if _named(going, user):
            return Choice(going.version, f"You are among those who try version {going.version}.")
        if bucket(user, style, going.name) < going.percent * BUCKETS / 100:
            return Choice(
                going.version,
                f"Version {going.version} is tried by {going.percent:g} % of the people, and you "
                "are among them.",
            )
    return Choice(live, f"Version {live} is in production.")


def lost(style: str, choice: Choice) -> StudioError:
    """What to say where the chosen version is there no more: somebody deleted it in MLflow."""
    gone = f"Version {choice.version} of {style}"
    if choice.pinned is None:
        return StudioError(
            f"{gone} should draw, and it was deleted. {choice.why}",
            "Choose another version for now, and ask a producer to put one into production.",
        )
    where = f"for {choice.pinned}" if choice.pinned else "for this style"
    return StudioError(
        f"{gone}, which you pinned {where}, was deleted.",
        "Take the pin off on the page Lists, or name the version that should draw.",
    )


def _named(going: Rollout, user: str) -> bool:
    role = {f"@{user.role}"} if isinstance(user, Actor) else set()
    return bool({str(user), *role} & set(going.people))
