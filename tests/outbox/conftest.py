"""A stage in a new bucket of a real server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.images import formats
from studio.outbox import opening
from studio.outbox.sender import Sender
from studio.store import local
from studio.store.place import Place
from tests.outbox.stage import Stage


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Callable[[Place], Stage]]:
    home = tmp_path / "studio"
    engine = db.open_database(home)

    def stage(place: Place) -> Stage:
        bucket = opening.opened(engine, home, place, datetime.now(UTC))
        assert bucket is not None
        formats.when_gone(local.present)
        return Stage(engine, home, bucket, Sender(engine, home, bucket))

    yield stage
    local.detach(home)
    engine.dispose()


@pytest.fixture
def stage(staged: Callable[[Place], Stage], in_s3: Place) -> Stage:
    return staged(in_s3)
