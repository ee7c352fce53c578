"""What a studio and a machine say to each other.

Paths, states and fields of `/run`, `/status`, `/stream`, `/cancel` and `/health` are those of
RunPod's serverless workers (docs.runpod.io, read on 2026-11-30). Ours beside them: a run has the id
that the studio gave it, so that a question sent twice is one run; files go by their SHA-256, in
pieces, and what a machine has is not sent again; a computation's events are answered (`/answer`).
No request and no answer has more than BODY bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from studio.errors import StudioError
from studio.masking import masked

VERSION = 1
CHUNK = 4 * 1024**2  # bytes of a file in one request or answer
BODY = 8 * 1024**2 - 1  # bytes of any request
ASKED = 4_000  # hashes that are asked for at once
FRAMES = 1024**2  # bytes of frames in one answer, unless one alone is larger
WAIT_S = 20.0  # that an answer to /stream may be held back where there is nothing to tell

State = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"]
STATES: tuple[State, ...] = get_args(State)
ENDED: tuple[State, ...] = ("COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT")
ID = re.compile(r"[0-9a-f]{32}")
HASH = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MOST_PATH = 400  # characters of a file's path in a computation's folder


@dataclass(frozen=True)
class Base:
    """A base that lies on a machine: its name, and the SHA-256 of its weights, "" where that was
    not read."""

    name: str
    hash: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a machine is and has. `device` is cuda, mps or cpu, `gpu` what it is called; memory in
    GB; `disk_free` and `disk` in bytes. `kinds` are the kinds of job that it takes, each with the
    newest schema that it reads. `at_once` runs go side by side, `idle_close` minutes without one
    end it, 0: none do."""

    studio: str
    torch: str
    device: str
    gpu: str = ""
    gpu_gb: float = 0.0
    memory_gb: float = 0.0
    disk_free: int = 0
    disk: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    bases: tuple[Base, ...] = ()
    adapters: tuple[str, ...] = ()
    at_once: int = 1
    idle_close: float = 0.0
    waiting: int = 0
    running: int = 0

    def as_json(self) -> dict[str, Any]:
        """As `/health` answers it: beside it stand RunPod's own two tables."""
        return {
            **asdict(self),
            "protocol": VERSION,
            "jobs": {"inQueue": self.waiting, "inProgress": self.running},
            "workers": {"running": self.running, "idle": max(0, self.at_once - self.running)},
        }


@dataclass(frozen=True)
class Asked:
    """What a machine is to compute: a kind's `compute`, with its parameters as
    `remote.plain_values` writes them. `inputs` are by name: a file's SHA-256, the hash that the
    kind knows it by, and what the file is called. `files` are by their path in the computation's
    folder, which is called `folder`, each by its hash. `answers` are what home said to the events
    that stand in the folder's journal. `threads` 0: as the machine is set."""

    kind: str
    params: Any
    inputs: Mapping[str, tuple[str, str, str]]
    folder: str
    files: Mapping[str, str]
    answers: Mapping[str, str]
    lane: str
    threads: int
    studio: str
    torch: str


@dataclass(frozen=True)
class Status:
    """How a run stands. `waited_ms` it waited, `computed_ms` it computed, all attempts together:
    what is paid. `outcome` is the hash of what came of it, "" until it is COMPLETED."""

    id: str
    state: State
    waited_ms: int = 0
    computed_ms: int = 0
    outcome: str = ""
    error: str = ""
    remedy: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def as_json(self) -> dict[str, Any]:
        """As `/status` answers it."""
        found: dict[str, Any] = {
            "id": self.id,
            "status": self.state,
            "delayTime": self.waited_ms,
            "executionTime": self.computed_ms,
        }
        if self.outcome:
            found["output"] = {"outcome": self.outcome}
        if self.error:
            found |= {"error": self.error, "remedy": self.remedy}
        return found


@dataclass(frozen=True)
class Heard:
    """A part of what a run told: its frames, where the next begin, its log from where it was asked
    for, and where that goes on; with how it stands."""

    status: Status
    frames: tuple[dict[str, Any], ...]
    after: int
    log: str
    log_after: int


def read_status(told: Any) -> Status:
    """What `/status` says; StudioError where it is none."""
    try:
        output = told.get("output")
        outcome = str(output.get("outcome", "")) if isinstance(output, dict) else ""
        state = "IN_PROGRESS" if told["status"] == "RUNNING" else told["status"]
        if state not in STATES or outcome and not HASH.fullmatch(outcome):
            raise ValueError(state)
        return Status(
            str(told["id"]),
            state,
            _milliseconds(told.get("delayTime")),
            _milliseconds(told.get("executionTime")),
            outcome,
            masked(str(told.get("error") or ""))[:2_000],
            masked(str(told.get("remedy") or ""))[:2_000],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unclear("how a run stands", error) from error


def read_heard(told: Any) -> Heard:
    """What `/stream` says; StudioError where it is none."""
    status = read_status(told)
    try:
        frames = tuple(dict(one) for one in told["stream"])
        return Heard(status, frames, int(told["next"]), str(told["log"]), int(told["logNext"]))
    except (KeyError, TypeError, ValueError) as error:
        raise unclear("what a run told", error) from error


def read_capabilities(told: Any) -> Capabilities:
    """What `/health` says; StudioError where it is none, or of another protocol."""
    try:
        spoken = int(told["protocol"])
        if spoken != VERSION:
            raise StudioError(
                f"The machine speaks version {spoken} of the protocol, and this studio {VERSION}.",
                "Bring both to the same version of the studio.",
            )
        return Capabilities(
            studio=str(told["studio"]),
            torch=str(told["torch"]),
            device=str(told["device"]),
            gpu=str(told["gpu"]),
            gpu_gb=float(told["gpu_gb"]),
            memory_gb=float(told["memory_gb"]),
            disk_free=int(told["disk_free"]),
            disk=int(told["disk"]),
            kinds={str(name): int(schema) for name, schema in told["kinds"].items()},
            bases=tuple(Base(str(one["name"]), str(one["hash"])) for one in told["bases"]),
            adapters=tuple(str(one) for one in told["adapters"]),
            at_once=max(1, int(told["at_once"])),
            idle_close=float(told["idle_close"]),
            waiting=int(told["waiting"]),
            running=int(told["running"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unclear("what it is", error) from error


def checked_path(path: Any) -> str:
    """A file's path in a computation's folder, by `/`; StudioError where it leads out of it."""
    parts = str(path).split("/")
    odd = any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts)
    if not isinstance(path, str) or odd or len(path) > MOST_PATH:
        raise StudioError(
            f"{str(path)[:80]!r} is no path in a computation's folder.", "Nothing was written."
        )
    return path


def checked_hash(hash: Any) -> str:
    """The same SHA-256; StudioError where it is none."""
    if not isinstance(hash, str) or not HASH.fullmatch(hash):
        raise StudioError(f"{str(hash)[:80]!r} is no SHA-256.", "Nothing was read.")
    return hash


def unclear(what: str, error: Exception) -> StudioError:
    """An answer that is none of the protocol's."""
    return StudioError(
        f"The machine's answer does not say {what} ({type(error).__name__}).",
        "Look whether its address is that of a machine, with the studio's own version.",
    )


def _milliseconds(told: Any) -> int:
    found = int(told or 0)
    if not 0 <= found < 10**11:
        raise ValueError(f"{found} ms")
    return found
