"""A studio's database with a limit in EUR, on a copy of one that is made once."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from studio.charges import limits, money
from studio.charges.calls import Meant
from studio.charges.money import MICRO, Money
from studio.charges.prices import Quote
from studio.database import engine as db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty database; the migrations take a while."""
    home = tmp_path_factory.mktemp("charges") / "home"
    url = db.sa.URL.create("sqlite", database=str(home / "studio.db"))
    home.mkdir()
    engine = db._sqlite_engine(url)
    engine.update_execution_options(home=str(home))
    db.upgrade(engine)
    engine.dispose()
    return home


@pytest.fixture
def engine(made: Path, tmp_path: Path) -> Iterator[Engine]:
    """Without a limit."""
    shutil.copytree(made, tmp_path / "home")
    opened = db.open_database(tmp_path / "home")
    yield opened
    opened.dispose()


Limited = Callable[..., None]


@pytest.fixture
def limited(engine: Engine) -> Limited:
    """Sets a limit in whole euros: `limited(10)`, `limited(2, "style", "props")`."""

    def limit(amount: int | None, scope: str = "studio", name: str = "", code: str = "EUR") -> None:
        before = limits.current(engine, scope, name, code)
        limits.save(
            engine,
            scope,
            name,
            code,
            None if amount is None else amount * MICRO,
            after=before.revision if before else 0,
            why="as agreed",
            by="ana",
            now=NOW,
        )

    return limit


def meant(key: str, person: str = "bo", style: str = "props") -> Meant:
    """A call of the shop."""
    return Meant(key, "mesh", f"a mesh for {key}", "shop", person, style)


def euros(amount: str) -> Money:
    """What is written, in euros."""
    return money.read(amount, "EUR")


def quote(amount: str) -> Quote:
    """A price that is in no list."""
    return Quote(euros(amount))
