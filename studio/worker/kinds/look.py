"""The job that looks a dataset's pictures over for what is odd."""

from __future__ import annotations

from typing import Any

from PIL import Image

from studio.context import Progress, Studio
from studio.datasets import duplicate_groups, inspection
from studio.datasets import versions as datasets
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome
from studio.worker.kinds.seen_by_clip import at_32, pocket
from studio.worker.payload import Payload, Text


class Look(Payload):
    """Every picture of a dataset's newest version is looked at."""

    dataset: Text


def check(studio: Studio, ask: Look) -> Look:
    """The dataset is there."""
    datasets.load(studio.home, ask.dataset)
    return ask


def commit(context: Context, ask: Look, outcome: Outcome) -> dict[str, Any]:
    """Near duplicates, strangers, odd scaling, smoothing and stray colours."""
    home = context.studio.home
    version = datasets.load(home, ask.dataset)
    context.report("Comparing")
    duplicate_groups.find(home, version.pictures)
    seen = pocket(context.studio.settings, version.look.matte)

    def encode(found: list[Image.Image]) -> Any:
        return seen.encode_pictures([at_32(one, version.look.filter) for one in found])

    def told(done: int, all: int) -> None:
        line = f"Looking at {done}/{all}"
        context.report(Progress(line, done, all, "pictures", "looking"))

    found = inspection.inspect(
        home, version.pictures, version.look, inspection.Seen(seen.name, encode), told
    )
    return {"dataset": ask.dataset, **{kind: len(of) for kind, of in found.of.items()}}


KIND = Kind(
    name="look",
    label="Looking over {dataset}",
    payload=Look,
    right="edit datasets",
    lane="short",
    check=check,
    commit=commit,
    needs=Needs(memory_gb=1.0),
    resumable=True,
)
