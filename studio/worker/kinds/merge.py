"""The job that merges versions into another one."""

from __future__ import annotations

from typing import Any

from studio.context import Studio, check_style
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Payload, Text
from studio.workflows import adapters
from studio.workflows.version_loading import as_record


class Part(Payload):
    """A version and its weight in the sum."""

    style: Text
    version: int
    weight: float = 1.0


class Merge(Payload):
    """The weighted sum of versions; `rank` None: exact."""

    style: Text
    parts: list[Part]
    trigger_word: Text = ""
    rank: int | None = None


def check(studio: Studio, ask: Merge) -> Merge:
    """The versions are there and of one base."""
    check_style(ask.style)
    adapters.check_parts(studio, _parts(ask))
    return ask


def commit(context: Context, ask: Merge, outcome: Outcome) -> dict[str, Any]:
    """Merge and register."""
    made = adapters.merge(
        context.studio,
        _parts(ask),
        style=ask.style,
        trigger_word=ask.trigger_word,
        rank=ask.rank,
        by=context.job.asked_by,
    )
    context.report(f"{made.style} version {made.number} is a candidate.")
    return as_record(made)


def _parts(ask: Merge) -> list[adapters.Part]:
    return [adapters.Part(one.style, one.version, one.weight) for one in ask.parts]


KIND = Kind(
    name="merge",
    label="Merging adapters into {style}",
    payload=Merge,
    right="manage adapters",
    lane="short",
    check=check,
    commit=commit,
)
