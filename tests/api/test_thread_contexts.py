"""Contexts entered and left in threads end as they would where they were entered."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest
from anyio import CapacityLimiter

from studio.api.thread_contexts import in_threads


@contextmanager
def told(seen: list[str]) -> Iterator[str]:
    main = threading.main_thread()
    seen.append("begun" if threading.current_thread() is not main else "begun here")
    try:
        yield "given"
    except ValueError as error:
        raise KeyError(str(error)) from error
    finally:
        seen.append("ended" if threading.current_thread() is not main else "ended here")


def test_it_is_entered_and_left_in_threads():
    seen: list[str] = []

    async def use() -> None:
        async with in_threads(told(seen), CapacityLimiter(1)) as given:
            seen.append(given)

    anyio.run(use)
    assert seen == ["begun", "given", "ended"]


def test_what_fails_within_is_told_as_it_says():
    seen: list[str] = []

    async def use(error: Exception) -> None:
        async with in_threads(told(seen), CapacityLimiter(1)):
            raise error

    with pytest.raises(KeyError, match="why"):
        anyio.run(use, ValueError("why"))
    with pytest.raises(OSError, match="full"):
        anyio.run(use, OSError("full"))
    assert seen == ["begun", "ended"] * 2


def test_cancelled_it_is_left():
    seen: list[str] = []

    async def use() -> None:
        with anyio.CancelScope() as scope:
            async with in_threads(told(seen), CapacityLimiter(1)):
                scope.cancel()
                await anyio.sleep(60)

    anyio.run(use)
    assert seen == ["begun", "ended"]
