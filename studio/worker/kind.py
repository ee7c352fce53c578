"""What a kind of job declares: its name, what may be asked, what it needs, and its three steps.

A kind is one object in one file of `studio.worker.kinds`, named in the list of
`studio.worker.kind_table`. Pages, commands, queue, workers and clean-up read it from there.

*prepare* reads the studio and names the files that are needed by their hash. *compute* is given
files and parameters and gives files and figures; it knows neither database nor MLflow nor the
studio's folder, so that it can run anywhere. *commit* puts its outcome into the studio; cut off
anywhere and called again, it ends the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, Generic

from studio.charges.prices import Quote
from studio.context import Studio
from studio.jobs.emit import Answer, Emit, Event
from studio.jobs.table import Lane
from studio.worker.context import Context, Models
from studio.worker.payload import Lift, P


@dataclass(frozen=True)
class Input:
    """A file that a computation reads: its SHA-256, and where it lies on this machine."""

    hash: str
    path: Path


@dataclass(frozen=True)
class Work:
    """What is to be computed: in `workdir`, which outlives a kill, from `params` (plain values) and
    `inputs` by name."""

    workdir: Path
    params: Any
    inputs: Mapping[str, Input] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What was computed: `figures` are plain JSON; `files` by their path in the folder that it was
    computed in, each with its SHA-256."""

    figures: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Needs:
    """What a kind asks of a machine: its accelerator, and this many GB of memory beside it."""

    device: bool = False
    memory_gb: float = 0.5


def _as_asked(studio: Studio, ask: P) -> P:
    return ask


def _passed_over(context: Context, ask: Any, workdir: Path, event: Event) -> Answer:
    return "go on"


def _none(studio: Studio, ask: Any) -> float:
    return 0.0


def _beside_others(payload: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True)
class Kind(Generic[P]):
    """A kind of job.

    `name` stands in the table for ever. `label` is for people, with words of the payload in
    braces. `check` refuses at the door what can't be done and fills in what would change until the
    job runs. `right` is who may ask. An `exclusive` one wants the accelerator's memory to itself.
    `goes_on` is the name, in the payload and in what the job keeps, of what a new job goes on with
    where this one was cut off. What `costs` money says how much at most, and by which prices: more
    than the limits leave is refused at the door, before it waits; None costs nothing. Its calls go
    through `studio.charges.calling`. `lifts` bring older payloads up to today's schema. Where it
    depends on what is asked, `lane_of` gives the lane, and `alone` tells of a payload whether it
    wants the accelerator's memory to itself, though it trains nothing. `gpu_gb` is what it needs of
    a GPU's memory, 0 where it goes without one: who has less leaves it alone.

    A kind without `compute` only changes the studio, or conducts other computations: all of it is
    in `commit`. `apply` does at home what an event means, whose files lie in the folder that it is
    given, and may do it again after a kill.
    """

    name: str
    label: str
    payload: type[P]
    right: str
    lane: Lane
    commit: Callable[[Context, P, Outcome], dict[str, Any]]
    check: Callable[[Studio, P], P] = _as_asked
    prepare: Callable[[Context, P], Work] | None = None
    compute: Callable[[Mapping[str, Input], Any, Path, Models, Emit], Outcome] | None = None
    apply: Callable[[Context, P, Path, Event], Answer] = _passed_over
    needs: Needs = Needs()
    exclusive: bool = False
    resumable: bool = False
    goes_on: str = ""
    costs: Callable[[Studio, P], Quote | None] | None = None
    lifts: tuple[Lift, ...] = ()
    lane_of: Callable[[P], Lane] | None = None
    alone: Callable[[Mapping[str, Any]], bool] = _beside_others
    gpu_gb: Callable[[Studio, P], float] = _none

    @property
    def schema(self) -> int:
        """The number of its payload's shape, from 1."""
        return len(self.lifts) + 1

    @property
    def words(self) -> tuple[str, ...]:
        """The names in the payload of what stands in its label."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.label) if name)

    def title(self, payload: Mapping[str, Any]) -> str:
        """What a job of this kind does, in people's words."""
        try:
            return self.label.format(**{name: str(value) for name, value in payload.items()})
        except (KeyError, IndexError, ValueError):
            return self.name
