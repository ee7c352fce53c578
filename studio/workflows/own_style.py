"""The way to a style of one's own in three steps, and how far the newest one is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from studio.context import Studio
from studio.datasets import manifests
from studio.datasets.manifests import Head
from studio.jobs.table import Job
from studio.registry.models import Version

SAMPLE = "sample"  # the style that comes with the studio: nobody's own
BUNDLED = (SAMPLE, f"{SAMPLE}-held-out")  # as its datasets


@dataclass(frozen=True)
class Step:
    """One step: how far it is in words, and the page on which it is done or looked at."""

    name: str
    done: bool
    says: str
    label: str
    page: str
    address: dict[str, str] = field(default_factory=dict)


LAST = Step("Promote", False, "Then everybody draws with it.", "Versions", "pages/Registry.py")


def has_own(versions: Sequence[Version]) -> bool:
    """Whether a style of the team's own is in production."""
    live = [v for v in versions if v.stage == "production"]
    return any(v.style != SAMPLE or v.dataset not in BUNDLED for v in live)


def steps(studio: Studio, versions: Sequence[Version], running: Sequence[Job]) -> list[Step]:
    """Bring pictures, train, promote: of the newest dataset of one's own whose style is not in
    production yet, else of one that is still to be begun. `versions` has the newest first,
    `running` are the jobs that have not ended."""
    head = _begun(studio, versions)
    if head is None:
        return [
            Step(
                "Bring in pictures",
                False,
                "Twenty or more that share one look; captions can be proposed for them.",
                "Bring in pictures",
                "pages/Datasets.py",
                {"tab": "Add"},
            ),
            Step("Train", False, "The studio learns the look of them.", "Train", "pages/Train.py"),
            LAST,
        ]
    own = [v for v in versions if v.dataset == head.name]
    return [_brought(head), _trained(head, own, running), _promoted(own)]


def _begun(studio: Studio, versions: Sequence[Version]) -> Head | None:
    """The newest dataset of one's own whose style is not in production."""
    live = {v.dataset for v in versions if v.stage == "production"}
    newest = [
        heads[0]
        for name in manifests.names(studio.home)
        if name not in (*BUNDLED, *live) and (heads := manifests.heads(studio.home, name))
    ]
    return max(newest, key=lambda head: head.created, default=None)


def _brought(head: Head) -> Step:
    says = f"{head.pictures:,} picture{'s' * (head.pictures != 1)} in dataset {head.name}"
    address = {"set": head.name}
    return Step("Bring in pictures", True, says, "Look at them", "pages/Datasets.py", address)


def _trained(head: Head, own: Sequence[Version], running: Sequence[Job]) -> Step:
    if own:
        new = own[0]
        address = {"style": new.style, "version": str(new.number)}
        says = f"{new.style} version {new.number} has learned from them"
        return Step("Train", True, says, "Look at it", "pages/Registry.py", address)
    job = next(
        (j for j in running if j.kind == "train" and j.payload.get("dataset") == head.name), None
    )
    if job is not None:
        address = {"show": "Watch", "job": str(job.id)}
        says = "is trained now" if job.state == "running" else "waits in the queue"
        return Step("Train", False, f"A style {says}", "Watch", "pages/Train.py", address)
    says = f"The studio learns the look of {head.name}."
    return Step("Train", False, says, "Train", "pages/Train.py", {"data": head.name})


def _promoted(own: Sequence[Version]) -> Step:
    if not own:
        return Step(
            "Promote", False, "Then everybody draws with it.", "Versions", "pages/Registry.py"
        )
    best = next((v for v in own if v.metrics), own[0])
    address = {"style": best.style, "version": str(best.number)}
    if not best.metrics:
        measured = {"style": best.style, "versions": str(best.number)}
        says = "Measure it first: its sheet shows what it can do."
        return Step("Promote", False, says, "Measure", "pages/Evaluate.py", measured)
    says = f"Version {best.number} is measured: look at its sheet, then decide."
    return Step("Promote", False, says, "Decide", "pages/Registry.py", address)
