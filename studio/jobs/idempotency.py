"""A key under which a form that is sent twice asks for one job, and after its end for a new one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from studio.jobs import queue

LOOK_BACK = 200  # of the person's jobs of this kind


def key(engine: Engine, kind: str, payload: Mapping[str, Any], asked_by: str) -> str:
    """The same for the same wish of the same person until that job has ended.

    Two sends at once get the same key, and the table keeps one job a key.
    """
    text = json.dumps([kind, dict(payload)], sort_keys=True, default=str)
    wish = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    for job in queue.listing(engine, kind=kind, user=asked_by, limit=LOOK_BACK):
        if job.key and job.key.startswith(f"{wish}:"):
            return f"{wish}:{job.id}" if job.ended else job.key
    return f"{wish}:0"
