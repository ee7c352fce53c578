"""A studio with a style in production, and assistants that call its tools."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mcp_types import CallToolResult

from studio import context
from studio.jobs import queue
from studio.registry import stages
from studio.settings import load_settings
from tests.api.mcp import calling
from tests.furnished import bare_files, made_once

Call = Callable[..., CallToolResult]


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[context.Studio]:
    """Two versions of props, the first in production."""
    home = tmp_path_factory.mktemp("assistants")
    shutil.copy(made_once(), home / "mlflow.db")
    studio = context.open_studio(load_settings({}, home=str(home)))
    studio.client.create_registered_model("props")
    tags = {"base": "/p", "base_name": "pocket", "trigger_word": "<P>", "stage": "candidate"}
    for _ in range(2):
        source = bare_files(home / "bare")
        studio.client.create_model_version("props", source, tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="cy",
        why="the first that fits",
        now=calling.NOW,
    )
    yield studio
    studio.engine.dispose()


@pytest.fixture
def studio(opened: context.Studio) -> Iterator[context.Studio]:
    """The same for all tests, without jobs that an earlier one left waiting."""
    yield opened
    for job in queue.listing(opened.engine, states=("queued", "running")):
        queue.cancel(opened.engine, job.id, job.asked_by, calling.NOW)


@pytest.fixture
def call(studio: context.Studio) -> Call:
    """Calls a tool as ana, an artist, or as another; every name is an argument's of the tool."""

    def made(name: str, by: str = calling.ANA, /, **arguments: Any) -> CallToolResult:
        return calling.call(studio, by, name, arguments)

    return made
