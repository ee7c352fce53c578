"""What the steps of a job are handed: the studio at home, and the models where it computes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.context import Report, Studio
from studio.database.engine import writing
from studio.generation.style_drawing import Loaded
from studio.jobs import leases
from studio.jobs.table import Job
from studio.outbox import landing

WARM = 2  # loaded pipelines that an interactive process keeps


class Gone(BaseException):
    """The job is another attempt's now; no `except Exception` may hold this up."""


@dataclass
class Warm:
    """Loaded pipelines by style and version, or by base; the one unused for longest goes first."""

    room: int = WARM
    loaded: OrderedDict[str, Loaded] = field(default_factory=OrderedDict)

    def get(self, key: str, load: Callable[[], Loaded]) -> Loaded:
        """The pipeline called `key`, loaded now if it is not here."""
        if key not in self.loaded:
            while len(self.loaded) >= self.room:
                self.loaded.popitem(last=False)
            self.loaded[key] = load()
        self.loaded.move_to_end(key)
        return self.loaded[key]


@dataclass(frozen=True)
class Models:
    """Where a job computes: on which device (as STUDIO_DEVICE has it), with how many threads (0:
    as many as there are), with which pipelines loaded, and a folder that outlives jobs."""

    device: str
    threads: int
    cache: Path
    warm: Warm


@dataclass(frozen=True)
class Context:
    """A job at home. `report` is told lines for people, `keep` notes what a later attempt goes on
    from. `tell` makes a call of MLflow, later where MLflow is away; `settle` waits until all are
    made."""

    studio: Studio
    job: Job
    report: Report
    keep: Callable[[Mapping[str, Any]], None]
    tell: Callable[[Callable[[], object]], None]
    settle: Callable[[], None]

    @property
    def workdir(self) -> Path:
        """Where the job computes, unless its kind has another place."""
        return self.studio.home / "jobs" / str(self.job.id) / "work"

    @contextmanager
    def visible(self, files: Iterable[Path] = ()) -> Iterator[None]:
        """One transaction for what makes the outcome visible; nothing of it is written where
        another attempt has the job by now. It names these files of the studio's folder."""
        landing.send_ahead(self.studio.home, files)
        with writing(self.studio.engine) as connection:
            if not leases.ours(connection, self.job.id, self.job.attempt):
                raise Gone
            yield
