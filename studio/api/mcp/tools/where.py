"""Where a tool's job is computed, as `?where=` says it by REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from studio.remote.machines import HERE

WHERE = Field(
    default=HERE,
    max_length=60,
    description="What computes it: here, a machine by its name, or cheapest.",
)


def wish(payload: Mapping[str, Any], where: str) -> dict[str, Any]:
    """All that a call asks for, by which a key is known again."""
    return {**payload, **({} if where in ("", HERE) else {"where": where})}
