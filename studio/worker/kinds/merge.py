"""The job that merges versions into another one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.context import Studio, check_style
from studio.worker.context import Context
from studio.worker.kind import Kind, Work
from studio.worker.kinds import making_adapter
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import new_adapters


class Part(Payload):
    """A version and its weight in the sum."""

    style: Text
    version: Counted
    weight: float = 1.0


class Merge(Payload):
    """The weighted sum of versions; `rank` None: exact."""

    style: Text
    parts: list[Part]
    trigger_word: Text = ""
    rank: Annotated[Counted, Field(ge=1)] | None = None


def check(studio: Studio, ask: Merge) -> Merge:
    """The versions are there and of one base."""
    check_style(ask.style)
    new_adapters.check_parts(studio, _parts(ask))
    return ask


def prepare(context: Context, ask: Merge) -> Work:
    """The versions' files, and what the sum will be called."""
    task, files = new_adapters.sum_of(
        context.studio,
        _parts(ask),
        style=ask.style,
        trigger_word=ask.trigger_word,
        rank=ask.rank,
        by=context.job.asked_by,
    )
    return making_adapter.work(context, task, files)


def _parts(ask: Merge) -> list[new_adapters.Part]:
    return [new_adapters.Part(one.style, one.version, one.weight) for one in ask.parts]


KIND = Kind(
    name="merge",
    label="Merging adapters into {style}",
    payload=Merge,
    right="manage adapters",
    lane="short",
    check=check,
    prepare=prepare,
    compute=making_adapter.compute,
    commit=making_adapter.commit,
)
