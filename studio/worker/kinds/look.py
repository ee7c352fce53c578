"""The job that looks a dataset's pictures over for what is odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from studio.context import Progress, Studio
from studio.datasets import duplicate_groups, inspection
from studio.datasets import versions as datasets
from studio.datasets.inspection import Findings
from studio.datasets.manifests import DatasetVersion
from studio.jobs.emit import Emit
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds.seen_by_clip import at_32, pocket
from studio.worker.payload import Payload, Text


class Look(Payload):
    """Every picture of a dataset's newest version is looked at."""

    dataset: Text


@dataclass(frozen=True)
class Asked:
    """A version, and whether all that would be found in it is known."""

    version: DatasetVersion
    known: bool


def check(studio: Studio, ask: Look) -> Look:
    """The dataset is there."""
    datasets.load(studio.home, ask.dataset)
    return ask


def prepare(context: Context, ask: Look) -> Work:
    """The newest version and its pictures; nothing of it where all is known already."""
    home = context.studio.home
    version = datasets.load(home, ask.dataset)
    known = duplicate_groups.known(home, version.pictures) is not None
    known = known and inspection.known(home, version.pictures, version.look) is not None
    files = datasets.files_of(home, [] if known else [p.hash for p in version.pictures])
    inputs = {hash: Input(hash, path) for hash, path in files.items()}
    return Work(home / context.job.folder / "work", Asked(version, known), inputs)


def compute(
    inputs: Mapping[str, Input], asked: Asked, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Near duplicates, strangers, odd scaling, smoothing and stray colours. What is seen of each
    picture is kept, so that a look that was cut off opens only the others."""
    version = asked.version
    if asked.known:
        return Outcome({"version": version.digest})
    files = {hash: file.path for hash, file in inputs.items()}
    emit.say("Comparing")
    pairs = duplicate_groups.compared([p.hash for p in version.pictures], files, models.cache)
    seen = pocket(version.look.matte)

    def encode(found: list[Image.Image]) -> Any:
        return seen.encode_pictures([at_32(one, version.look.filter) for one in found])

    def told(done: int, all: int) -> None:
        emit.say(Progress(f"Looking at {done}/{all}", done, all, "pictures", "looking"))

    found = inspection.found_among(
        version.pictures,
        version.look,
        inspection.Seen(seen.name, encode),
        files,
        models.cache,
        told,
    )
    return Outcome({"version": version.digest, "alike": pairs, "found": asdict(found)["of"]})


def commit(context: Context, ask: Look, outcome: Outcome) -> dict[str, Any]:
    """Keep what was found of the version that was looked at; how many of each kind."""
    home, figures = context.studio.home, outcome.figures
    version = datasets.load(home, ask.dataset, figures["version"])
    if "found" in figures:
        duplicate_groups.keep(home, version.pictures, figures["alike"])
        inspection.keep(home, version.pictures, version.look, Findings(figures["found"]))
    kept = inspection.known(home, version.pictures, version.look) or Findings()
    return {"dataset": ask.dataset, **{kind: len(of) for kind, of in kept.of.items()}}


KIND = Kind(
    name="look",
    label="Looking over {dataset}",
    payload=Look,
    right="edit datasets",
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    needs=Needs(memory_gb=1.0),
    resumable=True,
)
