"""Providers that call it a prediction: one address for all models, one for each call, and an output
that is a string, a list or a table, by the model (Synexa, Replicate)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.props.providers.asking import Answered
from studio.props.providers.seen import Seen, told
from studio.props.providers.shapes import Offer, Provider, at

DEEPEST = 4  # of an output
MOST = 50  # addresses


def seen(provider: Provider, offer: Offer, answered: Answered) -> Seen:
    """What the answer to a look says."""
    found: list[str] = []
    for way in offer.outputs:
        found += _addresses(at(answered.found, way), DEEPEST)
    # A model beside pictures and videos is known by its name.
    found.sort(key=lambda address: not address.partition("?")[0].lower().endswith(".glb"))
    return told(provider, answered, tuple(dict.fromkeys(found))[:MOST])


def _addresses(output: Any, deep: int) -> Iterator[str]:
    if isinstance(output, str):
        if output.startswith(("https://", "http://")):
            yield output
    elif deep and isinstance(output, list | dict):
        for one in output.values() if isinstance(output, dict) else output:
            yield from _addresses(one, deep - 1)
