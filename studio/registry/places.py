"""Where a style's versions stand, in the words of every page and command: the ledger's stage, or
the rollout that gives one to some of the people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from studio.registry.rollout_records import Rollout, current, shares
from studio.registry.stage_state import Standing, standing

WORDS = {
    "candidate": "candidate",
    "staging": "in staging",
    "production": "in production",
    "archived": "archived",
}


@dataclass(frozen=True)
class Places:
    """The ledger's standing, and the rollout under way unless another promotion overtook it."""

    state: Standing
    going: Rollout | None

    def of(self, number: int) -> str:
        """Where a version stands: "in production", "in rollout to 10 % of the people"."""
        if self.going and self.going.version == number:
            paused = ", paused" if self.going.state == "paused" else ""
            return f"in rollout to {shares(self.going)}{paused}"
        return WORDS[self.state.of(number)]

    def beside(self, number: int) -> int | None:
        """The version that one is compared with: what is in production, or for that one the
        production before."""
        live = self.state.holder("production")
        return self.state.before() if live == number else live


def places(source: Engine | Connection, style: str) -> Places:
    """Where the style's versions stand now."""
    return as_of(standing(source, style), current(source, style))


def as_of(state: Standing, going: Rollout | None) -> Places:
    """The same from what was read already."""
    overtaken = going is not None and going.against != state.holder("production")
    return Places(state, None if overtaken else going)
