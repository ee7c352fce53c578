"""What the function of a job is handed, and what a kind of job consists of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.context import Report, Studio
from studio.generation.style_drawing import Loaded
from studio.jobs.table import Job, Lane

WARM = 2  # loaded pipelines that an interactive process keeps


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
class Context:
    """What a job's function may use. `keep` notes what a later attempt goes on from; `step` is
    told each step of a drawing and stops it when the job was cancelled."""

    studio: Studio
    job: Job
    report: Report
    keep: Callable[[Mapping[str, Any]], None]
    step: Callable[[int, int], None]
    warm: Warm


@dataclass(frozen=True)
class Kind:
    """A kind of job: its lane, the shape of its payload, the check at the door, what it does, and
    the right to ask for it."""

    lane: Lane
    shape: type[Any]
    check: Callable[[Studio, Any], Any]
    run: Callable[[Context, Any], dict[str, Any]]
    right: str = "manage people"
