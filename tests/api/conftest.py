"""Programs before a studio that asks for tokens; one without MLflow, one with a style."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio import context
from studio.context import Studio
from studio.registry import stages
from studio.settings import load_settings
from tests.api.asked import ADMIN, NOW, Programs, programs
from tests.furnished import bare_files
from tests.web.guarded import AT, studio_in


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Programs]:
    """A studio whose MLflow nobody asks for."""
    studio = studio_in(tmp_path, sign_in="local", address=AT, most_calls="100000")
    with programs(studio) as called:
        yield called
    studio.engine.dispose()


@pytest.fixture(scope="module")
def styled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """A studio with the style `art` of three bare versions, of which the first is in production."""
    home = tmp_path_factory.mktemp("styled")
    given = {"STUDIO_SIGN_IN": "local", "STUDIO_ADDRESS": AT, "STUDIO_MOST_CALLS": "100000"}
    studio: Studio = context.open_studio(load_settings(given, home=str(home / "home")))
    studio.client.create_registered_model("art")
    for _ in range(3):
        tags = {"base": "/pocket", "base_name": "pocket", "filter": "lanczos"}
        studio.client.create_model_version("art", bare_files(home / "bare"), tags=tags)
    move: dict[str, Any] = {"style": "art", "number": 1, "to": "production", "why": "a test"}
    stages.promote(studio.engine, studio.client, actor=ADMIN, now=NOW, **move)
    with programs(studio) as called:
        yield called
    studio.engine.dispose()
