"""Telling MLflow while a training runs: what it does not take now is kept and told later.

Everything told is also in the training's folder, so a training that is killed meanwhile tells it
when it goes on. Not covered: a database of MLflow's that neither answers nor refuses.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from studio.errors import StudioError

PAUSE_S = 30.0  # between two attempts while MLflow is away
PATIENCE_S = 900.0  # that a finished training waits for it
# An attempt must not hold the training up; usually MLflow waits minutes and tries seven times.
BRIEF = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "10", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
# What would be refused again whenever it is told.
REFUSED = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE")

Call = Callable[[], object]


class Telling:
    """Calls of MLflow in their order, each made until it succeeds once. `say` is told in words
    when MLflow goes away and when it is back."""

    def __init__(self, say: Callable[[str], None], pause: float = PAUSE_S) -> None:
        self._say, self._pause = say, pause
        self._calls: deque[Call] = deque()
        self._next = 0.0
        self.away: BaseException | None = None

    def tell(self, call: Call) -> None:
        """Make `call` now, or later where MLflow is away. What it refuses is raised."""
        self._calls.append(call)
        if self.away is None or time.monotonic() >= self._next:
            self._try()

    def end(self, patience: float = PATIENCE_S) -> None:
        """Wait until everything is told, at most `patience` seconds; then StudioError."""
        deadline = time.monotonic() + patience
        self._try()
        while self._calls:
            if time.monotonic() > deadline:
                raise StudioError(
                    f"MLflow does not answer: {self.away}",
                    "The trained LoRA is kept. Have MLflow started, then go on with --resume.",
                ) from self.away
            time.sleep(min(self._pause, max(0.05, deadline - time.monotonic())))
            self._try()

    def _try(self) -> None:
        with _briefly():
            while self._calls:
                try:
                    self._calls[0]()
                except Exception as error:
                    if not _is_away(error):
                        raise
                    if self.away is None:
                        self._say("MLflow does not answer; figures are kept here and told later.")
                    self.away, self._next = error, time.monotonic() + self._pause
                    return
                self._calls.popleft()
        if self.away is not None:
            self.away = None
            self._say("MLflow answers again and has been told everything.")


def _is_away(error: BaseException) -> bool:
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    if isinstance(error, MlflowException):
        return error.error_code not in REFUSED
    # SQLAlchemy's own, where MLflow's rollback failed as well: its database died within a call.
    lost = sa.exc.OperationalError | sa.exc.InterfaceError
    return isinstance(error, OSError | RequestException | lost)


@contextmanager
def _briefly() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in BRIEF}
    os.environ.update(BRIEF)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
