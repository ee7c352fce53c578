"""The tests' service, and a studio that has keys to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.context import Studio
from tests.props.providers import asking_studio
from tests.props.providers.service import Service, serving


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Service()) as served:
        yield served


@pytest.fixture
def studio(tmp_path: Path, service: Service) -> Iterator[Studio]:
    opened = asking_studio.opened(tmp_path / "home", service)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def start(studio: Studio) -> str:
    """The picture that calls are made from."""
    return asking_studio.picture(studio)
