"""Versions as they were a moment ago: who asks for hundreds of pictures has each looked up once.

Not by the database's revision, which each job that is asked for changes. What draws looks for
itself when it begins, so that nothing is drawn with what is there no more.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from studio.registry import models
from studio.registry.models import Version

if TYPE_CHECKING:
    from mlflow import MlflowClient

HELD_S = 2.0
MOST = 256

# By MLflow's address, style and number: when it was looked up, and what was found.
_held: dict[tuple[str, str, int], tuple[float, Version]] = {}
_looking = set[tuple[str, str, int]]()


def version(client: MlflowClient, style: str, number: int) -> Version:
    """As `models.get`, at most HELD_S seconds old; twice that while another caller looks, so that
    not all who ask at once do."""
    key, now = (client.tracking_uri, style, number), time.monotonic()
    held = _held.get(key)
    if held is not None and now - held[0] <= HELD_S * (2 if key in _looking else 1):
        return held[1]
    _looking.add(key)
    try:
        found = models.get(client, style, number)
    finally:
        _looking.discard(key)
    if len(_held) >= MOST:
        _held.clear()
    _held[key] = now, found
    return found
