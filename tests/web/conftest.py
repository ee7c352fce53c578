"""A studio that asks who one is, with two people, and a browser before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from studio import context
from studio.accounts import passwords, people, refusal_log
from studio.web import session
from tests.web.guarded import AT, SECRET, browser_of, now, studio_in


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[context.Studio]:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    made = studio_in(tmp_path, sign_in="local", address=AT)
    monkeypatch.setattr(session, "studio", lambda: made)
    refusal_log.keep(tmp_path)
    for name, role in (("Ana", "artist"), ("Vi", "viewer")):
        people.add(made.engine, name, role, by="x", now=now(), password=SECRET)
    yield made
    refusal_log.keep(None)
    made.engine.dispose()


@pytest.fixture
def browser(studio: context.Studio) -> TestClient:
    return browser_of(studio)
