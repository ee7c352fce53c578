"""A studio with people of every role and a token of each, and programs that call it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from studio.accounts import people, tokens
from studio.accounts.rights import ROLES, Actor
from studio.api import rest
from studio.assets import files, records
from studio.assets.records import New
from studio.context import Studio
from studio.generation.lists import as_png
from studio.web.failures import Failures
from studio.web.guard import Guard
from studio.web.headers import Policy
from studio.web.patience import Patience
from studio.web.request_id_header import RequestIds
from tests.web.guarded import AT

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
ADMIN = Actor("x", "admin")
NAMES = {role: f"{role.title().replace(' ', '')}" for role in ROLES}


@dataclass
class Programs:
    """Calls of the studio by a token of each role; `tokens` has their secrets."""

    studio: Studio
    browser: TestClient
    tokens: dict[str, str]

    def ask(self, method: str, path: str, role: str = "admin", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", **more.pop("headers", {})}
        return self.browser.request(method, f"{rest.AT}{path}", headers=headers, **more)

    def get(self, path: str, role: str = "viewer", **more: Any) -> Any:
        return self.ask("GET", path, role, **more)

    def post(self, path: str, role: str = "admin", **more: Any) -> Any:
        return self.ask("POST", path, role, **more)

    def put(self, path: str, role: str = "admin", **more: Any) -> Any:
        return self.ask("PUT", path, role, **more)


@contextmanager
def programs(studio: Studio) -> Iterator[Programs]:
    """One person of each role, with a token each; all calls are answered in one event loop, as the
    web process does."""
    app = Starlette(
        routes=rest.routes(lambda: studio),
        middleware=[
            Middleware(RequestIds),
            Middleware(Policy),
            Middleware(Failures),
            Middleware(Patience),
            Middleware(Guard, studio=lambda: studio),
        ],
    )
    secrets, now = {}, datetime.now(UTC)
    for role, name in NAMES.items():
        people.add(studio.engine, name, role, by=ADMIN, now=now, subject=f"subject {role}")
        how: dict[str, Any] = {"label": "a program", "days": 9, "by": ADMIN, "now": now}
        secrets[role] = tokens.make(studio.engine, name, role, **how)[1]
    with TestClient(app, base_url=AT, follow_redirects=False) as browser:
        yield Programs(studio, browser, secrets)


def picture(colour: str = "red", size: int = 16) -> bytes:
    """A PNG of one colour with a white dot."""
    made = Image.new("RGBA", (size, size), colour)
    made.putpixel((1, 1), (255, 255, 255, 255))
    return as_png(made)


def put_asset(studio: Studio, key: str, at: datetime = NOW, **more: Any) -> str:
    """A picture of the gallery; its id."""
    home: Path = studio.home
    path = home / "generated" / "art" / f"{key}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture(more.pop("colour", "red"), more.pop("size", 16)))
    usual = {"style": "art", "version": 1, "seed": 7, "text": key, "recipe": {"prompt": key}}
    job, by = more.pop("job", None), more.pop("by", "ana")
    new = New("picture", key, {"picture": (path, files.read(path))}, **{**usual, **more})
    return records.put(studio.engine, [new], by=by, now=at, job=job)[0]
