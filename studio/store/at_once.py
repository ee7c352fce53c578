"""Many calls of a bucket at once, for work that a person began: how far away it is hardly counts
then, and that it has no time for a moment ends nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from studio.store.bucket_errors import Away

CALLS = 16  # at once, of one process
PAUSES_S = (1.0, 3.0, 9.0)  # before asking again

T = TypeVar("T")
R = TypeVar("R")


def patiently(do: Callable[[], R]) -> R:
    """What `do` answers, asked again a few times where the server has no time or breaks off. Away
    where it stays so."""
    for pause in PAUSES_S:
        try:
            return do()
        except Away:
            time.sleep(pause)
    return do()


def at_once(do: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """What `do` answers for each, patiently, CALLS at a time. What one raises is raised."""
    with ThreadPoolExecutor(CALLS) as pool:
        return list(pool.map(lambda thing: patiently(lambda: do(thing)), things))
