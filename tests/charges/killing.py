"""Attempts at one call that end by kill -9 at a named point, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from studio.charges import calling, calls
from studio.database import engine as db
from tests.charges.conftest import NOW, meant, quote
from tests.charges.shop import Shop
from tests.points import Points

STEPS: tuple[tuple[Any, str, str], ...] = (
    (calls, "reserve", "estimate"),
    (calls, "send", "sent"),
    (Shop, "post", "post"),
    (Shop, "_answer", "answer"),  # it is on the bill by then
    (calls, "accept", "accepted"),
    (calls, "finish", "actual"),
)


def _attempt(home: Path, url: str, shop: Shop, key: str, kill: str) -> None:
    points = Points(kill)
    with ExitStack() as stack:
        for owner, name, called in STEPS:
            around = points.around(getattr(owner, name), called)
            stack.enter_context(patch.object(owner, name, around))
        engine = db.open_database(home, url or None)
        calling.once(engine, meant(key), quote("0.10"), shop, _now)
    (home / "points").write_text("\n".join(points.passed))


def _now() -> datetime:
    return NOW


def attempt(home: Path, url: str, shop: Shop, key: str, kill: str = "") -> tuple[int, list[str]]:
    """The process's exit code, and the points that it passed where it came to its end."""
    file = home / "points"
    file.unlink(missing_ok=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "alembic.command"])
    child = context.Process(target=_attempt, args=(home, url, shop, key, kill))
    # A page's test may have left its script as this process's main module, which a child would run.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode, file.read_text().splitlines() if file.exists() else []
