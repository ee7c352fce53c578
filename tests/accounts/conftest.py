"""A studio's database with people in it; passwords are hashed at the least cost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from studio.accounts import passwords, people, refusal_log, rights
from studio.database import engine as db

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECRET = "three or four words"


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    refusal_log.keep(tmp_path)
    yield
    refusal_log.keep(None)
    rights.close_house(False)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def team(engine: Engine) -> dict[str, rights.Actor]:
    """One person of each role, named after it, with the same password; the house is closed."""
    for role in rights.ROLES:
        people.add(engine, f"the {role}", role, by="setup", now=NOW, password=SECRET)
    rights.close_house(True)
    return {role: rights.Actor(f"the {role}", role) for role in rights.ROLES}
