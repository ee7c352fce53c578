"""What a look at a call tells, in one form for all providers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from studio.masking import masked
from studio.props.providers.asking import READ, Answered
from studio.props.providers.shapes import Provider, at
from studio.text.decoding import in_a_line

State = Literal["waiting", "done", "failed", "cancelled", "moderated"]
NOTE = 300


@dataclass(frozen=True)
class Seen:
    """How far a call is. `addresses` are those of its model, the best first; `note` is what the
    provider says of a failure; `seconds` and `credits` are what it took, where that is told.
    `word` is the provider's own for the state."""

    state: State
    addresses: tuple[str, ...] = ()
    note: str = ""
    word: str = ""
    percent: int = 0
    seconds: float | None = None
    credits: int | None = None


def state_of(provider: Provider, word: str, said: str) -> State:
    """The state that a provider's word means; a failure for content counts as moderated."""
    states = provider.states
    if word in states.done:
        return "done"
    if word in states.cancelled:
        return "cancelled"
    if word in states.moderated:
        return "moderated"
    if word in states.failed:
        return "moderated" if is_moderation(provider, said) else "failed"
    return "waiting"


def is_moderation(provider: Provider, said: str) -> bool:
    """Whether a provider's words say that it refused the content."""
    folded = said.casefold()
    return any(word in folded for word in provider.moderation)


def number_of(found: Any, way: str) -> float | None:
    """The number at a field, where one stands there that is not below 0."""
    value = at(found, way) if way else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if 0 <= value < 10**9 else None


def told(provider: Provider, answered: Answered, addresses: tuple[str, ...]) -> Seen:
    """What an answer to a look says; `addresses` of the model are found by whoever knows where."""
    found = answered.found
    word = str(at(found, provider.state) or "")
    error = at(found, provider.error) if provider.error else None
    said = masked(in_a_line(str(error)[:READ]))[:NOTE] if error else ""
    state = state_of(provider, word, said)
    if state in ("failed", "moderated", "cancelled") and not said:
        said = f"{provider.label} says {word}."
    credits = number_of(found, provider.credits)
    percent = number_of(found, provider.percent)
    return Seen(
        state,
        addresses,
        said if state != "done" else "",
        word[:40],
        min(100, int(percent or 0)),
        number_of(found, provider.seconds),
        None if credits is None else math.ceil(credits),
    )
